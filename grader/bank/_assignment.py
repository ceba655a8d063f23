"""Assignments: which problems, from which topics, for how many points (`checks/assignments/<id>.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.bank._policy import SheetPolicy, sheet_policy
from grader.records import UserError

_KEYS = ("title", "problem", "policy", "aliases")


@dataclass(frozen=True)
class Criterion:
    """One line of a rubric: what only a person can mark."""

    points: float
    text: str


@dataclass(frozen=True)
class Problem:
    """One numbered problem."""

    number: str
    """As printed on the sheet: `4a`."""
    topic: str
    """Empty where a problem has no code."""
    title: str
    points: float
    """Of the checks."""
    parts: tuple[str, ...] = ()
    """Parts of the topic that belong to this problem; empty means the whole topic."""
    rubric: tuple[Criterion, ...] = ()
    """Marked by a person, on top of `points`."""
    writeup: float = 0.0
    """Points of the written derivation, on top of `points`; 0 where it is read for feedback only."""

    @property
    def max_score(self) -> float:
        """All that can be had for it."""
        return self.points + self.writeup + sum(c.points for c in self.rubric)


@dataclass(frozen=True)
class Assignment:
    """One homework sheet."""

    id: str
    title: str
    problems: tuple[Problem, ...]
    path: Path
    policy: SheetPolicy | None = None
    """None where the score is the sum of the problems."""
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Function -> other names under which it counts."""

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics it draws on, in order of first use."""
        return tuple(dict.fromkeys(p.topic for p in self.problems if p.topic))

    @property
    def max_score(self) -> float:
        """The sum of all points."""
        return sum(p.max_score for p in self.problems)


def read_assignment(path: Path) -> Assignment:
    """The assignment in a TOML file. Raises UserError when it is not one, naming what is wrong."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"{path}: cannot be read as an assignment ({error})") from error
    unknown = sorted(set(data) - set(_KEYS))
    if unknown:
        raise UserError(f"{path}: unknown key {unknown[0]!r} (known: {', '.join(_KEYS)})")
    rows = data.get("problem", [])
    if not isinstance(rows, list) or not rows:
        raise UserError(f"{path}: an assignment needs at least one [[problem]]")
    problems = tuple(_problem(path, row) for row in rows)
    numbers = [p.number for p in problems]
    twice = sorted({n for n in numbers if numbers.count(n) > 1})
    if twice:
        raise UserError(f"{path}: problem {twice[0]} is listed twice")
    points = {p.number: p.max_score for p in problems}
    policy = sheet_policy(str(path), data["policy"], points) if "policy" in data else None
    return Assignment(path.stem, str(data.get("title", path.stem)), problems, path, policy, _aliases(path, data.get("aliases", {})))


def _aliases(path: Path, table: Any) -> dict[str, tuple[str, ...]]:
    rows = {name: [given] if isinstance(given, str) else given for name, given in table.items()} if isinstance(table, dict) else None
    if rows is None or not all(isinstance(given, list) and all(isinstance(a, str) and a.isidentifier() for a in given) for given in rows.values()):
        raise UserError(f'{path}: [aliases] must give names to functions, such as project = ["proj", "project_point"]')
    owners: dict[str, str] = {}
    for name, given in rows.items():
        for alias in given:
            if alias in rows or owners.setdefault(alias, name) != name:
                other = alias if alias in rows else owners[alias]
                raise UserError(f"{path}: [aliases] {alias!r} cannot stand for {name} and for {other}; leave it out of one")
    return {name: tuple(dict.fromkeys(given)) for name, given in rows.items()}


def _problem(path: Path, row: Any) -> Problem:
    known = {"number", "topic", "title", "points", "parts", "rubric", "writeup"}
    if not isinstance(row, dict) or "number" not in row or not {"topic", "rubric", "writeup"} & set(row):
        raise UserError(f"{path}: each [[problem]] needs a number, and a topic, a rubric or a writeup")
    number = str(row["number"])
    unknown = sorted(set(row) - known)
    if unknown:
        raise UserError(f"{path}: problem {number}: unknown key {unknown[0]!r} (known: {', '.join(sorted(known))})")
    if "topic" not in row and {"points", "parts"} & set(row):
        raise UserError(f"{path}: problem {number}: points and parts belong to a topic; give each line of a rubric its own points")
    parts = row.get("parts", [])
    if not isinstance(parts, list):
        raise UserError(f"{path}: problem {number}: parts must be a list of strings")
    rubric = row.get("rubric", [])
    if not isinstance(rubric, list):
        raise UserError(f'{path}: problem {number}: rubric must be a list such as [{{ points = 2, text = "..." }}]')
    topic = str(row.get("topic", ""))
    return Problem(
        number=number,
        topic=topic,
        title=str(row.get("title", topic)),
        points=_points(path, number, row.get("points", 1)) if topic else 0.0,
        parts=tuple(str(part) for part in parts),
        rubric=tuple(_criterion(path, number, line) for line in rubric),
        writeup=_points(path, number, row["writeup"]) if "writeup" in row else 0.0,
    )


def _criterion(path: Path, number: str, line: Any) -> Criterion:
    if not isinstance(line, dict) or set(line) != {"points", "text"} or not str(line["text"]).strip():
        raise UserError(f'{path}: problem {number}: a line of a rubric is {{ points = 2, text = "what earns them" }}')
    return Criterion(_points(path, number, line["points"]), str(line["text"]).strip())


def _points(path: Path, number: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise UserError(f"{path}: problem {number}: points must be a positive number")
    return value
