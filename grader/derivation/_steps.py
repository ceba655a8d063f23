"""Verdicts of the steps of one chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.derivation._bank import Bank
from grader.derivation._doubts import (
    Circumstances,
    Judged,
    Pairs,
    Side,
    doubt,
    lost_constant,
)
from grader.derivation._latex import to_latex
from grader.derivation._lexer import Token
from grader.derivation._names import Scope
from grader.derivation._readings import readings_of
from grader.derivation._repair import repaired
from grader.derivation._witness import witness_of


def side_of(tokens: Sequence[Token], scope: Scope) -> Side:
    """A side with all its readings."""
    return Side(tuple(tokens), readings_of(tokens, scope))


def judge_chain(
    sides: Sequence[Side], ops: Sequence[str], bank: Bank, scope: Scope, about: Circumstances
) -> list[Judged]:
    """The verdict of each relation of a chain."""
    pairs = [Pairs(sides[n], op, sides[n + 1], bank) for n, op in enumerate(ops)]
    plain = all(pair.readable and pair.firm(0, 0) and pair.at(0, 0).verdict == "holds" for pair in pairs)
    # Most chains hold as they are read most plainly; then no other reading has to be tried.
    chosen = [0] * len(sides) if plain else _consistent(sides, pairs)
    judged = [
        _judge(pair, chosen[n], chosen[n + 1], bank, scope, _here(about, n, len(pairs)))
        for n, pair in enumerate(pairs)
    ]
    return _recovered(judged, sides, ops, bank)


def _here(about: Circumstances, n: int, count: int) -> Circumstances:
    if (about.open_start and n == 0) or (about.open_end and n == count - 1):
        return replace(about, unclear=about.unclear or "the line break may join two factors")
    return about


def _consistent(sides: Sequence[Side], pairs: Sequence[Pairs]) -> list[int]:
    """One reading for each side, so that as few relations as possible fail: the writer meant one thing by each line."""
    costs: list[dict[int, tuple[float, list[int]]]] = [
        {i: (0.0, [i]) for i in range(max(1, len(sides[0].readings.readings)))}
    ]
    for pair, side in zip(pairs, sides[1:], strict=True):
        options = range(max(1, len(side.readings.readings)))
        following: dict[int, tuple[float, list[int]]] = {}
        for j in options:
            best = min(
                ((cost + _cost(pair, i, j), path) for i, (cost, path) in costs[-1].items()),
                key=lambda item: item[0],
            )
            following[j] = (best[0], [*best[1], j])
        costs.append(following)
    return min(costs[-1].values(), key=lambda item: item[0])[1]


def _cost(pair: Pairs, i: int, j: int) -> float:
    if not pair.readable:
        return 0.0
    if not pair.firm(i, j):
        return 5.0 + i + j
    verdict = pair.at(i, j).verdict
    return {"holds": 0.0, "unknown": 1.0, "fails": 1.5, "types": 2.0}[verdict] + 0.01 * (i + j)


def _judge(pair: Pairs, i: int, j: int, bank: Bank, scope: Scope, about: Circumstances) -> Judged:
    if not pair.readable:
        trouble = pair.right if not pair.right.readings.readings else pair.left
        where = "" if trouble is pair.right else "the line before: "
        return Judged("unreadable", where + trouble.readings.problem, right=pair.right.plain)
    left, right = pair.left.readings.readings[i].node, pair.right.readings.readings[j].node
    if pair.op == "~=":
        return Judged("undecided", "an approximation", None, left, right)
    found = pair.at(i, j)
    if found.verdict == "holds" and pair.firm(i, j):
        how = "the same expression" if left == right else f"{found.models} random models"
        return Judged("supported" if left != right else "proved", how, None, left, right)
    signed = pair.signed()
    if signed is not None and signed.verdict == "holds":
        return Judged("supported", f"{signed.models} random models, with one of the signs", None, left, right)
    reason = doubt(pair, about, bank)
    if not reason and found.verdict != "fails":
        reason = {"types": "types: " + found.reason}.get(found.verdict, found.reason)
    if reason:
        return Judged("undecided", reason, None, left, right)
    witness = dict(witness_of(found.failures, left, right, bank, scope))
    repair = repaired(left, right, bank) if pair.op in ("=", ":=") else None
    if repair is not None:
        witness["repair"] = to_latex(repair, scope)
    return Judged("refuted", f"fails in every reading, in {len(found.failures)} models", witness, left, right)


def _recovered(judged: list[Judged], sides: Sequence[Side], ops: Sequence[str], bank: Bank) -> list[Judged]:
    """A slip between two lines that agree, and a lost constant, are no errors of the derivation."""
    result = [_after_types(judged, n) for n in range(len(judged))]
    for n in range(len(judged) - 1):
        both = judged[n].verdict == judged[n + 1].verdict == "refuted" and result[n].verdict == "refuted"
        if both and ops[n] in ("=", ":=") and ops[n + 1] in ("=", ":="):
            around = Pairs(sides[n], "=", sides[n + 2], bank)
            if any(
                around.at(i, j).verdict == "holds"
                for i in range(len(sides[n].readings.readings))
                for j in range(len(sides[n + 2].readings.readings))
            ):
                for k in (n, n + 1):
                    result[k] = Judged(
                        "recovers",
                        "the line before equals the line after: a slip",
                        judged[k].witness,
                        judged[k].left,
                        judged[k].right,
                    )
    for n, step in enumerate(result):
        if step.verdict == "refuted" and ops[n] in ("=", ":=") and lost_constant(step, bank):
            result[n] = Judged(
                "recovers",
                "constant: an additive constant that no gradient sees",
                step.witness,
                step.left,
                step.right,
            )
    return result


def _after_types(judged: Sequence[Judged], n: int) -> Judged:
    """Where a vector was said to equal a number, the lines below may be its components one by one."""
    step = judged[n]
    if step.verdict == "refuted" and any(before.reason.startswith("types") for before in judged[:n]):
        return Judged("undecided", "a line above is of another type", None, step.left, step.right)
    return step


def reading_text(judged: Judged, op: str, scope: Scope) -> str:
    """How a step was read, as LaTeX."""
    if judged.left is None or judged.right is None:
        return ""
    sign = {
        "<=": r"\le",
        ">=": r"\ge",
        "!=": r"\neq",
        "propto": r"\propto",
        "~=": r"\approx",
        ":=": ":=",
    }.get(op, op)
    return f"{to_latex(judged.left, scope)} {sign} {to_latex(judged.right, scope)}"
