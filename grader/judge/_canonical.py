"""What came back, as one float64 array: every lawful way to hand in the same numbers becomes equal here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from numbers import Number
from typing import Any

import numpy as np
from numpy.typing import NDArray

Shape = tuple[int | None, ...]

SINGLE = 2.0**-24
"""Unit roundoff of float32; anything coarser is judged by it too, since no contract asks for less."""
DOUBLE = 2.0**-53
MAX_DEPTH = 32
"""NumPy's own limit on dimensions up to 1.x; a list nested deeper is no array."""
_LARGE = 1 << 20
"""Entries of an array whose shape is looked at before anything else."""
_DICTIONARY = "a dictionary was taken for its values in the order of its keys"
_TINY_IMAGINARY = 64
"""Imaginary parts up to this many roundoffs of the largest entry are what eigenvalue routines leave behind."""


class Mismatch(Exception):
    """The value is not of the kind that is due. `reason` is one sentence: what came, what is due."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, eq=False)
class Canonical:
    """A value in the one form that is compared."""

    array: NDArray[Any]
    """float64, or complex128 where complex numbers are due; of the shape that was asked for."""
    unit_roundoff: float
    """2^-24 if any float32 or coarser number came, else 2^-53."""
    notes: tuple[str, ...] = ()
    """What was converted on the way, for the report."""


def as_array(
    value: object, shape: Shape | None = None, *, finite: bool = True, complex_ok: bool = False
) -> Canonical:
    """The value as an array of `shape` (None: any shape; an entry None: any length).

    Lists, tuples, nested ones too, integers, Fractions, Decimals, object arrays of numbers, masked arrays with
    nothing masked and complex numbers without imaginary part are taken. `(n, 1)` for `(n,)` is taken with a note,
    and so is any other shape with additional axes of length 1 when the lengths due are all known; a transposed
    matrix is not. `finite=False` lets infinities through; NaN never passes. Raises Mismatch.
    """
    if type(value) is float and shape == () and math.isfinite(value):
        return Canonical(np.asarray(value), DOUBLE)
    reading = _Reading(shape)
    if isinstance(value, np.ndarray) and value.size > _LARGE:
        value = _fit(value, shape, reading)  # as numbers it may take eight times the room
    array = reading.read(value)
    if not complex_ok and array.dtype.kind == "c":
        array = reading.without_imaginary(array)
    array = _fit(array, shape, reading)
    _demand_numbers(array, finite=finite)
    kind = np.complex128 if array.dtype.kind == "c" else np.float64
    return Canonical(np.ascontiguousarray(array, dtype=kind).reshape(array.shape), reading.roundoff, reading.notes)


def as_scalar(value: object, *, finite: bool = True) -> Canonical:
    """The value as a 0-d array; one-element arrays, lists and tensors of any shape count. Raises Mismatch."""
    return as_array(value, (), finite=finite)


def as_boolean_array(value: object, shape: Shape | None = None) -> Canonical:
    """The value as a bool array: booleans or numbers that are all 0 or 1. Raises Mismatch."""
    reading = _Reading(shape, "an array of true and false", booleans=True)
    array = _fit(reading.read(value), shape, reading)
    wrong = ~((array == 0) | (array == 1))
    if wrong.any():
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise Mismatch(
            f"{_number(array[where])} came at {_index(where)} where only true or false (1 or 0) is due"
        )
    return Canonical(array == 1, reading.roundoff, reading.notes)


def as_label(value: object) -> str:
    """The value as text without surrounding blanks. Raises Mismatch."""
    if isinstance(value, np.ndarray) and value.size == 1 and value.dtype.kind in "UO":
        value = value.reshape(())[()]
    if isinstance(value, str):
        return str(value).strip()
    raise Mismatch(f"{describe(value)} came where a text is due")


def as_tuple(value: object, n: int) -> tuple[tuple[object, ...], tuple[str, ...]]:
    """The n parts of a value, and notes. Tuples, lists and arrays with n rows count; dictionaries with a note.

    Raises Mismatch for anything else and for another number of parts.
    """
    notes: tuple[str, ...] = ()
    if isinstance(value, Mapping):
        notes = (_DICTIONARY,)
        parts: tuple[object, ...] = tuple(value.values())
    elif isinstance(value, tuple | list) or (isinstance(value, np.ndarray) and value.ndim > 0):
        parts = tuple(value)
    else:
        raise Mismatch(f"{describe(value)} came where {n} results are due")
    if len(parts) != n:
        raise Mismatch(f"{len(parts)} {'result' if len(parts) == 1 else 'results'} came where {n} are due")
    return parts, notes


def describe(value: object) -> str:
    """What a value is, with its article, as the subject of a sentence: `None`, `a str`, `an array of shape (2,)`."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        plain = value.dtype.kind in "fi"
        return _shape(value.shape) if plain else f"an array of {value.dtype} and shape {value.shape}"
    if isinstance(value, bool | np.bool_):
        return f"the truth value {bool(value)}"
    if isinstance(value, Number):
        return "a number"
    if isinstance(value, frozenset):  # sets cross the channel so
        return "a set"
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


