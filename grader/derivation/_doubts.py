"""Evidence under every pair of readings, and what keeps a failing step from being refuted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from grader.derivation._ast import (
    Apply,
    Call,
    Compare,
    Derivative,
    Node,
    Num,
    Op,
    Sym,
    Wild,
    children,
    free_names,
    walk,
)
from grader.derivation._bank import Bank
from grader.derivation._compare import Evidence, look_apart, look_equal, relate, relate_any, shown
from grader.derivation._free import MANY, Free
from grader.derivation._lexer import Token
from grader.derivation._names import Definition
from grader.derivation._readings import Readings
from grader.derivation._witness import mentioned


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a relation with its readings."""

    tokens: tuple[Token, ...]
    readings: Readings

    @property
    def plain(self) -> Node | None:
        """The plainest reading."""
        return self.readings.readings[0].node if self.readings.readings else None


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found about one relation."""

    verdict: str
    reason: str = ""
    witness: Mapping[str, object] | None = None
    left: Node | None = None
    right: Node | None = None
    """The readings under which the verdict was reached."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What limits how hard a step may be judged."""

    unclear: str = ""
    """A condition or redefinition in the text that was not understood: then nothing is refuted."""
    premise: bool = False
    """The relation is a premise or an equation to be solved."""
    unknowns: frozenset[str] = frozenset()
    """Variables that equations may be solved for."""
    open_start: bool = False
    open_end: bool = False
    """Whether the first or last side may go on over a line break."""


class Pairs:
    """Evidence for one relation under every pair of readings, found when asked for."""

    def __init__(self, left: Side, op: str, right: Side, bank: Bank) -> None:
        self.left, self.op, self.right, self._bank = left, op, right, bank
        self._kept: dict[tuple[int, int], Evidence] = {}

    def at(self, i: int, j: int) -> Evidence:
        """The evidence under the i-th reading of the left and the j-th of the right side."""
        if (i, j) not in self._kept:
            a, b = self.left.readings.readings[i].node, self.right.readings.readings[j].node
            op = "=" if self.op == ":=" else self.op
            self._kept[i, j] = _open(a, op, b, self._bank) or relate(a, op, b, self._bank, self._bank.count)
        return self._kept[i, j]

    def apart(self, i: int, j: int) -> bool:
        """Whether the two values differ clearly, if not as clearly as a refutation asks for."""
        a, b = self.left.readings.readings[i].node, self.right.readings.readings[j].node
        return look_apart(a, b, self._bank)

    @property
    def definitions(self) -> Mapping[str, Definition]:
        return self._bank.definitions

    @property
    def readable(self) -> bool:
        return bool(self.left.readings.readings and self.right.readings.readings)

    def signed(self) -> Evidence | None:
        """With a plus-minus sign: the evidence where each model may choose its sign, `\\det P = \\pm 1`."""
        tokens = (*self.left.tokens, *self.right.tokens)
        if not self.readable or not any(t.text in (r"\pm", r"\mp") for t in tokens):
            return None
        pairs = [
            (a.node, b.node)
            for a in self.left.readings.readings
            for b in self.right.readings.readings
            if not (a.lax or b.lax)
        ]
        op = "=" if self.op == ":=" else self.op
        return relate_any(pairs, op, self._bank, self._bank.count) if pairs else None

    def firm(self, i: int, j: int) -> bool:
        """Whether neither reading is a lax one."""
        return not (self.left.readings.readings[i].lax or self.right.readings.readings[j].lax)


def _open(a: Node, op: str, b: Node, bank: Bank) -> Evidence | None:
    """A side with `+ const`: the difference has to be free of the parameters whose gradients are asked for."""
    if not any(node == Wild("const") for side in (a, b) for node in walk(side)):
        return None
    if op != "=" or not bank.sheet.constant:
        return Evidence("unknown", reason="a constant that is left open")
    if _constant_difference(a, b, bank):
        return Evidence("holds", bank.count)
    return _no_constant(a, b, bank) or Evidence("unknown", reason="a constant that is left open")


def _no_constant(a: Node, b: Node, bank: Bank) -> Evidence | None:
    """Evidence that two sides differ by what varies with every parameter that they depend on.

    A constant may be one in some of the parameters only, so one parameter in which the difference is flat saves it.
    """
    zero, difference = Num(Fraction(0)), Op("add", (a, Op("neg", (b,))))
    seen = [
        p for p in bank.sheet.constant if not all(look_equal(_slope(p, side), zero, bank) for side in (a, b))
    ]
    slopes = [relate(_slope(p, difference), "=", zero, bank, bank.count) for p in seen]
    if not slopes or any(found.verdict != "fails" for found in slopes):
        return None
    failures = tuple(
        replace(
            f,
            left=shown(bank.outcome(a, f.recipe, None).value),
            right=shown(bank.outcome(b, f.recipe, None).value),
        )
        for f in slopes[0].failures
    )
    return replace(slopes[0], failures=failures)


