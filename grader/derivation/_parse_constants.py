"""Symbols that mean the same everywhere, where the sheet does not use the letter itself."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from grader.derivation import _parse_derivatives as derivatives
from grader.derivation import _parse_symbols as symbols
from grader.derivation._ast import Call, Derivative, Node, Num
from grader.derivation._errors import Unreadable

if TYPE_CHECKING:
    from grader.derivation._parser import Parser


def _has_matrices(p: Parser) -> bool:
    return any(v.sort in ("matrix", "basis") for v in p.scope.sheet.variables.values())


def constant(p: Parser) -> Node | None:
    """pi, e, the identity, ones, Kronecker's delta: where the sheet does not use the letter itself."""
    text = p.peek()
    if text == "i" and p.scope.sheet.imaginary:
        p.at += 1
        return Call("imaginary", ())
    if text == r"\pi":
        p.at += 1
        return Call("pi", ())
    if text == "e":
        p.at += 1
        if p.peek() == "^":
            p.at += 1
            return Call("exp", (p.inside(p.script_tokens()),))
        return Call("exp", (Num(Fraction(1)),))
    if text == r"\infty":
        p.at += 1
        return Call("infinity", ())
    if text == "I" and p.peek(1) == "_" and p.peek(2).isdigit() and not _has_matrices(p):
        return None
    if text == r"\mathcal{N}" and p.peek(1) == "(":
        return _normal_density(p)
    if text == "J" and p.peek(1) == "_":
        return _jacobian(p)
    if text in ("I", r"\mathbb{I}", r"\mathbb{1}") or text == r"\delta":
        p.at += 1
        sized: tuple[Node, ...] = ()
        if p.peek() == "_":
            p.at += 1
            sized = symbols.indices(p, p.script_tokens(), 2 if text == r"\delta" else 1)
        if text == r"\delta":
            if len(sized) != 2:
                raise Unreadable(r"\delta is not in the notation sheet")
            return Call("delta", sized)
        return Call("identity" if text != r"\mathbb{1}" else "ones", sized)
    return None


def _normal_density(p: Parser) -> Node | None:
    """`\\mathcal{N}(y; \\mu, \\Sigma)`, the density at a point; a law without a point is no expression."""
    start = p.at
    p.at += 1
    point, given = symbols.arguments(p)
    if len(point) == 1 and len(given) == 2:
        return Call("gaussian", (*point, *given))
    p.at = start
    return None


def _jacobian(p: Parser) -> Node:
    """`J_x f(x)`, the matrix of partial derivatives."""
    name = symbols.typed(p)
    p.at += 2
    inner = derivatives.sub_parser(p, p.script_tokens())
    try:
        wrt = symbols.variables(inner)
        derivatives.finished(inner)
    except Unreadable:
        raise Unreadable(f"{name} is not in the notation sheet") from None
    if len(wrt) != 1:
        raise Unreadable(f"{name} is not in the notation sheet")
    return Derivative(tuple(wrt), 1, derivatives.differentiated(p), False)
