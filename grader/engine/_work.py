"""One hand-in on its way through a run: its units, what came of them, and the report that they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from grader.bank import Assignment
from grader.engine._assemble import problems_of
from grader.engine._identity import Keys, environment_of, report_id, with_result_ids
from grader.engine._keeping import Keeper
from grader.engine._options import Options
from grader.engine._settling import by_rules
from grader.engine._telling import Telling
from grader.engine._units import Unit, UnitResult
from grader.engine._writeup_marks import with_writeups
from grader.engine._writeups import Written, read_written, written_record
from grader.intake import HandIn, Source, writeup_kind
from grader.records import Report, Settlement, Submission, from_json, is_complete, to_json

WRITEUPS = "write-ups"
"""Stands for a topic where what was read in write-ups is kept beside the units."""


@dataclass
class Work:
    """One hand-in: what is to be done, and what has come of it."""

    handin: HandIn
    assignment: Assignment
    submission: Submission
    notes: tuple[str, ...]
    key: str
    """Content key of the report."""
    units: dict[str, Unit]
    """By topic."""
    writeup_key: str
    """Empty where no file of it may be a write-up."""
    settlement: Settlement | None = None
    """The rules of its sheet, or None."""
    libraries: frozenset[str] = frozenset()
    """What its files name of the libraries that a worker can have at hand; asked only where there is something to do."""
    telling: Telling | None = None
    """Where its problems are told one by one."""
    results: dict[str, UnitResult] = field(default_factory=dict)
    written: Written | None = None
    started: str = ""

    @property
    def name(self) -> tuple[str, str]:
        """Assignment and student."""
        return self.assignment.id, self.handin.student

    @property
    def waiting(self) -> list[Unit]:
        """The units without result."""
        return [unit for topic, unit in self.units.items() if topic not in self.results]

    @property
    def unread(self) -> bool:
        """Whether its write-ups are still to be read."""
        return bool(self.writeup_key) and self.written is None

    @property
    def ended(self) -> bool:
        """Whether all is there that makes its report."""
        return not self.waiting and not self.unread


def plan_work(
    handin: HandIn,
    source: Source,
    assignment: Assignment,
    keys: Keys,
    options: Options,
    settlement: Settlement | None = None,
) -> Work:
    """What is to be done for one hand-in. source: its content; settlement: the rules of its sheet, if it has some."""
    digest, path = source.digest, str(handin.path.absolute())
    units = {
        topic: Unit(
            keys.unit(source, topic, assignment),
            assignment.id,
            handin.student,
            topic,
            path,
            digest,
            options.seed,
            assignment.aliases,
        )
        for topic in assignment.topics
    }
    return Work(
        handin=handin,
        assignment=assignment,
        submission=source.record,
        notes=source.notes,
        key=keys.report(source, assignment, [unit.key for unit in units.values()]),
        units=units,
        settlement=settlement,
        writeup_key=keys.writeups(source, assignment.id) if any(map(writeup_kind, source.files)) else "",
    )


def take_kept(work: Work, store: Keeper) -> None:
    """Give it the results that an earlier run kept of the same content."""
    for unit in work.waiting:
        text = store.unit(unit.key)
        if text is not None:
            work.results[unit.topic] = from_json(UnitResult, text)
    if work.unread:
        text = store.unit(work.writeup_key)
        if text is not None:
            work.written = read_written(text)


def keep_unit(work: Work, unit: Unit, result: UnitResult, store: Keeper | None) -> None:
    """Take a result, and keep it for later runs if the grader did its part."""
    work.results[unit.topic] = result
    if store is not None and result.sound:
        store.save_unit(unit.key, (*work.name, unit.topic), to_json(result), seconds=result.seconds)


def keep_written(work: Work, written: Written, store: Keeper | None) -> None:
    """The same for what was found in write-ups."""
    work.written = written
    if store is not None and written.sound:
        store.save_unit(work.writeup_key, (*work.name, WRITEUPS), written_record(written), seconds=0.0)


def report_of(
    work: Work, exams: Sequence[Mapping[str, str]], options: Options, level: str, remarks: Sequence[str] = ()
) -> Report:
    """The report that the results of a hand-in make, with the sheet: nothing else counts.

    exams: the checks of the topics whose results are broken. level: of isolation, where no result tells one. remarks:
    on the run, for its notes.
    """
    came = list(work.results.values())
    there: list[Mapping[str, str]] = [e for r in came if not r.broken for e in r.exams]
    there += [e for r in came if r.broken for e in exams if e["topic"] == r.topic]
    written = work.written or Written()
    problems, written_remarks = with_writeups(
        problems_of(work.assignment, there, {c.id: c for r in came for c in r.checks}),
        work.assignment,
        written.checked,
        written.problems,
        written.notes,
    )
    loading = dict.fromkeys(n for topic in work.units for n in work.results[topic].notes)
    broken = dict.fromkeys(f"the grader failed: {r.broken}" for r in came if r.broken)
    levels = [r.level for r in came if r.level]
    report = Report(
        id=report_id(*work.name, work.key),
        assignment=work.assignment.id,
        student=work.handin.student,
        submission=work.submission,
        score=0.0,
        max_score=0.0,
        complete=is_complete(problems),
        problems=problems,
        notes=(*work.notes, *loading, *broken, *written_remarks, *remarks),
        environment=environment_of(min(levels, default=level), options.seed),
        started=work.started or now(),
        duration_s=round(sum(r.seconds for r in came), 3),
    )
    return with_result_ids(by_rules(report, work.settlement))


def exams_of(works: Iterable[Work]) -> dict[str, dict[str, str]]:
    """The checks that the results of hand-ins tell of, by id."""
    return {e["id"]: e for w in works for r in w.results.values() for e in r.exams}


def give_up(work: Work, why: str) -> None:
    """What has not come by now will not come."""
    for unit in work.waiting:
        work.results[unit.topic] = UnitResult(unit.topic, broken=why)
    if work.unread:
        work.written = Written(notes=(f"the write-up was not checked: {why}",), sound=False)


def now() -> str:
    """ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
