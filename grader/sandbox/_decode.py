"""Tokens to values, for a reader who trusts nothing: only plain types, every length checked, one exception."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, Final, TypeVar

import numpy as np

from grader.records import clean_text
from grader.sandbox._encode import (
    DTYPES,
    MAX_DECIMAL,
    MAX_DEPTH,
    MAX_DIMENSIONS,
    MAX_HASHED,
    MAX_INT_BITS,
    MAX_KEY_PARTS,
    array_bytes,
)
from grader.sandbox._trees import TreeError, check_tree
from grader.sandbox._types import Expression, ExpressionMatrix, Handle
from grader.sandbox._wire import Frame, WireError, padding

T = TypeVar("T")

_DECIMAL: Final = re.compile(r"-?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:E[+-]?\d{1,4})?|Infinity|NaN)", re.ASCII)
_KEYS: Final = (type(None), bool, int, float, complex, str, bytes, Fraction)
_OBJECT: Final = 64
"""Bytes of a number or a short text, with the place of it in a list."""
_VIEW_FROM: Final = 1 << 16
"""Smaller arrays are copied, so that they do not keep a large frame alive."""
_FAILURES: Final[tuple[type[Exception], ...]] = (
    ValueError,
    TypeError,
    OverflowError,
    ArithmeticError,
    MemoryError,
    RecursionError,
)


class Decoder:
    """Reads one frame from front to back. Every method raises WireError, and nothing else."""

    readers: ClassVar[Mapping[str, str]] = {
        "s": "_text",
        "b": "_bytes",
        "i": "_big_int",
        "c": "_complex",
        "q": "_fraction",
        "D": "_decimal",
        "l": "_list",
        "t": "_tuple",
        "f": "_frozenset",
        "d": "_dict",
        "a": "array",
        "g": "_scalar",
        "x": "_expression",
        "m": "_matrix",
        "h": "_handle",
    }
    """Methods by tag."""
    failures = _FAILURES
    """What constructors raise at nonsense; it becomes WireError."""

    def __init__(self, frame: Frame) -> None:
        self._tokens = frame.tokens
        self._blob = frame.blob
        self._at = 0
        self._blob_at = 0
        self._depth = 0
        self._hashed = 0

    @property
    def weight(self) -> int:
        """Bytes that all values of the frame take, about: arrays as they are, and a Python object a token."""
        return len(self._blob) + _OBJECT * len(self._tokens)

    def take(self, kind: type[T]) -> T:
        """The next raw token, which must be exactly of this type."""
        token = self._next()
        if type(token) is not kind:
            raise WireError("token of another type")
        return token

    def count(self, limit: int) -> int:
        """A number of things to come, between 0 and the limit and no more than there are tokens left."""
        count = self.take(int)
        if not 0 <= count <= min(limit, len(self._tokens) - self._at):
            raise WireError("count out of range")
        return count

    def value(self) -> Any:
        """The next value."""
        token = self._next()
        if token is None or type(token) in (bool, int, float):
            return token
        reader = self.readers.get(token) if type(token) is str else None
        if reader is None:
            raise WireError("unknown tag")
        self._depth += 1
        if self._depth > MAX_DEPTH + 2:
            raise WireError("nested too deeply")
        try:
            value = getattr(self, reader)()
        except self.failures as error:
            raise WireError("malformed value") from error
        self._depth -= 1
        return value

    def finish(self) -> None:
        """Nothing may be left."""
        if self._at != len(self._tokens) or self._blob_at != len(self._blob):
            raise WireError("bytes left over")

    def array(self) -> np.ndarray[Any, np.dtype[Any]]:
        """An array: of the grader's own memory, writable, in row order."""
        code = self.take(str)
        if code not in DTYPES:
            raise WireError("unknown dtype")
        shape = tuple(self.take(int) for _ in range(self.count(MAX_DIMENSIONS)))
        size = array_bytes(code, shape)
        start = self._blob_at
        if any(n < 0 or n >= 1 << 40 for n in shape) or start + size > len(self._blob):
            raise WireError("array longer than its bytes")
        self._blob_at = start + size + padding(size)
        if self._blob_at > len(self._blob):
            raise WireError("array longer than its bytes")
        data = self._blob[start : start + size]
        if size == 0:
            return np.empty(shape, DTYPES[code])
        flat = np.frombuffer(data if size >= _VIEW_FROM else bytearray(data), DTYPES[code])
        if code == "b1":
            flat = flat.view(np.uint8) != 0
        return flat.reshape(shape)

    def _handle(self) -> object:
        number, name = self.take(int), self.take(str)
        if number < 0:
            raise WireError("negative handle")
        return Handle(number, clean_text(name, 100))

    def _next(self) -> Any:
        if self._at >= len(self._tokens):
            raise WireError("frame too short")
        self._at += 1
        return self._tokens[self._at - 1]

    def _text(self) -> str:
        return self.take(str)

    def _bytes(self) -> bytes:
        return self.take(bytes)

    def _complex(self) -> complex:
        return complex(self.take(float), self.take(float))

    def _expression(self) -> object:
        return Expression(self._tree())

    def _list(self) -> list[Any]:
        items = []
        for _ in range(self.count(len(self._tokens))):  # a comprehension would cost a frame a level
            items.append(self.value())
        return items

    def _tuple(self) -> tuple[Any, ...]:
        items = []
        for _ in range(self.count(len(self._tokens))):
            items.append(self.value())
        return tuple(items)

    def _integer(self) -> int:
        value = self.value()
        if type(value) is not int:
            raise WireError("not an integer")
        return value

    def _big_int(self) -> int:
        data = self.take(bytes)
        if len(data) > MAX_INT_BITS // 8 + 1:
            raise WireError("integer of too many digits")
        return int.from_bytes(data, "little", signed=True)

    def _fraction(self) -> Fraction:
        return Fraction(self._integer(), self._integer())

    def _decimal(self) -> Decimal:
        text = self.take(str)
        if len(text) > MAX_DECIMAL or not _DECIMAL.fullmatch(text):
            raise WireError("not a decimal")
        return Decimal(text)

    def _key(self) -> object:
        self._hashed += 1
        if self._hashed > MAX_HASHED:
            raise WireError("too many keys")
        key = self.value()
        parts = key if type(key) is tuple and len(key) <= MAX_KEY_PARTS else (key,)
        if any(type(part) not in _KEYS for part in parts):
            raise WireError("key of another type")
        return key

    def _frozenset(self) -> frozenset[object]:
        return frozenset(self._key() for _ in range(self.count(MAX_HASHED)))

    def _dict(self) -> dict[object, object]:
        return {self._key(): self.value() for _ in range(self.count(MAX_HASHED))}

    def _scalar(self) -> np.generic:
        code = self.take(str)
        data = self.take(bytes)
        if code not in DTYPES or len(data) != DTYPES[code].itemsize:
            raise WireError("malformed scalar")
        if code == "b1":
            return np.bool_(data != b"\0")
        scalar: np.generic = np.frombuffer(data, DTYPES[code])[0]
        return scalar

    def _tree(self) -> tuple[Any, ...]:
        tree = self.value()
        try:
            check_tree(tree)
        except TreeError as error:
            raise WireError("malformed expression") from error
        return tuple(tree)

    def _matrix(self) -> object:
        rows, cols = self.take(int), self.take(int)
        if rows < 0 or cols < 0 or rows * cols > len(self._tokens):
            raise WireError("malformed matrix")
        trees = tuple(self._tree() for _ in range(rows * cols))
        return ExpressionMatrix(rows, cols, trees)
