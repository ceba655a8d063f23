"""Values to tokens: the part of the value grammar that both sides write.

    None bool int float      themselves (64-bit integers)
    "i" bytes                an integer of more bits, little-endian, signed
    "s" str · "b" bytes · "c" re im · "q" numerator denominator · "D" decimal text
    "l" n ... · "t" n ... · "f" n ... (frozenset) · "d" n key value ...
    "a" dtype ndim dim ...   an array; its bytes follow in the blob
    "g" dtype bytes          a NumPy scalar
    "x" value · "m" rows cols value   an expression tree as nested tuples, a matrix of them
    "h" id type              an object in the worker
Only towards the worker: "T" tensor · "r" generator · "k" callback · "S" support source · "F" submitted name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from grader.sandbox._wire import TooLarge, pack

MAX_DEPTH: Final = 150
"""Nesting of containers and of expressions; a decoder recurses one Python frame a level."""
MAX_INT_BITS: Final = 14_000
"""Integers and exponents of decimals stay below Python's limit of 4,300 digits, so that each can be printed."""
MAX_DECIMAL: Final = 4200
MAX_HASHED: Final = 5000
"""Keys and set members of one frame: even if all hash alike, decoding takes about a second."""
MAX_KEY_PARTS: Final = 16
"""Parts of a tuple that is a key."""
MAX_TYPE_NAME: Final = 100
MAX_DIMENSIONS: Final = 32

DTYPES: Final[Mapping[str, np.dtype[Any]]] = {
    code: np.dtype("?" if code == "b1" else "<" + code)
    for code in ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16")
}


def content(array: NDArray[Any]) -> memoryview:
    """The bytes of an array in row order, without a copy where they already lie so."""
    plain = np.asarray(array, order="C")
    return plain.reshape(-1).view(np.uint8).data if plain.size else memoryview(b"")


_CODES: Final = {dtype: code for code, dtype in DTYPES.items()}
ORDINARY: Final = frozenset(_CODES)
"""The dtypes that travel as they are."""
_WRITERS: Final[Mapping[type, str]] = {
    int: "put_int",
    str: "put_str",
    bytes: "put_bytes",
    complex: "put_complex",
    list: "put_list",
    tuple: "put_tuple",
    dict: "put_dict",
    Fraction: "put_fraction",
    np.ndarray: "put_ndarray",
}
"""Methods by exact type: looked up by name, so that subclasses can replace them."""


