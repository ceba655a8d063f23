"""Expectations and the laws in their subscripts."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.derivation import _parse_symbols as symbols
from grader.derivation._ast import (
    Apply,
    Call,
    Expect,
    Law,
    Node,
    Op,
    Range,
    Sym,
)
from grader.derivation._errors import Unreadable
from grader.derivation._lexer import Token
from grader.derivation._parse_derivatives import (
    finished,
    operand_of,
    sub_parser,
)

if TYPE_CHECKING:
    from grader.derivation._parser import Parser


EXPECTATIONS = (r"\mathbb{E}", "E", r"\mathcal{E}")


def expectation(p: Parser) -> Node:
    p.at += 1
    laws: tuple[Law, ...] = ()
    if p.peek() == "_":
        p.at += 1
        laws = laws_of(p, p.script_tokens())
    if p.peek() == "^":
        raise Unreadable("a superscript on an expectation")
    if p.peek() in ("[", "(", r"\{"):
        inner = p.bracket()
        if p.starts_factor() and _mentions_draw(p) and p.choose("expectparen") == "product":
            inner = Op("mul", (inner, p.product()))
        return Expect(laws, inner)
    return Expect(laws, operand_of(p, "expect", p.product_head))


def angle(p: Parser, parts: Sequence[Node]) -> Node:
    """What stood in angle brackets: an expectation where a law is their index, an inner product where they hold two."""
    if len(parts) == 1 and p.peek() == "_":
        p.at += 1
        return Expect(laws_of(p, p.script_tokens()), parts[0])
    if len(parts) == 2:
        return Op("mul", (Op("transpose", (parts[0],)), parts[1]))
    if len(parts) == 1:
        return parts[0]
    raise Unreadable("angle brackets around more than two")


def _mentions_draw(p: Parser) -> bool:
    """Whether a random variable stands in what follows the bracket of an expectation."""
    for token in p.tokens[p.at :]:
        if token.text in ("+", "-"):
            return False
        entity = p.scope.entities.get(token.text)
        if entity is not None and entity.kind == "space" and p.scope.sheet.spaces[entity.key].law:
            return True
    return False


def laws_of(p: Parser, tokens: Sequence[Token]) -> tuple[Law, ...]:
    """The subscript of an expectation."""
    tilde = [n for n, t in enumerate(tokens) if t.text == r"\sim"]
    if len(tilde) > 1:
        parts = _several(tokens, tilde)
        return tuple(law for part in parts for law in laws_of(p, part))
    inner = sub_parser(p, [t for t in tokens if t.kind != "text"])
    if tilde:
        drawn = symbols.variables(inner)
        inner.expect(r"\sim")
        law = _law(inner)
        finished(inner)
        return (Law(tuple(drawn), law),)
    if any(t.text == "=" for t in tokens):
        drawn = symbols.variables(inner)
        return (Law(tuple(drawn), None),)
    start = inner.at
    try:
        drawn = symbols.variables(inner)
        finished(inner)
        if all(isinstance(node, Sym | Range) for node in drawn):
            return (Law(tuple(drawn), None),)
    except Unreadable:
        pass
    inner.at = start
    law = _law(inner)
    finished(inner)
    return (Law((), law),)


def _several(tokens: Sequence[Token], tilde: list[int]) -> list[list[Token]]:
    """`x ~ p, z ~ q` at its commas: the last one before each further tilde."""
    cuts = [
        max((n for n in range(first, second) if tokens[n].text in (",", ";")), default=first)
        for first, second in itertools.pairwise(tilde)
    ]
    edges = [-1, *cuts, len(tokens)]
    return [list(tokens[a + 1 : b]) for a, b in itertools.pairwise(edges)]


def _law(p: Parser) -> Node:
    if p.peek() in (r"\mathcal{N}", "N") and p.peek(1) == "(":
        p.at += 1
        args, given = symbols.arguments(p)
        if len(args) != 2 or given:
            raise Unreadable("a normal law with other than two parameters")
        return Call("normal", args)
    law = symbols.lookup(p)
    if not isinstance(law, Apply):
        raise Unreadable("a law that the notation sheet lacks")
    return law
