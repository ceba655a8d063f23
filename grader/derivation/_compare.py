"""Whether a relation holds between two formulas in the models; hard evidence before anything fails."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grader.derivation._arrays import Ones, Scaled, Star, Value, is_array, sized
from grader.derivation._ast import Node, Num
from grader.derivation._bank import FINE, Bank, Outcome
from grader.derivation._models import Recipe
from grader.derivation._numbers import plain

LOOK = 1e-10
"""Agreement in double precision, relative to 1 + the size of the values."""
SURE = 1e-24
"""Agreement with 40 digits."""
BLURRED = 1e-14
"""A value with 40 digits whose quadrature is less certain than this may differ from another, but never agrees with it."""
GAP = 1e6
"""A difference counts only beyond this multiple of the error bound."""
SURE_FAILURES = 2
"""Models in which a step has to fail with 40 and with 80 digits."""
EXTRA_MODELS = 12
"""Looked at besides where only one model speaks against a step."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A model in which a relation does not hold."""

    recipe: Recipe
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the models say about a relation."""

    verdict: str
    """holds, fails, types, unknown."""
    models: int = 0
    failures: tuple[Failure, ...] = ()
    reason: str = ""


def relate(left: Node, op: str, right: Node, bank: Bank, count: int) -> Evidence:
    """The evidence for `left op right` in the first models, in more where only one speaks against it."""
    results: list[tuple[Recipe, tuple[str, str, str]]] = []

    def look_at(recipes: Sequence[Recipe]) -> int:
        for recipe in recipes:
            # Two confirmed failures decide; in further models a look is enough.
            sure = sum(found[0] == "fails" for _, found in results) < SURE_FAILURES
            results.append((recipe, in_model(left, op, right, bank, recipe, confirm=sure)))
        return sum(found[0] == "fails" for _, found in results)

    if look_at(bank.recipes(count)) == 1:
        look_at(bank.recipes(count + EXTRA_MODELS)[count:])
    return _summary(results, op)


def relate_any(pairs: Sequence[tuple[Node, Node]], op: str, bank: Bank, count: int) -> Evidence:
    """The evidence that in each model at least one of the pairs is so related."""
    results = []
    for recipe in bank.recipes(count):
        found = [in_model(left, op, right, bank, recipe) for left, right in pairs]
        best = min(
            found, key=lambda one: ("holds", "skipped", "unknown", "types", "equal", "fails").index(one[0])
        )
        results.append((recipe, best))
    return _summary(results, op)


def _summary(results: Sequence[tuple[Recipe, tuple[str, str, str]]], op: str) -> Evidence:
    failures = tuple(Failure(recipe, a, b) for recipe, (kind, a, b) in results if kind in ("fails", "equal"))
    kinds = [kind for _, (kind, _, _) in results]
    holding = kinds.count("holds")
    hard = kinds.count("fails")
    if "types" in kinds:
        return Evidence("types", reason=next(a for _, (kind, a, _) in results if kind == "types"))
    if hard >= 2 or (
        failures and len(failures) >= 2 and holding == 0 and hard == 0 and kinds.count("equal") == len(kinds)
    ):
        return Evidence("fails", len(results), failures)
    if failures:
        return Evidence("unknown", reason="it fails only in a special case")
    if holding >= 2 and holding + kinds.count("skipped") == len(kinds):
        return Evidence("holds", holding)
    reasons = [a for _, (kind, a, _) in results if kind == "unknown"]
    return Evidence("unknown", reason=reasons[0] if reasons else "no model fits the conditions")


def look_equal(left: Node, right: Node, bank: Bank) -> bool:
    """Whether two formulas agree in double precision in all models: enough to recognise one, not to judge it."""
    recipes = bank.recipes(bank.count)
    return bool(recipes) and all(
        _at(left, "=", right, bank, recipe, None)[0] == "holds" for recipe in recipes
    )


def look_apart(left: Node, right: Node, bank: Bank) -> bool:
    """Whether two numbers differ by far more than their error in at least two models."""
    count = 0
    for recipe in bank.recipes(bank.count):
        a, b = bank.outcome(left, recipe, 40), bank.outcome(right, recipe, 40)
        if not (a.trouble or b.trouble or is_array(a.value) or is_array(b.value)):
            count += abs(float(abs(plain(a.value) - plain(b.value)))) > 1e3 * max(a.error, b.error) + 1e-9
    return count >= 2


def in_model(
    left: Node, op: str, right: Node, bank: Bank, recipe: Recipe, *, confirm: bool = True
) -> tuple[str, str, str]:
    """holds, fails, equal (a strict inequality at equality), types, skipped or unknown; with both values as text.

    Without `confirm` a failure is not repeated with more digits, and what is unclear is left out.
    """
    verdict = _at(left, op, right, bank, recipe, None)
    if not confirm:
        return verdict if verdict[0] != "unclear" else ("skipped", "", "")
    if verdict[0] not in ("fails", "unclear", "equal"):
        return verdict
    sure = _at(left, op, right, bank, recipe, 40)
    if sure[0] in ("fails", "equal"):
        again = _at(left, op, right, bank, recipe, 80)
        return sure if again[0] == sure[0] else ("unknown", "the numbers are too close to tell", "")
    if sure[0] != "unclear":
        return sure
    return _on_many_nodes(left, op, right, bank, recipe)


def _on_many_nodes(left: Node, op: str, right: Node, bank: Bank, recipe: Recipe) -> tuple[str, str, str]:
    """The verdict where few nodes cannot tell: what oscillates is summed over many, twice, over a wider range the second time."""
    unknown = "unknown", "the numbers are too close to tell", ""
    sides = [_again(side, bank, recipe) for side in (left, right)]
    if any(near.trouble or far.trouble for near, far in sides):
        return unknown
    zeros = (False, False)
    if any(_values(near, "=", far, None, zeros)[0] != "holds" for near, far in sides):
        return unknown
    near, far = (_values(a, op, b, None, zeros) for a, b in zip(*sides, strict=True))
    return near if near[0] == far[0] != "unclear" else unknown


def _again(side: Node, bank: Bank, recipe: Recipe) -> tuple[Outcome, Outcome]:
    few = bank.outcome(side, recipe, 40)
    if not few.trouble and few.error < BLURRED:
        return few, few
    near, far = (bank.outcome(side, recipe, nodes) for nodes in FINE)
    return near, far


def _at(
    left: Node, op: str, right: Node, bank: Bank, recipe: Recipe, precision: int | None
) -> tuple[str, str, str]:
    a, b = bank.outcome(left, recipe, precision), bank.outcome(right, recipe, precision)
    for outcome in (a, b):
        if outcome.trouble == "unsupported":
            return "unknown", outcome.reason, ""
    for outcome in (a, b):
        if outcome.trouble == "types":
            return "types", outcome.reason, ""
    if a.trouble and b.trouble:
        return "skipped", a.reason, b.reason
    if a.trouble or b.trouble:
        return "fails", _shown(a), _shown(b)
    zeros = (left == Num(Fraction(0)), right == Num(Fraction(0)))
    return _values(a, op, b, precision, zeros)


def _shown(outcome: Outcome) -> str:
    return f"undefined ({outcome.reason})" if outcome.trouble else shown(outcome.value)


def _values(
    a: Outcome, op: str, b: Outcome, precision: int | None, zeros: tuple[bool, bool]
) -> tuple[str, str, str]:
    x, y = a.value, b.value
    if isinstance(x, Star) or isinstance(y, Star):
        return "unknown", "a part that is left open", ""
    if isinstance(x, Ones) or isinstance(y, Ones):
        return "unknown", "ones without a length", ""
    pairs = paired(x, y, zeros)
    if pairs is None:
        return "types", "the two sides are of different type", ""
    if op == "propto":
        return _proportional(pairs, x, y, precision)
    if len(pairs) != 1 and op not in ("=", ":=", "!="):
        return "types", "an inequality between vectors or matrices", ""
    error = max(a.error, b.error)
    blurred = error > (LOOK if precision is None else BLURRED)
    tolerance = -1.0 if blurred else (LOOK if precision is None else SURE) + 100 * error
    clear = max(LOOK * 1e3 if precision is None else 1e-15, GAP * error)
    worst = "holds"
    for p, q in pairs:
        if isinstance(p, Star) or isinstance(q, Star):
            continue
        verdict = _pair(plain(p), op, plain(q), tolerance, clear)
        worst = max(worst, verdict, key=["holds", "unclear", "equal", "fails"].index)
    return worst, shown(x), shown(y)


def _pair(p: Any, op: str, q: Any, tolerance: float, clear: float) -> str:
    difference = p - q
    size = float(abs(difference))
    scale = 1 + float(max(abs(p), abs(q)))
    if op not in ("=", ":=", "!=") and any(getattr(v, "imag", 0) != 0 for v in (p, q)):
        return "unclear"
    difference = difference.real
    if not math.isfinite(size):
        return "unclear"
    if op in ("=", ":="):
        return "holds" if size <= tolerance * scale else "fails" if size > clear * scale else "unclear"
    if op == "!=":
        return "fails" if size <= tolerance * scale else "holds" if size > clear * scale else "unclear"
    signed = float(difference) if op in ("<=", "<") else -float(difference)
    if size <= tolerance * scale:
        return "holds" if op in ("<=", ">=") else "equal"
    if size <= clear * scale:
        return "unclear"
    return "holds" if signed < 0 else "fails"


def paired(x: Value, y: Value, zeros: tuple[bool, bool] = (False, False)) -> list[tuple[Any, Any]] | None:
    """The entries of two values side by side; None where their shapes do not fit. A 0 that was typed fits any shape."""
    if isinstance(x, Scaled) and isinstance(y, Scaled):
        return [(x.factor, y.factor)]
    if is_array(x) and isinstance(y, Scaled):
        return _sized_pairs(x, y)
    if is_array(y) and isinstance(x, Scaled):
        return [(q, p) for p, q in _sized_pairs(y, x) or []] or None
    if isinstance(x, Scaled) or isinstance(y, Scaled):
        return None
    if is_array(x) and is_array(y):
        if x.shape != y.shape and not (1 in x.shape and x.shape == y.shape[::-1]):
            return None
        return list(zip(x.flat, y.flat, strict=True))
    for one, other, typed in ((x, y, zeros[1]), (y, x, zeros[0])):
        if is_array(one):
            if not typed:
                return None
            beside = [(entry, other) for entry in one.flat]
            return beside if one is x else [(q, p) for p, q in beside]
    return [(x, y)]


def _sized_pairs(x: Any, y: Scaled) -> list[tuple[Any, Any]] | None:
    if x.shape[0] != x.shape[1]:
        return None
    return list(zip(x.flat, sized(y, x).flat, strict=True))


def _proportional(
    pairs: list[tuple[Any, Any]], x: Value, y: Value, precision: int | None
) -> tuple[str, str, str]:
    if len(pairs) < 2:
        return "unknown", "proportionality of numbers", ""
    (p0, q0), *rest = [(plain(p), plain(q)) for p, q in pairs]
    off = max(abs(p0 * q - q0 * p) for p, q in rest)
    scale = 1 + max(abs(v) for pair in pairs for v in map(plain, pair)) ** 2
    close, clear = (LOOK, 1e-6) if precision is None else (SURE, 1e-12)
    verdict = "holds" if off <= close * scale else "fails" if off > clear * scale else "unclear"
    return verdict, shown(x), shown(y)


def shown(value: Value) -> str:
    """A value for people: six digits."""
    if isinstance(value, Scaled):
        return f"{shown(value.factor)}·I"
    if isinstance(value, Star):
        return "*"
    if is_array(value):
        if value.shape[1] == 1:
            return "(" + ", ".join(shown(entry) for entry in value.flat) + ")"
        return "[" + "; ".join(", ".join(shown(entry) for entry in row) for row in value) + "]"
    if isinstance(value, Ones):
        return "1"
    number = plain(value)
    if getattr(number, "imag", 0) != 0:
        return f"{float(number.real):.6g}{float(number.imag):+.6g}i"
    return f"{float(number.real):.6g}"
