"""What a call's arguments are, as bytes that are the same on every machine, and results that can be kept as data."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from types import FunctionType
from typing import Any, Final

import numpy as np

from grader.bank import Rng, Shipped, freeze, thaw
from grader.exam._arguments import is_tensor

_DEEPEST: Final = 12
_NAMED, _TENSOR, _RAISED = "\0named", "\0tensor", "\0raised"
"""Keys of dictionaries that stand for what is no plain value; no reference gives such keys itself."""


def fingerprint(*parts: object) -> bytes:
    """16 bytes that tell these values from others, whatever process or machine they are in.

    Plain data count by value, symbols by their names and assumptions, shipped source by its text and arguments, other
    objects by class name and attributes, functions by name and what they enclose. Raises TypeError where a value can
    change from call to call: generators, open files.
    """
    return hashlib.sha256(freeze([_form(part, 0) for part in parts])).digest()[:16]


def asked_of(arguments: tuple[object, ...], through: Shipped | None) -> bytes | None:
    """Fingerprint of a question; None where it cannot be told from others by its content."""
    try:
        return fingerprint(arguments, through)
    except TypeError:
        return None


def _form(value: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        raise TypeError("nested too deeply")
    if value is None or isinstance(value, bool | int | float | complex | str | bytes | Rng):
        return value
    if isinstance(value, list | tuple):
        items = [_form(item, depth + 1) for item in value]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, Mapping):
        return {_form(k, depth + 1): _form(v, depth + 1) for k, v in value.items()}
    if is_tensor(value):
        return ["tensor", str(value.dtype), np.ascontiguousarray(value.detach().cpu().numpy())]
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            return ["objects", list(value.shape), [_form(item, depth + 1) for item in value.ravel()]]
        return np.ascontiguousarray(value).reshape(value.shape)
    if isinstance(value, np.generic):
        return value
    return _form_of_object(value, depth + 1)


def _form_of_object(value: Any, depth: int) -> Any:
    kind = type(value)
    if kind.__module__.startswith("sympy"):
        from sympy import srepr

        return ["sympy", srepr(value)]
    if isinstance(value, Shipped):
        text = hashlib.sha256(value.support.text.encode()).digest()
        return ["shipped", value.name, _form(value.arguments, depth), text]
    if isinstance(value, partial):
        return ["partial", _form(value.func, depth), _form(value.args, depth), _form(value.keywords, depth)]
    if isinstance(value, FunctionType):
        inside = [cell.cell_contents for cell in value.__closure__ or ()]
        return ["function", value.__qualname__, _form(inside, depth), _form(value.__defaults__, depth)]
    if callable(value) and kind.__module__ == "numpy":
        return ["numpy", value.__name__]
    if not hasattr(value, "__dict__") or kind.__module__.partition(".")[0] in (
        "numpy",
        "torch",
        "_io",
        "builtins",
    ):
        raise TypeError(f"a {kind.__name__} is not told from others by its content")
    return ["object", kind.__qualname__, _form(vars(value), depth)]


def kept_form(value: Any) -> bytes:
    """A result as bytes for `restored`. Raises TypeError for what is no data: formulas, objects, tensors with a gradient."""
    return freeze(_kept(value))


def kept_failure(error: Exception) -> bytes:
    """An exception as bytes: `restored` raises it again, as a ValueError."""
    return freeze({_RAISED: f"{type(error).__name__}: {error}"[:200]})


def restored(data: bytes) -> Any:
    """The result that was kept. Raises ValueError where the call had raised."""
    value = thaw(data)
    if isinstance(value, dict) and set(value) == {_RAISED}:
        raise ValueError(value[_RAISED])
    return _restored(value)


def _kept(value: Any) -> Any:
    if is_tensor(value):
        if value.requires_grad:
            raise TypeError("a tensor with a gradient is more than its numbers")
        return {_TENSOR: np.ascontiguousarray(value.numpy())}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {_NAMED: [type(value).__name__, list(value._fields), [_kept(item) for item in value]]}
    if type(value) in (list, tuple):
        return type(value)(_kept(item) for item in value)
    if type(value) is dict:
        return {key: _kept(item) for key, item in value.items()}
    if type(value).__module__.startswith("sympy") or (isinstance(value, np.ndarray) and value.dtype == object):
        raise TypeError("a formula would give the answer away")
    if isinstance(value, np.ndarray) and not value.flags.c_contiguous:
        return np.ascontiguousarray(value)
    return value


def _restored(value: Any) -> Any:
    if type(value) in (list, tuple):
        return type(value)(_restored(item) for item in value)
    if type(value) is not dict:
        return value
    for mark, read in _READERS.items():
        if set(value) == {mark}:
            return read(value[mark])
    return {key: _restored(item) for key, item in value.items()}


def _named(parts: list[Any]) -> Any:
    from collections import namedtuple

    name, fields, values = parts
    return namedtuple(name, fields)(*map(_restored, values))


def _tensor(values: Any) -> Any:
    import torch

    return torch.from_numpy(values)


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {_NAMED: _named, _TENSOR: _tensor}
