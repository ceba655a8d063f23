"""The work unit: one hand-in on one topic. Plain data in, plain data out, wherever it is run.

A unit's result depends on nothing but what its key is made of, so that it is kept under it, and a report is put
together from results that were got in any order, run and place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.engine._server import ExamServer, ServerGoneError
from grader.records import CheckResult, Verdict, restore


@dataclass(frozen=True, slots=True)
class Unit:
    """One hand-in on one topic."""

    key: str
    """Hash of everything that the result depends on."""
    assignment: str
    student: str
    topic: str
    path: str
    """Where the hand-in lies."""
    digest: str
    """Of its content: what lies there when it is examined must still be that."""
    seed: int
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Other names under which functions count."""


@dataclass(frozen=True, slots=True)
class UnitResult:
    """What came of one unit."""

    topic: str
    checks: tuple[CheckResult, ...] = ()
    parts: tuple[str, ...] = ()
    """The part of its problem that each check belongs to."""
    notes: tuple[str, ...] = ()
    """What loading the hand-in gave to remark."""
    level: str = ""
    """Of isolation, as the canaries confirmed it."""
    seconds: float = 0.0
    broken: str = ""
    """Why the grader itself ended before the end of the topic."""
    unloadable: tuple[str, ...] = ()
    """Verdict and reason, where the hand-in does not load: its other topics need not try again."""

    @property
    def sound(self) -> bool:
        """Whether the grader did its part: only such a result is kept for later runs."""
        return not self.broken and all(c.verdict is not Verdict.FAULT for c in self.checks)

    @property
    def exams(self) -> list[dict[str, str]]:
        """Its checks as an examination server describes them."""
        return [
            {"id": c.id, "topic": self.topic, "part": part}
            for c, part in zip(self.checks, self.parts, strict=True)
        ]


@dataclass
class _Job:
    units: Sequence[Unit]
    left: dict[str, Unit]
    checks: dict[str, list[CheckResult]] = field(default_factory=dict)


class Examiners:
    """An examination server that takes units of one hand-in at a time. Use as a context manager.

    `start` and `results` may be called by two threads. setup: as `server_setup` makes it. Raises UserError where the
    server refuses.
    """

    lanes = 0
    """As many jobs at a time as the run asks for."""

    def __init__(self, setup: Mapping[str, Any], started: Callable[[int], None] = lambda pid: None) -> None:
        """started: told the id of the server's process, which leads a process group, before it is waited for."""
        self._server = ExamServer(setup, started)
        self._parts = {e["id"]: e["part"] for e in self._server.exams}
        self.level: str = self._server.environment["level"]
        """Of isolation, as the canaries confirmed it."""
        self.exams: list[dict[str, str]] = self._server.exams
        """All checks there are: `id`, `topic` and `part`, in order."""
        self._jobs: dict[int, _Job] = {}
        self._count = 0

    def __enter__(self) -> Examiners:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def start(self, units: Sequence[Unit], unloadable: Sequence[str] = ()) -> int:
        """Fork an examiner that does these units of one hand-in, one after another; gives the number of the job.

        unloadable: what an earlier unit of the same hand-in gave as such. Raises ServerGoneError.
        """
        self._count += 1
        self._jobs[self._count] = _Job(units, {u.topic: u for u in units})
        first = units[0]
        self._server.send(
            {
                "unit": self._count,
                "path": first.path,
                "digest": first.digest,
                "topics": [u.topic for u in units],
                "seed": first.seed,
                "unloadable": list(unloadable),
                "aliases": dict(first.aliases),
            }
        )
        return self._count

    def results(self) -> Iterator[tuple[int, Unit, UnitResult | None]]:
        """The number of a job with each unit and its result as it ends; None as the result when the job has ended.

        Raises ServerGoneError when the server has ended.
        """
        for line in self._server.lines():
            number = line["unit"]
            job = self._jobs[number]
            if "check" in line:
                check: CheckResult = restore(CheckResult, line["check"])
                job.checks.setdefault(check.id.partition("::")[0], []).append(check)
            elif "topic" in line:
                yield number, *self._ended(job, line["topic"], line)
            else:
                for topic in list(job.left):  # the examiner broke, or the topic has no check for this run
                    yield number, *self._ended(job, topic, line)
                del self._jobs[number]
                yield number, job.units[-1], None
        raise ServerGoneError(self._server.last_words())

    def _ended(self, job: _Job, topic: str, line: Mapping[str, Any]) -> tuple[Unit, UnitResult]:
        checks = tuple(job.checks.pop(topic, ()))
        result = UnitResult(
            topic=topic,
            checks=checks,
            parts=tuple(self._parts[c.id] for c in checks),
            notes=tuple(line.get("notes", ())),
            level=self.level,
            seconds=line.get("seconds", 0.0),
            broken=line.get("broken", ""),
            unloadable=tuple(line.get("unloadable", ())),
        )
        return job.left.pop(topic), result


def run_units(setup: Mapping[str, Any], units: Sequence[Unit]) -> Iterator[UnitResult]:
    """The results of these units of one hand-in: a server of their own is started and ended.

    For one that is at hand already, use `Examiners`. Raises UserError where the server refuses.
    """
    with Examiners(setup) as examiners:
        examiners.start(units)
        for _, _, result in examiners.results():
            if result is None:
                return
            yield result
