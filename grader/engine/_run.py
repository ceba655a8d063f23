"""`grader run` as a function: plan, examine, keep each result and each report as it ends."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from grader.bank import Assignment, Course
from grader.engine._assemble import narrowed, require_checks
from grader.engine._identity import Keys
from grader.engine._interrupt import interruptible
from grader.engine._keeping import Keeper
from grader.engine._options import Options, server_setup
from grader.engine._order import Line, jobs_of
from grader.engine._pool import Bench, Pool
from grader.engine._schedulers import cluster_examiners
from grader.engine._settling import by_rules, settlements
from grader.engine._telling import Teller, Telling
from grader.engine._units import Examiners, Unit, UnitResult
from grader.engine._work import (
    Work,
    exams_of,
    give_up,
    keep_unit,
    keep_written,
    now,
    plan_work,
    report_of,
    take_kept,
)
from grader.engine._writeups import Writeups, Written, require_sheets
from grader.exam import choose_level, libraries_for
from grader.intake import HandIn, read_source
from grader.records import Place, Report, Run, Settlement
from grader.sandbox import Level


@dataclass(frozen=True)
class Outcome:
    """A finished run."""

    run: Run
    reports: tuple[Report, ...]
    interrupted: bool = False
    fault: str = ""
    """Why the grader itself gave up on some hand-ins, or empty."""


Listener = Callable[[Report, int, int], None]
"""Told each report as it ends, the number done and the number of all."""


def run_handins(
    course: Course,
    handins: Sequence[HandIn],
    options: Options,
    *,
    store: Keeper | None = None,
    passed_over: Sequence[str] = (),
    listener: Listener = lambda report, done, total: None,
    teller: Teller | None = None,
    assignments: Mapping[str, Assignment] | None = None,
) -> Outcome:
    """Grade all hand-ins of the course's assignments, or of those given. Each unit's result and each report is committed
    to the store as it ends; what is unchanged since is taken from it.

    Raises UserError when the checks cannot be read or the isolation asked for is not available.
    """
    clock = time.monotonic()
    known = assignments or {h.assignment: course.assignment(h.assignment) for h in handins}
    level = choose_level(options.isolation, lowest=options.lowest)
    run = Run(
        id=uuid.uuid4().hex[:12],
        started=now(),
        duration_s=0.0,
        seed=options.seed,
        isolation=level.name,
        assignments=tuple(dict.fromkeys(h.assignment for h in handins)),
        titles={h.assignment: known[h.assignment].title for h in handins},
        missing=tuple(passed_over),
    )
    if store is not None:
        store.remember(_place(course, handin, options) for handin in handins)
    sheets = {name: narrowed(sheet, options.only) for name, sheet in known.items()}
    grading = _Grading(course, options, level, run, store, listener, teller, len(handins))
    interrupted, fault = False, ""
    try:
        with interruptible(grading.kill):
            whole = (
                {} if options.only or options.visible_only else known
            )  # of a part, no total can be settled
            works = grading.planned(handins, sheets, settlements(handins, whole))
            fault = grading.examine(works) if works else ""
    except KeyboardInterrupt:
        interrupted = True
    done = grading.done
    isolation = min([r.environment.isolation for r in done.values()], default=level.name)
    run = replace(run, duration_s=round(time.monotonic() - clock, 3), isolation=isolation)
    if store is not None:
        store.save_run(run)
    return Outcome(run, tuple(done[i] for i in sorted(done)), interrupted, fault)


class _Grading:
    """One run: what is done of it, by the number of the hand-in."""

    def __init__(
        self,
        course: Course,
        options: Options,
        level: Level,
        run: Run,
        store: Keeper | None,
        listener: Listener,
        teller: Teller | None,
        total: int,
    ) -> None:
        self._course, self._options, self._level, self._run = course, options, level, run
        self._store, self._listener, self._total = store, listener, total
        self._exams: list[dict[str, str]] = []
        self._environment_level = level.name
        self._servers: list[int] = []
        self._teller = teller
        self.done: dict[int, Report] = {}

    def kill(self) -> None:
        """End what was started, at once: zygotes and workers end by themselves when their server is gone."""
        for pid in self._servers:
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)

    def planned(
        self,
        handins: Sequence[HandIn],
        sheets: Mapping[str, Assignment],
        rules: Sequence[Settlement | None],
    ) -> dict[int, Work]:
        """The hand-ins that wait, by number; reports on which nothing has changed since are done."""
        keys = Keys(self._course, self._options.settings(self._level))
        waiting = {}
        for index, handin in enumerate(handins):
            source = read_source(handin.path)
            work = plan_work(handin, source, sheets[handin.assignment], keys, self._options, rules[index])
            work.telling = Telling(self._teller) if self._teller is not None else None
            kept = None
            if self._store is not None and not self._options.fresh:
                kept = self._store.cached(*work.name, work.key)
            if kept is not None:
                self._tell(index, self._settled_anew(kept, work))
            else:
                work.libraries = libraries_for(source.files.values())
                waiting[index] = work
        return waiting

    def _settled_anew(self, kept: Report, work: Work) -> Report:
        """A report from an earlier run, by the rules as they are now."""
        if kept.settlement == work.settlement:
            return kept
        report = by_rules(kept, work.settlement)
        self._save(report, work)
        return report

    def _save(self, report: Report, work: Work) -> None:
        if self._store is not None:
            partial = bool(self._options.only)
            self._store.save(report, cache_key=work.key, run_id=self._run.id, partial=partial)

    def examine(self, works: Mapping[int, Work]) -> str:
        """Bring them to their end; why the grader gave up on some, or empty."""
        require_sheets(self._course, [w.assignment for w in works.values()])
        if self._store is not None and not self._options.fresh:
            for work in works.values():
                take_kept(work, self._store)
        units = {i: work.waiting for i, work in works.items() if work.waiting}
        unread = [i for i, work in works.items() if work.unread]
        with contextlib.ExitStack() as stack:
            writeups = stack.enter_context(
                Writeups(self._course, seed=self._options.seed, jobs=self._options.jobs)
            )
            pool = self._pool(works, writeups)
            if len(works) == 1:  # somebody waits for it: it is read while the libraries are imported
                for index in unread:
                    pool.read(index)
            examiners = stack.enter_context(self._examiners(works, units)) if units else None
            self._learn_of_checks(works, examiners)
            for index, work in works.items():
                self._heard(work)
                self._finish(index, work)
            fault = pool.run(self._line(units, examiners), unread, examiners, self._lanes(examiners))
        for index, work in works.items():
            give_up(work, fault)
            self._finish(index, work)
        return fault

    def _examiners(
        self, works: Mapping[int, Work], units: Mapping[int, Sequence[Unit]]
    ) -> contextlib.AbstractContextManager[Bench]:
        topics = tuple(dict.fromkeys(u.topic for i in units for u in units[i]))
        for topic in topics:
            self._course.checks_file(topic)
        libraries = frozenset[str]().union(*(works[i].libraries for i in units))
        setup = server_setup(self._course, topics, self._options, self._level, libraries)
        if self._options.scheduler:
            return cluster_examiners(setup, self._options.scheduler, self._run.id)
        return Examiners(setup, started=self._servers.append)

    def _learn_of_checks(self, works: Mapping[int, Work], examiners: Bench | None) -> None:
        """From the server, and from results of topics that it need not know. Raises UserError where a sheet asks for others."""
        known = exams_of(works.values())
        if examiners is not None:
            self._environment_level = examiners.level
            known |= {e["id"]: e for e in examiners.exams}
        self._exams = list(known.values())
        if not self._options.visible_only:
            require_checks([w.assignment for w in works.values()], self._exams)

    def _lanes(self, examiners: Bench | None) -> int:
        return (examiners.lanes if examiners is not None else 0) or self._options.jobs

    def _line(self, units: Mapping[int, Sequence[Unit]], examiners: Bench | None) -> Line:
        durations = self._store.durations() if self._store is not None and units else {}
        jobs = self._lanes(examiners)
        return Line(jobs_of(units, lambda u: durations.get((u.assignment, u.student, u.topic)), jobs), jobs)

    def _pool(self, works: Mapping[int, Work], writeups: Writeups) -> Pool:
        def begin(index: int, tell: Callable[[Written], None]) -> bool:
            work = works[index]
            if work.started:
                return False
            work.started = now()
            if work.unread:
                writeups.start(work.handin.path, work.assignment, tell)
            return work.unread

        def keep(index: int, unit: Unit, result: UnitResult) -> None:
            work = works[index]
            keep_unit(work, unit, result, self._store)
            self._heard(work)
            self._finish(index, work)

        def written(index: int, found: Written) -> None:
            keep_written(works[index], found, self._store)
            self._finish(index, works[index])

        return Pool(begin, keep, written)

    def _heard(self, work: Work) -> None:
        """Tell its problems whose checks are all done, if somebody listens; write-ups come with the report."""
        if work.telling is not None and not work.writeup_key:
            checks = {c.id: c for r in work.results.values() for c in r.checks}
            work.telling.heard(work.assignment, self._exams, checks)

    def _finish(self, index: int, work: Work) -> None:
        """Make its report, once all is there."""
        if index in self.done or not work.ended:
            return
        kit = () if self._course.kit is None else (str(self._course.kit),)
        report = report_of(work, self._exams, self._options, self._environment_level, kit)
        self._save(report, work)
        if work.telling is not None:
            work.telling.finished(report)
        self._tell(index, report)

    def _tell(self, index: int, report: Report) -> None:
        self.done[index] = report
        self._listener(report, len(self.done), self._total)


def _place(course: Course, handin: HandIn, options: Options) -> Place:
    path, limits = str(handin.path.resolve()), asdict(options.limits)
    return Place(handin.assignment, handin.student, path, str(course.root), limits, options.only)
