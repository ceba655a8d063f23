"""The SQLite store: one transaction per report, so that whatever ended is kept whatever happens next."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable
from pathlib import Path

from grader.records._database import Database
from grader.records._errors import UserError
from grader.records._json import from_json, to_json
from grader.records._model import CheckResult, Place, Report, Run

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS reports (
    assignment TEXT NOT NULL, student TEXT NOT NULL, cache_key TEXT NOT NULL, finished INTEGER NOT NULL,
    score REAL NOT NULL, max_score REAL NOT NULL, run TEXT NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (assignment, student));
CREATE TABLE IF NOT EXISTS history (
    assignment TEXT NOT NULL, student TEXT NOT NULL, run TEXT NOT NULL, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS places (
    assignment TEXT NOT NULL, student TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (assignment, student));
CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, started TEXT NOT NULL, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS units (
    key TEXT PRIMARY KEY, assignment TEXT NOT NULL, student TEXT NOT NULL, topic TEXT NOT NULL, seconds REAL NOT NULL,
    record BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS units_by_name ON units (assignment, student, topic);
"""
_VERSION = 2
"""Of the tables. 1 had no units; `_SCHEMA` adds what an older store lacks, which is all that its migration takes."""
_KEPT_UNITS = 4
"""Versions of one unit that are kept: who takes a change back finds the results from before."""
_SHORTEST = 4
"""Characters of a result id that are enough to look it up by."""


