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
    Node,
    Op,
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
from grader.derivation._parse_integrals import INTEGRALS, integral
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
_DIVERGENCES = ("D", r"\mathcal{D}", r"\mathbb{D}")


def starts(p: Parser) -> bool:
    """Whether a binding operator begins at the cursor."""
    text = p.peek()
    if (
        text in EXPECTATIONS
        or text in _BIG
        or text in INTEGRALS
        or text in (r"\nabla", r"\partial", "KL", r"\mathbb{KL}")
    ):
        return True
    if text in _DIVERGENCES and text not in p.scope.entities:
        return (p.peek(1) == "_" and "KL" in _index_text(p)) or (p.peek(1) in ("(", "[") and _sets_apart(p))
    return text == "d" and _is_slashed(p)


def _sets_apart(p: Parser) -> bool:
    """Whether a double bar divides what stands in the brackets after the cursor: `D(q || p)`."""
    depth = 0
    for token in p.tokens[p.at + 1 :]:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
        if depth == 0:
            return False
        if depth == 1 and token.text == "||":
            return True
    return False


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
    if text in INTEGRALS:
        return integral(p)
    if text in _BIG:
        return _big(p)
    if text == r"\nabla":
        return nabla(p)
    if text in (r"\partial", "d"):
        return partial(p)
    return _divergence(p)


def _big(p: Parser) -> Node:
    kind = _BIG[p.peek()]
    p.at += 1
    below: list[Token] = []
    above: list[Token] = []
    while p.peek() in ("_", "^"):
        mark = p.peek()
        p.at += 1
        tokens = p.script_tokens()
        below, above = (symbols.primed(tokens), above) if mark == "_" else (below, tokens)
    if not below and kind in ("max", "min"):
        return _extremum(p, kind)
    if not below:
        raise Unreadable(f"a {kind} over nothing")
    names, low, conditions, scope = _binder(p, below, bool(above))
    high = p.inside(above) if above else None
    body = operand_of(p, "prod" if kind == "prod" else "sum", p.product_head, scope)
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
            size = p.scope.sheet.variables.get(_key(p, part[0].text)) if len(part) == 1 else None
            if size is not None and size.sort == "integer":  # `\\sum_k` where k is also the name of a size
                scope = scope.with_index(part[0].text)
            if (
                len(part) == 1
                and part[0].text not in scope.entities
                and (ranged or part[0].text in _implied(p) or _counts(p, part[0].text))
            ):
                scope = scope.with_index(part[0].text)
        inner = sub_parser(p, tokens)
        inner.scope = scope
        names = symbols.variables(inner)
        finished(inner)
        return names, None, (), scope
    letter = first[0].text
    between = [t.text for t in first if t.kind == "letter" and t.text not in scope.entities]
    if len(between) == 1 and len(relation) == 2:  # `0 \le t \le 1`
        letter, scope = between[0], scope.with_index(between[0])
    known = scope.entities.get(letter)
    if (known is None or known.kind in ("element", "definition")) and (
        ranged or letter in _implied(p) or relation[0] == r"\in"
    ):
        scope = scope.with_index(letter)
    conditions = tuple(c for part in parts for c in condition(sub_parser(p, part), scope))
    names = [_bound(c) for c in conditions[:1]]
    return names, None, conditions, scope


def _counts(p: Parser, letter: str) -> bool:
    """Whether a small letter runs up to its capital: the k of `\\sum_k` where there are K draws."""
    size = p.scope.sheet.variables.get(letter.upper())
    return len(letter) == 1 and size is not None and size.sort == "integer"


def _key(p: Parser, name: str) -> str:
    entity = p.scope.entities.get(name)
    return entity.key if entity is not None else ""


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
