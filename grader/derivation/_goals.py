"""Whether the steps of a problem lead from one end of its goal to the other."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from grader.derivation._ast import (
    Apply,
    Big,
    Call,
    Derivative,
    Divergence,
    Expect,
    Integral,
    Node,
    Num,
    Op,
    Sym,
    walk,
)
from grader.derivation._bank import Bank
from grader.derivation._compare import look_equal
from grader.derivation._doubts import Judged, Side
from grader.derivation._names import Scope
from grader.derivation._readings import readings_of
from grader.derivation._rows import chains_of
from grader.derivation._sheet import Goal
from grader.derivation._tokens import tokenize
from grader.records import UserError

_FLIPPED = MappingProxyType({"<=": ">=", ">=": "<=", "<": ">", ">": "<", "=": "=", ":=": "="})
_COMPOSED = MappingProxyType(
    {
        ("=", "="): "=",
        ("=", "<="): "<=",
        ("=", ">="): ">=",
        ("<=", "<="): "<=",
        (">=", ">="): ">=",
        ("=", "<"): "<",
        ("=", ">"): ">",
        ("<", "<="): "<",
        ("<", "<"): "<",
        (">", ">="): ">",
        (">", ">"): ">",
    }
)
_ENTAILS = MappingProxyType(
    {"=": ("=",), "<=": ("=", "<=", "<"), ">=": ("=", ">=", ">"), "<": ("<",), ">": (">",)}
)
MAX_NODES = 120


@dataclass(frozen=True, slots=True)
class Linked:
    """A chain with the verdicts of its links."""

    sides: Sequence[Side]
    ops: Sequence[str]
    judged: Sequence[Judged]


@dataclass(frozen=True, slots=True)
class _Edge:
    a: int
    b: int
    op: str
    firm: bool
    """Whether the step was found right, not merely left undecided."""
    joint: bool = False
    """Whether it only joins two places where the same expression stands."""


def reached(goal: Goal, found: Sequence[Linked], scope: Scope, bank: Bank) -> tuple[bool | None, str]:
    """True, False or None (a person decides), with the reason."""
    ends = _statement(goal.statement, scope)
    nodes, edges = _graph(found, bank)
    firm = _path(ends, nodes, [e for e in edges if e.firm], bank)
    if firm == "yes":
        leading = [e for e in edges if e.firm and not _states(e, ends, nodes, bank)]
        if any(not e.joint for e in leading) and _path(ends, nodes, leading, bank) == "yes":
            return True, "the chain's ends are those of the goal"
        return None, "the goal is stated, no step leads to it"
    for other in goal.instead:
        if (
            _path(_statement(other, scope), nodes, edges, bank) == "yes"
            and _path(ends, nodes, edges, bank) != "yes"
        ):
            return False, f"shown was {other} instead"
    if firm == "nearly" or _path(ends, nodes, edges, bank):
        return None, "the chain ends near the goal"
    if not nodes or any(j.verdict in ("unreadable", "undecided") for f in found for j in f.judged):
        return None, "not all of it was understood"
    return None, "no chain leads from one end of the goal to the other"


def _states(edge: _Edge, ends: tuple[Node, str, Node], nodes: Sequence[Node], bank: Bank) -> bool:
    """Whether a step is the goal itself, which proves nothing."""
    a, b = nodes[edge.a], nodes[edge.b]
    if edge.joint:
        return False
    fine = _formless(ends, bank)
    return any(
        _same_form(x, ends[0], bank, fine)
        and _same_form(y, ends[2], bank, fine)
        and _equal(x, ends[0], bank)
        and _equal(y, ends[2], bank)
        for x, y in ((a, b), (b, a))
    )


def _formless(ends: tuple[Node, str, Node], bank: Bank) -> bool:
    """Whether no operator gives the ends of a goal their form, as in pure algebra: then names and numbers must."""
    return not signature(ends[0], bank) and not signature(ends[2], bank)


def _same_form(node: Node, end: Node, bank: Bank, fine: bool) -> bool:
    return signature(node, bank) == signature(end, bank) and (not fine or _leaves(node) == _leaves(end))


def _statement(text: str, scope: Scope) -> tuple[Node, str, Node]:
    chain = chains_of(tokenize(text, 1))[0]
    sides = [readings_of(tokens, scope, settled=frozenset(["bars"])) for tokens in chain.sides]
    if len(sides) != 2 or not all(s.readings for s in sides):
        problem = next((s.problem for s in sides if not s.readings), "it is no relation")
        raise UserError(
            f"notation of problem {scope.sheet.problem}: the goal {text!r} is not understood ({problem})"
        )
    if any(len([r for r in s.readings if not r.lax]) > 1 for s in sides):
        raise UserError(
            f"notation of problem {scope.sheet.problem}: the goal {text!r} can be read in several ways; add brackets"
        )
    return sides[0].readings[0].node, chain.relations[0].op, sides[1].readings[0].node


def _graph(found: Sequence[Linked], bank: Bank) -> tuple[list[Node], list[_Edge]]:
    nodes: list[Node] = []
    edges: list[_Edge] = []
    for chain in found:
        numbers = []
        for n, side in enumerate(chain.sides):
            node = next(
                (
                    x
                    for j in (n - 1, n)
                    if 0 <= j < len(chain.judged)
                    for x in [chain.judged[j].right if j == n - 1 else chain.judged[j].left]
                    if x is not None
                ),
                side.plain,
            )
            numbers.append(None if node is None or len(nodes) >= MAX_NODES else len(nodes))
            if node is not None and len(nodes) < MAX_NODES:
                nodes.append(node)
        for (a, b), judged, op in zip(itertools.pairwise(numbers), chain.judged, chain.ops, strict=True):
            if a is not None and b is not None and op in _FLIPPED and judged.verdict != "refuted":
                edges.append(
                    _Edge(
                        a, b, op if op != ":=" else "=", judged.verdict in ("supported", "proved", "recovers")
                    )
                )
    edges.extend(_joints(nodes, bank))
    return nodes, edges


def _joints(nodes: Sequence[Node], bank: Bank) -> Iterator[_Edge]:
    """Chains that go on elsewhere: the same expression, up to its writing."""
    for i, a in enumerate(nodes):
        for j in range(i + 1, len(nodes)):
            b = nodes[j]
            alike = signature(a, bank) == signature(b, bank) and _leaves(a) == _leaves(b)
            if a == b or (alike and _equal(a, b, bank)):
                yield _Edge(i, j, "=", True, joint=True)


def _leaves(node: Node) -> Counter[str]:
    """Names and numbers in a formula: another writing of it has the same ones, the result of a calculation has others."""
    found: Counter[str] = Counter()
    for part in walk(node):
        if isinstance(part, Sym | Apply):
            found[part.name] += 1
        elif isinstance(part, Num):
            found[str(part.value)] += 1
    return found


def _equal(a: Node, b: Node, bank: Bank) -> bool:
    return look_equal(a, b, bank)


def _path(ends: tuple[Node, str, Node], nodes: Sequence[Node], edges: Sequence[_Edge], bank: Bank) -> str:
    """yes, nearly (the values are right, the form is not), or an empty string."""
    left, op, right = ends
    op = "=" if op == ":=" else op
    starts = [n for n, node in enumerate(nodes) if _equal(node, left, bank)]
    stops = {n for n, node in enumerate(nodes) if _equal(node, right, bank)}
    result = ""
    fine = _formless(ends, bank)
    for start in starts:
        for stop, composed in _reach(start, edges):
            if stop in stops and composed in _ENTAILS.get(op, ()) and (stop != start or op != "="):
                if _alike(nodes[start], left, bank, fine) and _alike(nodes[stop], right, bank, fine):
                    return "yes"
                result = "nearly"
    return result


def _reach(start: int, edges: Sequence[_Edge]) -> Iterator[tuple[int, str]]:
    seen = {(start, "=")}
    queue = [(start, "=")]
    while queue:
        at, op = queue.pop()
        for edge in edges:
            for a, b, sign in ((edge.a, edge.b, edge.op), (edge.b, edge.a, _FLIPPED[edge.op])):
                joined = _COMPOSED.get((op, sign)) or _COMPOSED.get((sign, op))
                if a == at and joined is not None and (b, joined) not in seen:
                    seen.add((b, joined))
                    queue.append((b, joined))
    yield from seen


def _alike(node: Node, end: Node, bank: Bank, fine: bool) -> bool:
    if fine:
        return _same_form(node, end, bank, fine)
    forms = (signature(end, bank), signature(end, bank, expand=True))
    return signature(node, bank) in forms or signature(node, bank, expand=True) in forms


def signature(node: Node, bank: Bank, *, expand: bool = False) -> frozenset[str]:
    """The operators that give a formula its form."""
    found: set[str] = set()
    for part in walk(node):
        match part:
            case Expect() | Integral() | Derivative() | Divergence():
                found.add(type(part).__name__)
            case Big():
                found.add(part.kind)
            case Call() if part.name in ("det", "max", "min", "tr", "log"):
                found.add(part.name)
            case Op() if part.op in ("absdet", "det", "norm", "transpose"):
                found.add(part.op)
            case Apply() if part.name in bank.definitions:
                if expand:
                    found |= signature(bank.definitions[part.name].body, bank)
                else:
                    found.add(part.name)
    return frozenset(found)
