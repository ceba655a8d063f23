"""The examination server: pytest collects the checks once, then one examiner is forked per hand-in.

Speaks JSON lines: the first line on standard input is the set-up, each further one a hand-in; on standard
output come `ready`, then per hand-in one line a check and a last one. Trusted on both sides: submitted
code lives behind the sandbox's sockets and never sees these pipes. Ends, with everything it started,
when standard input ends.
"""

from __future__ import annotations

import base64
import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from grader import judge
from grader.bank import Course
from grader.exam._desk import Desk
from grader.exam._entry import Walls
from grader.exam._examine import Exam
from grader.exam._kept import KeptValues
from grader.exam._lines import write_all, write_line
from grader.exam._patience import Patience
from grader.exam._rehearsal import Rehearsals
from grader.exam._work import NEWS, Work
from grader.pytest_plugin import DESK, CheckItem
from grader.records import Kind, UserError, Visibility
from grader.sandbox import HugePages, Limits, SandboxFault, Zygote, end_with_parent

_SLACK_S = 120.0
"""Beyond the time of the submitted code itself: shrinking, proofs, a busy machine."""
_HEAVY = {Kind.STATISTICAL: "FiniteLaw", Kind.SYMBOLIC: "hunt"}
"""What of the judge these kinds use: loaded before the first examiner is forked, so that not each of them has to."""



@dataclass
class _Examiner:
    """One forked examiner, seen from the server."""

    pid: int
    unit: int
    pipe: int
    patience: Patience
    pending: bytes = b""
    done: bool = False


