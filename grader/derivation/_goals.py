"""Whether the steps of a problem lead from one end of its goal to the other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from grader.derivation._ast import Call, Derivative, Node, Num, Op
from grader.derivation._bank import Bank
from grader.derivation._compare import look_equal
from grader.derivation._doubts import Judged, Side
from grader.derivation._forms import alike, leaves, same, signature
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
MAX_WALK = 4000
"""Places visited on the way from one end to the other."""
_ZERO = Num(Fraction(0))

Ends = tuple[Node, str, Node]


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
    graph = _Graph(found, bank)
    wanted = [_statement(text, scope) for text in (goal.statement, *goal.also)]
    forms = [form for ends in wanted for form in _forms(ends)]
    if any(graph.path(ends, firm=True, derived=True) == "yes" for ends in forms):
        return True, "the chain's ends are those of the goal"
    stated = any(graph.path(ends, firm=True) == "yes" for ends in forms)
    if stated and (goal.stated or _led_to(goal, wanted, graph, scope)):
        return True, "the goal is stated, and what it rests on is shown"
    if goal.parts and all(graph.shown(_statement(text, scope)) for text in goal.parts):
        return True, "the goal's parts are shown"
    if stated:
        return None, "the goal is stated, no step leads to it"
    ways = [graph.path(ends) for ends in forms]
    for other in goal.instead:
        if graph.path(_statement(other, scope)) == "yes" and "yes" not in ways:
            return False, f"shown was {other} instead"
    if any(ways) or any(graph.path(ends, firm=True) for ends in forms):
        return None, "the chain ends near the goal"
    if not graph.nodes or any(j.verdict in ("unreadable", "undecided") for f in found for j in f.judged):
        return None, "not all of it was understood"
    return None, "no chain leads from one end of the goal to the other"


def _led_to(goal: Goal, wanted: Sequence[Ends], graph: _Graph, scope: Scope) -> bool:
    """Whether something that the goal rests on is shown, or its left side was reshaped before its sign was stated."""
    if any(graph.shown(_statement(text, scope)) for text in goal.via):
        return True
    return any(right == _ZERO and op != "=" and graph.reshapes(left) for left, op, right in wanted)


def _forms(ends: Ends) -> list[Ends]:
    """A goal as it stands; an inequality also by the sign of the difference."""
    left, op, right = ends
    if op == "=" or right == _ZERO:
        return [ends]
    difference, opposite = (Op("add", (a, Op("neg", (b,)))) for a, b in ((left, right), (right, left)))
    return [ends, (difference, op, _ZERO), (opposite, _FLIPPED[op], _ZERO)]


def _statement(text: str, scope: Scope) -> Ends:
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
    op = chain.relations[0].op
    return sides[0].readings[0].node, "=" if op == ":=" else op, sides[1].readings[0].node


class _Graph:
    """What was written, as places joined by the steps between them."""

    def __init__(self, found: Sequence[Linked], bank: Bank) -> None:
        self._bank = bank
        self.nodes: list[Node] = []
        self._edges: list[_Edge] = []
        for chain in found:
            self._add(chain)
        self._edges.extend(_joints(self.nodes, bank))
        self._same = self._classes()

    def _add(self, chain: Linked) -> None:
        numbers: list[int | None] = []
        for n, side in enumerate(chain.sides):
            node = _node_of(chain, n) or side.plain
            numbers.append(None if node is None or len(self.nodes) >= MAX_NODES else len(self.nodes))
            if node is not None and len(self.nodes) < MAX_NODES:
                self.nodes.append(node)
        for (a, b), judged, op in zip(itertools.pairwise(numbers), chain.judged, chain.ops, strict=True):
            if a is not None and b is not None and op in _FLIPPED and judged.verdict != "refuted":
                firm = judged.verdict in ("supported", "proved", "recovers")
                self._edges.append(_Edge(a, b, op if op != ":=" else "=", firm))

    def _classes(self) -> list[int]:
        """For each place the first one where the same expression stands."""
        first = list(range(len(self.nodes)))
        for edge in self._edges:
            if edge.joint:
                low, high = sorted((first[edge.a], first[edge.b]))
                first = [low if c == high else c for c in first]
        return first

    def shown(self, ends: Ends) -> bool:
        """Whether right steps lead from one end of a statement to the other, one that states it included."""
        return self.path(ends, firm=True) == "yes"

    def reshapes(self, end: Node) -> bool:
        """Whether a right equality turns a formula into one of another form."""
        starts = {self._same[n] for n, node in enumerate(self.nodes) if self._is(node, end)}
        return any(
            edge.firm
            and edge.op == "="
            and not edge.joint
            and (self._same[edge.a] in starts) != (self._same[edge.b] in starts)
            for edge in self._edges
        )

    def path(self, ends: Ends, *, firm: bool = False, derived: bool = False) -> str:
        """yes, nearly (the values are right, the form is not), or an empty string.

        `derived`: by way of something else than the goal's two sides, so that stating the goal is no path.
        """
        left, op, right = ends
        edges = [e for e in self._edges if (e.firm or not firm) and not e.joint]
        starts = {self._same[n] for n, node in enumerate(self.nodes) if _equal(node, left, self._bank)}
        stops = {self._same[n] for n, node in enumerate(self.nodes) if _equal(node, right, self._bank)}
        result = ""
        for start in sorted(starts):
            alike_start = any(self._alike(n, left) for n in self._members(start))
            if derived and not alike_start:
                continue
            for stop, composed, between in self._walks(start, edges, ends if derived else None):
                if stop not in stops or composed not in _ENTAILS.get(op, ()) or (stop == start and op == "="):
                    continue
                if derived and not between:
                    continue
                if alike_start and any(self._alike(n, right) for n in self._members(stop)):
                    return "yes"
                result = "nearly"
        return result

    def _members(self, place: int) -> list[int]:
        return [n for n, first in enumerate(self._same) if first == place]

    def _walks(
        self, start: int, edges: Sequence[_Edge], ends: Ends | None
    ) -> Iterator[tuple[int, str, bool]]:
        """Places reached, under which relation, and whether by way of something else than the ends themselves."""
        if ends is None:
            yield start, "=", False
        queue: list[tuple[int, str, bool, frozenset[int]]] = [(start, "=", False, frozenset([start]))]
        seen: set[tuple[int, str, bool]] = set()
        count = 0
        while queue and count < MAX_WALK:
            count += 1
            at, op, between, visited = queue.pop()
            for edge in edges:
                a, b = self._same[edge.a], self._same[edge.b]
                for one, other, sign in ((a, b, edge.op), (b, a, _FLIPPED[edge.op])):
                    joined = _COMPOSED.get((op, sign)) or _COMPOSED.get((sign, op))
                    if one != at or joined is None or other in visited or (other, joined, between) in seen:
                        continue
                    seen.add((other, joined, between))
                    yield other, joined, between
                    passed = between or (ends is not None and not self._is_end(other, ends))
                    queue.append((other, joined, passed, visited | {other}))

    def _is_end(self, place: int, ends: Ends) -> bool:
        """Whether one of the goal's own sides stands at a place."""
        return any(self._is(self.nodes[n], end) for n in self._members(place) for end in (ends[0], ends[2]))

    def _is(self, node: Node, end: Node) -> bool:
        return same(node, end, self._bank) and _equal(node, end, self._bank)

    def _alike(self, number: int, end: Node) -> bool:
        """Whether a place shows the end of a goal in the form that was asked for."""
        node = self.nodes[number]
        if not signature(end, self._bank):  # pure algebra: then names and numbers must agree
            return signature(node, self._bank) == signature(end, self._bank) and leaves(node) == leaves(end)
        return alike(node, end, self._bank) or self._replaced(node, end)

    def _replaced(self, node: Node, end: Node) -> bool:
        """Whether an end's operator stands around what right steps made of its operand: `d/dr` of a norm worked out before."""
        inner, wanted = _operand(node), _operand(end)
        if inner is None or wanted is None or inner[0] != wanted[0]:
            return False
        starts = {self._same[n] for n, other in enumerate(self.nodes) if self._is(other, wanted[1])}
        stops = {self._same[n] for n, other in enumerate(self.nodes) if self._is(other, inner[1])}
        edges = [e for e in self._edges if e.firm and e.op == "=" and not e.joint]
        return any(place in stops for start in starts for place, _, _ in self._walks(start, edges, None))


def _node_of(chain: Linked, n: int) -> Node | None:
    """The reading under which a side was judged, from the step before it or after."""
    before = chain.judged[n - 1].right if 0 < n <= len(chain.judged) else None
    after = chain.judged[n].left if n < len(chain.judged) else None
    return before if before is not None else after


def _operand(node: Node) -> tuple[object, Node] | None:
    """An operator of one operand, and the operand."""
    if isinstance(node, Derivative):
        return (node.wrt, node.order), node.body
    if isinstance(node, Call) and len(node.args) == 1:
        return node.name, node.args[0]
    if isinstance(node, Op) and len(node.args) == 1:
        return node.op, node.args[0]
    return None


def _joints(nodes: Sequence[Node], bank: Bank) -> Iterator[_Edge]:
    """Chains that go on elsewhere: the same expression, up to its writing."""
    for i, a in enumerate(nodes):
        for j in range(i + 1, len(nodes)):
            b = nodes[j]
            if a == b or (same(a, b, bank) and _equal(a, b, bank)):
                yield _Edge(i, j, "=", True, joint=True)


def _equal(a: Node, b: Node, bank: Bank) -> bool:
    return look_equal(a, b, bank)
