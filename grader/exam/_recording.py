"""Write down what the reference gives to the visible checks of some topics, in a process of its own.

Each check is put to the reference, as if that were handed in: once as it is, once with its answers rounded to single
precision; a statistical one then to known right variants as well, since it may ask about another law for answers of another
style. Then it is put to answers that are off by a few roundings, with nothing
but the record: a check that asks the reference about the student's own answer finds no answer there, and cannot go
into a kit.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import pytest

from grader.audit import Case, Fate, cases
from grader.bank import Course, freeze
from grader.exam._bench import Bench
from grader.exam._desk import Desk
from grader.exam._examine import Exam, examine
from grader.exam._recorded import Record, Recorded, Recorder
from grader.exam._start import start_zygote
from grader.intake import Source as HandedIn
from grader.intake import read_source
from grader.pytest_plugin import DESK
from grader.records import CheckResult, Kind, UserError, Verdict, Visibility
from grader.sandbox import Level, Limits, Outcome, Returned, SandboxFault, Source, Zygote

_NUDGE = 1 + 2.0**-46
"""Far below every tolerance, and not the same number any more."""
_PATIENCE_S = 3600.0
"""For all checks of a topic: it is the instructor's own code that runs."""
_FROM_CHANCE = "depends on what the student's code answers"

Change = Callable[[Any], Any]
_CHANGES: Final[Mapping[str, Change]] = {
    "as it is": lambda value: value,
    "single": lambda value: value.astype(np.float32),
    "nudged": lambda value: value * _NUDGE,
}


@dataclass
class _ChangedBench(Bench):
    """Gives answers that were changed on their way."""

    change: Change = field(default=lambda value: value)

    def calls(
        self,
        function: str,
        rows: Sequence[Sequence[object]],
        seeds: Sequence[int],
        *,
        through: Source | None = None,
    ) -> Iterator[Outcome]:
        """As `Bench.calls`."""
        for outcome in super().calls(function, rows, seeds, through=through):
            if isinstance(outcome, Returned):
                yield replace(outcome, value=_each_number(self.change, outcome.value))
            else:
                yield outcome