@dataclass
class Server:
    """A pytest plugin whose run loop serves hand-ins."""

    setup: dict[str, Any]
    channel: int
    """Descriptor for our lines; what instructors' files print goes to standard error instead."""
    walls: Walls
    problems: list[str] = field(default_factory=list)
    last_report: str = ""

    def pytest_configure(self, config: pytest.Config) -> None:
        """Make all checks of this session share one desk."""
        config.stash[DESK] = Desk(Course(Path(self.setup["course"])))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what went wrong while the instructor's files were read."""
        if report.failed:
            lines = [line for line in report.longreprtext.strip().splitlines() if line.strip()]
            self.problems.append(f"{report.nodeid}: {lines[-1].removeprefix('E').strip() if lines else 'failed'}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep why a check could not even start."""
        if report.failed:
            self.last_report = report.longreprtext.strip().rpartition("\n")[2]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Serve hand-ins instead of running the items once."""
        if self.problems:
            write_line(self.channel, {"refused": f"the checks cannot be read: {self.problems[0]}"})
            return True
        items = [i for i in session.items if isinstance(i, CheckItem)]
        if self.setup["visible_only"]:
            items = [i for i in items if i.exam.spec.visibility is Visibility.VISIBLE]
        loop = _Loop(self, session.config.stash[DESK], items)
        loop.get_ready()
        try:
            zygote, level = self.walls.ready()
        except (UserError, SandboxFault) as error:
            write_line(self.channel, {"refused": str(error)})
            return True
        ready = {**zygote.environment, "level": level.name}
        write_line(self.channel, {"ready": ready, "exams": [_describe(i.exam) for i in items]})
        loop.serve(zygote)
        return True


def _describe(exam: Exam) -> dict[str, object]:
    return {"id": exam.id, "topic": exam.topic.name, "part": exam.spec.part}


class _Loop:
    """Forks examiners, relays their lines, ends them when they outstay."""

    def __init__(self, server: Server, desk: Desk, items: list[CheckItem]) -> None:
        self.server, self.desk, self.items = server, desk, items
        self.rehearsals = Rehearsals(desk, [item.exam for item in items] if server.setup["rehearses"] else [])
        self.limits = Limits(**server.setup["limits"])
        self.kept = KeptValues(desk.memo, server.setup.get("values", ""))
        self.selector = selectors.DefaultSelector()
        self.selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
        self.examiners: dict[int, _Examiner] = {}
        self.incoming = b""
        self.served = 0
        self.pages = HugePages(first=8)

    def get_ready(self) -> None:
        """What can be done before there are walls: nothing of it is submitted."""
        for kind in {i.exam.spec.kind for i in self.items} & _HEAVY.keys():
            getattr(judge, _HEAVY[kind])
        for item in self.items:
            item.bare  # noqa: B018 - found out once, and kept
        self.rehearsals.meanwhile(lambda: self.server.walls.rising)
        _leave_to_heirs()

    def serve(self, zygote: Zygote) -> None:
        try:
            while True:
                idle = self.pages.done and self.rehearsals.done
                for key, _ in self.selector.select(timeout=1.0 if idle else 0.0):
                    if key.fd != sys.stdin.fileno():
                        self._relay(self.examiners[key.fd])
                    elif not self._accept(zygote):
                        self.kept.save()
                        return
                self.pages.step()
                if self.rehearsals.step():
                    _leave_to_heirs()
                for late in [e for e in self.examiners.values() if e.patience.over()]:
                    os.kill(late.pid, signal.SIGKILL)
        finally:
            for examiner in self.examiners.values():
                os.kill(examiner.pid, signal.SIGKILL)
                os.waitpid(examiner.pid, 0)

    def _accept(self, zygote: Zygote) -> bool:
        chunk = os.read(sys.stdin.fileno(), 1 << 16)
        *lines, self.incoming = (self.incoming + chunk).split(b"\n")
        for line in lines:
            self._fork(json.loads(line), zygote)
        return bool(chunk)

    def _fork(self, job: dict[str, Any], zygote: Zygote) -> None:
        items = self._items(job)
        topics = {i.exam.topic.name for i in items}
        self._prepare_for_many(topics)
        if "checks" not in job:
            self.desk.foretell(job["seed"])
        try:
            connection = zygote.connect()
        except SandboxFault as fault:
            write_line(self.server.channel, {"unit": job["unit"], "broken": f"the sandbox failed: {fault}"})
            return
        read, write = os.pipe()
        server, pid = os.getpid(), os.fork()
        if pid == 0:
            end_with_parent(server)
            os.close(read)
            Work(self.server, self.desk, items, job, connection, self.limits, write).do_and_exit()
        os.close(write)
        connection.close()
        allowed = len(topics) * (2 * self.limits.topic_s + _SLACK_S) + self.limits.load_s
        self.examiners[read] = _Examiner(pid, job["unit"], read, Patience(allowed))
        self.selector.register(read, selectors.EVENT_READ)
        self.pages.forked()
        self.rehearsals.forked(topics)

    def _items(self, job: dict[str, Any]) -> list[CheckItem]:
        """The checks that a hand-in meets; an audit names them in the order it wants."""
        items = {i.exam.id: i for i in self.items if i.exam.topic.name in job["topics"]}
        chosen: dict[str, CheckItem] = {}

        def choose(name: str) -> None:
            if name in items and name not in chosen:
                for required in items[name].exam.spec.requires:
                    choose(f"{items[name].exam.topic.name}::{required}")
                chosen[name] = items[name]

        for name in job.get("checks", items):
            choose(name)
        return list(chosen.values()) if "checks" in job else list(items.values())

    def _prepare_for_many(self, topics: set[str]) -> None:
        """From the second hand-in on, have at hand what the first may not have needed: examiners inherit it."""
        self.served += 1
        if self.served > 1:
            for topic in topics:
                with contextlib.suppress(Exception):  # told by the check that needs it
                    self.desk.variants(topic)

    def _learn(self, news: dict[str, Any]) -> None:
        """Have at hand, for those that are forked from now on, what one examiner had to compute or to import."""
        self.desk.judgements.learn(base64.b64decode(news["judged"]))
        if news["computed"]:
            self.desk.memo.learn(base64.b64decode(news["computed"]))
        for name in news["parts"]:
            if name.partition(".")[0] in sys.modules and name not in sys.modules:
                with contextlib.suppress(Exception):  # told by the check that needs it
                    importlib.import_module(name)
        if news["computed"] or news["parts"]:
            _leave_to_heirs()

    def _relay(self, examiner: _Examiner) -> None:
        chunk = os.read(examiner.pipe, 1 << 16)
        *lines, examiner.pending = (examiner.pending + chunk).split(b"\n")
        told = []
        for line in lines:
            if line.startswith(NEWS):
                self._learn(json.loads(line.removeprefix(NEWS)))
                continue
            examiner.done = examiner.done or b'"done": ' in line[:200] or b'"broken": ' in line[:200]
            told.append(line + b"\n")
        write_all(self.server.channel, b"".join(told))
        if chunk:
            return
        self.selector.unregister(examiner.pipe)
        os.close(examiner.pipe)
        del self.examiners[examiner.pipe]
        os.waitpid(examiner.pid, 0)
        if not examiner.done:
            broken = "the examiner ended before it was done"
            write_line(self.server.channel, {"unit": examiner.unit, "broken": broken})


def _leave_to_heirs() -> None:
    """An examiner's collector leaves alone, and so uncopied, what there is now."""
    gc.collect()
    gc.freeze()


def serve(setup: dict[str, Any], channel: int, walls: Walls) -> int:
    """Collect, then serve until standard input ends. pytest's own words go to standard error."""
    files = [str(Path(setup["course"]) / "checks" / f"{topic}.py") for topic in setup["topics"]]
    quiet = ["-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:capture", "-p", "no:faulthandler", "-p", "no:logging"]
    isolate = ["-c", os.devnull, "--rootdir", setup["course"], "--import-mode=importlib", "--noconftest"]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    plugins = [Server(setup, channel, walls)]
    return int(pytest.main([*files, *quiet, *isolate, "-p", "grader.pytest_plugin"], plugins=plugins))
