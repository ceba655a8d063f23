"""Integrals: bounds, differentials, and the letter that only an integral knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.derivation import _parse_symbols as symbols
from grader.derivation._ast import Integral, Node, Range, Sym
from grader.derivation._errors import Unreadable
from grader.derivation._lexer import Token
from grader.derivation._names import Scope
from grader.derivation._parse_derivatives import finished, operand_of, sub_parser

if TYPE_CHECKING:
    from grader.derivation._parser import Parser

INTEGRALS = (r"\int", r"\iint", r"\iiint", r"\idotsint")


def integral(p: Parser) -> Node:
    """An integral with its bounds and differentials, which may stand before or after what is integrated."""
    p.at += 1
    while p.peek() in (r"\dots", *INTEGRALS):
        p.at += 1
    low: Node | None = None
    high: Node | None = None
    bound: list[Node] = []
    while p.peek() in ("_", "^"):
        mark = p.peek()
        p.at += 1
        tokens = p.script_tokens()
        if mark == "^":
            high = p.inside(tokens) if low is not None else None
        elif not any(t.text.startswith((r"\mathbb", r"\mathcal")) for t in tokens):
            low, bound = _lower(p, tokens)
    outer = p.scope
    if low is not None and high is not None:
        p.scope = _with_own_letter(p)
    try:
        return _body(p, bound, low, high)
    finally:
        p.scope = outer


def _with_own_letter(p: Parser) -> Scope:
    """The scope in which the letter of `\\int_a^b f(t) dt` is known, where nothing else goes by it."""
    for at in range(p.at, len(p.tokens) - 1):
        letter = p.tokens[at + 1]
        known = p.scope.entities.get(letter.text)
        own = known is None or known.kind == "variable"  # two letters may be names of one variable
        if p.tokens[at].text == "d" and letter.kind == "letter" and own:
            after = p.tokens[at + 2].text if at + 2 < len(p.tokens) else ""
            return p.scope if after in ("_", "^", "(") else p.scope.with_index(letter.text)
    return p.scope


def _body(p: Parser, bound: list[Node], low: Node | None, high: Node | None) -> Node:
    if _differential(p):
        drawn = _differentials(p)
        return Integral(tuple(drawn), low, high, operand_of(p, "int", p.product_head))
    end = _find_differential(p)
    if end is None:
        if not bound:
            raise Unreadable("an integral without its differential")
        return Integral(tuple(bound), None, None, operand_of(p, "int", p.product_head))
    body_tokens, p.at = p.tokens[p.at : end], end
    drawn = _differentials(p)
    return Integral(tuple(bound or drawn), low, high, p.inside(body_tokens))


def _lower(p: Parser, tokens: list[Token]) -> tuple[Node | None, list[Node]]:
    inner = sub_parser(p, tokens)
    try:
        drawn = symbols.variables(inner)
        finished(inner)
        if all(
            p.scope.entities.get(t.text) is None or p.scope.entities[t.text].kind == "space"
            for t in tokens[:1]
        ):
            return None, drawn
    except Unreadable:
        pass
    return p.inside(tokens), []


def _differential(p: Parser, at: int | None = None) -> bool:
    at = p.at if at is None else at
    if at + 1 >= len(p.tokens) or p.tokens[at].text != "d" or p.tokens[at].kind not in ("letter", "word"):
        return False
    following = p.tokens[at + 1].text
    if following == "{":
        following = p.tokens[at + 2].text if at + 2 < len(p.tokens) else ""
    entity = p.scope.entities.get(following)
    return entity is not None and entity.kind in ("space", "variable", "index")


def _find_differential(p: Parser) -> int | None:
    depth = 0
    nested = 0
    for at in range(p.at, len(p.tokens)):
        text = p.tokens[at].text
        depth += {"(": 1, "[": 1, "{": 1, r"\{": 1, ")": -1, "]": -1, "}": -1, r"\}": -1}.get(text, 0)
        if depth < 0:
            return None
        if depth == 0 and text in INTEGRALS:
            nested += 1
        if depth == 0 and _differential(p, at):
            if nested == 0:
                return at
            nested -= 1
    return None


def _differentials(p: Parser) -> list[Node]:
    drawn: list[Node] = []
    while _differential(p) or (p.peek() == r"\dots" and _differential(p, p.at + 1)):
        if p.peek() == r"\dots":
            p.at += 1
            p.expect("d")
            last = symbols.lookup(p)
            first = drawn.pop()
            if not (isinstance(first, Sym) and isinstance(last, Sym) and first.index and last.index):
                raise Unreadable("dots whose pattern is not plain")
            low = first.index[0]
            while drawn and isinstance(drawn[-1], Sym) and drawn[-1].name == first.name:
                low = drawn.pop().index[0]  # type: ignore[union-attr]
            drawn.append(Range(first.name, low, last.index[0]))
            continue
        p.at += 1
        node = p.inside(p.script_tokens()) if p.peek() == "{" else symbols.lookup(p)
        if not isinstance(node, Sym | Range):
            raise Unreadable("a differential of what is no variable")
        drawn.append(node)
    return drawn
