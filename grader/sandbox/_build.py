"""Rebuilding SymPy expressions from checked trees, without letting a small tree become a huge number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import sympy

from grader.sandbox._encode import MAX_INT_BITS
from grader.sandbox._heads import CONSTANTS, GROWING, ROUNDING
from grader.sandbox._trees import TreeError
from grader.sandbox._types import Tree

_MAX_GROWING: Final = 1000
_MAX_EXPONENT: Final = 1_000_000
_MAX_ORDER: Final = 50
"""Of a derivative."""
_TRUTH: Final = {"BooleanTrue": "true", "BooleanFalse": "false"}


class Builder:
    """Rebuilds trees that `check_tree` accepted."""

    def __init__(self, symbols: Mapping[str, Any], assumptions: bool) -> None:
        self._symbols = symbols
        self._assumptions = assumptions

    def expression(self, tree: Tree) -> Any:
        """The expression. Raises TreeError."""
        try:
            return self._node(tree)
        except TreeError:
            raise
        except Exception as error:
            raise TreeError("not an expression") from error

    def _node(self, tree: Tree) -> Any:
        head = tree[0]
        if head in CONSTANTS:
            return getattr(sympy.S, _TRUTH.get(head) or head)
        if head == "Symbol":
            return self._symbol(tree)
        if head in ("Integer", "Rational"):
            return sympy.Rational(*tree[1:])
        if head == "Float":
            return _float(tree)
        if head == "Function":
            return sympy.Function(tree[1])(*map(self._node, tree[2:]))
        parts = [self._node(part) for part in tree[1:]]
        _guard(head, parts)
        if head == "ExprCondPair":
            return tuple(parts)
        made = getattr(sympy, head)(*parts)
        if getattr(made, "is_Rational", False) and _bits(made) > MAX_INT_BITS:
            raise TreeError("number of too many digits")
        return made

    def _symbol(self, tree: Tree) -> Any:
        known = self._symbols.get(tree[1])
        if known is not None:
            return known
        if not self._assumptions:
            return sympy.Symbol(tree[1])
        return sympy.Symbol(tree[1], **dict.fromkeys(tree[2:], True))


def _float(tree: Tree) -> Any:
    _, sign, mantissa, exponent, precision = tree
    return sympy.Float((sign, mantissa, exponent, mantissa.bit_length()), precision=precision)


def _guard(head: str, parts: list[Any]) -> None:
    """Refuse what would evaluate to a huge number, or for very long. Raises TreeError."""
    if head == "Pow":
        _guard_power(parts[0], parts[1])
    elif head == "exp":
        _guard_exp(parts[0])
    elif head in GROWING:
        if any(abs(number) > _MAX_GROWING for part in parts for number in _numbers(part)):
            raise TreeError("function of a huge number")
    elif head in ROUNDING:
        if any(part.is_number and _explosive(part) for part in parts if isinstance(part, sympy.Expr)):
            raise TreeError("digits of a huge number")
    elif head == "Derivative":
        orders = [limit[1] for limit in parts[1:] if isinstance(limit, sympy.Tuple) and len(limit) > 1]
        if any(_size(order) > _MAX_ORDER for order in orders):
            raise TreeError("derivative of a high order")


def _guard_power(base: Any, exponent: Any) -> None:
    size = _size(exponent)
    if size > _MAX_EXPONENT:
        raise TreeError("exponent too large")
    coefficient = base.as_coeff_Mul()[0] if isinstance(base, sympy.Expr) else sympy.S.One
    if coefficient.is_Rational and abs(coefficient) != 1 and _bits(coefficient) * size > MAX_INT_BITS:
        raise TreeError("power of too many digits")


def _guard_exp(argument: Any) -> None:
    if _size(argument) > _MAX_EXPONENT:
        raise TreeError("exponent too large")
    if argument.has(sympy.log):
        numbers = _numbers(argument)
        if max(map(_size, numbers), default=0) * max(map(_bits, numbers), default=0) > MAX_INT_BITS:
            raise TreeError("power of too many digits")


def _size(number: Any) -> int:
    """The magnitude of a number, rounded up; of the coefficient, for a product; 1 for anything else."""
    coefficient = number.as_coeff_Mul()[0] if isinstance(number, sympy.Expr) else number
    if getattr(coefficient, "is_Rational", False):
        return int(abs(coefficient.p) // coefficient.q) + 1
    if getattr(coefficient, "is_Float", False):
        return int(min(abs(coefficient), 10 * _MAX_EXPONENT)) + 1
    return 1


def _bits(number: Any) -> int:
    return max(int(number.p).bit_length(), int(number.q).bit_length())


def _numbers(expr: Any) -> set[Any]:
    return set(expr.atoms(sympy.Rational)) if isinstance(expr, sympy.Basic) else set()


def _explosive(expr: Any) -> bool:
    """Whether its digits are too many: a power or exponential of a size that no one writes down."""
    powers = expr.atoms(sympy.Pow, sympy.exp)
    return any(_size(power.as_base_exp()[1]) > 10_000 or power.exp.has(sympy.exp) for power in powers)