class Encoder:
    """Collects tokens and blobs. `put` raises TypeError for what it cannot say and TooLarge for too much of it."""

    def __init__(self) -> None:
        self.tokens: list[Any] = []
        self.blobs: list[memoryview] = []
        self._depth = 0
        self._hashed = 0

    def put(self, value: object) -> None:
        """Append one value of any supported type."""
        kind = type(value)
        if value is None or kind is float or kind is bool:
            self.tokens.append(value)
            return
        writer = _WRITERS.get(kind)
        if writer is None:
            self.put_other(value)
        else:
            getattr(self, writer)(value)

    def put_other(self, value: object) -> None:
        """Append a value that is not of an exact basic type; subclasses extend this."""
        if isinstance(value, np.ndarray):
            self.put_ndarray(np.asarray(value))
        elif isinstance(value, np.generic):
            self.put_scalar(value)
        else:
            raise TypeError(f"a value of type {type(value).__name__} cannot be sent")

    def message(self, *tokens: object) -> Self:
        """Append raw tokens: the parts of a message that are not values."""
        self.tokens.extend(tokens)
        return self

    def mark(self) -> tuple[int, int, int]:
        """Where the next value will stand."""
        return len(self.tokens), len(self.blobs), self._hashed

    def again(self, start: tuple[int, int, int], end: tuple[int, int, int]) -> None:
        """Append once more what was put between two marks."""
        self.hashed(end[2] - start[2])
        self.tokens += self.tokens[start[0] : end[0]]
        self.blobs += self.blobs[start[1] : end[1]]

    @property
    def blob_bytes(self) -> int:
        """Bytes of all arrays put so far."""
        return sum(blob.nbytes for blob in self.blobs)

    def frame(self) -> list[memoryview]:
        """The frame with everything put so far."""
        return pack(self.tokens, self.blobs)

    def put_int(self, value: int) -> None:
        """Append an integer of at most MAX_INT_BITS bits."""
        bits = value.bit_length()
        if bits < 64:
            self.tokens.append(value)
        elif bits <= MAX_INT_BITS:
            self.tokens += ("i", value.to_bytes(bits // 8 + 1, "little", signed=True))
        else:
            raise TooLarge("an integer of too many digits")

    def put_str(self, value: str) -> None:
        """Append text; lone surrogates become question marks."""
        self.tokens += ("s", value.encode("utf-8", "replace").decode("utf-8"))

    def put_bytes(self, value: bytes) -> None:
        """Append bytes."""
        self.tokens += ("b", value)

    def put_complex(self, value: complex) -> None:
        """Append a complex number."""
        self.tokens += ("c", value.real, value.imag)

    def put_fraction(self, value: Fraction) -> None:
        """Append a fraction."""
        self.tokens.append("q")
        self.put_int(int(value.numerator))
        self.put_int(int(value.denominator))

    def put_decimal(self, value: Decimal) -> None:
        """Append a decimal number of bounded digits and exponent; a NaN of any kind is one."""
        text = "NaN" if Decimal.is_nan(value) else Decimal.__str__(value)
        if len(text) > MAX_DECIMAL or (value.is_finite() and abs(value.adjusted()) > MAX_DECIMAL):
            raise TooLarge("a decimal of too many digits")
        self.tokens += ("D", text)

    def put_list(self, value: list[Any]) -> None:
        """Append a list."""
        self.put_items("l", value)

    def put_tuple(self, value: tuple[Any, ...]) -> None:
        """Append a tuple."""
        self.put_items("t", value)

    def put_items(self, tag: str, items: Any) -> None:
        """Append a sequence under its tag."""
        self.tokens += (tag, len(items))
        self.enter()
        for item in items:
            self.put(item)
        self._depth -= 1

    def put_dict(self, items: Mapping[Any, Any]) -> None:
        """Append a mapping in its own order."""
        self.tokens += ("d", len(items))
        self.enter()
        self.hashed(len(items))
        for key, value in items.items():
            self.put(key)
            self.put(value)
        self._depth -= 1

    def put_ndarray(self, value: NDArray[Any]) -> None:
        """Append an array of exactly NumPy's own class."""
        self.put_array(value)

    def put_array(self, array: NDArray[Any]) -> None:
        """Append an array of a whitelisted dtype, in native byte order or not."""
        code = dtype_code(array.dtype)
        if array.ndim > MAX_DIMENSIONS:
            raise TooLarge("an array of too many dimensions")
        self.tokens += ("a", code, array.ndim, *array.shape)
        self.blobs.append(content(array if array.dtype == DTYPES[code] else array.astype(DTYPES[code])))

    def put_scalar(self, value: np.generic) -> None:
        """Append a NumPy scalar of a whitelisted dtype."""
        self.tokens += ("g", dtype_code(value.dtype), value.astype(DTYPES[dtype_code(value.dtype)]).tobytes())

    def enter(self) -> None:
        """One level deeper; raises TooLarge beyond MAX_DEPTH."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooLarge("nested too deeply")

    def hashed(self, count: int) -> None:
        """Count keys against MAX_HASHED."""
        self._hashed += count
        if self._hashed > MAX_HASHED:
            raise TooLarge("too many keys")


def type_name(value: object) -> str:
    """The name of a value's class, asked of Python and not of the class's own metaclass."""
    name: str = type.__dict__["__name__"].__get__(type(value))
    return name[:MAX_TYPE_NAME].encode("utf-8", "replace").decode("utf-8")


def dtype_code(dtype: np.dtype[Any]) -> str:
    """The code of a whitelisted dtype in any byte order. Raises TypeError for another."""
    code = _CODES.get(dtype) or f"{dtype.kind}{dtype.itemsize}"
    if code not in DTYPES:
        raise TypeError(f"an array of dtype {dtype} cannot be sent")
    return code


def array_bytes(code: str, shape: tuple[int, ...]) -> int:
    """Bytes of an array. Computed in Python integers, which do not overflow."""
    return math.prod(shape) * DTYPES[code].itemsize
