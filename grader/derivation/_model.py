"""A drawn model in one arithmetic: values of variables, densities, functions."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grader.derivation._arrays import Value, array, column, is_array
from grader.derivation._ast import Node
from grader.derivation._errors import TypeMismatch, Unsupported
from grader.derivation._models import Recipe, size
from grader.derivation._numbers import Arithmetic, Real
from grader.derivation._quadrature import Quadrature
from grader.derivation._sheet import Density, Function, Sheet

FREE_INDEX = 1000
"""From here on an index stands for a letter that nothing binds: any one of the draws, if there are draws."""

Bound = Mapping[Any, Value]
"""What binders, derivatives and definitions have fixed: (space, index) -> cell or point, variable key or index letter -> value."""


@dataclass(frozen=True, slots=True)
class Basis:
    """The standard basis vectors of a space of that dimension."""

    size: int


@dataclass(frozen=True, slots=True)
class Closure:
    """A function that was passed to a definition: an expression and what was bound where it stood."""

    body: Node
    bound: Bound


class Model:
    """One model; all its numbers are exact decimals, computed with in one arithmetic."""

    def __init__(
        self, sheet: Sheet, recipe: Recipe, arithmetic: Arithmetic, quadrature: Quadrature, unit: bool = False
    ) -> None:
        self.sheet, self.recipe, self.arithmetic, self.quadrature = sheet, recipe, arithmetic, quadrature
        self.values: dict[str, Value] = {key: self._lifted(value) for key, value in recipe.values.items()}
        self.widths = {
            key: [arithmetic.number(Fraction(1) if unit else w) for w in row]
            for key, row in recipe.widths.items()
        }
        self._number = arithmetic.number
        self._softmax: dict[tuple[str, tuple[int, ...]], tuple[Value, list[Real]]] = {}

    def _lifted(self, value: Any) -> Value:
        if isinstance(value, Fraction):
            return self.arithmetic.number(value)
        if isinstance(value, str):
            return Basis(int(value))
        if isinstance(value, tuple) and value and isinstance(value[0], tuple):
            return array([[self.arithmetic.number(entry) for entry in row] for row in value])
        return value

    def size(self, text: str) -> int:
        """A size of the sheet in this model."""
        return size(text, self.recipe.values)

    def sample(self, space: str, index: int | None, bound: Bound) -> Value:
        """The cell, or the point of the line, where a variable stands."""
        found = bound.get((space, index))
        if found is not None:
            return found
        if index is not None and index >= FREE_INDEX and (space, 1) in bound:
            drawn = [
                key[1] for key in bound if isinstance(key, tuple) and key[0] == space and key[1] is not None
            ]
            return bound[space, drawn[index % len(drawn)]]
        if index is not None and index >= FREE_INDEX and not self.sheet.spaces[space].law:
            # `X_i` for any i is the observation that a bare `q_phi` is meant at.
            return self.sample(space, None, bound)
        if self.sheet.spaces[space].first and index in (None, 1):
            same = bound.get((space, 1 if index is None else None))
            if same is not None:
                return same
            index = None
        point = self.recipe.sample(space, index)
        if not isinstance(point, int) and self.sheet.spaces[space].size:
            n = self.size(self.sheet.spaces[space].size)
            return column(
                [self._number(Fraction(self.recipe.sample(f"{space}.{i}", index))) for i in range(n)]
            )
        return point if isinstance(point, int) else self._number(point)

    def variable(self, key: str, bound: Bound) -> Value:
        """The value of a variable."""
        return bound[key] if key in bound else self.values[key]

    def density(self, key: str, own: Sequence[int], given: Sequence[int], bound: Bound) -> Real:
        """The density of independent draws in the cells `own`, given cells."""
        d = self.sheet.densities.get(key)
        if d is None or not d.joint:
            result = self._number(1)
            for cell in own:
                result = result * self._table(key, (cell, *given), bound)
            return result
        raise Unsupported("a joint density of several draws")

    def _table(self, key: str, cells: tuple[int, ...], bound: Bound) -> Real:
        """Softmax over the first space's cells, divided by the cell's width."""
        d = self.sheet.densities.get(key.removesuffix("#prior"))
        logits = self.recipe.logits.get(key)
        if not logits or d is None:
            raise Unsupported("a density that has no cells")
        prior = key.endswith("#prior")
        space = d.joint if d.joint and not prior else d.over
        parameter = self.variable(d.parameter, bound) if d.parameter and not prior else None
        kept = self._softmax.get((key, cells[1:]))
        if kept is None or kept[0] is not parameter:
            kept = (parameter, self._probabilities(logits, cells[1:], parameter, space))
            self._softmax[key, cells[1:]] = kept
        return kept[1][cells[0]]

    def _probabilities(
        self,
        logits: Mapping[tuple[int, ...], tuple[Fraction, ...]],
        given: tuple[int, ...],
        parameter: Value,
        space: str,
    ) -> list[Real]:
        entries = [] if parameter is None else list(parameter.flat) if is_array(parameter) else [parameter]
        weights = []
        for cell in range(self.recipe.cells[space]):
            row = logits[(cell, *given)]
            total: Real = self._number(row[0])
            for coefficient, entry in zip(row[1:], entries, strict=False):
                total = total + entry * self._number(coefficient)
            weights.append(self.arithmetic.exp(total))
        mass = sum(weights[1:], weights[0])
        return [w / (mass * width) for w, width in zip(weights, self.widths[space], strict=True)]

    def joint(self, d: Density, before: Mapping[str, int], after: Mapping[str, int], bound: Bound) -> Real:
        """p(before | after) of a joint density, either of which may name one of its two spaces or both."""
        whole = self._marginal(d, {**before, **after}, bound)
        return whole / self._marginal(d, after, bound) if after else whole

    def _marginal(self, d: Density, cells: Mapping[str, int], bound: Bound) -> Real:
        latent, observed = d.over, d.joint
        if latent not in cells and observed not in cells:
            return self._number(1)
        if observed not in cells:
            return self._prior(d, cells[latent], bound)
        if latent in cells:
            return self._table(d.key, (cells[observed], cells[latent]), bound) * self._prior(
                d, cells[latent], bound
            )
        terms = [
            self._table(d.key, (cells[observed], z), bound) * self._prior(d, z, bound) * w
            for z, w in enumerate(self.widths[latent])
        ]
        return sum(terms[1:], terms[0])

    def _prior(self, d: Density, cell: int, bound: Bound) -> Real:
        return self._table(d.prior or d.key + "#prior", (cell,), bound)

    def prior(self, key: str, own: Sequence[int], bound: Bound) -> Real:
        """The prior of a joint density at independent draws."""
        result = self._number(1)
        for cell in own:
            result = result * self._prior(self.sheet.densities[key], cell, bound)
        return result

    def function(self, key: str, arguments: Sequence[Value]) -> Value:
        """An unknown function: a table over cells, or waves."""
        f = self.sheet.functions[key]
        table = self.recipe.tables.get(key)
        if table is not None:
            if len(arguments) != len(f.of) or tuple(arguments) not in table:
                raise TypeMismatch(f"{f.names[0]} with other arguments than it has")
            return self._number(table[tuple(arguments)])
        flat: list[Real] = []
        for argument in arguments:
            flat.extend(argument.flat if is_array(argument) else [argument])
        entries = [self._wave(f, coefficients, flat) for coefficients in self.recipe.waves[key]]
        if f.values == "vector":
            return column(entries)
        if f.values == "matrix":
            return self._shaped(f, entries)
        return entries[0]

    def _wave(self, f: Function, coefficients: Sequence[Sequence[Fraction]], flat: Sequence[Real]) -> Real:
        a = self.arithmetic
        total: Real = a.number(0)
        for (amplitude, frequency, phase, slope), x in zip(itertools.cycle(coefficients), flat, strict=False):
            wave = a.sin(x * a.number(frequency) + a.number(phase)) * a.number(amplitude)
            if f.slope == ">-1" or f.values == "increasing":
                wave = wave * a.number(Fraction(8, 10)) + (
                    x * a.number(slope + 1) if f.values == "increasing" else 0
                )
            elif f.values not in ("positive", "nonnegative", "unit"):
                wave = wave + x * a.number(slope)
            total = total + wave
        if f.values in ("positive", "nonnegative"):
            return a.exp(total / 2)
        return a.sigmoid(total) if f.values == "unit" else total

    def _shaped(self, f: Function, entries: list[Real]) -> Value:
        rows = self.size(f.size.split("x")[0])
        grid = [
            [entries[i * (len(entries) // rows) + j] for j in range(len(entries) // rows)]
            for i in range(rows)
        ]
        zero, one = self._number(0), self._number(1)
        for i, row in enumerate(grid):
            for j in range(len(row)):
                if (f.kind in ("unit-lower", "lower") and j > i) or (f.kind == "strict-upper" and j <= i):
                    row[j] = zero
                if f.kind == "unit-lower" and i == j:
                    row[j] = one
        return array(grid)
