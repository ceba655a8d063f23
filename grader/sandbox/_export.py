"""Anything that submitted code returns, as plain values: runs in the worker, where nothing it does is trusted.

Subclasses lose their behaviour here, through the methods of their plain base and never through their own.
What has no plain form stays behind as a `Handle`.
"""

from __future__ import annotations

import array as array_module
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Set
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from grader.sandbox import _notes as notes
from grader.sandbox._encode import MAX_KEY_PARTS, ORDINARY, Encoder, type_name
from grader.sandbox._trees import TreeError, to_tree
from grader.sandbox._wire import TooLarge

_MAX_ITEMS: Final = 1_000_000
_KEYS: Final = frozenset({type(None), bool, int, float, complex, str, bytes, Fraction})
_NUMBERS: Final = (bool, int, float, complex, Fraction, Decimal, np.number, np.bool_)
_VIEWS: Final[tuple[type, ...]] = (type({}.keys()), type({}.values()), deque, array_module.array)


class Exporter(Encoder):
    """Writes one value. keep: files an object that stays here under a number. What was converted is in `noted`."""

    def __init__(self, keep: Callable[[object], int]) -> None:
        super().__init__()
        self.noted: set[str] = set()
        self._keep = keep

    def export(self, value: object) -> None:
        """Append any value whatever; one that is too large or odd stays here as a handle."""
        mark = self._mark()
        try:
            self.put(value)
        except TooLarge:
            self._rewind(mark)
            self.opaque_large(value)

    def opaque_large(self, value: object) -> None:
        """Append a handle to a value that is too large to send."""
        self.noted.add(notes.TOO_LARGE)
        self.opaque(value)

    def opaque(self, value: object) -> None:
        """Append a handle."""
        self.message("h", self._keep(value), type_name(value))

    def _mark(self) -> tuple[int, int, int]:
        return len(self.tokens), len(self.blobs), self._depth

    def _rewind(self, mark: tuple[int, int, int]) -> None:
        del self.tokens[mark[0] :]
        del self.blobs[mark[1] :]
        self._depth = mark[2]

    def put_ndarray(self, value: NDArray[Any]) -> None:
        """Append an array of exactly NumPy's own class, of any dtype."""
        if value.dtype in ORDINARY:
            self.put_array(value)
        else:
            self.put_other(value)

    def put_other(self, value: object) -> None:
        """Append what is not of an exact basic type."""
        mark = self._mark()
        try:
            done = self._put_known(value)
        except TooLarge:
            raise
        except Exception:  # noqa: BLE001 - an object that cannot even be looked at stays here as a handle
            done = False
        if not done:
            self._rewind(mark)
            self.opaque(value)

    def _put_known(self, value: object) -> bool:
        if isinstance(value, np.ndarray):
            return self._put_any_array(value)
        if isinstance(value, np.generic):
            return self._put_generic(value)
        if self._put_subclass(value) or self._put_collection(value):
            return True
        return self._put_tensor(value) or self._put_symbolic(value) or self._put_mpmath(value)

    def _put_subclass(self, value: object) -> bool:
        match value:
            case int():
                self.put_int(int.__int__(value))
            case float():
                self.put(float.__float__(value))
            case complex():
                self.put_complex(complex.__complex__(value))
            case str():
                self.put_str(str.__str__(value))
            case bytes():
                self.put_bytes(bytes.__getitem__(value, slice(None)))
            case list():
                self.put_items("l", list.__getitem__(value, slice(None)))
            case tuple():
                self.put_items("t", tuple.__getitem__(value, slice(None)))
                self.noted.add(notes.NAMED_TUPLE if hasattr(type(value), "_fields") else notes.SUBCLASS)
                return True
            case dict():
                self.put_dict(dict(dict.items(value)))
                if type(value).__module__ == "collections":
                    return True
            case _:
                return False
        self.noted.add(notes.SUBCLASS)
        return True

    def _put_collection(self, value: object) -> bool:
        match value:
            case Decimal():
                self.put_decimal(value)
            case Fraction():
                self.put_fraction(value)
            case set() | frozenset():
                self._put_set(value)
            case range() if len(value) <= _MAX_ITEMS:
                self.put_items("l", list(value))
                self.noted.add(notes.RANGE)
            case bytearray() | memoryview():
                self.put_bytes(bytes(value))
            case _ if isinstance(value, _VIEWS):
                self.put_items("l", list(cast(Iterable[object], value)))
                self.noted.add(notes.SEQUENCE)
            case _:
                return False
        return True

    def _put_set(self, value: Set[object]) -> None:
        if not all(map(_is_key, value)):
            self.opaque(value)
            return
        self.message("f", len(value)).enter()
        self.hashed(len(value))
        for item in value:
            self._put_key(item)
        self._depth -= 1

    def put_dict(self, items: Mapping[Any, Any]) -> None:
        """Append a dictionary; keys that are not plain make the whole of it a handle."""
        if not all(map(_is_key, items)):
            self.opaque(items)
            return
        self.message("d", len(items)).enter()
        self.hashed(len(items))
        for key, value in items.items():
            self._put_key(key)
            self.put(value)
        self._depth -= 1

    def _put_key(self, key: object) -> None:
        if isinstance(key, np.generic):
            key = key.item()
        self.put(key)

    def _put_generic(self, value: np.generic) -> bool:
        if isinstance(value, np.str_):
            self.put_str(str.__str__(value))
        elif value.dtype.kind in "fc" and value.dtype.itemsize > 8 * (1 + (value.dtype.kind == "c")):
            self.noted.add(notes.REDUCED)
            self.put_scalar(np.complex128(value) if value.dtype.kind == "c" else np.float64(value))
        else:
            self.put_scalar(value)
        return True

    def _put_any_array(self, value: NDArray[Any]) -> bool:
        if isinstance(value, np.ma.MaskedArray):
            if np.ma.getmaskarray(value).any():
                return False
            self.noted.add(notes.MASKED)
            plain = np.asarray(np.ma.getdata(value))
        else:
            plain = np.asarray(value)
            if type(value) is not np.ndarray:
                self.noted.add(notes.MATRIX if isinstance(value, np.matrix) else notes.SUBCLASS)
        kind = plain.dtype.kind
        if kind == "O":
            self._put_objects(plain)
        elif kind == "U":
            self.noted.add(notes.TEXT_ARRAY)
            self.put(plain.tolist())
        elif kind in "fc" and plain.dtype.itemsize > 8 * (1 + (kind == "c")):
            self.noted.add(notes.REDUCED)
            self.put_array(plain.astype(np.complex128 if kind == "c" else np.float64))
        else:
            self.put_array(plain)
        return True

    def _put_objects(self, value: NDArray[Any]) -> None:
        items = list(value.flat)
        if items and all(isinstance(item, _NUMBERS) for item in items):
            self.noted.add(notes.OBJECT_ARRAY)
            exact = all(isinstance(item, int | np.integer) and abs(int(item)) < 1 << 63 for item in items)
            kind = complex if any(isinstance(i, complex | np.complexfloating) for i in items) else float
            if all(isinstance(item, bool | np.bool_) for item in items):
                self.put_array(np.array([bool(item) for item in items]).reshape(value.shape))
            elif exact:
                self.put_array(np.array([int(item) for item in items], np.int64).reshape(value.shape))
            else:
                self.put_array(np.array([kind(item) for item in items]).reshape(value.shape))
        else:
            self.put(value.tolist())

    def _put_tensor(self, value: Any) -> bool:
        torch = sys.modules.get("torch")
        if torch is None or not isinstance(value, torch.Tensor):
            return False
        with torch._C.DisableTorchFunctionSubclass(), torch.no_grad():
            usual = torch.float16, torch.float32, torch.float64
            plain = torch.Tensor.detach(value)
            if plain.layout != torch.strided:
                self.noted.add(notes.SPARSE)
                plain = plain.to_dense()
            plain = torch.Tensor.as_subclass(plain, torch.Tensor)
            if plain.dtype.is_floating_point and plain.dtype not in usual:
                self.noted.add(notes.HALF)
                plain = plain.to(torch.float32)
            if plain.dtype == torch.complex32:
                plain = plain.to(torch.complex64)
            self.put_array(plain.cpu().resolve_conj().resolve_neg().numpy())
        return True

    def _put_symbolic(self, value: Any) -> bool:
        sympy = sys.modules.get("sympy")
        if sympy is None or not isinstance(value, sympy.Basic | sympy.MatrixBase):
            return False
        try:
            self._put_sympy(value, sympy)
        except TreeError:
            self.noted.add(notes.NOT_UNDERSTOOD)
            return False
        return True

    def _put_sympy(self, value: Any, sympy: Any) -> None:
        if isinstance(value, sympy.MatrixBase):
            self.message("m", int(value.rows), int(value.cols))
            for tree in [to_tree(entry) for entry in value]:
                self.put(tree)
        elif isinstance(value, sympy.NDimArray):
            self.put(value.tolist())
        elif isinstance(value, sympy.Tuple):
            self.put_items("t", tuple(value))
        elif isinstance(value, sympy.Dict):
            self.put_dict(dict(value))
        elif isinstance(value, sympy.FiniteSet):
            self.put_items("l", sorted(value, key=sympy.default_sort_key))
        elif value in (sympy.true, sympy.false):
            self.put(bool(value))
        else:
            expression = value.as_expr() if isinstance(value, sympy.Poly) else value
            self.message("x").put(to_tree(expression))

    def _put_mpmath(self, value: Any) -> bool:
        mpmath = sys.modules.get("mpmath")
        if mpmath is None or not isinstance(value, mpmath.mpf | mpmath.mpc | mpmath.matrix):
            return False
        self.noted.add(notes.MPMATH)
        if isinstance(value, mpmath.matrix):
            self.put(value.tolist())
        else:
            self.put(complex(value) if isinstance(value, mpmath.mpc) else float(value))
        return True


def _is_key(key: object) -> bool:
    """Whether this can be a key on the wire: a number or text, or a short tuple of such."""
    if type(key) is tuple:
        return len(key) <= MAX_KEY_PARTS and all(type(part) in _KEYS for part in key)
    return type(key) in _KEYS or isinstance(key, np.number | np.bool_)
