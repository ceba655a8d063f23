"""What a forked examiner does: one hand-in, all its checks, a line each; and what it learned that others need not."""

from __future__ import annotations

import base64
import itertools
import json
import os
import sys
import time
import traceback
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn, Protocol

from grader.exam._bench import Bench
from grader.exam._desk import Desk
from grader.exam._examine import Exam
from grader.exam._lines import write_all, write_line, write_lines
from grader.exam._rehearsal import Rehearsals
from grader.intake import Source, read_source
from grader.pytest_plugin import CheckItem
from grader.records import CheckResult, Verdict, clean_text, plain
from grader.sandbox import Connection, Limits

NEWS = b"news "
"""Begins a line that is meant for the server itself: what the examiner had to compute or to import, and others need not."""


class Told(Protocol):
    """Who hears from pytest."""

    last_report: str
    """Why a check could not even start; empty where it could."""


@dataclass(frozen=True)
class Work:
    """What a forked examiner does: one hand-in, all its checks, a line each."""

    server: Told
    desk: Desk
    items: list[CheckItem]
    job: dict[str, Any]
    connection: Connection
    limits: Limits
    write: int

    def do_and_exit(self) -> NoReturn:
        code = 1
        try:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            self._examine()
            code = 0
        except BaseException:  # noqa: BLE001 - a forked process must not return into the server
            traceback.print_exc(file=sys.stderr)
            sys.stderr.flush()
        finally:
            os._exit(code)

    def _examine(self) -> None:
        source = read_source(Path(self.job["path"]))
        if source.digest != self.job.get("digest", source.digest):
            broken = "the hand-in was changed while it was waiting; run again"
            write_line(self.write, {"unit": self.job["unit"], "broken": broken})
            return
        if self.job.get("second"):
            self._first_of_two(source)
        bench = self._lay(source)
        enough = self.job.get("enough", 0)
        inherited = set(sys.modules)
        started = time.monotonic()
        came: list[CheckResult] = []
        for item, following in itertools.zip_longest(self.items, self.items[1:]):
            result = self._put(item)
            came.append(result)
            enough -= result.evidence.get("firm") is True
            last = enough == 0 and "enough" in self.job
            if last or following is None or following.exam.topic.name != item.exam.topic.name:
                self._topic_ended(item.exam.topic.name, bench, came, time.monotonic() - started)
                started, came = time.monotonic(), []
            if last:
                break
        bench.close()
        self.connection.close()
        # Before the last line: the next hand-in is forked when that is read.
        computed, judged = self.desk.memo.news(), self.desk.judgements.news()
        parts = sorted(set(sys.modules) - inherited)
        if computed or judged or parts:
            news = {"computed": _text(computed), "judged": _text(judged), "parts": parts}
            write_all(self.write, NEWS + json.dumps(news).encode() + b"\n")
        write_line(self.write, {"done": {}, "unit": self.job["unit"]})

    def _lay(self, source: Source) -> Bench:
        limits = replace(self.limits, **self.job.get("limits", {}))
        bench = Bench(self.connection, source, limits, self.job["seed"], "checks" in self.job, self.job.get("shrinks", True), aliases=self.job.get("aliases", {}))
        if self.job.get("unloadable"):
            verdict, why = self.job["unloadable"]
            bench.give_up(Verdict(verdict), why)
        self.desk.lay(bench)
        return bench

    def _first_of_two(self, source: Source) -> None:
        """What a run does before it comes to a hand-in: the reference takes the checks, and so does an equal hand-in."""
        Rehearsals(self.desk, [item.exam for item in self.items]).everything()
        bench = self._lay(source)
        for item in self.items:
            self._put(item)
        bench.close()

    def _put(self, item: CheckItem) -> CheckResult:
        """Put a check to the hand-in on the bench: by pytest, or at once where pytest adds nothing but time."""
        if not (item.bare and self._put_at_once(item)):
            self.server.last_report = ""
            later = self.items[self.items.index(item) + 1 :]
            following = next((i for i in later if not i.bare), None)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        return self.desk.results.get(item.exam.id) or _never_started(item.exam, self.server.last_report)

    def _put_at_once(self, item: CheckItem) -> bool:
        """False where it ends in a way of which pytest tells: a reference that does not load, a check that exits or skips itself."""
        try:
            with warnings.catch_warnings(record=True):
                wanted = {"reference"}.intersection(item.exam.spec.fixtures)
                self.desk.examine(item.exam, {name: self.desk.reference(item.exam.topic.name) for name in wanted})
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - pytest's outcomes are no exceptions of the usual kind
            return False
        return True

    def _topic_ended(self, topic: str, bench: Bench, came: list[CheckResult], seconds: float) -> None:
        told: list[dict[str, Any]] = [{"check": plain(result)} for result in self.desk.settled(came)]
        told.append({"topic": topic, "notes": bench.notes, "seconds": round(seconds, 4), "unloadable": bench.unloadable})
        write_lines(self.write, [{"unit": self.job["unit"], **message} for message in told])


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _never_started(exam: Exam, why: str) -> CheckResult:
    return CheckResult(
        id=exam.id,
        title=exam.spec.title,
        kind=exam.spec.kind,
        visibility=exam.spec.visibility,
        verdict=Verdict.FAULT,
        score=0.0,
        max_score=exam.spec.points,
        message=clean_text(f"the check could not start: {why}", 500),
    )
