"""Formulas that were handed in as SymPy text, as MathML. The text is parsed, and nothing in it is evaluated."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from xml.etree.ElementTree import Element, tostring

from markupsafe import Markup

from grader.records import CheckResult, Kind, Visibility
from grader.reports._safe import one_line

LIMIT = 400
"""Longer formulas are no easier to read when they are set."""
DEPTH = 40
_NAMED_VALUE = re.compile(r"\s\s+\(.*\)\s*$", re.DOTALL)
_INDEXED = re.compile(r"^([A-Za-z]+?)_?(\d+)$")
_OPERATORS: Mapping[type, tuple[str, int]] = MappingProxyType(
    {ast.Add: ("+", 1), ast.Sub: ("−", 1), ast.Mult: ("⁢", 2), ast.Mod: ("mod", 2)}
)


class _NoFormulaError(Exception):
    """The text is something else."""


def formulas(check: CheckResult) -> tuple[tuple[str, Markup], ...]:
    """(label, MathML) of what a visible symbolic check got and expected, where these are formulas."""
    shown = check.counterexample
    if shown is None or check.kind is not Kind.SYMBOLIC or check.visibility is not Visibility.VISIBLE:
        return ()
    found = (("Yours", formula(_NAMED_VALUE.sub("", shown.got))), ("Due", formula(shown.expected)))
    return tuple((label, math) for label, math in found if math is not None)


def formula(text: str) -> Markup | None:
    """A SymPy expression as printed, as a `math` element; None where it is none, a mere number, or too long."""
    if len(text) > LIMIT:
        return None
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        if isinstance(tree, ast.Constant | ast.Name):
            return None
        root = Element("math", xmlns="http://www.w3.org/1998/Math/MathML", alttext=one_line(text, LIMIT))
        root.append(_row(tree, 0, 0))
    except (SyntaxError, ValueError, RecursionError, MemoryError, _NoFormulaError):
        return None
    return Markup(tostring(root, encoding="unicode", short_empty_elements=False))


def _row(node: ast.expr, rank: int, depth: int) -> Element:
    """An element for the node, in parentheses where its operator binds less than `rank`."""
    if depth > DEPTH:
        raise _NoFormulaError
    row = Element("mrow")
    own = _rank(node)
    parts = list(_parts(node, own, depth + 1))
    row.extend([_token("mo", "("), *parts, _token("mo", ")")] if own < rank else parts)
    return row


def _rank(node: ast.expr) -> int:
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)][1] if type(node.op) in _OPERATORS else 3
    return 1 if isinstance(node, ast.UnaryOp) else 4


def _parts(node: ast.expr, rank: int, depth: int) -> Iterator[Element]:
    if isinstance(node, ast.BinOp):
        yield from _operation(node, rank, depth)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield from (_token("mo", "−"), _row(node.operand, 2, depth))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        yield from _call(node.func.id, node.args, depth)
    elif isinstance(node, ast.Name):
        yield _name(node.id)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield _token("mn", f"{node.value}")
    elif isinstance(node, ast.Tuple | ast.List):
        opening, closing = ("(", ")") if isinstance(node, ast.Tuple) else ("[", "]")
        yield from (_token("mo", opening), *_listed(node.elts, depth), _token("mo", closing))
    else:
        raise _NoFormulaError


def _operation(node: ast.BinOp, rank: int, depth: int) -> Iterator[Element]:
    if isinstance(node.op, ast.Div):
        yield _two("mfrac", _row(node.left, 0, depth), _row(node.right, 0, depth))
    elif isinstance(node.op, ast.Pow):
        yield _two("msup", _row(node.left, 4, depth), _row(node.right, 0, depth))
    elif type(node.op) in _OPERATORS:
        yield _row(node.left, rank, depth)
        # Two numbers side by side would be one.
        dotted = isinstance(node.op, ast.Mult) and isinstance(_leftmost(node.right), ast.Constant)
        yield _token("mo", "·" if dotted else _OPERATORS[type(node.op)][0])
        # Right of a minus, a sum needs its parentheses.
        yield _row(node.right, rank + isinstance(node.op, ast.Sub | ast.Mod), depth)
    else:
        raise _NoFormulaError


def _leftmost(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Div):
        node = node.left
    return node


def _call(name: str, arguments: list[ast.expr], depth: int) -> Iterator[Element]:
    if any(isinstance(a, ast.Starred) for a in arguments):
        raise _NoFormulaError
    special: Mapping[str, Callable[[ast.expr], list[Element]]] = {
        "sqrt": lambda x: [_one("msqrt", _row(x, 0, depth))],
        "Abs": lambda x: [_token("mo", "|"), _row(x, 0, depth), _token("mo", "|")],
        "exp": lambda x: [_two("msup", _token("mi", "e"), _row(x, 0, depth))],
    }
    if name in special and len(arguments) == 1:
        yield from special[name](arguments[0])
        return
    yield from (
        _name(name),
        _token("mo", "⁡"),
        _token("mo", "("),
        *_listed(arguments, depth),
        _token("mo", ")"),
    )


def _listed(nodes: list[ast.expr], depth: int) -> Iterator[Element]:
    for index, node in enumerate(nodes):
        if index:
            yield _token("mo", ",")
        yield _row(node, 0, depth)


def _name(name: str) -> Element:
    match = _INDEXED.match(name)
    if match:
        return _two("msub", _name(match[1]), _token("mn", match[2]))
    try:
        return _token(
            "mi", unicodedata.lookup(f"GREEK SMALL LETTER {name.replace('lambda', 'lamda').upper()}")
        )
    except KeyError:
        return _token("mi", name)


def _token(tag: str, text: str) -> Element:
    element = Element(tag)
    element.text = text
    return element


def _one(tag: str, inside: Element) -> Element:
    element = Element(tag)
    element.append(inside)
    return element


def _two(tag: str, first: Element, second: Element) -> Element:
    element = Element(tag)
    element.extend([first, second])
    return element
