"""Random models of a notation sheet: densities on cells of random widths, numbers, matrices, smooth functions.

A model is drawn once in short decimals and can be evaluated in any arithmetic, so that a counterexample found
in double precision is confirmed with many digits in the very same model.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from grader.derivation._errors import Unsupported
from grader.derivation._sheet import Density, Function, Sheet, Variable

SAME_INDICES = 3
"""In every third model all free indices are equal, so that Kronecker deltas are seen on their diagonal."""

Table = tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A model as drawn."""

    number: int
    cells: Mapping[str, int]
    widths: Mapping[str, tuple[Fraction, ...]]
    values: Mapping[str, object]
    """Variable -> Fraction, int, or rows of Fractions."""
    logits: Mapping[str, Mapping[tuple[int, ...], tuple[Fraction, ...]]]
    """Density -> cells (of its own space, then of those given) -> constant and coefficients of the parameter."""
    tables: Mapping[str, Mapping[tuple[int, ...], Fraction]]
    """Function on cells -> value."""
    waves: Mapping[str, tuple[Table, ...]]
    """Smooth function -> for each output entry the coefficients of its waves."""
    seed: str = ""
    free: dict[tuple[str, int | None], Fraction | int] = field(default_factory=dict)

    def sample(self, space: str, index: int | None) -> Fraction | int:
        """The cell (or point of the line) of a free variable; drawn from its name, so the order of asking is irrelevant."""
        rng = random.Random(f"{self.seed}/{space}/{index}")
        return (
            rng.randrange(self.cells[space])
            if space in self.cells
            else Fraction(rng.randrange(-150, 151), 100)
        )


def draw(sheet: Sheet, number: int, seed: int) -> Recipe:
    """The model of that number; equal arguments give equal models."""
    # Densities above and below one: with total widths on one side of one, an entropy would have one sign.
    label = f"{seed}/{sheet.problem}/{number}"
    rng = random.Random(label)
    cells = {
        s.key: s.cells[(number + rng.randrange(2)) % len(s.cells)] for s in sheet.spaces.values() if s.cells
    }
    narrow, wide = (5, 35) if number % 2 else (40, 180)
    widths = {
        key: tuple(Fraction(rng.randrange(narrow, wide), 100) for _ in range(m)) for key, m in cells.items()
    }
    values: dict[str, object] = {}
    for variable in sheet.variables.values():
        if variable.sort == "integer":
            values[variable.key] = variable.choices[number % len(variable.choices)]
    for variable in sheet.variables.values():
        if variable.sort != "integer":
            values[variable.key] = _value(variable, values, rng, number)
    logits = {d.key: _logits(d, sheet, cells, values, rng) for d in sheet.densities.values() if not d.equals}
    prior = {
        d.key + "#prior": _prior(d, cells, rng) for d in sheet.densities.values() if d.joint and not d.prior
    }
    tables = {f.key: _table(f, cells, rng) for f in sheet.functions.values() if all(a in cells for a in f.of)}
    waves = {f.key: _waves(f, values, rng) for f in sheet.functions.values() if f.key not in tables}
    return Recipe(number, cells, widths, values, {**logits, **prior}, tables, waves, label)


def size(text: str, values: Mapping[str, object]) -> int:
    """A size such as `2`, `C`, `m*n`, `n-k`. Raises Unsupported for a size that no model gives."""
    total = 0
    for sign, term in re.findall(r"([+-]?)([^+-]+)", text.replace(" ", "") or "1"):
        product = 1
        for factor in term.split("*"):
            known = values.get(factor, factor)
            if not str(known).isdigit():
                raise Unsupported(f"the size {text}")
            product *= int(str(known))
        total += -product if sign == "-" else product
    return total


def _number(kind: str, rng: random.Random) -> Fraction:
    if kind == "positive":
        return Fraction(rng.randrange(30, 250), 100)
    if kind == "nonnegative":
        return Fraction(rng.randrange(5, 250), 100)
    if kind == "unit":
        return Fraction(rng.randrange(10, 91), 100)
    return Fraction(rng.randrange(20, 200), 100) * rng.choice((-1, 1))


