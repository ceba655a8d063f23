"""Plain values as bytes and back, types and all. Reading bytes runs nothing: no pickle."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

import msgpack
import numpy as np

from grader.bank._check import RNG, Rng

_PLAIN: Final = (type(None), bool, float, str, bytes)
_KINDS: Final = "biufc"
_WORD: Final = 1 << 63


def freeze(value: object) -> bytes:
    """Numbers, text, lists, tuples, dictionaries, numeric arrays and RNG as bytes; equal values, equal bytes.

    Raises TypeError for anything else, and for arrays that are not in C order.
    """
    try:
        return bytes(msgpack.packb(_tagged(value), use_bin_type=True))
    except (ValueError, RecursionError, OverflowError) as error:
        raise TypeError(f"not a plain value: {error}") from error


def thaw(data: bytes) -> Any:
    """The value that `freeze` made these bytes of, arrays writable. Raises ValueError for other bytes."""
    try:
        return _value(msgpack.unpackb(data, raw=False, strict_map_key=True))
    except Exception as error:
        raise ValueError(f"not a frozen value: {type(error).__name__}") from error


def _tagged(value: Any) -> Any:
    kind = type(value)
    if kind in _PLAIN or (kind is int and -_WORD <= value < _WORD):
        return value
    if kind is int:
        return ["i", str(value)]
    if kind is list or kind is tuple:
        return ["l" if kind is list else "t", [_tagged(item) for item in value]]
    if kind is dict:
        return ["d", [[_tagged(key), _tagged(item)] for key, item in value.items()]]
    if kind is complex:
        return ["c", value.real, value.imag]
    if kind is Fraction:
        return ["f", str(value.numerator), str(value.denominator)]
    if kind is Rng:
        return ["r"]
    if kind is np.ndarray and value.dtype.kind in _KINDS and value.flags.c_contiguous:
        return ["a", value.dtype.str, list(value.shape), value.tobytes()]
    if isinstance(value, np.generic) and value.dtype.kind in _KINDS:
        return ["g", value.dtype.str, value.tobytes()]
    raise TypeError(f"a {kind.__name__} is not a plain value")


def _value(form: Any) -> Any:
    if not isinstance(form, list):
        return form
    tag, *rest = form
    return _READERS[tag](*rest)


def _array(dtype: str, shape: list[int], data: bytes) -> Any:
    kind = np.dtype(dtype)
    if kind.kind not in _KINDS:
        raise ValueError(dtype)
    return np.frombuffer(data, dtype=kind).reshape(shape).copy()


_READERS: Final[dict[str, Callable[..., Any]]] = {
    "i": int,
    "l": lambda items: [_value(item) for item in items],
    "t": lambda items: tuple(_value(item) for item in items),
    "d": lambda pairs: {_value(key): _value(item) for key, item in pairs},
    "c": complex,
    "f": lambda over, under: Fraction(int(over), int(under)),
    "r": lambda: RNG,
    "a": _array,
    "g": lambda dtype, data: _array(dtype, [], data)[()],
}
