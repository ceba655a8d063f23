"""Conditions: `0 \\le x \\le 1`, `i \\ne j`, `k \\in I`."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from grader.derivation._ast import Compare, Node, Op
from grader.derivation._errors import Unreadable
from grader.derivation._lexer import Token
from grader.derivation._names import Scope

if TYPE_CHECKING:
    from grader.derivation._parser import Parser

_SIGNS = MappingProxyType(
    {"=": "=", r"\le": "<=", r"\ge": ">=", "<": "<", ">": ">", r"\neq": "!=", r"\in": "in"}
)
_BRACKETS = MappingProxyType({"(": 1, "[": 1, "{": 1, r"\{": 1, ")": -1, "]": -1, "}": -1, r"\}": -1})


def split_at(tokens: Sequence[Token], *marks: str) -> list[list[Token]]:
    """The pieces of a token list between marks outside of brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += _BRACKETS.get(token.text, 0)
        if depth == 0 and token.text in marks:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part] or [[]]


def condition(p: Parser, scope: Scope) -> tuple[Compare, ...]:
    """The tokens of `p` as a chain of comparisons. Raises Unreadable."""
    sides: list[list[Token]] = [[]]
    signs: list[str] = []
    depth = 0
    for token in p.tokens:
        depth += _BRACKETS.get(token.text, 0)
        if depth == 0 and token.text in _SIGNS:
            signs.append(_SIGNS[token.text])
            sides.append([])
        else:
            sides[-1].append(token)
    if not signs:
        raise Unreadable("a condition that says nothing")
    nodes: list[Node] = []
    for side, sign in zip(sides, ["", *signs], strict=True):
        nodes.append(_set(p, side, scope) if sign == "in" else p.inside(side, scope))
    return tuple(
        Compare(sign, left, right) for sign, left, right in zip(signs, nodes, nodes[1:], strict=False)
    )


def _set(p: Parser, side: list[Token], scope: Scope) -> Node:
    """An interval, or a set that the sheet names."""
    if side and side[0].text in ("[", "(") and side[-1].text in ("]", ")"):
        parts = split_at(side[1:-1], ",")
        if len(parts) == 2:
            return Op("interval", (p.inside(parts[0], scope), p.inside(parts[1], scope)))
    return p.inside(side, scope)