def _value(v: Variable, values: Mapping[str, object], rng: random.Random, number: int) -> object:
    if v.sort == "index":
        free = rng.randrange(1, size(v.rows, values) + 1)
        return 1 if number % SAME_INDICES == 0 else free
    if v.sort == "basis":
        return str(size(v.rows, values))
    if v.sort == "permutation":
        return _permutation(size(v.rows, values), rng, number)
    if v.sort == "matrix":
        return _matrix(v.kind, size(v.rows, values), size(v.columns or v.rows, values), rng, number)
    if v.sort == "simplex":
        weights = [rng.randrange(10, 100) for _ in range(size(v.rows, values))]
        return tuple((Fraction(w, sum(weights)),) for w in weights)
    if v.sort == "vector" and v.kind == "direction":
        triple = rng.choice(((3, 4, 5), (5, 12, 13), (8, 15, 17)))
        return tuple((Fraction(leg * rng.choice((-1, 1)), triple[2]),) for leg in triple[:2])
    if v.sort == "vector":
        return tuple((_ranged(v, rng, number + n, v.kind),) for n in range(size(v.rows, values)))
    return _ranged(v, rng, number, v.sort)


def _ranged(v: Variable, rng: random.Random, number: int, kind: str) -> Fraction:
    if not v.ranges:
        return _number(kind, rng)
    low, high = v.ranges[number % len(v.ranges)]
    return Fraction(rng.randrange(round(low * 1000), round(high * 1000) + 1), 1000)


def _permutation(n: int, rng: random.Random, number: int) -> tuple[int, ...]:
    """A permutation of 1..n, odd and even ones in turn; no involution where the parity leaves the choice."""
    choices = list(itertools.permutations(range(1, n + 1)))
    parity = [
        p for p in choices if sum(a > b for i, a in enumerate(p) for b in p[i + 1 :]) % 2 == (number // 2) % 2
    ]
    asymmetric = [p for p in parity if any(p[p[i] - 1] != i + 1 for i in range(n))]
    return rng.choice(asymmetric or parity or choices)


def _matrix(kind: str, rows: int, columns: int, rng: random.Random, number: int) -> Table:
    if kind == "permutation":
        p = _permutation(rows, rng, number)
        return tuple(tuple(Fraction(int(p[i] == j + 1)) for j in range(columns)) for i in range(rows))
    a = [[_number("real", rng) for _ in range(columns)] for _ in range(rows)]
    if kind == "spd":
        square = [
            [sum((a[i][k] * a[j][k] for k in range(columns)), Fraction(0)) for j in range(rows)]
            for i in range(rows)
        ]
        return tuple(tuple(square[i][j] + (i == j) for j in range(rows)) for i in range(rows))
    return tuple(
        tuple(
            (Fraction(1) if kind == "unit-lower" and i == j else a[i][j])
            if _inside(kind, i, j)
            else Fraction(0)
            for j in range(columns)
        )
        for i in range(rows)
    )


def _inside(kind: str, i: int, j: int) -> bool:
    """Whether a matrix of that kind may have something there."""
    if kind in ("lower", "unit-lower"):
        return i >= j
    if kind == "diagonal":
        return i == j
    return i <= j - (kind == "strict-upper") if kind in ("upper", "strict-upper") else True


def _logits(
    d: Density, sheet: Sheet, cells: Mapping[str, int], values: Mapping[str, object], rng: random.Random
) -> Mapping[tuple[int, ...], tuple[Fraction, ...]]:
    """For a joint density: of the observed space given the latent one."""
    spaces = (d.joint, d.over) if d.joint else (d.over, *d.given)
    if any(s not in cells for s in spaces):
        return {}
    parameter = values.get(d.parameter, ())
    terms = 1 + (len(parameter) if isinstance(parameter, tuple) else 1) if d.parameter else 1
    combos = itertools.product(*(range(cells[s]) for s in spaces))
    return {c: tuple(Fraction(rng.randrange(-100, 101), 100) for _ in range(terms)) for c in combos}


def _prior(
    d: Density, cells: Mapping[str, int], rng: random.Random
) -> Mapping[tuple[int, ...], tuple[Fraction, ...]]:
    if d.over not in cells:
        return {}
    return {(c,): (Fraction(rng.randrange(-100, 101), 100),) for c in range(cells[d.over])}


def _table(f: Function, cells: Mapping[str, int], rng: random.Random) -> Mapping[tuple[int, ...], Fraction]:
    combos = itertools.product(*(range(cells[s]) for s in f.of))
    return {c: _number(f.values, rng) for c in combos}


def _waves(f: Function, values: Mapping[str, object], rng: random.Random) -> tuple[Table, ...]:
    """Coefficients of up to 8 arguments for each output entry: amplitude, frequency, phase, slope."""
    rows = size(f.size.split("x")[0], values) if f.values in ("vector", "matrix") else 1
    columns = size(f.size.split("x")[-1], values) if f.values == "matrix" else 1
    return tuple(
        tuple(tuple(Fraction(rng.randrange(20, 100), 100) for _ in range(4)) for _ in range(8))
        for _ in range(rows * columns)
    )