class _Reading:
    """One pass over a value: collects its precision and the notes."""

    def __init__(self, shape: Shape | None, thing: str = "", *, booleans: bool = False) -> None:
        self._shape, self._thing = shape, thing
        self.booleans = booleans
        self.roundoff = DOUBLE
        self._notes: dict[str, None] = {}

    @property
    def due(self) -> str:
        """What the value should be, in words."""
        return _due(self._shape, self._thing)

    @property
    def notes(self) -> tuple[str, ...]:
        """Each remark once, in order of first appearance."""
        return tuple(self._notes)

    def note(self, text: str) -> None:
        self._notes[text] = None

    def read(self, value: object, depth: int = 0) -> NDArray[Any]:
        """Any value as float64 or complex128; bool only where booleans are due."""
        if depth > MAX_DEPTH:
            raise Mismatch(f"a list nested more than {MAX_DEPTH} deep came where {self.due} is due")
        if isinstance(value, np.ma.MaskedArray):
            return self._masked(value, depth)
        if isinstance(value, np.ndarray | np.generic):
            return self._numpy(np.asarray(value), depth)
        if isinstance(value, Mapping) and value and depth == 0:
            self.note(_DICTIONARY)
            return self._sequence(list(value.values()), depth)
        if isinstance(value, list | tuple):
            return self._sequence(value, depth)
        return np.asarray(self._number(value))

    def without_imaginary(self, array: NDArray[Any]) -> NDArray[Any]:
        """The real part, where there is nothing else."""
        largest = float(np.max(np.abs(array), initial=0.0))
        if np.all(np.abs(array.imag) <= _TINY_IMAGINARY * self.roundoff * largest):
            self.note("complex numbers without imaginary part were taken as real")
            return np.asarray(array.real)
        raise Mismatch(f"complex numbers came where {self.due} is due")

    def _masked(self, value: np.ma.MaskedArray[Any, Any], depth: int) -> NDArray[Any]:
        if np.ma.getmaskarray(value).any():
            raise Mismatch(f"an array with masked entries came where {self.due} is due")
        self.note("a masked array with nothing masked was taken as an array")
        return self.read(np.asarray(value.data), depth)

    def _numpy(self, value: NDArray[Any], depth: int) -> NDArray[Any]:
        kind = value.dtype.kind
        if kind == "b" and self.booleans:
            return value.astype(np.float64)
        if kind in "iu":
            return value.astype(np.float64)
        if kind in "fc":
            if np.finfo(value.dtype).eps > 2 * DOUBLE:
                self.roundoff = SINGLE
            with np.errstate(over="ignore"):
                return value.astype(np.complex128 if kind == "c" else np.float64)
        if kind == "O":
            self.note("an object array was taken as numbers")
            items = [self.read(item, depth + 1) for item in value.ravel()]
            if any(item.size != 1 for item in items):
                raise Mismatch(f"an object array of arrays came where {self.due} is due")
            flat = [item.reshape(())[()] for item in items]
            return np.array(flat, dtype=np.result_type(np.float64, *flat) if flat else np.float64).reshape(
                value.shape
            )
        if value.ndim == 0 and kind == "b":
            raise Mismatch(f"{describe(bool(value))} came where {self.due} is due")
        if kind == "b":
            numbers = " of numbers" if self.due.startswith("an array of shape") else ""
            raise Mismatch(f"{describe(value)} came where {self.due}{numbers} is due")
        raise Mismatch(f"{describe(value)} came where {self.due} is due")

    def _sequence(self, value: list[object] | tuple[object, ...], depth: int) -> NDArray[Any]:
        if value and set(map(type, value)) == {float}:
            return np.array(value, dtype=np.float64)
        rows = [self.read(item, depth + 1) for item in value]
        if len({row.shape for row in rows}) > 1:
            a, b = sorted({row.shape for row in rows})[:2]
            raise Mismatch(f"a ragged list came (it mixes shapes {a} and {b}) where {self.due} is due")
        return np.stack(rows) if rows else np.empty(0)

    def _number(self, value: object) -> float | complex:
        if isinstance(value, bool) and not self.booleans:
            raise Mismatch(f"{describe(value)} came where {self.due} is due")
        if isinstance(value, complex):
            return complex(value)
        if not isinstance(value, int | float | Fraction | Decimal):
            raise Mismatch(f"{describe(value)} came where {self.due} is due")
        if isinstance(value, Fraction | Decimal):
            self.note(f"{type(value).__name__} was taken as a floating-point number")
        try:
            return float(value)
        except (OverflowError, ValueError):
            raise Mismatch(
                f"a number beyond the range of floating point came where {self.due} is due"
            ) from None


