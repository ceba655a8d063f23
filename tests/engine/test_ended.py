"""A run that is ended, at whatever moment, leaves nothing behind but what it has done; the next one goes on from there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.bank import Course
from tests.support.two_topics import TOPICS, examined, hand_in, solution, write_course

NAMES = [f"s{n}" for n in range(5)]

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes in /proc")


def command(course: Course, out: str) -> list[str]:
    run = [sys.executable, "-m", "grader", "run", str(course.root / "submissions"), "-q", "-j", "2"]
    return [*run, "-o", str(course.root / out), "--json", str(course.root / f"{out}.json")]


def environment(course: Course) -> dict[str, str]:
    (course.root / "tmp").mkdir(exist_ok=True)
    return {**os.environ, "TMPDIR": str(course.root / "tmp")}


def finished(course: Course, out: str) -> list[object]:
    """The records of a run that nobody ends, without times."""
    subprocess.run(command(course, out), env=environment(course), check=True, timeout=240)
    reports = json.loads((course.root / f"{out}.json").read_text())["reports"]
    for record in [*reports, *(c for r in reports for p in r["problems"] for c in p["checks"])]:
        record["duration_s"] = record["started"] = 0
    return list(reports)


def of_the_run(course: Course) -> list[str]:
    """Process ids of the command, the server, examiners, the zygote and workers, which all know the folder for their files."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            about = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
        except OSError:
            continue
        if os.fsencode(course.root / "tmp") in about:
            found.append(process.name)
    return found


def wait_for(held: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not held():
        assert time.monotonic() < end
        time.sleep(0.02)


def lines(course: Course) -> int:
    log = course.root / "examined.txt"
    return len(log.read_text().splitlines()) if log.exists() else 0


def test_a_kill_at_any_moment_costs_what_was_in_flight_and_no_more(tmp_path: Path) -> None:
    course = write_course(tmp_path)
    for number, name in enumerate(NAMES):
        hand_in(tmp_path, name, solution(name, second="x" if number == 3 else "x + 1"))
    whole = finished(course, "whole")
    examined(course)
    units = len(NAMES) * len(TOPICS)
    for seen in (0, 1, 4, units - 1):
        out = f"killed{seen}"
        process = subprocess.Popen(command(course, out), env=environment(course))
        wait_for(lambda: lines(course) >= seen and (course.root / out / "results.sqlite").exists())  # noqa: B023
        process.kill()
        process.wait()
        wait_for(lambda: of_the_run(course) == [])
        before = examined(course)
        assert finished(course, out) == whole
        after = examined(course)
        assert set(before) | set(after) == {f"{topic} {name}" for topic in TOPICS for name in NAMES}
        assert (
            sum(before.values()) + sum(after.values()) <= units + 2 * 2
        )  # two examiners, each ahead by one at most


_TWICE = """
import os, signal, time
from grader.engine._interrupt import interruptible
try:
    with interruptible(lambda: print("at once", flush=True)):
        try:
            os.kill(os.getpid(), signal.{first})
            time.sleep(60)
        except KeyboardInterrupt:
            print("ending", flush=True)
            os.kill(os.getpid(), signal.{second})
            time.sleep(60)
except KeyboardInterrupt:
    pass
"""


@pytest.mark.parametrize(("first", "second"), [("SIGINT", "SIGINT"), ("SIGTERM", "SIGINT")])
def test_the_second_time_everything_ends_at_once(first: str, second: str) -> None:
    script = _TWICE.format(first=first, second=second)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout.split("\n")) == (130, ["ending", "at once", ""])


def test_who_waits_no_longer_finds_the_old_ways_restored() -> None:
    script = (
        "import signal\nfrom grader.engine._interrupt import interruptible\nbefore = signal.getsignal(signal.SIGTERM)\n"
        "with interruptible(print):\n    assert signal.getsignal(signal.SIGTERM) is not before\n"
        "assert signal.getsignal(signal.SIGTERM) is before\n"
    )
    subprocess.run([sys.executable, "-c", script], timeout=60, check=True)


def test_a_wish_to_end_is_like_ctrl_c(tmp_path: Path) -> None:
    course = write_course(tmp_path)
    hand_in(tmp_path, "ann")
    hand_in(tmp_path, "zoe", solution("zoe", second="__import__('time').sleep(9) or x + 1"))
    process = subprocess.Popen(
        command(course, "out"), env=environment(course), stderr=subprocess.PIPE, text=True
    )
    wait_for(lambda: lines(course) >= 2 * len(TOPICS))
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "1 of 2 hand-ins are kept" in said
    wait_for(lambda: of_the_run(course) == [])
    hand_in(tmp_path, "zoe", solution("zoe"))
    assert [r["score"] for r in finished(course, "out")] == [20, 20]  # type: ignore[index]
