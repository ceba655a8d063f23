"""Dots between terms, factors and list members: `a_1 + \\dots + a_K` is a sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

from grader.derivation._ast import Big, Node, Num, Op, Range, Sym, Wild
from grader.derivation._errors import Unreadable

_LETTER = "·"
"""Index of a series that the writer left unnamed; no one can type it."""


def product_series(factors: list[Node]) -> list[Node]:
    """Factors with `a_1 \\cdots a_K` joined into a product."""
    return _series(factors, "prod")


def sum_series(terms: list[Node]) -> list[Node]:
    """Terms with `a_1 + \\dots + a_K` joined into a sum."""
    return _series(terms, "sum")


def list_series(parts: list[Node]) -> list[Node]:
    """List members with `a_1, \\dots, a_K` joined; dots of no plain pattern are left as they are."""
    try:
        return _series(parts, "list")
    except Unreadable:
        return parts


def diagonal(rows: Sequence[Sequence[Node]]) -> list[Node] | None:
    """The diagonal of a matrix that was typed with dots along it and nothing beside; None for any other matrix."""
    n = len(rows)
    if (
        n < 3
        or any(len(row) != n for row in rows)
        or Wild("dots") not in [rows[i][i] for i in range(1, n - 1)]
    ):
        return None
    beside = {rows[i][j] for i in range(n) for j in range(n) if i != j}
    return [rows[i][i] for i in range(n)] if beside <= {Num(Fraction(0)), Wild("dots")} else None


def _series(parts: list[Node], kind: str) -> list[Node]:
    dots = [n for n, part in enumerate(parts) if part == Wild("dots")]
    if not dots or len(parts) < 3:
        return parts
    at = dots[0]
    if len(dots) > 1 or at == 0 or at + 1 == len(parts):
        return parts
    start = at - 1
    template, low, high = between(parts[start], parts[at + 1])
    while start > 0:
        earlier = _difference(parts[start - 1], parts[start])
        if earlier is None or earlier[1:] != (_less(low), low):
            break
        start, low = start - 1, _less(low)
    return [*parts[:start], Big(kind, (Sym(_LETTER),), low, high, (), template), *parts[at + 2 :]]


def _less(node: Node) -> Node:
    return Num(node.value - 1) if isinstance(node, Num) else Op("add", (node, Num(Fraction(-1))))


def between(first: Node, last: Node) -> tuple[Node, Node, Node]:
    """The general member of a series, and its first and last index. Raises Unreadable."""
    found = _difference(first, last)
    if found is None:
        raise Unreadable("dots whose pattern is not plain")
    return found


def _difference(first: Node, last: Node) -> tuple[Node, Node, Node] | None:
    """Where two members differ: always the same index, `a` in the first, `b` in the last."""
    seen: list[tuple[Node, Node]] = []

    def join(a: Any, b: Any, index: bool) -> Any:
        if a == b:
            return a
        if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
            return tuple(join(x, y, index) for x, y in zip(a, b, strict=True))
        nested = isinstance(a, Sym) and isinstance(b, Sym) and a.name == b.name and a.index and b.index
        if index and not nested and isinstance(a, Num | Sym | Op) and isinstance(b, Num | Sym | Op):
            if not seen:
                seen.append((a, b))
            if seen[0] == (a, b):
                return Sym(_LETTER)
            raise Unreadable("dots whose pattern is not plain")
        if type(a) is type(b) and not isinstance(a, Num | str | Fraction):
            return replace(
                a,
                **{
                    f.name: join(getattr(a, f.name), getattr(b, f.name), index or f.name == "index")
                    for f in fields(a)
                },
            )
        raise Unreadable("dots whose pattern is not plain")

    try:
        template = join(first, last, False)
    except (Unreadable, TypeError):
        return None
    return (template, *seen[0]) if seen else None


def joined_list(items: Sequence[Node]) -> list[Node]:
    """A list with `Z_1, \\dots, Z_K` joined into a range."""
    result = list(items)
    while Wild("dots") in result:
        at = result.index(Wild("dots"))
        if at == 0 or at + 1 >= len(result):
            raise Unreadable("dots at the end of a list")
        first, last = result[at - 1], result[at + 1]
        if not (
            isinstance(first, Sym)
            and isinstance(last, Sym)
            and first.name == last.name
            and len(first.index) == len(last.index) == 1
        ):
            raise Unreadable("dots whose pattern is not plain")
        start = at - 1
        low = first.index[0]
        while (
            start > 0
            and isinstance(before := result[start - 1], Sym)
            and before.name == first.name
            and before.index == (_less(low),)
        ):
            start, low = start - 1, _less(low)
        result[start : at + 2] = [Range(first.name, low, last.index[0])]
    return result
