"""SymPy expressions as nested tuples of whitelisted heads: inert on the wire, rebuilt only from the list.

    ("Integer", n) · ("Rational", p, q) · ("Float", sign, mantissa, exponent, precision) · ("Symbol", name, *assumptions)
    ("Function", name, *trees) an undefined function · (constant,) · (head, *trees) with the heads of `_heads.ARITY`

Text is never parsed: `sympify` of what came back would execute it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from grader.sandbox._encode import MAX_DEPTH, MAX_INT_BITS
from grader.sandbox._heads import ARITY, ASSUMPTIONS, CONSTANTS, MANY
from grader.sandbox._types import Tree

MAX_NODES: Final = 20_000
MAX_NAME: Final = 100
MAX_PRECISION: Final = 20_000
"""Bits of a floating-point number's mantissa."""
_MAX_SCALE: Final = 1_000_000


class TreeError(Exception):
    """The expression has parts that are not on the list, or is too large."""


def to_tree(expr: Any) -> Tree:
    """The tree of a SymPy expression. Raises TreeError."""
    return _Writer().tree(expr, 0)


class _Writer:
    def __init__(self) -> None:
        import sympy

        self._sympy = sympy
        self._nodes = 0
        self._dummies: dict[Any, str] = {}

    def tree(self, expr: Any, depth: int) -> Tree:
        self._nodes += 1
        if self._nodes > MAX_NODES or depth > MAX_DEPTH - 10:
            raise TreeError("expression too large")
        sympy, kind = self._sympy, type(expr)
        name = kind.__name__
        if isinstance(expr, sympy.Rational | sympy.Float):
            return _number(expr, sympy)
        if isinstance(expr, sympy.Symbol):
            return self._symbol(expr)
        if name in CONSTANTS:
            return (name,)
        if isinstance(expr, sympy.UnevaluatedExpr):
            return self.tree(expr.args[0], depth + 1)
        if isinstance(expr, sympy.core.function.AppliedUndef):
            return ("Function", _checked_name(name), *self._parts(expr, depth))
        if name not in ARITY:
            raise TreeError(f"head {name}")
        return (name, *self._parts(expr, depth))

    def _parts(self, expr: Any, depth: int) -> list[Tree]:
        return [self.tree(part, depth + 1) for part in expr.args]

    def _symbol(self, expr: Any) -> Tree:
        name = expr.name
        if isinstance(expr, self._sympy.Dummy):
            name = self._dummies.setdefault(expr, f"_{name}_{len(self._dummies)}")
        known = expr.assumptions0
        return ("Symbol", _checked_name(name), *(a for a in ASSUMPTIONS if known.get(a) is True))


def _checked_name(name: str) -> str:
    if not 0 < len(name) <= MAX_NAME:
        raise TreeError("name too long")
    return name


def _number(expr: Any, sympy: Any) -> Tree:
    if isinstance(expr, sympy.Integer):
        tree: Tree = ("Integer", int(expr.p))
    elif isinstance(expr, sympy.Rational):
        tree = ("Rational", int(expr.p), int(expr.q))
    else:
        sign, mantissa, exponent, _ = expr._mpf_
        tree = ("Float", int(sign), int(mantissa), int(exponent), int(expr._prec))
    _check_atom(tree)
    return tree


def _check_atom(tree: Tree) -> bool:
    """Whether this is a well-formed atom; False when its head is no atom's. Raises TreeError."""
    head, parts = tree[0], tree[1:]
    if head in CONSTANTS:
        well = not parts
    elif head == "Symbol":
        well = bool(parts) and type(parts[0]) is str and 0 < len(parts[0]) <= MAX_NAME
        well = well and all(type(a) is str and a in ASSUMPTIONS for a in parts[1:])
    elif head in ("Integer", "Rational", "Float"):
        well = all(type(n) is int and n.bit_length() <= MAX_PRECISION for n in parts)
        well = well and _number_fits(head, parts)
    else:
        return False
    if not well:
        raise TreeError(f"malformed {head}")
    return True


def _number_fits(head: str, parts: tuple[int, ...]) -> bool:
    if head == "Float":
        if len(parts) != 4:
            return False
        sign, mantissa, exponent, precision = parts
        return (
            sign in (0, 1)
            and mantissa >= 0
            and abs(exponent) <= _MAX_SCALE
            and 1 <= precision <= MAX_PRECISION
        )
    if any(n.bit_length() > MAX_INT_BITS for n in parts):
        return False
    return len(parts) == 1 if head == "Integer" else len(parts) == 2 and parts[1] > 0


def check_tree(tree: object) -> None:
    """Refuse what is not a tree of known heads within the caps. Raises TreeError; evaluates nothing."""
    left = MAX_NODES
    waiting: list[tuple[object, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        left -= 1
        if left < 0 or depth > MAX_DEPTH:
            raise TreeError("expression too large")
        if type(node) is not tuple or not node or type(node[0]) is not str:
            raise TreeError("not a tree")
        if _check_atom(node):
            continue
        parts = node[1:]
        if node[0] == "Function":
            if (
                len(parts) > MANY
                or not parts
                or type(parts[0]) is not str
                or not 0 < len(parts[0]) <= MAX_NAME
            ):
                raise TreeError("malformed function")
            parts = parts[1:]
        else:
            least, most = ARITY.get(node[0], (1, 0))
            if not least <= len(parts) <= most:
                raise TreeError("unknown head or wrong number of parts")
        waiting += ((part, depth + 1) for part in parts)


def free_names(tree: Tree) -> frozenset[str]:
    """Names of all symbols in a tree that `check_tree` accepts."""
    names: set[str] = set()
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if node[0] == "Symbol":
            names.add(node[1])
        waiting += (part for part in node[1:] if type(part) is tuple)
    return frozenset(names)


def build(tree: Tree, symbols: Mapping[str, Any] | None = None, *, assumptions: bool = False) -> Any:
    """The SymPy expression of a tree, its symbols matched by name to `symbols`.

    Other names become plain symbols, or such with the tree's assumptions where `assumptions` is set. Raises
    TreeError for anything off the list and for what would evaluate to a huge number; some small trees can
    still take long, so call it where it can be stopped.
    """
    from grader.sandbox._build import Builder

    check_tree(tree)
    return Builder(symbols or {}, assumptions).expression(tree)
