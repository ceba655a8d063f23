"""What people decided about hand-ins: a list to which entries are only ever added, in the store's SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from grader.records._database import Database
from grader.records._json import from_json, to_json

_SCHEMA = """
CREATE TABLE IF NOT EXISTS decisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, assignment TEXT NOT NULL, student TEXT NOT NULL, item TEXT NOT NULL,
    record TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS decisions_are_not_changed BEFORE UPDATE ON decisions
    BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END;
CREATE TRIGGER IF NOT EXISTS decisions_are_not_lost BEFORE DELETE ON decisions
    BEGIN SELECT RAISE(ABORT, 'a decision is never removed'); END;
"""


class Ruling(StrEnum):
    """What a person says of one step of a derivation."""

    RIGHT = "right"
    WRONG = "wrong"
    UNCOUNTED = "uncounted"
    """Neither: the step has no part in the verdict."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One entry: what one person decided about one item of one hand-in, or that an earlier entry is withdrawn."""

    assignment: str
    student: str
    problem: str
    item: str
    """`1c::rubric_1`, `projection::closest`, `1a::writeup`, `1a::step_3f2a90c1be`, `4b::total`."""
    digest: str
    """Of the content that was judged: the decision counts only where it is still that."""
    author: str
    made: str
    """ISO 8601, UTC."""
    points: float | None = None
    """For a check, a line of a rubric, a write-up or a whole problem."""
    ruling: Ruling | None = None
    """For a step."""
    comment: str = ""
    id: int = 0
    """Given by the store; later entries have larger ones."""
    undoes: int = 0
    """Id of the entry that this one withdraws, or 0."""
    batch: str = ""
    """Entries of one click have one name here."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is about."""
        return self.assignment, self.student, self.item

    def says_as(self, other: Decision) -> bool:
        """Whether both say the same of the same content, by the same person."""
        names = ("key", "digest", "author", "points", "ruling", "comment", "undoes")
        return all(getattr(self, name) == getattr(other, name) for name in names)


@dataclass(frozen=True, slots=True)
class Conflict:
    """An entry that was not added, since somebody else's came first."""

    wanted: Decision
    there: Decision


@dataclass(frozen=True, slots=True)
class Added:
    """What became of entries."""

    saved: tuple[Decision, ...]
    conflicts: tuple[Conflict, ...] = ()


class Decisions(Database):
    """The decisions of one store. Use as a context manager."""

    _TROUBLE = (
        "cannot use the decisions in {path} ({error}); free its disk or its permissions: every decision"
        " saved so far is kept"
    )

    def __init__(self, path: Path) -> None:
        """Open the store at `path`, which must exist. Raises StoreFault where it cannot be used."""
        self.path = path
        with self._guarded():
            self._db = sqlite3.connect(path, timeout=30)

    def all(self, after: int = 0) -> list[Decision]:
        """Every entry with a larger id than `after`, the oldest first. Raises StoreFault."""
        with self._guarded():
            table = "SELECT 1 FROM sqlite_master WHERE type='table' AND name='decisions'"
            if self._db.execute(table).fetchone() is None:  # nobody decided anything yet
                return []
            rows = self._db.execute(
                "SELECT id, record FROM decisions WHERE id>? ORDER BY id", (after,)
            ).fetchall()
            return [_read(*row) for row in rows]

    def add(self, entries: Iterable[tuple[Decision, int]]) -> Added:
        """Add entries, each with the id of the last entry on its item that its author had seen (0: none).

        All in one transaction. Where there is a later one, the entry is not added and both are given back; if that one
        says the same by the same person, it counts as saved (a form that was sent twice). Raises StoreFault; then
        nothing was added.
        """
        saved: list[Decision] = []
        conflicts: list[Conflict] = []
        with self._guarded():
            self._db.executescript(_SCHEMA)
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                for entry, seen in entries:
                    last = self._last(entry)
                    if last is None or last.id <= seen:
                        saved.append(self._insert(entry))
                    elif last.says_as(entry):
                        saved.append(last)
                    else:
                        conflicts.append(Conflict(entry, last))
        return Added(tuple(saved), tuple(conflicts))

    def _last(self, entry: Decision) -> Decision | None:
        query = "SELECT id, record FROM decisions WHERE assignment=? AND student=? AND item=? ORDER BY id DESC LIMIT 1"
        row = self._db.execute(query, entry.key).fetchone()
        return None if row is None else _read(*row)

    def _insert(self, entry: Decision) -> Decision:
        query = "INSERT INTO decisions (assignment, student, item, record) VALUES (?, ?, ?, ?)"
        row = self._db.execute(query, (*entry.key, to_json(replace(entry, id=0))))
        return replace(entry, id=int(row.lastrowid or 0))


def decisions_in(path: Path) -> list[Decision]:
    """Every entry of the store at `path`, the oldest first. Raises StoreFault."""
    with Decisions(path) as kept:
        return kept.all()


def standing(entries: Sequence[Decision]) -> Mapping[tuple[str, str, str, str], Decision]:
    """Of each item and content (assignment, student, item, digest) the decision that holds: the last not withdrawn."""
    stacks: dict[tuple[str, str, str, str], list[Decision]] = {}
    for entry in entries:
        stack = stacks.setdefault((*entry.key, entry.digest), [])
        if entry.undoes:
            stack[:] = [earlier for earlier in stack if earlier.id != entry.undoes]
        else:
            stack.append(entry)
    return {key: stack[-1] for key, stack in stacks.items() if stack}


def _read(number: int, record: str) -> Decision:
    try:
        return replace(from_json(Decision, record), id=number)
    except ValueError as error:  # never passed over: a lost decision would be a changed grade
        raise sqlite3.DatabaseError(f"entry {number} of decisions is damaged: {error}") from error