def _each_number(change: Change, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(_each_number(change, item) for item in value)
    if isinstance(value, np.ndarray) and value.dtype == np.float64:
        return change(value)
    if type(value) is float or isinstance(value, np.float64):
        return change(np.float64(value))
    return value


@dataclass
class RecordingDesk(Desk):
    """Puts every visible check to the reference, and keeps the record of those that a kit can have."""

    zygote: Zygote = field(kw_only=True)
    kept: dict[str, Record] = field(default_factory=dict)
    """Topic -> what its checks need."""
    visible: dict[str, list[str]] = field(default_factory=dict)
    """Topic -> names of the checks that a kit can have."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Id of a visible check -> why it cannot be in a kit."""
    _benches: dict[tuple[str, str], Bench] = field(default_factory=dict)
    _others: dict[str, dict[str, Case]] = field(default_factory=dict)

    def examine(self, exam: Exam, fixtures: Mapping[str, Any]) -> CheckResult:
        """Run the check as often as it takes; gives back what it came to with the solution at hand."""
        if exam.spec.visibility is not Visibility.VISIBLE:
            return self._skipped(exam, exam.spec.name)
        record = Record()
        recorder = Recorder(self.course.reference(exam.topic.name), record)  # type: ignore[arg-type]
        usable = self.visible.setdefault(exam.topic.name, [])
        result = self._put(exam, {**fixtures, "reference": recorder}, "as it is")
        self._put(exam, {**fixtures, "reference": recorder}, "single")
        if "reference" in exam.spec.fixtures and result.verdict is Verdict.PASSED:
            others = Recorder(recorder.module, record)  # what cannot be kept of these is decided at grading
            for way in self._other_styles(exam, result):
                self._put(exam, {**fixtures, "reference": others}, way)
        why = self._obstacle(exam, fixtures, recorder, result, usable)
        if why:
            self.left_out[exam.id] = why
        else:
            usable.append(exam.spec.name)
            self._keep(exam, record)
        self.results[exam.id] = result
        return result

    def _obstacle(
        self,
        exam: Exam,
        fixtures: Mapping[str, Any],
        recorder: Recorder,
        first: CheckResult,
        usable: Sequence[str],
    ) -> str:
        """Why a check cannot be in a kit, or an empty string."""
        if first.verdict is not Verdict.PASSED:
            return f"the reference does not pass it ({first.verdict}: {first.message})"
        absent = [name for name in exam.spec.requires if name not in usable]
        if absent:
            return f"requires {absent[0]}, which a kit does not have"
        if "reference" not in exam.spec.fixtures:
            return ""
        if recorder.unkept:
            return f"needs more than data of the reference ({recorder.unkept[0]})"
        for way in ("nudged", "as it is"):
            stand_in = Recorded(recorder.record)
            verdict = self._put(exam, {**fixtures, "reference": stand_in}, way).verdict
            if stand_in.missed:
                return f"{_FROM_CHANCE} ({stand_in.missed[0]})"
            if verdict is Verdict.PASSED:
                return ""
        return f"without the solution the reference does not pass it ({verdict})"

    def _put(self, exam: Exam, fixtures: Mapping[str, Any], way: str) -> CheckResult:
        bench = self._bench(exam.topic.name, way)
        return examine(exam, bench, fixtures)

    def _other_styles(self, exam: Exam, first: CheckResult) -> list[str]:
        """Names of the hand-ins of a topic that this check is put to beside the reference."""
        topic = exam.topic.name
        if exam.spec.kind is not Kind.STATISTICAL:
            return []
        if topic not in self._others:
            self._others[topic] = {c.name: c for c in cases(self.course, exam.topic) if c.fate is Fate.FULL}
        called = cast("list[str]", first.evidence["functions"])
        replaced = {f"right-{n:02d}" for n, v in enumerate(self.variants(topic), 1) if v.of in called}
        return [name for name in self._others[topic] if name in replaced]

    def _bench(self, topic: str, way: str) -> Bench:
        if (topic, way) not in self._benches:
            for old in [key for key in self._benches if key[0] != topic]:
                self._benches.pop(old).close()
            self._benches[topic, way] = _ChangedBench(
                self.zygote.connect(),
                self._source(topic, way),
                Limits(topic_s=_PATIENCE_S),
                0,
                brief=True,
                change=_CHANGES.get(way, _CHANGES["as it is"]),
            )
        return self._benches[topic, way]

    def _source(self, topic: str, way: str) -> HandedIn:
        case = self._others.get(topic, {}).get(way)
        if case is None:
            return read_source(self.course.root / "reference" / f"{topic}.py")
        with tempfile.TemporaryDirectory() as folder:
            for name, text in case.files.items():
                (Path(folder) / name).write_text(text, encoding="utf-8")
            return read_source(Path(folder))

    def _keep(self, exam: Exam, record: Record) -> None:
        whole = self.kept.setdefault(exam.topic.name, Record())
        whole.answers.update(record.answers)
        drawn = exam.rows[len(exam.spec.rows.fixed) :] if exam.spec.rows else ()
        try:
            whole.rows[exam.spec.name] = freeze([dict(row) for row in drawn])
        except TypeError:
            whole.rows.pop(exam.spec.name, None)  # rows of objects: drawn again where they are used


def record(setup: Mapping[str, Any]) -> dict[str, Any]:
    """Record as `setup` says, a file per topic into its folder `into`. Raises UserError when the checks cannot be run."""
    course, level = Course(Path(setup["course"])), Level[setup["level"]]
    files = [str(course.checks_file(topic)) for topic in setup["topics"]]
    zygote, _ = start_zygote(level, lowest=Level[setup["lowest"]], warm=setup["warm"])
    desk = RecordingDesk(course, zygote=zygote)
    problems = _Problems(desk)
    try:
        quiet = ("terminal", "cacheprovider", "capture", "faulthandler")
        options = [f"-pno:{plugin}" for plugin in quiet] + ["--import-mode=importlib", "--noconftest"]
        place = ["-c", os.devnull, "--rootdir", str(course.root), "-p", "grader.pytest_plugin"]
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        os.environ.pop("PYTEST_ADDOPTS", None)
        pytest.main([*files, *options, *place], plugins=[problems])
    finally:
        for bench in desk._benches.values():
            bench.close()
        zygote.close()
    if problems.found:
        raise UserError(f"the checks cannot be read: {problems.found[0]}")
    for topic, kept in desk.kept.items():
        (Path(setup["into"]) / f"{topic}.msgpack").write_bytes(kept.write())
    return {"visible": desk.visible, "left_out": desk.left_out}


@dataclass
class _Problems:
    """A pytest plugin that lays the desk, and keeps what could not be read."""

    desk: RecordingDesk
    found: list[str] = field(default_factory=list)

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[DESK] = self.desk
        if self.desk.bench is None:  # what pytest asks for; each check gets benches of its own
            nothing = read_source(Path(os.devnull))
            self.desk.bench = Bench(self.desk.zygote.connect(), nothing, Limits(), 0)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.found.append(f"{report.nodeid}: {report.longreprtext.strip().rpartition(chr(10))[2]}")


def main() -> int:
    """Read the set-up from the first argument, record, write what came of it as JSON to the descriptor in the second."""
    setup, channel = json.loads(sys.argv[2]), int(sys.argv[3])
    try:
        answer = record(setup)
    except (UserError, SandboxFault) as error:
        answer = {"refused": str(error)}
    with os.fdopen(channel, "w", encoding="utf-8") as file:
        json.dump(answer, file)
    return 0
