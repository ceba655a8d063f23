"""Notation sheets from TOML files."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from grader.derivation._sheet import (
    KINDS,
    SORTS,
    Box,
    Density,
    Function,
    Goal,
    Sheet,
    Space,
    Subset,
    Variable,
)
from grader.records import UserError


def load_sheets(path: Path) -> Mapping[str, Sheet]:
    """The notation sheets of an assignment: a folder of TOML files, or one file, by problem number.

    Raises UserError, naming the file and the key, for a sheet that cannot be read.
    """
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    sheets: dict[str, Sheet] = {}
    for file in files:
        try:
            data = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise UserError(f"{file}: cannot be read as a notation sheet ({error})") from error
        try:
            sheet = sheet_from(data, file.stem)
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"{file}: {_message(error)}") from error
        if sheet.problem in sheets:
            raise UserError(f"{file}: problem {sheet.problem} has a sheet already")
        sheets[sheet.problem] = sheet
    return MappingProxyType(sheets)


def _message(error: Exception) -> str:
    return f"lacks {error}" if isinstance(error, KeyError) else str(error)


def sheet_from(data: Mapping[str, Any], problem: str) -> Sheet:
    """The sheet in a parsed TOML document. Raises KeyError, TypeError or ValueError for what is not one."""
    known = {
        "problem",
        "title",
        "spaces",
        "densities",
        "functions",
        "variables",
        "boxes",
        "subsets",
        "definitions",
        "assume",
        "given",
        "constant",
        "goals",
        "models",
        "exists",
        "imaginary",
    }
    _refuse(set(data) - known, known)
    return Sheet(
        problem=str(data.get("problem", problem)),
        title=str(data.get("title", "")),
        spaces={k: _space(k, v) for k, v in data.get("spaces", {}).items()},
        densities={k: _density(k, v) for k, v in data.get("densities", {}).items()},
        functions={k: _function(k, v) for k, v in data.get("functions", {}).items()},
        variables={k: _variable(k, v) for k, v in data.get("variables", {}).items()},
        boxes={k: _box(k, v) for k, v in data.get("boxes", {}).items()},
        subsets={
            k: Subset(k, _strings(v.get("names", [k])), str(v["element"]), str(v["size"]), str(v["of"]))
            for k, v in data.get("subsets", {}).items()
        },
        definitions=_strings(data.get("definitions", [])),
        assume=_strings(data.get("assume", [])),
        given=_strings(data.get("given", [])),
        constant=_strings(data.get("constant", [])),
        goals=tuple(_goal(g) for g in data.get("goals", [])),
        exists=str(data.get("exists", "")),
        imaginary=bool(data.get("imaginary", False)),
        models=int(data.get("models", 6)),
    )


def _goal(row: Mapping[str, Any]) -> Goal:
    known = {"name", "statement", "instead", "also", "via", "parts", "stated"}
    _refuse(set(row) - known, known)
    instead, also, via, parts = (_strings(row.get(key, [])) for key in ("instead", "also", "via", "parts"))
    return Goal(
        str(row["name"]), str(row["statement"]), instead, also, via, parts, bool(row.get("stated", False))
    )


def _refuse(unknown: set[str], known: set[str]) -> None:
    if unknown:
        raise ValueError(f"unknown key {sorted(unknown)[0]!r} (known: {', '.join(sorted(known))})")


def _strings(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError(f"expected a list of strings, found {value!r}")
    return tuple(value)


def _space(key: str, row: Mapping[str, Any]) -> Space:
    known = {"letters", "cells", "law", "density", "size", "first"}
    _refuse(set(row) - known, known)
    cells = tuple(int(n) for n in row.get("cells", []))
    law, density, size = (str(row.get(name, "")) for name in ("law", "density", "size"))
    first = bool(row.get("first", False))
    return Space(key, _strings(row.get("letters", [key])), cells, law, density, size, first)


def _density(key: str, row: Mapping[str, Any]) -> Density:
    known = {"names", "over", "given", "joint", "parameter", "prior", "equals", "prior_names"}
    _refuse(set(row) - known, known)
    texts = {name: str(row.get(name, "")) for name in ("joint", "parameter", "prior", "equals")}
    given, prior_names = _strings(row.get("given", [])), _strings(row.get("prior_names", []))
    return Density(
        key, _strings(row.get("names", [key])), str(row["over"]), given, prior_names=prior_names, **texts
    )


def _function(key: str, row: Mapping[str, Any]) -> Function:
    known = {"names", "of", "values", "size", "slope", "kind"}
    _refuse(set(row) - known, known)
    texts = {
        name: str(row.get(name, default))
        for name, default in (("values", "real"), ("size", ""), ("slope", ""), ("kind", "general"))
    }
    return Function(key, _strings(row.get("names", [key])), _strings(row["of"]), **texts)


def _box(key: str, row: Mapping[str, Any]) -> Box:
    _refuse(set(row) - {"names", "bounds"}, {"names", "bounds"})
    return Box(
        key, _strings(row.get("names", [key])), tuple((str(low), str(high)) for low, high in row["bounds"])
    )


def _variable(key: str, row: Mapping[str, Any]) -> Variable:
    known = {"names", "sort", "rows", "columns", "kind", "ranges", "choices", "unknown", "fixed", "dims"}
    _refuse(set(row) - known, known)
    sort, kind = str(row.get("sort", "real")), str(row.get("kind", "general"))
    if sort not in SORTS or kind not in KINDS:
        raise ValueError(
            f"variable {key}: sort is one of {', '.join(sorted(SORTS))}; kind one of {', '.join(sorted(KINDS))}"
        )
    ranges = tuple((float(low), float(high)) for low, high in row.get("ranges", []))
    choices = tuple(int(n) for n in row.get("choices", []))
    return Variable(
        key,
        _strings(row.get("names", [key])),
        sort,
        str(row.get("rows", "")),
        str(row.get("columns", "")),
        kind,
        ranges,
        choices,
        bool(row.get("fixed", False)),
        _strings(row.get("dims", [])),
        bool(row.get("unknown", False)),
    )
