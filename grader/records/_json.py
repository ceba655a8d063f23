"""Records to JSON and back, by their type annotations: no field is listed twice."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any, Final, TypeVar

from grader.records._model import SCHEMA_VERSION, Report, Run

T = TypeVar("T")
_SCALARS: Final = frozenset({str, int, bool, type(None)})


def plain(value: object) -> Any:
    """A record as dictionaries, lists and scalars. Not-a-number and infinities become strings: JSON has none."""
    kind: Any = type(value)
    return value if kind in _SCALARS else _plainer(kind)(value)


def to_json(record: object, *, indent: int | None = None) -> str:
    """A record as JSON text; equal records give equal text."""
    return json.dumps(plain(record), ensure_ascii=False, indent=indent, allow_nan=False)


def from_json(kind: type[T], text: str) -> T:
    """The record of type `kind` that `to_json` wrote. Raises ValueError when the text is not one."""
    try:
        return typing.cast(T, restore(kind, json.loads(text)))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a {kind.__name__} record: {error}") from error


def restore(kind: Any, value: Any) -> Any:
    """The record of type `kind` from its plain form. Raises KeyError, TypeError or ValueError when it is not one."""
    return _restorer(kind)(value)


@cache
def _restorer(kind: Any) -> Callable[[Any], Any]:
    """What makes a `kind` of its plain form. Found once: asking again for every value made loading a class many times slower."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        inner = _restorer(next(a for a in arguments if a is not type(None)))
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        inner = _restorer(arguments[0])
        return lambda value: tuple(map(inner, value))
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return functools.partial(_restored, kind, _fields(kind))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind
    if kind is float:
        return lambda value: None if value is None else float(value)
    return lambda value: value


def _restored(kind: Any, fields: Mapping[str, Callable[[Any], Any]], value: Any) -> Any:
    return kind(**{name: fields[name](item) for name, item in value.items() if name in fields})


@cache
def _fields(kind: type) -> dict[str, Callable[[Any], Any]]:
    hints = typing.get_type_hints(kind)
    return {f.name: _restorer(hints[f.name]) for f in dataclasses.fields(kind)}


@cache
def _plainer(kind: Any) -> Callable[[Any], Any]:
    """What makes plain data of a `kind`. Found once, as `_restorer`."""
    if dataclasses.is_dataclass(kind):
        return functools.partial(_of_record, tuple(f.name for f in dataclasses.fields(kind)))
    if issubclass(kind, Mapping):
        return lambda value: {str(key): plain(item) for key, item in value.items()}
    if issubclass(kind, StrEnum):
        return str
    if issubclass(kind, float):
        return lambda value: value if math.isfinite(value) else repr(value)
    if issubclass(kind, int | str):
        return lambda value: value
    if issubclass(kind, Sequence):
        return lambda value: [plain(item) for item in value]
    return str


def _of_record(names: Iterable[str], record: object) -> dict[str, Any]:
    found = {name: getattr(record, name) for name in names}
    for name, value in found.items():
        if type(value) not in _SCALARS:
            found[name] = plain(value)
    return found


def run_document(run: Run, reports: Sequence[Report]) -> str:
    """What `grader run --json` writes: the run and all its reports."""
    document = {"schema_version": SCHEMA_VERSION, "run": plain(run), "reports": [plain(r) for r in reports]}
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
