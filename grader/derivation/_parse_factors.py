"""Bars, roots, powers and named functions with what they apply to."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

from grader.derivation import _parse_laws as laws
from grader.derivation import _parse_symbols as symbols
from grader.derivation._ast import Apply, Call, Compare, Node, Num, Op, Sym
from grader.derivation._errors import Unreadable
from grader.derivation._lexer import Token
from grader.derivation._parse_series import list_series

if TYPE_CHECKING:
    from grader.derivation._parser import Parser

FUNCTIONS = frozenset(
    [
        "log",
        "exp",
        "sin",
        "cos",
        "tan",
        "tanh",
        "sinh",
        "cosh",
        "det",
        "diag",
        "tr",
        "Tr",
        "trace",
        "sign",
        "ReLU",
        "softmax",
        "sigmoid",
        "block",
        "blockdiag",
        "clip",
        "clamp",
        "Var",
        "Cov",
        "vec",
    ]
)
_CIRCULAR = ("sin", "cos", "tan", "tanh", "sinh", "cosh")
OPENING = MappingProxyType({"(": ")", "[": "]", r"\{": r"\}", r"\langle": r"\rangle"})


def bracket(p: Parser) -> Node:
    opening = p.token().text
    p.at += 1
    p.fences.append("paren")
    parts = [p.sum()]
    while p.peek() == ",":
        p.at += 1
        parts.append(p.sum())
    p.fences.pop()
    p.expect(OPENING[opening])
    if opening == r"\langle":
        return laws.angle(p, parts)
    if len(parts) == 1:
        return parts[0]
    return Op("set" if opening == r"\{" else "tuple", tuple(list_series(parts)))


def root(p: Parser) -> Node:
    p.at += 1
    if p.peek() == "[":
        end = next((n for n in range(p.at, len(p.tokens)) if p.tokens[n].text == "]"), p.at)
        if [t.text for t in p.tokens[p.at + 1 : end]] != ["2"]:
            raise Unreadable("a root other than the square root")
        p.at = end + 1
    return Call("sqrt", (p.inside(p.script_tokens()),))


def bars(p: Parser, token: Token) -> Node:
    if token.side in ("close", "mid"):
        raise Unreadable("a bar that closes nothing")
    p.at += 1
    p.fences.append(token.text)
    inner = p.sum()
    p.fences.pop()
    if token.text == "|" and p.token().side == "twice":
        p.tokens[p.at : p.at + 1] = [replace(p.token(), text="|", side=side) for side in ("close", "open")]
    if p.token().kind != "bar" or p.token().text != token.text:
        raise Unreadable("a bar that is not closed")
    p.at += 1
    if token.text == "||":
        if p.peek() == "_":
            p.at += 1
            if [t.text for t in p.script_tokens()] not in (["2"], ["F"]):
                raise Unreadable("a norm other than the Euclidean")
        return Op("norm", (inner,))
    sheet = p.scope.sheet
    several = any(v.sort in ("matrix", "vector", "simplex", "basis") for v in sheet.variables.values())
    several = several and not _is_number(p, inner)
    return Op(
        p.choose("bars") if several or any(s.size for s in sheet.spaces.values()) else "absdet",
        (inner,),
    )


def _is_number(p: Parser, node: Node) -> bool:
    """Whether a formula is a number for sure, so that bars around it mean its absolute value."""
    match node:
        case Num() | Compare():
            return True
        case Sym():
            variable = p.scope.sheet.variables.get(node.name)
            entity = next((e for e in p.scope.entities.values() if e.key == node.name), None)
            if variable is None:
                return entity is not None and entity.kind == "index"
            return variable.sort != "basis" and entity is not None and len(node.index) == entity.rank
        case Call():
            return node.name in ("det", "tr", "trace", "pi") or all(_is_number(p, part) for part in node.args)
        case Op():
            return node.op in ("norm", "absdet") or (
                node.op != "tuple" and all(_is_number(p, part) for part in node.args)
            )
    return False


def power(p: Parser, node: Node, tokens: list[Token]) -> Node:
    text = "".join(t.text for t in tokens)
    if text in (r"\top", "T", "t") and not (text != r"\top" and text in p.scope.entities):
        return Op("transpose", (node,))
    if text in (r"-\top", "-T"):
        return Op("transpose", (Op("pow", (node, Num(Fraction(-1)))),))
    if (
        text == "c"
        or text in ("*", r"\star", "'")
        or (text.startswith("(") and text.endswith(")") and len(tokens) == 3)
    ):
        raise Unreadable(f"the superscript {text}")
    return Op("pow", (node, p.inside(tokens)))


def function(p: Parser, name: str) -> Node:
    """The operand of log, det and the like, which was just stepped over."""
    exponent: Node | None = None
    if p.peek() == "^":
        p.at += 1
        exponent = p.inside(p.script_tokens())
        if isinstance(exponent, Op):
            raise Unreadable(f"{name} with a negative superscript")
    if p.peek() == "_":
        raise Unreadable(f"{name} with an index")
    node = Call(name, (_operand(p, name),))
    return node if exponent is None else Op("pow", (node, exponent))


def _operand(p: Parser, name: str) -> Node:
    if p.peek() in OPENING:
        inner = p.bracket()
        if p.peek() == "^" and p.choose("power") == "inner":
            inner = p.postfix(inner)
        elif p.starts_factor() and not p.at_function() and p.choose("logparen") == "product":
            rest = p.product(stop_at_functions=True)
            inner = Op("mul", (inner, rest))
        return inner
    start = p.at
    inner = p.product_head()
    kind = "logbig" if p.peek() in (r"\sum", r"\prod", r"\int", r"\mathbb{E}") else "log"
    goes_on = p.starts_factor() or (name == "det" and p.peek() in (r"\cdot", r"\times"))
    goes_on = goes_on or (
        name == "log" and p.peek() == "/"
    )  # `\log p/q` is a log of a ratio, more often than not
    if name in _CIRCULAR and _applied(p):
        return inner  # `\cos x f(x)` is no cosine of f
    if goes_on and not p.at_function() and p.choose(kind) == "product":
        p.at = start
        return p.product(stop_at_functions=True)
    return inner


def _applied(p: Parser) -> bool:
    """Whether a function or density with its argument comes next."""
    entity = p.scope.entities.get(p.peek())
    return p.peek(1) == "(" and entity is not None and entity.kind in ("density", "prior", "function", "definition")


def indexed(p: Parser, node: Node) -> Node:
    """The index at the cursor put to what stands before it."""
    index = symbols.indices(p, p.script_tokens())
    return Op("index", (_with_arguments(p, node), *index))


def _with_arguments(p: Parser, node: Node) -> Node:
    """What an index was put to, with the arguments behind the index: `g_i(x)` is a component of `g(x)`.

    Only names between the brackets make them arguments; `g_i(1 - g_i)` is a product.
    """
    definition = p.scope.definitions.get(node.name) if isinstance(node, Apply) else None
    if not isinstance(node, Apply) or node.args or definition is None or not definition.params:
        return node
    at, fences = p.at, list(p.fences)
    if p.peek() != "(":
        return node
    try:
        args, given = symbols.arguments(p)
    except Unreadable:
        args, given = (), ()
        p.fences[:] = fences
    if args and all(isinstance(a, Sym | Apply) and a.name != node.name for a in (*args, *given)):
        return replace(node, args=args, given=given)
    p.at = at
    return node
