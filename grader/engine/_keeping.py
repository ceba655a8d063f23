"""Where finished reports go, and come from when nothing they depend on has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from grader.records import Place, Report, Run, Shelf, from_json, to_json


class Keeper(Protocol):
    """What `run_handins` needs of a `Store`."""

    def cached(self, assignment: str, student: str, cache_key: str | None = None) -> Report | None:
        """A finished report with this content key."""

    def save(self, report: Report, *, cache_key: str, run_id: str, partial: bool = False) -> None:
        """Keep a report."""

    def save_run(self, run: Run) -> None:
        """Keep what is known of a run."""

    def remember(self, places: Iterable[Place]) -> None:
        """Keep where hand-ins lie."""

    def unit(self, key: str) -> str | None:
        """The record of a unit's result with this content key."""

    def save_unit(self, key: str, name: tuple[str, str, str], record: str, *, seconds: float) -> None:
        """Keep the record of a unit's result. name: assignment, student and topic; seconds: how long it took."""

    def durations(self) -> Mapping[tuple[str, str, str], float]:
        """How long units took when they were last done, by assignment, student and topic."""


@dataclass(frozen=True)
class OwnResults:
    """Keeps reports of self-checks on the user's shelf: an unchanged file has its answer at once."""

    shelf: Shelf

    def cached(self, assignment: str, student: str, cache_key: str | None = None) -> Report | None:
        """The report that was kept under this content key."""
        content = self.shelf.get(_key(assignment, student, cache_key or ""))
        try:
            return None if content is None else from_json(Report, content.decode())
        except ValueError:  # of another version
            return None

    def save(self, report: Report, *, cache_key: str, run_id: str, partial: bool = False) -> None:
        """Keep a report, unless the grader failed on a part of it."""
        if not report.faulty:
            self.shelf.put(_key(report.assignment, report.student, cache_key), to_json(report).encode())

    def save_run(self, run: Run) -> None:
        """Nothing: a self-check has no history."""

    def remember(self, places: Iterable[Place]) -> None:
        """Nothing: a self-check is repeated by running it."""

    def unit(self, key: str) -> str | None:
        """The record that was kept under this content key."""
        content = self.shelf.get(key)
        return None if content is None else content.decode()

    def save_unit(self, key: str, name: tuple[str, str, str], record: str, *, seconds: float) -> None:
        """Keep the record of a unit's result."""
        self.shelf.put(key, record.encode())

    def durations(self) -> Mapping[tuple[str, str, str], float]:
        """Nothing: there is one hand-in."""
        return {}


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
