"""Operators that bind variables: expectations, integrals, sums, extrema, derivatives, divergences."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from grader.derivation import _parse_symbols as symbols
from grader.derivation._ast import (
    Big,
    Call,
    Compare,
    Divergence,
    Integral,
    Node,
    Op,
    Range,
    Sym,
)
from grader.derivation._errors import Unreadable
from grader.derivation._lexer import Token
from grader.derivation._names import Scope, script
from grader.derivation._parse_conditions import condition, split_at
from grader.derivation._parse_derivatives import (
    finished,
    nabla,
    operand_of,
    partial,
    sub_parser,
)
from grader.derivation._parse_laws import EXPECTATIONS, expectation

if TYPE_CHECKING:
    from grader.derivation._parser import Parser

_BIG = MappingProxyType(
    {
        r"\sum": "sum",
        r"\prod": "prod",
        "max": "max",
        "min": "min",
        "sup": "max",
        "inf": "min",
        "argmax": "argmax",
        "argmin": "argmin",
        "maximize": "max",
        "minimize": "min",
    }
)
_INTEGRALS = (r"\int", r"\iint", r"\iiint", r"\idotsint")


def starts(p: Parser) -> bool:
    """Whether a binding operator begins at the cursor."""
    text = p.peek()
    if (
        text in EXPECTATIONS
        or text in _BIG
        or text in _INTEGRALS
        or text in (r"\nabla", r"\partial", "KL", r"\mathbb{KL}")
    ):
        return True
    return (text == "D" and p.peek(1) == "_" and "KL" in _index_text(p)) or (text == "d" and _is_slashed(p))


def _index_text(p: Parser) -> str:
    tokens, _ = script(p.tokens, p.at + 2)
    return "".join(t.text for t in tokens)


def _is_slashed(p: Parser) -> bool:
    return any(p.peek(n) == "/" and p.peek(n + 1) == "d" for n in (2, 3, 4))


def parse(p: Parser) -> Node:
    """The operator at the cursor with its scope. Raises Unreadable."""
    text = p.peek()
    if text in EXPECTATIONS:
        return expectation(p)
    if text in _INTEGRALS:
        return _integral(p)
    if text in _BIG:
        return _big(p)
    if text == r"\nabla":
        return nabla(p)
    if text in (r"\partial", "d"):
        return partial(p)
    return _divergence(p)


def _integral(p: Parser) -> Node:
    p.at += 1
    while p.peek() in (r"\dots", *_INTEGRALS):
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
    return entity is not None and entity.kind in ("space", "variable")


def _find_differential(p: Parser) -> int | None:
    depth = 0
    nested = 0
    for at in range(p.at, len(p.tokens)):
        text = p.tokens[at].text
        depth += {"(": 1, "[": 1, "{": 1, r"\{": 1, ")": -1, "]": -1, "}": -1, r"\}": -1}.get(text, 0)
        if depth < 0:
            return None
        if depth == 0 and text in _INTEGRALS:
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


def _big(p: Parser) -> Node:
    kind = _BIG[p.peek()]
    p.at += 1
    below: list[Token] = []
    above: list[Token] = []
    while p.peek() in ("_", "^"):
        mark = p.peek()
        p.at += 1
        tokens = p.script_tokens()
        below, above = (tokens, above) if mark == "_" else (below, tokens)
    if not below and kind in ("max", "min"):
        return _extremum(p, kind)
    if not below:
        raise Unreadable(f"a {kind} over nothing")
    names, low, conditions, scope = _binder(p, below, bool(above))
    high = p.inside(above) if above else None
    body = operand_of(p, "sum", p.product_head, scope)
    return Big(kind, tuple(names), low, high, conditions, body)


def _extremum(p: Parser, kind: str) -> Node:
    """max of several numbers: `\\max\\{a, b\\}`."""
    if p.peek() not in ("(", r"\{", "["):
        raise Unreadable(f"a {kind} over nothing")
    inner = p.bracket()
    return Call(kind, inner.args if isinstance(inner, Op) and inner.op in ("set", "tuple") else (inner,))


def _binder(
    p: Parser, tokens: list[Token], ranged: bool
) -> tuple[list[Node], Node | None, tuple[Compare, ...], Scope]:
    """What stands below a sum or an extremum: `i=1`, `j \\ne i`, `x \\in C`, `0 \\le x \\le 1`, `\\theta, \\phi`."""
    parts = split_at(tokens, ",")
    first = parts[0]
    if len(first) > 2 and first[1].text == "=" and (ranged or r"\dots" in [t.text for t in tokens]):
        name = first[0].text
        scope = p.scope.with_index(name)
        conditions = tuple(c for part in parts[1:] for c in condition(sub_parser(p, part), scope))
        return [Sym(name)], p.inside(first[2:]), conditions, scope
    relation = [t.text for t in first if t.text in (r"\in", r"\neq", "<", r"\le", ">", r"\ge", "=")]
    scope = p.scope
    if not relation:
        for part in parts:
            if (
                len(part) == 1
                and part[0].text not in scope.entities
                and (ranged or part[0].text in _implied(p))
            ):
                scope = scope.with_index(part[0].text)
        inner = sub_parser(p, tokens)
        inner.scope = scope
        names = symbols.variables(inner)
        finished(inner)
        return names, None, (), scope
    letter = first[0].text
    if scope.entities.get(letter) is None and (ranged or letter in _implied(p) or relation[0] == r"\in"):
        scope = scope.with_index(letter)
    conditions = tuple(c for part in parts for c in condition(sub_parser(p, part), scope))
    names = [_bound(c) for c in conditions[:1]]
    return names, None, conditions, scope


def _bound(c: Compare) -> Node:
    for side in (c.left, c.right):
        if isinstance(side, Sym):
            return side
        if isinstance(side, Op) and side.op == "tuple":
            return side
    raise Unreadable("an index that binds nothing")


def _implied(p: Parser) -> set[str]:
    return {name for v in p.scope.sheet.variables.values() if v.sort == "index" for name in v.names}


def _divergence(p: Parser) -> Node:
    p.at += 1
    if p.peek() == "_":
        p.at += 1
        p.script_tokens()
    closing = {"(": ")", "[": "]", r"\{": r"\}"}.get(p.peek())
    if closing is None:
        raise Unreadable("a divergence without arguments")
    p.at += 1
    p.fences.append("args")
    left = p.sum()
    mark = p.token()
    if mark.kind != "bar" and mark.text not in (",", ";"):
        raise Unreadable("a divergence whose two arguments are not set apart")
    while p.token().kind == "bar" or p.peek() in (",", ";"):
        p.at += 1
    right = p.sum()
    p.fences.pop()
    p.expect(closing)
    return Divergence(left, right)