class Store(Database):
    """Reports of one output folder (`results.sqlite`). Use as a context manager."""

    _TROUBLE = (
        "cannot use {path} as result store ({error}); free its disk, move that file away or choose"
        " another folder with -o: every result committed so far is kept"
    )

    def __init__(self, path: Path) -> None:
        """Open or create the store at `path`.

        Raises StoreFault when it is no store, is damaged or cannot be written, UserError for one of another version.
        """
        self.path = path
        with self._guarded():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=30)
            try:
                self._require_version()
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute(
                    "PRAGMA synchronous=NORMAL"
                )  # a power cut may cost the last commits, never the rest
                self._migrate()
            except BaseException:
                self._db.close()
                raise

    def _require_version(self) -> None:
        """Raises UserError for a store of a version that this one does not know; it is left as it is."""
        if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name='meta'").fetchone():
            return
        row = self._db.execute("SELECT value FROM meta WHERE key='schema_version'").fetchone()
        if row is not None and row[0] not in map(str, range(1, _VERSION + 1)):
            raise UserError(
                f"{self.path} was written by another version of the grader (its tables have version {row[0]}, this one"
                f" knows up to {_VERSION}); install that one, or choose another -o folder"
            )

    def _migrate(self) -> None:
        """Make the tables that are missing; all of it or nothing."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            for statement in filter(None, map(str.strip, _SCHEMA.split(";"))):
                self._db.execute(statement)
            self._db.execute("INSERT OR REPLACE INTO meta VALUES ('schema_version', ?)", (str(_VERSION),))

    def save(self, report: Report, *, cache_key: str, run_id: str, partial: bool = False) -> None:
        """Commit one report. One with a fault, or of some topics only, never replaces a finished one.

        Raises StoreFault; the report is then not in the store, and all earlier ones are.
        """
        finished = not report.faulty
        with self._guarded(), self._db:
            self._db.execute(
                "INSERT INTO history VALUES (?, ?, ?, ?)",
                (report.assignment, report.student, run_id, to_json(report)),
            )
            if (partial or not finished) and self.cached(report.assignment, report.student) is not None:
                return
            self._db.execute(
                "INSERT OR REPLACE INTO reports VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    report.assignment,
                    report.student,
                    cache_key,
                    int(finished),
                    report.score,
                    report.max_score,
                    run_id,
                    to_json(report),
                ),
            )

    def cached(self, assignment: str, student: str, cache_key: str | None = None) -> Report | None:
        """The finished report of this hand-in; with `cache_key`, only if nothing it depends on has changed."""
        with self._guarded():
            row = self._db.execute(
                "SELECT cache_key, record FROM reports WHERE assignment=? AND student=? AND finished=1",
                (assignment, student),
            ).fetchone()
        if row is None or (cache_key is not None and row[0] != cache_key):
            return None
        try:
            return from_json(Report, row[1])
        except ValueError:  # damaged: as good as none
            return None

    def reports(self, assignments: Iterable[str] | None = None) -> list[Report]:
        """All current reports, by assignment and student."""
        with self._guarded():
            query = "SELECT assignment, record FROM reports ORDER BY assignment, student"
            rows = self._db.execute(query).fetchall()
        wanted = None if assignments is None else set(assignments)
        return [from_json(Report, record) for name, record in rows if wanted is None or name in wanted]

    def reports_of(self, run_id: str) -> list[Report]:
        """The reports as they stood after a run, by assignment and student. Raises UserError for a run that is not there."""
        known = [run.id for run in self.runs()]
        if run_id not in known:
            raise UserError(
                f"{self.path} has no run {run_id!r} (there are: {', '.join(known[-8:]) or 'none'})"
            )
        until = known[: known.index(run_id) + 1]
        marks = ", ".join("?" * len(until))
        with self._guarded():
            (bound,) = self._db.execute(
                f"SELECT max(rowid) FROM history WHERE run IN ({marks})", until
            ).fetchone()
            rows = self._db.execute(
                "SELECT record FROM history WHERE rowid <= ? ORDER BY rowid", (bound or 0,)
            ).fetchall()
        kept: dict[tuple[str, str], Report] = {}
        for (record,) in rows:
            report = from_json(Report, record)
            before = kept.get((report.assignment, report.student))
            # As in `save`: a fault, or some of the problems only, replaces nothing that was finished.
            less = before is not None and {p.number for p in report.problems} < {
                p.number for p in before.problems
            }
            if before is None or before.faulty or not (report.faulty or less):
                kept[report.assignment, report.student] = report
        return [kept[key] for key in sorted(kept)]

    def state(self) -> tuple[int, int]:
        """Two numbers, of which one changes whenever a report is saved or a run ends."""
        with self._guarded():
            (reports,) = self._db.execute("SELECT max(rowid) FROM history").fetchone()
            (runs,) = self._db.execute("SELECT count(*) FROM runs").fetchone()
        return reports or 0, runs

    def save_run(self, run: Run) -> None:
        """Commit what is known of a run; called at its start and at its end."""
        with self._guarded(), self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO runs VALUES (?, ?, ?)", (run.id, run.started, to_json(run))
            )

    def runs(self) -> list[Run]:
        """All runs, the latest last."""
        with self._guarded():
            rows = self._db.execute("SELECT record FROM runs ORDER BY started, rowid").fetchall()
        return [from_json(Run, record) for (record,) in rows]

    def last_run(self) -> Run | None:
        """The run that was started last."""
        with self._guarded():
            query = "SELECT record FROM runs ORDER BY started DESC, rowid DESC LIMIT 1"
            row = self._db.execute(query).fetchone()
        return None if row is None else from_json(Run, row[0])

    def remember(self, places: Iterable[Place]) -> None:
        """Commit where hand-ins lie, for `grader replay`."""
        with self._guarded(), self._db:
            rows = [(p.assignment, p.student, to_json(p)) for p in places]
            self._db.executemany("INSERT OR REPLACE INTO places VALUES (?, ?, ?)", rows)

    def place(self, assignment: str, student: str) -> Place | None:
        """Where a hand-in lay when it was graded last; None where an older version wrote the store."""
        query = "SELECT record FROM places WHERE assignment=? AND student=?"
        with self._guarded():
            row = self._db.execute(query, (assignment, student)).fetchone()
        return None if row is None else from_json(Place, row[0])

    def unit(self, key: str) -> str | None:
        """The record of a unit's result with this content key; None when there is none, or a damaged one."""
        with self._guarded():
            row = self._db.execute("SELECT record FROM units WHERE key=?", (key,)).fetchone()
        try:
            return None if row is None else zlib.decompress(row[0]).decode()
        except (zlib.error, UnicodeDecodeError, TypeError):
            return None

    def save_unit(self, key: str, name: tuple[str, str, str], record: str, *, seconds: float) -> None:
        """Commit the record of a unit's result. name: assignment, student and topic. Of one unit the latest few are kept."""
        with self._guarded(), self._db:
            packed = zlib.compress(record.encode(), 1)
            self._db.execute(
                "INSERT OR REPLACE INTO units VALUES (?, ?, ?, ?, ?, ?)", (key, *name, seconds, packed)
            )
            where = "assignment=? AND student=? AND topic=?"
            latest = f"SELECT rowid FROM units WHERE {where} ORDER BY rowid DESC LIMIT {_KEPT_UNITS}"
            self._db.execute(f"DELETE FROM units WHERE {where} AND rowid NOT IN ({latest})", (*name, *name))

    def durations(self) -> dict[tuple[str, str, str], float]:
        """How long units took when they were last done, in seconds, by assignment, student and topic."""
        with self._guarded():
            rows = self._db.execute(
                "SELECT assignment, student, topic, seconds FROM units ORDER BY rowid"
            ).fetchall()
        return {(assignment, student, topic): seconds for assignment, student, topic, seconds in rows}

    def result(self, result_id: str) -> tuple[Report, CheckResult]:
        """A check result by its id, or by the beginning of it: of current reports, else of earlier ones.

        Raises UserError where there is none, or more than one.
        """
        start = result_id.strip().lower()
        if len(start) < _SHORTEST or set(start) - set("0123456789abcdef"):
            raise UserError(
                f"{result_id!r} is no result id: it stands on a report's Replay line, such as 3f2a90c1be47"
            )
        found: dict[str, tuple[Report, CheckResult]] = {}
        for table in ("reports", "history"):
            with self._guarded():
                query = f"SELECT record FROM {table} WHERE instr(record, ?)"
                rows = self._db.execute(query, (f'"result_id": "{start}',)).fetchall()
            for report in (from_json(Report, record) for (record,) in rows):
                found |= {c.result_id: (report, c) for c in report.checks if c.result_id.startswith(start)}
            if found:
                break
        if not found:
            raise UserError(f"there is no result {result_id} in {self.path}; choose its folder with -o")
        if len(found) > 1:
            raise UserError(
                f"{len(found)} results begin with {result_id}: type more of {', '.join(sorted(found)[:3])}"
            )
        return next(iter(found.values()))
