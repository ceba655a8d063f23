"""Run an audit: hand-ins with a known fate, and mutants, through the same server and sandbox as everybody's."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from grader.audit import (
    Case,
    Equivalent,
    Examined,
    Fate,
    Mutant,
    TopicAudit,
    Trial,
    case_trials,
    cases,
    equivalents,
    findings,
    mutant_trials,
    mutants,
    repeat_name,
)
from grader.bank import Course, Topic
from grader.engine._options import Options, server_setup
from grader.engine._server import ExamServer, ServerGoneError
from grader.exam import choose_level, libraries_for
from grader.records import CheckResult, UserError, restore

Progress = Callable[[int, int], None]
"""Told the number of trials done and the number of all known so far."""


@dataclass(frozen=True)
class _Subject:
    """One topic under audit."""

    topic: Topic
    source: str
    """Of the reference."""
    cases: tuple[Case, ...]
    listed: tuple[Equivalent, ...]
    mutants: tuple[Mutant, ...]
    came: dict[str, Examined] = field(default_factory=dict)
    """What came of the trials, by their names."""


def audit_topics(
    course: Course,
    topics: Sequence[Topic],
    options: Options,
    *,
    repeats: int = 2,
    mutate: bool = True,
    progress: Progress = lambda done, total: None,
) -> tuple[TopicAudit, ...]:
    """Audit these topics: known hand-ins, repeated `repeats` times, and unless told otherwise mutants of the reference.

    Raises UserError when a reference is missing, a list of equivalents is none, or nothing can be run.
    """
    if not topics:
        raise UserError("there is nothing to audit")
    if repeats < 1:
        raise UserError("an audit repeats every known hand-in at least once")
    subjects = [_subject(course, topic, mutate=mutate) for topic in topics]
    level = choose_level(options.isolation, lowest=options.lowest)
    names = tuple(t.name for t in topics)
    # No rehearsals: a check that leans on what another one left behind would find it there, and not be found out.
    setup = server_setup(course, names, options, level, libraries_for(course.known(names)), rehearses=False)
    with tempfile.TemporaryDirectory(prefix="grader-audit-") as folder, ExamServer(setup) as server:
        checks = {
            s.topic.name: [e["id"] for e in server.exams if e["topic"] == s.topic.name] for s in subjects
        }
        known = [
            (s, t)
            for s in subjects
            for t in case_trials(s.cases, checks[s.topic.name], options.seed, repeats)
        ]
        total = len(known) + sum(len(s.mutants) for s in subjects)
        runner = _Runner(server, Path(folder), options.jobs, lambda done: progress(done, total))
        runner.run(known)
        runner.run([(s, t) for s in subjects for t in _of_mutants(s, options.seed)])
    return tuple(
        findings(s.topic.name, s.source, s.cases, s.mutants, s.listed, s.came, repeats) for s in subjects
    )


def _subject(course: Course, topic: Topic, *, mutate: bool) -> _Subject:
    known = cases(course, topic)
    listed = equivalents(course, topic.name) if mutate else ()
    source = known[0].files["solution.py"]
    found = mutants(source, topic, {e.key for e in listed}) if mutate else ()
    return _Subject(topic, source, known, listed, found)


def _of_mutants(subject: _Subject, seed: int) -> Iterator[Trial]:
    """One for each mutant; none for those that no check can see, which live."""
    first = {c.name: subject.came[repeat_name(c, 1)] for c in subject.cases if c.fate is not Fate.NONE}
    slips = [first[c.name].results for c in subject.cases if c.fate is Fate.LOSES]
    for trial in mutant_trials(subject.mutants, first[subject.cases[0].name].results, slips, seed):
        if trial.checks:
            yield trial
        else:
            subject.came[trial.name] = Examined((), "")


@dataclass
class _Runner:
    """Hands trials to the server, as many at a time as there are jobs, and keeps what comes of them."""

    server: ExamServer
    folder: Path
    jobs: int
    progress: Callable[[int], None]
    done: int = 0
    _handed: int = 0

    def run(self, trials: Sequence[tuple[_Subject, Trial]]) -> None:
        """Run them all; one that the grader fails at is kept as such, and the others go on."""
        waiting = iter(trials)
        flying: dict[int, tuple[_Subject, Trial, list[CheckResult]]] = {}
        try:
            for subject, trial in islice(waiting, self.jobs):
                self._send(flying, subject, trial)
            for line in self.server.lines() if flying else ():
                subject, trial, results = flying[line["unit"]]
                if "check" in line:
                    results.append(restore(CheckResult, line["check"]))
                    continue
                if "topic" in line:
                    continue
                del flying[line["unit"]]
                subject.came[trial.name] = Examined(tuple(results), line.get("broken", ""))
                self.done += 1
                self.progress(self.done)
                for subject, trial in islice(waiting, 1):
                    self._send(flying, subject, trial)
                if not flying:
                    return
        except ServerGoneError:
            pass
        words = f"the examination server ended: {self.server.last_words()}"
        for subject, trial in trials:
            subject.came.setdefault(trial.name, Examined((), words))

    def _send(
        self, flying: dict[int, tuple[_Subject, Trial, list[CheckResult]]], subject: _Subject, trial: Trial
    ) -> None:
        self._handed += 1
        place = self.folder / subject.topic.name / trial.name
        place.mkdir(parents=True)
        for name, text in trial.files.items():
            (place / name).write_text(text, encoding="utf-8")
        flying[self._handed] = subject, trial, []
        self.server.send(_job(self._handed, place, subject.topic.name, trial))


def _job(unit: int, place: Path, topic: str, trial: Trial) -> Mapping[str, Any]:
    job: dict[str, Any] = {
        "unit": unit,
        "path": str(place),
        "topics": [topic],
        "seed": trial.seed,
        "shrinks": False,
    }
    if trial.checks is None:
        job["second"] = True
    else:
        job["checks"] = trial.checks
    if trial.enough:
        job["enough"] = trial.enough
    if trial.call_s is not None:
        job["limits"] = {"call_s": trial.call_s}
    return job
