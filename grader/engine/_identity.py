"""What a verdict depends on, as hashes: the key under which a report is kept, and the ids of its results."""

from __future__ import annotations

import contextlib
import hashlib
import json
import platform
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import grader
from grader.bank import Assignment, Course
from grader.intake import Source, writeup_kind
from grader.records import Environment, ProblemResult, Report

_LIBRARIES = ("numpy", "scipy", "sympy", "torch", "hypothesis")


class Keys:
    """Content keys of what a run is to give. Files of the course are read once."""

    def __init__(self, course: Course, settings: Sequence[object]) -> None:
        """settings: those of the run that verdicts depend on, JSON-able."""
        self._course = course
        versions = json.dumps(library_versions(), sort_keys=True)
        self._common = [json.dumps(settings), grader_digest(), versions]
        self._topics: dict[str, str] = {}
        self._notations: dict[str, str] = {}

    def unit(self, source: Source, topic: str, assignment: Assignment) -> str:
        """Of one hand-in on one topic of its sheet, which may let functions go by other names."""
        if topic not in self._topics:
            self._topics[topic] = self._course.digest((topic,))
        aliases = [json.dumps(assignment.aliases, sort_keys=True)] if assignment.aliases else []
        return self._key("unit", source.digest, topic, self._topics[topic], *aliases)

    def writeups(self, source: Source, assignment: str) -> str:
        """Of what is read in the write-ups of a hand-in: no other file of it counts."""
        if assignment not in self._notations:
            self._notations[assignment] = notation_digest(self._course, assignment)
        files = [f"{f.path}\0{f.sha256}" for f in source.record.files if writeup_kind(f.path)]
        return self._key("write-ups", *files, self._notations[assignment])

    def report(self, source: Source, assignment: Assignment, units: Iterable[str]) -> str:
        """Of a whole report: of its parts, and of the sheet that says what they are worth. units: the keys of its topics."""
        return self._key(
            source.digest, *units, self.writeups(source, assignment.id), repr(assignment.problems)
        )

    def _key(self, *parts: str) -> str:
        return hashlib.sha256("\n".join([*parts, *self._common]).encode()).hexdigest()


def content_key(course: Course, source: Source, assignment: Assignment, settings: Sequence[object]) -> str:
    """Hash of everything that the verdicts of a report depend on; `settings` (JSON-able) are the run's."""
    keys = Keys(course, settings)
    return keys.report(source, assignment, [keys.unit(source, t, assignment) for t in assignment.topics])


def notation_folder(course: Course, assignment: str) -> Path:
    """Where the notation sheets of an assignment lie."""
    return course.root / "checks" / "notation" / assignment


def notation_digest(course: Course, assignment: str) -> str:
    """Content hash of the notation sheets: with another sheet, a write-up is read again."""
    total = hashlib.sha256()
    for sheet in sorted(notation_folder(course, assignment).glob("*.toml")):
        total.update(sheet.name.encode() + b"\0" + sheet.read_bytes())
    return total.hexdigest()


def values_key(course: Course, topics: Sequence[str]) -> str:
    """Of what references give for the arguments of checks."""
    digest = course.digest(tuple(topics))
    text = json.dumps(["values", str(course.root), digest, grader_digest(), library_versions()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def report_id(assignment: str, student: str, key: str) -> str:
    """The id of a report: of one hand-in with one content key."""
    return _short(assignment, student, key)


def with_result_ids(report: Report) -> Report:
    """The report with an id for each of its check results, to be given to `grader replay`."""

    def numbered(problem: ProblemResult) -> ProblemResult:
        checks = (replace(c, result_id=_short(report.id, problem.number, c.id)) for c in problem.checks)
        return replace(problem, checks=tuple(checks))

    return replace(report, problems=tuple(map(numbered, report.problems)))


def _short(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:12]


@cache
def grader_digest() -> str:
    """Content hash of the grader's own source."""
    total = hashlib.sha256()
    root = Path(grader.__file__).parent
    for path in sorted(root.rglob("*.py")):
        if path.relative_to(root).parts[0] not in ("reports", "cli"):
            total.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return total.hexdigest()


@cache
def library_versions() -> dict[str, str]:
    """Versions of Python and of the libraries that checks and submitted code compute with; nothing is imported."""
    found = {"python": platform.python_version()}
    for package in _LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def environment_of(level: str, seed: int) -> Environment:
    """What the verdicts of this process come from, at a level of isolation and with a run's seed."""
    versions = library_versions()
    return Environment(
        grader=grader.__version__,
        python=versions["python"],
        numpy=versions.get("numpy", ""),
        scipy=versions.get("scipy", ""),
        sympy=versions.get("sympy", ""),
        torch=versions.get("torch", ""),
        platform=platform.platform(),
        isolation=level,
        seed=seed,
    )
