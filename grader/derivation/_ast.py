"""The one representation of a formula, whatever it was typed in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Num:
    """A rational number."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Sym:
    """A symbol of the notation sheet, with its indices: `z_k`, `A_{ij}`."""

    name: str
    """Canonical name, as the sheet spells it."""
    index: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Range:
    """Indices from a to b: the `1:K` of `z_{1:K}`, or `Z_1, ..., Z_K`."""

    name: str
    first: Node
    last: Node


@dataclass(frozen=True, slots=True)
class Apply:
    """A function or density at arguments: `q(z | x)`, `f'(z)`."""

    name: str
    args: tuple[Node, ...]
    given: tuple[Node, ...] = ()
    primes: int = 0
    index: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Op:
    """An operation: add, mul, div, neg, pow, odot, abs, norm, transpose, inverse, index, tuple, set, pm."""

    op: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A named function: log, exp, det, diag, max, ..."""

    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Law:
    """Which variables are drawn from what: `Z_1, ..., Z_K ~ q`, `X ~ N(mu, sigma^2)`."""

    variables: tuple[Node, ...]
    law: Node | None
    """An Apply of a density, a Call of normal, or None for the sheet's own law of these variables."""


@dataclass(frozen=True, slots=True)
class Expect:
    """An expectation."""

    laws: tuple[Law, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Integral:
    """An integral over variables, between bounds where they are given."""

    variables: tuple[Node, ...]
    low: Node | None
    high: Node | None
    body: Node


@dataclass(frozen=True, slots=True)
class Big:
    """A sum, product, max, min, argmax, argmin or list over variables."""

    kind: str
    variables: tuple[Node, ...]
    low: Node | None
    high: Node | None
    condition: tuple[Compare, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Divergence:
    """KL(p || q)."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Derivative:
    """Derivative of the body with respect to variables: a gradient, a partial derivative, a Jacobian."""

    wrt: tuple[Node, ...]
    order: int
    body: Node
    nabla: bool
    """Written as a gradient (a column) rather than as a fraction."""


@dataclass(frozen=True, slots=True)
class Compare:
    """A condition: `y_2 > 1`, `i = j`, `k in I`."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Cases:
    """A definition by cases; a row without conditions is `otherwise`."""

    rows: tuple[tuple[Node, tuple[Compare, ...]], ...]


@dataclass(frozen=True, slots=True)
class MatrixOf:
    """A matrix or vector by its entries, which may be blocks."""

    rows: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True, slots=True)
class Wild:
    """Matches anything of its type: `+ const`, a star block, dots."""

    kind: str


Node: TypeAlias = (
    Num
    | Sym
    | Range
    | Apply
    | Op
    | Call
    | Law
    | Expect
    | Integral
    | Big
    | Divergence
    | Derivative
    | Compare
    | Cases
    | MatrixOf
    | Wild
)


def children(node: Node) -> Iterator[Node]:
    """The parts of a node, from left to right."""
    for field in fields(node):
        yield from _nodes(getattr(node, field.name))


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, tuple):
        for part in value:
            yield from _nodes(part)
    elif isinstance(
        value,
        Num
        | Sym
        | Range
        | Apply
        | Op
        | Call
        | Law
        | Expect
        | Integral
        | Big
        | Divergence
        | Derivative
        | Compare
        | Cases
        | MatrixOf
        | Wild,
    ):
        yield value


def free_names(node: Node) -> frozenset[str]:
    """Names of the symbols that no sum or extremum in the formula binds."""
    inner: frozenset[str] = frozenset()
    for part in children(node):
        inner |= free_names(part)
    if isinstance(node, Big):
        return inner - {v.name for variable in node.variables for v in walk(variable) if isinstance(v, Sym)}
    return inner | {node.name} if isinstance(node, Sym) else inner


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(children(current))