def _constant_difference(a: Node, b: Node, bank: Bank) -> bool:
    """Whether the two sides differ by something that no gradient asked for sees."""
    difference = Op("add", (a, Op("neg", (b,))))
    return all(look_equal(_slope(p, difference), Num(Fraction(0)), bank) for p in bank.sheet.constant)


def _slope(parameter: str, node: Node) -> Node:
    return Derivative((Sym(parameter),), 1, node, True)


def _for_some_choice(pair: Pairs, bank: Bank) -> bool:
    """Whether the step holds for one value of the number that is free to choose."""
    free = bank.sheet.variables[bank.sheet.exists]
    nodes = [r.node for side in (pair.left, pair.right) for r in side.readings.readings]
    if free.key not in mentioned(nodes, bank):
        return False
    for choice in free.choices:
        chosen = bank.derived(
            bank.definitions, (*bank.conditions, Compare("=", Sym(free.key), Num(Fraction(choice))))
        )
        for a in pair.left.readings.readings:
            if any(
                relate(a.node, pair.op, b.node, chosen, 2).verdict == "holds"
                for b in pair.right.readings.readings
            ):
                return True
    return False


def _loose(pair: Pairs, bank: Bank) -> bool:
    """Whether the plainest readings of the two sides leave different random variables free."""
    search = Free(bank.sheet, bank.definitions)
    sides = [search.of(side.readings.readings[0].node) for side in (pair.left, pair.right)]
    free = [{name for name in names if bank.sheet.spaces[name.removesuffix(MANY)].law} for names in sides]
    return free[0] != free[1]


def _by_convention(node: Node | None, *, inside: bool = False) -> bool:
    """Whether a Kronecker product stands outside of a determinant or trace, or dots stand between blocks."""
    if node is None:
        return False
    if isinstance(node, Call) and node.name == "diag" and any(n == Wild("dots") for n in walk(node)):
        return True
    if isinstance(node, Op) and node.op == "kron" and not inside:
        return True
    inside = inside or (isinstance(node, Op) and node.op in ("absdet", "det", "norm"))
    inside = inside or (isinstance(node, Call) and node.name in ("det", "tr", "Tr", "trace"))
    return any(_by_convention(part, inside=inside) for part in children(node))


def doubt(pair: Pairs, about: Circumstances, bank: Bank) -> str:
    """Why a step that does not hold is not refuted; empty where nothing speaks for it."""
    readings = [
        (i, j)
        for i in range(len(pair.left.readings.readings))
        for j in range(len(pair.right.readings.readings))
    ]
    for i, j in readings:
        found = pair.at(i, j)
        if found.verdict == "holds":
            return "it holds only if read in another way"
        if found.verdict == "unknown" and not pair.firm(i, j) and pair.apart(i, j):
            continue
        if found.verdict == "unknown":
            return found.reason or "not decided"
        if found.verdict == "types" and (i, j) == (0, 0):
            return "types: " + found.reason
    signed = pair.signed()
    if signed is not None and signed.verdict != "fails":
        return "it holds with one of the signs"
    if any(_by_convention(side.plain) for side in (pair.left, pair.right)):
        return "it depends on the order of entries or on how many blocks there are, which nobody wrote"
    if bank.sheet.exists and _for_some_choice(pair, bank):
        return "it holds for another choice"
    if not (pair.left.readings.complete and pair.right.readings.complete):
        return "too many ways to read it"
    if about.unclear:
        return about.unclear
    if about.premise:
        return "a premise or an equation to be solved, no identity"
    named = {name for i, _ in readings for name in free_names(pair.left.readings.readings[i].node)}
    named |= {name for _, j in readings for name in free_names(pair.right.readings.readings[j].node)}
    if named & about.unknowns:
        return "an equation in an unknown"
    if _loose(pair, bank):
        return "a random variable stands outside of its expectation"
    both = [pair.left.readings.readings[i].node for i, _ in readings] + [
        pair.right.readings.readings[j].node for _, j in readings
    ]
    applied = {n.name for node in both for n in walk(node) if isinstance(n, Apply)}
    doubtful = sorted(
        name for name in applied if name in pair.definitions and pair.definitions[name].doubtful
    )
    return f"the definition of {doubtful[0]} can be read in several ways" if doubtful else ""


def lost_constant(step: Judged, bank: Bank) -> bool:
    """Whether a wrong step lost only an additive constant, of what does depend on the parameters."""
    if step.left is None or step.right is None or not bank.sheet.constant:
        return False
    if any(isinstance(node, Derivative) for side in (step.left, step.right) for node in walk(side)):
        return False
    if not _constant_difference(step.left, step.right, bank):
        return False
    left = step.left
    return any(not look_equal(_slope(p, left), Num(Fraction(0)), bank) for p in bank.sheet.constant)
