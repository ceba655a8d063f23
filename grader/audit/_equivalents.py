"""Mutants that are right after all, each with a sentence of proof: `checks/equivalents/<topic>.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.audit._mutants import Key
from grader.bank import Course
from grader.records import UserError

_FIELDS = {"function": str, "operator": str, "change": str, "occurrence": int, "proof": str}


@dataclass(frozen=True)
class Equivalent:
    """A mutant that no check can or should reject."""

    key: Key
    proof: str
    """One sentence: why its answers are right, or where the judge promises to take them."""


def equivalents(course: Course, topic: str) -> tuple[Equivalent, ...]:
    """The list of a topic; empty where there is none. Raises UserError for entries that say too little or too much."""
    path = course.root / "checks" / "equivalents" / f"{topic}.toml"
    if not path.is_file():
        return ()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"{path}: cannot be read as a list of equivalents ({error})") from error
    rows = data.pop("equivalent", [])
    if data or not isinstance(rows, list):
        raise UserError(f"{path}: a list of equivalents holds [[equivalent]] entries and nothing else")
    found = tuple(_entry(path, number, row) for number, row in enumerate(rows, start=1))
    keys = [e.key for e in found]
    twice = next((k for k in keys if keys.count(k) > 1), None)
    if twice is not None:
        raise UserError(f"{path}: listed twice: {twice}")
    return found


def _entry(path: Path, number: int, row: Any) -> Equivalent:
    entry = {"occurrence": 1, **row} if isinstance(row, dict) else {}
    wrong = [name for name, kind in _FIELDS.items() if type(entry.get(name)) is not kind]
    if wrong or set(entry) != set(_FIELDS):
        what = wrong[0] if wrong else sorted(set(entry) - set(_FIELDS))[0]
        raise UserError(
            f"{path}: entry {number}: {what}: each has function, operator, change, proof, at most an occurrence"
        )
    proof = entry.pop("proof").strip()
    if not proof:
        raise UserError(
            f"{path}: entry {number}: the proof is missing; say in a sentence why this mutant is right"
        )
    return Equivalent(Key(**entry), proof)
