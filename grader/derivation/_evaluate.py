"""The value of a formula in a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.derivation import _evaluate_big as big
from grader.derivation import _evaluate_calls as calls
from grader.derivation import _evaluate_derivatives as derivatives
from grader.derivation import _evaluate_laws as laws
from grader.derivation import _evaluate_matrix as matrices
from grader.derivation import _evaluate_named as named
from grader.derivation._arrays import (
    Star,
    Value,
    add,
    column,
    is_array,
    is_number,
    multiply,
    squeezed,
    transpose,
)
from grader.derivation._ast import (
    Apply,
    Big,
    Call,
    Cases,
    Compare,
    Derivative,
    Divergence,
    Expect,
    Integral,
    MatrixOf,
    Node,
    Num,
    Op,
    Sym,
    Wild,
)
from grader.derivation._errors import TypeMismatch, Undefined, Unsupported
from grader.derivation._model import FREE_INDEX, Basis, Bound, Model
from grader.derivation._models import SAME_INDICES
from grader.derivation._names import DRAWN, Definition
from grader.derivation._numbers import plain

MAX_STEPS = 150_000
"""Nodes visited for one side in one model; beyond, the side is not evaluated."""
MAX_DEPTH = 120


class Evaluator:
    """Evaluates formulas in one model."""

    def __init__(self, model: Model, definitions: Mapping[str, Definition]) -> None:
        self.model = model
        self.arithmetic = model.arithmetic
        self.definitions = definitions
        self.error = 0.0
        """Largest disagreement of two quadrature rules so far."""
        self.coarse = False
        """Whether the coarser quadrature rules are in use, to bound the error of the finer."""
        self.normals = 0
        """How many normal laws were integrated over so far."""
        self.steps = 0
        self.depth = 0
        self.tag = 0
        self.integrals = 0
        """Integrals being computed by quadrature."""
        self.nested = 0
        """Derivatives being taken."""

    def value(self, node: Node, bound: Bound) -> Value:
        """The value. Raises Undefined, TypeMismatch or Unsupported."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise Unsupported("too large to evaluate")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unsupported("nested too deeply")
        try:
            return self._dispatch(node, bound)
        finally:
            self.depth -= 1

    def _dispatch(self, node: Node, bound: Bound) -> Value:
        match node:
            case Num():
                return self.arithmetic.number(node.value)
            case Sym():
                return self._symbol(node, bound)
            case Op():
                return self._operation(node, bound)
            case Apply():
                return calls.apply(self, node, bound)
            case Call():
                return named.call(self, node, bound)
            case Expect():
                return laws.expectation(self, node, bound)
            case Integral():
                return big.integral(self, node, bound)
            case Big():
                return big.big(self, node, bound)
            case Derivative():
                return derivatives.derivative(self, node, bound)
            case Divergence():
                return big.divergence(self, node, bound)
            case Cases():
                return self._cases(node, bound)
            case MatrixOf():
                return matrices.matrix(self, node, bound)
            case Wild():
                return self.arithmetic.number(0) if node.kind == "const" else Star()
        raise Unsupported("a part that has no value of its own")

    def number(self, node: Node, bound: Bound) -> Any:
        """The value, which has to be a number."""
        value = squeezed(self.value(node, bound))
        if not is_number(value):
            raise TypeMismatch("a vector or matrix where a number is due")
        return value

    def integer(self, node: Node, bound: Bound) -> int:
        """The value, which has to be a whole number."""
        value = plain(self.number(node, bound))
        if isinstance(value, complex) or value != int(value):
            raise Unsupported("an index that is no whole number")
        return int(value)

    def _symbol(self, node: Sym, bound: Bound) -> Value:
        model = self.model
        if node.name in model.sheet.spaces:
            index = self.integer(node.index[0], bound) if node.index else None
            made = (
                None
                if index is not None or (node.name, None) in bound
                else self.definitions.get(DRAWN + node.name)
            )
            return model.sample(node.name, index, bound) if made is None else self.value(made.body, bound)
        if node.name.startswith("'"):
            return self.arithmetic.number(self._free_index(node.name[1:]))
        if node.name in model.sheet.subsets and node.index:
            return matrices.element(self, node, bound)
        if node.name in bound and not node.index:
            return bound[node.name]
        if node.name not in model.values:
            raise Unsupported(f"{node.name} has no value here")
        if isinstance(model.values[node.name], Basis):
            return matrices.basis(self, model.values[node.name], node, bound)
        value = model.variable(node.name, bound)
        return matrices.entry(self, value, node.index, bound) if node.index else value

    def _free_index(self, letter: str) -> int:
        """A letter that nothing binds; with a prime, another one of the range of the sheet's letter."""
        code = ord(letter[0]) + 256 * (len(letter) - 1)
        spec = next((v for v in self.model.sheet.variables.values() if letter[0] in v.names), None)
        if len(letter) > 1 and spec is not None and spec.sort == "index":
            # The same as the letter itself in one model of three, the same as all other indices in another.
            turn = self.model.recipe.number % SAME_INDICES
            drawn = self.integer(Sym(spec.key), {})
            return (1, drawn, code % self.model.size(spec.rows) + 1)[turn]
        return FREE_INDEX + code

    def _operation(self, node: Op, bound: Bound) -> Value:
        op = node.op
        if op == "transpose" and isinstance(node.args[0], Op) and node.args[0].op == "tuple":
            # A list in brackets is a column already; `(a, b)^T` says so once more.
            return self.value(node.args[0], bound)
        if op == "index":
            return matrices.entry(self, self.value(node.args[0], bound), node.args[1:], bound)
        args = [squeezed(self.value(argument, bound)) for argument in node.args]
        if any(isinstance(a, Star) for a in args):
            return args[0] if isinstance(args[0], Star) else next(a for a in args if isinstance(a, Star))
        if op == "add":
            total = args[0]
            for other in args[1:]:
                total = add(total, other)
            return total
        if op == "mul":
            total = args[0]
            for other in args[1:]:
                total = multiply(total, other)
            return total
        if op == "neg":
            return multiply(self.arithmetic.number(-1), args[0])
        if op == "div":
            return matrices.quotient(self, args[0], args[1])
        if op == "pow":
            return matrices.power(self, args[0], args[1])
        return self.other(op, args)

    def other(self, op: str, args: list[Value]) -> Value:
        """Operations beyond the four rules."""
        a = self.arithmetic
        if op == "odot":
            return matrices.entrywise(self, args[0], args[1])
        if op == "kron":
            return matrices.kronecker(args[0], args[1])
        if op in ("absdet", "det", "entrywise"):
            return matrices.bars(self, op, args[0])
        if op == "norm":
            flat = args[0].flat if is_array(args[0]) else [args[0]]
            total: Any = a.number(0)
            for entry in flat:
                total = total + entry * entry
            return a.sqrt(total)
        if op == "transpose":
            return transpose(args[0])
        if op == "tuple":
            return column([entry for part in args for entry in (part.flat if is_array(part) else [part])])
        raise Unsupported(f"the operation {op}")

    def holds(self, condition: Compare, bound: Bound) -> bool:
        """Whether a condition holds. Raises Unsupported where it cannot be told."""
        if condition.op == "in":
            return self._inside(condition, bound)
        if condition.op in ("=", "!="):
            sides = (squeezed(self.value(side, bound)) for side in (condition.left, condition.right))
            return matrices.agree(*sides) == (condition.op == "=")
        left, right = plain(self.number(condition.left, bound)), plain(self.number(condition.right, bound))
        return compare(condition.op, left, right)

    def _inside(self, condition: Compare, bound: Bound) -> bool:
        if (
            isinstance(condition.right, Op)
            and condition.right.op in ("interval", "tuple")
            and len(condition.right.args) == 2
        ):
            low, high = (plain(self.number(n, bound)) for n in condition.right.args)
            return bool(low <= plain(self.number(condition.left, bound)) <= high)
        raise Unsupported("membership in that set")

    def _cases(self, node: Cases, bound: Bound) -> Value:
        for value, conditions in node.rows:
            if all(self.holds(c, bound) for c in conditions):
                return self.value(value, bound)
        raise Undefined("no case applies")


def compare(op: str, left: Any, right: Any) -> bool:
    """A comparison of two numbers."""
    if op == "=":
        return bool(left == right)
    if op == "!=":
        return bool(left != right)
    return bool({"<=": left <= right, ">=": left >= right, "<": left < right, ">": left > right}[op])
