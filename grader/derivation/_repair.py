"""A one-token change that would make a wrong step right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from grader.derivation._ast import Call, Node, Num, Op, Sym, children
from grader.derivation._bank import Bank
from grader.derivation._compare import look_equal

MAX_DEPTH = 12
MAX_VARIANTS = 80
"""Variants of a side that are tried."""

_TWINS = MappingProxyType(
    {"sin": "cos", "cos": "sin", "max": "min", "min": "max", "log": "exp", "exp": "log"}
)


def repaired(left: Node, right: Node, bank: Bank) -> Node | None:
    """A right side one token away that equals the left side; None where there is none."""
    for number, variant in enumerate(_variants(right)):
        if number >= MAX_VARIANTS:
            return None
        if look_equal(left, variant, bank):
            return variant
    return None


def _variants(node: Node) -> Iterator[Node]:
    yield Op("neg", (node,))
    yield from _changed(node, 0)


def _changed(node: Node, depth: int) -> Iterator[Node]:
    """The node with one token changed, in it or below it."""
    if depth > MAX_DEPTH:
        return
    yield from _here(node)
    for field in fields(node):
        value: Any = getattr(node, field.name)
        if isinstance(value, tuple):
            for n, part in enumerate(value):
                if _is_node(part):
                    for new in _changed(part, depth + 1):
                        yield _with(node, field.name, (*value[:n], new, *value[n + 1 :]))
        elif _is_node(value):
            for new in _changed(value, depth + 1):
                yield _with(node, field.name, new)


def _with(node: Any, name: str, value: Any) -> Node:
    changed: Node = replace(node, **{name: value})
    return changed


def _is_node(value: object) -> bool:
    return hasattr(value, "__dataclass_fields__") and not isinstance(value, Sym)


def _here(node: Node) -> Iterator[Node]:
    """The node with one token changed."""
    if isinstance(node, Num):
        yield Num(node.value + 1)
        yield Num(node.value - 1)
        if node.value:
            yield Num(Fraction(1) / node.value)
    elif isinstance(node, Call) and node.name in _TWINS:
        yield replace(node, name=_TWINS[node.name])
        if len(node.args) == 1:
            yield node.args[0]
    elif isinstance(node, Op) and node.op == "add":
        for n, term in enumerate(node.args):
            negated = term.args[0] if isinstance(term, Op) and term.op == "neg" else Op("neg", (term,))
            yield replace(node, args=(*node.args[:n], negated, *node.args[n + 1 :]))
    elif isinstance(node, Op) and node.op == "div":
        yield replace(node, args=(node.args[1], node.args[0]))
        yield from node.args
    elif isinstance(node, Op) and node.op in ("neg", "pow", "transpose"):
        yield node.args[0]
    elif isinstance(node, Op) and node.op == "mul" and len(node.args) > 1:
        for n in range(len(node.args)):
            kept = (*node.args[:n], *node.args[n + 1 :])
            yield kept[0] if len(kept) == 1 else Op("mul", kept)
    elif isinstance(node, Sym) or not list(children(node)):
        return
