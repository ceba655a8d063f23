"""Records to JSON and back, by their type annotations: no field is listed twice."""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from grader.records._model import SCHEMA_VERSION, Report, Run

T = TypeVar("T")


def plain(value: object) -> Any:
    """A record as dictionaries, lists and scalars. Not-a-number and infinities become strings: JSON has none."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Sequence):
        return [plain(item) for item in value]
    return str(value)


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
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        return restore(next(a for a in arguments if a is not type(None)), value)
    if origin is tuple:
        return tuple(restore(arguments[0], item) for item in value)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _fields(kind)
        return kind(**{name: restore(hints[name], item) for name, item in value.items() if name in hints})
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    if kind is float and value is not None:
        return float(value)
    return value


@cache
def _fields(kind: type) -> dict[str, Any]:
    """Name -> type of each field. Looked up once: asking for every record made loading a class ten times slower."""
    hints = typing.get_type_hints(kind)
    return {f.name: hints[f.name] for f in dataclasses.fields(kind)}


def run_document(run: Run, reports: Sequence[Report]) -> str:
    """What `grader run --json` writes: the run and all its reports."""
    document = {"schema_version": SCHEMA_VERSION, "run": plain(run), "reports": [plain(r) for r in reports]}
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
