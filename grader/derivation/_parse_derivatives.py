"""Derivatives: gradients, partial derivatives, quotients of differentials."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from grader.derivation import _parse_symbols as symbols
from grader.derivation._ast import (
    Apply,
    Derivative,
    Node,
    Num,
    Op,
    Sym,
    walk,
)
from grader.derivation._errors import Unreadable
from grader.derivation._lexer import Token
from grader.derivation._names import Scope, script

if TYPE_CHECKING:
    from grader.derivation._parser import Parser


def operand_of(p: Parser, kind: str, parse_tight: Callable[[], Node], scope: Scope | None = None) -> Node:
    """What an operator without brackets applies to."""
    start = p.at
    outer = p.scope
    p.scope = scope or outer
    try:
        first = parse_tight()
        more = p.starts_factor() or p.peek() in ("/", r"\cdot", r"\times", r"\odot", "*")
        if p.peek() in ("+", "-") or more:
            choice = p.choose(kind)
            if (choice == "product" and more) or choice == "sum":
                p.at = start
                return p.product() if choice == "product" else p.sum()
        return first
    finally:
        p.scope = outer


def sub_parser(p: Parser, tokens: Sequence[Token]) -> Parser:
    from grader.derivation._parser import Parser

    inner = Parser(tokens, p.scope, p.policy)
    inner.depth = p.depth + 1
    inner.work = p.work
    return inner


def finished(inner: Parser) -> None:
    if inner.at < len(inner.tokens):
        raise Unreadable(f"{inner.peek()!r} is not understood in an index")


def nabla(p: Parser) -> Node:
    p.at += 1
    if p.peek() == "^":
        raise Unreadable("a second-order gradient")
    if p.peek() == "_":
        p.at += 1
        inner = sub_parser(p, p.script_tokens())
        wrt = symbols.variables(inner)
        finished(inner)
    elif len(p.scope.sheet.constant) == 1:
        wrt = [Sym(p.scope.sheet.constant[0])]
    else:
        raise Unreadable("a gradient that does not say in what")
    return Derivative(tuple(wrt), 1, differentiated(p), True)


def differentiated(p: Parser) -> Node:
    """What a derivative applies to."""
    if p.peek() in ("(", "[", r"\{"):
        inner = p.bracket()
        if p.peek() == "^":
            inner = p.postfix(inner)
        elif p.starts_factor() and p.choose("gradparen") == "product":
            return Op("mul", (inner, p.product()))
        return inner
    return operand_of(p, "grad", p.product_head)


def partial(p: Parser) -> Node:
    """`\\partial_\\sigma f`, `\\partial f / \\partial x`, `df/dx`."""
    mark = p.peek()
    p.at += 1
    if mark == r"\partial" and p.peek() == "_":
        p.at += 1
        inner = sub_parser(p, p.script_tokens())
        wrt = symbols.variables(inner)
        finished(inner)
        return Derivative(tuple(wrt), 1, differentiated(p), True)
    body = p.factor()
    p.expect("/")
    p.expect(mark)
    variable = p.factor()
    return Derivative((variable,), 1, body, False)


def fraction(p: Parser) -> Node:
    """A fraction, which may be a derivative."""
    p.at += 1
    above, below = p.script_tokens(), p.script_tokens()
    for mark in (r"\partial", "d"):
        if above and below and above[0].text == below[0].text == mark and len(below) > 1:
            if mark == "d" and below[1].text not in p.scope.entities:
                continue
            return _quotient(p, above[1:], below, mark)
    return Op("div", (p.inside(above), p.inside(below)))


def _quotient(p: Parser, above: list[Token], below: list[Token], mark: str) -> Node:
    order = 1
    if above and above[0].text == "^":
        tokens, at = script(above, 1)
        if [t.text for t in tokens] not in (["2"], ["3"]):
            raise Unreadable("a derivative of that order")
        order, above = int(tokens[0].text), above[at:]
    wrt: list[Node] = []
    inner = sub_parser(p, below)
    while inner.at < len(inner.tokens):
        inner.expect(mark)
        node = inner.factor() if inner.peek() == "(" else symbols.lookup(inner)
        if node is None:
            raise Unreadable(f"a derivative in {symbols.typed(inner)}, which is not in the notation sheet")
        while inner.starts_factor() and inner.peek() != mark:
            node = Op("mul", (node, inner.factor()))
        exponent, inner.at = script(inner.tokens, inner.at + 1) if inner.peek() == "^" else ([], inner.at)
        if exponent and exponent[0].text not in (r"\top", "T"):  # by z^T, the Jacobian is meant as well
            times = inner.inside(exponent)
            wrt.extend([node] * int(times.value if isinstance(times, Num) else Fraction(1)))
        else:
            wrt.append(node)
    if len(wrt) != order:
        raise Unreadable("a derivative whose order is not plain")
    body = _at_point(p, p.inside(above), wrt) if above else differentiated(p)
    return Derivative(tuple(wrt), order, body, False)


def _at_point(p: Parser, body: Node, wrt: Sequence[Node]) -> Node:
    """A function with the point behind its derivative, `\\frac{\\partial V}{\\partial d}(d, g)`; a factor is left where it is."""
    definition = p.scope.definitions.get(body.name) if isinstance(body, Apply) else None
    function = p.scope.sheet.functions.get(body.name) if isinstance(body, Apply) else None
    takes = len(definition.params if definition else function.of if function else ())
    if not isinstance(body, Apply) or body.args or not takes or p.peek() != "(":
        return body
    at, fences = p.at, list(p.fences)
    try:
        args, given = symbols.arguments(p)
    except Unreadable:
        args, given = (), ()
    if len(args) != takes or given or not all(isinstance(a, Sym | Apply) for a in args):
        p.at, p.fences[:] = at, fences
        return body
    if len(wrt) != 1 or args.count(wrt[0]) != 1 or sum(wrt[0] in walk(a) for a in args) != 1:
        raise Unreadable("a derivative at another point")
    return replace(body, args=args)