def _fit(array: NDArray[Any], shape: Shape | None, reading: _Reading) -> NDArray[Any]:
    """The array in the shape that is due. Only axes of length 1 may differ, and only where one reading exists."""
    if shape is None or (array.ndim == len(shape) and _same(array.shape, shape)):
        return array
    known = tuple(n for n in shape if n is not None)
    if shape == () and array.size == 1:
        return array.reshape(())
    column = len(shape) == 1 and array.ndim == 2 and array.shape[1] == 1 and _same(array.shape[:1], shape)
    more_axes = (
        len(known) == len(shape)
        and array.ndim > len(shape)
        and [n for n in array.shape if n != 1] == [n for n in known if n != 1]
    )
    one_number = array.ndim == 0 and known == (1,) * len(shape)
    if not (column or more_axes or one_number):
        raise Mismatch(f"{_shape(array.shape)} came where {_shape(shape)} is due")
    target = known if len(known) == len(shape) else array.shape[:1]
    reading.note(f"shape {array.shape} was taken for {target}")
    return array.reshape(target)


def _same(got: tuple[int, ...], due: Shape) -> bool:
    return all(d is None or g == d for g, d in zip(got, due, strict=True))


def _demand_numbers(array: NDArray[Any], *, finite: bool) -> None:
    if np.isfinite(array).all():
        return
    for bad, name in ((np.isnan(array), "NaN"), (np.isinf(array), "an infinity")):
        if bad.any() and (name == "NaN" or finite):
            where = tuple(int(i) for i in np.argwhere(bad)[0])
            at = f" at {_index(where)}" if where else ""
            what = "a number" if name == "NaN" else "a finite number"
            raise Mismatch(f"{name} came{at} where {what} is due")


def _due(shape: Shape | None, thing: str = "") -> str:
    if thing:
        return thing
    if shape is None:
        return "an array of numbers"
    return "a number" if shape == () else _shape(shape)


def _shape(shape: Shape) -> str:
    if shape == ():
        return "a single number"
    inner = ", ".join("n" if n is None else str(n) for n in shape)
    return f"an array of shape ({inner}{',' if len(shape) == 1 else ''})"


def _index(where: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, where))}]"


def _number(value: Any) -> str:
    if np.imag(value):
        return f"{np.real(value):.6g}{np.imag(value):+.6g}i"
    value = np.real(value)
    return f"{float(value):.6g}" if not math.isnan(float(value)) else "NaN"
