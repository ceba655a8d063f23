"""One check put to one hand-in again, in a process of its own: every call shown, under a debugger where wanted.

The debugger stops where the check says no. It is on the grader's side: submitted code stays in its sandbox.
"""

from __future__ import annotations

import json
import os
import pdb
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from grader.bank import Course
from grader.exam._bench import Bench
from grader.exam._desk import Desk
from grader.exam._examine import Exam, examine
from grader.exam._fresh import fresh
from grader.exam._outcomes import CheckEnded
from grader.exam._raised import raised_text
from grader.exam._render import shown
from grader.exam._start import start_zygote
from grader.intake import read_source
from grader.pytest_plugin import DESK
from grader.records import CheckResult, UserError, Verdict, clean_text, plain
from grader.sandbox import Callback, Level, Limits, Outcome, Raised, Returned, SandboxFault, Source

_MOST_LINES = 300
"""Calls shown; a statistical check makes thousands."""


@dataclass
class LoudBench(Bench):
    """Prints each call and what came of it."""

    silent: bool = False
    _told: int = 0

    def calls(
        self,
        function: str,
        rows: Sequence[Sequence[object]],
        seeds: Sequence[int],
        *,
        through: Source | None = None,
    ) -> Iterator[Outcome]:
        """As `Bench.calls`."""
        for row, outcome in zip(rows, super().calls(function, rows, seeds, through=through), strict=False):
            self._told += 1
            if not self.silent and self._told <= _MOST_LINES:
                _say(f"{self._told:5}  {function}({', '.join(map(_argument, row))})  ->  {_came(outcome)}")
            if not self.silent and self._told == _MOST_LINES + 1:
                _say(f"{'':5}  (further calls are not shown)")
            yield outcome


@dataclass
class _ReplayDesk(Desk):
    """Examines without looking at what other checks gave."""

    debug: bool = False
    result: CheckResult | None = field(default=None)

    def examine(self, exam: Exam, fixtures: Mapping[str, Any]) -> CheckResult:
        bench = self.bench
        assert isinstance(bench, LoudBench)
        bench.begin_topic()
        self.result = examine(exam, bench, fixtures)
        if self.debug and self.result.verdict is not Verdict.PASSED:
            bench.begin_topic()
            bench.anew()
            bench.silent = True
            _debug(exam, bench, fixtures)
        return self.result


def _debug(exam: Exam, bench: Bench, fixtures: Mapping[str, Any]) -> None:
    """Put the rows again until one ends, and open the debugger at the line of the check where it did."""
    student = exam.student(bench)
    given = {name: student if name == "student" else fixtures[name] for name in exam.spec.fixtures}
    for row in exam.rows or ({},):
        try:
            exam.spec.function(**given, **fresh(dict(row)))
        except (CheckEnded, AssertionError) as ended:
            _say(f"\n{ended}\nin the debugger: `p row` or any name, `up`, `down`, `q` to end")
            pdb.post_mortem(_within(ended.__traceback__, exam.spec.function.__code__.co_filename))
            return
    _say("the check did not fail this time: nothing to debug")


def _within(trace: TracebackType | None, file: str) -> TracebackType | None:
    """A traceback that ends at its innermost frame in `file`."""
    found = trace
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            found = TracebackType(None, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)
        trace = trace.tb_next
    return found


def _argument(value: object) -> str:
    return "<a function>" if isinstance(value, Callback) else shown(value)


def _came(outcome: Outcome) -> str:
    if isinstance(outcome, Returned):
        changed = (
            f"  (changed argument {', '.join(str(i + 1) for i in outcome.mutated)})"
            if outcome.mutated
            else ""
        )
        return shown(outcome.value) + changed
    if isinstance(outcome, Raised):
        return clean_text(raised_text(outcome), 400)
    return clean_text(f"{outcome.verdict}: {outcome.detail}", 400)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def replay(setup: Mapping[str, Any]) -> CheckResult:
    """Run one check as `setup` says. Raises UserError when it cannot be run, or is not there any more."""
    topic, _, name = str(setup["check"]).partition("::")
    course = Course(Path(setup["course"]))
    file = course.checks_file(topic)
    secrets = [f for f in (file, course.root / "reference" / f"{topic}.py") if f.is_file()]
    zygote, _ = start_zygote(Level[setup["level"]], secrets=secrets, lowest=Level[setup["lowest"]])
    try:
        desk = _ReplayDesk(course, debug=setup["debug"])
        source, limits = read_source(Path(setup["path"])), Limits(**setup["limits"])
        desk.bench = LoudBench(zygote.connect(), source, limits, setup["seed"], aliases=setup.get("aliases", {}))
        quiet = ("terminal", "cacheprovider", "capture", "faulthandler")
        options = [f"-pno:{plugin}" for plugin in quiet] + ["--import-mode=importlib", "--noconftest"]
        place = ["-c", os.devnull, "--rootdir", str(course.root), "-p", "grader.pytest_plugin"]
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        os.environ.pop("PYTEST_ADDOPTS", None)
        pytest.main([f"{file}::check_{name}", *options, *place], plugins=[_Lay(desk)])
        desk.bench.close()
    finally:
        zygote.close()
    if desk.result is None:
        raise UserError(f"there is no check {setup['check']} in {file} any more, or the file cannot be read")
    return desk.result


@dataclass
class _Lay:
    """A pytest plugin that lays the desk."""

    desk: Desk

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[DESK] = self.desk


def main() -> int:
    """Read the set-up from the first argument, replay, write the result as JSON to the descriptor in the second."""
    setup, channel = json.loads(sys.argv[2]), int(sys.argv[3])
    try:
        answer = {"result": plain(replay(setup))}
    except (UserError, SandboxFault) as error:
        answer = {"refused": str(error)}
    with os.fdopen(channel, "w", encoding="utf-8") as file:
        json.dump(answer, file)
    return 0
