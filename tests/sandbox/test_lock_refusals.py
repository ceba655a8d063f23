"""A lock that cannot be applied in full is refused in one line; there is no quiet way down."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader.sandbox import _rlimits
from grader.sandbox._level import Level, LockError
from grader.sandbox._lock import LockPlan, lock, plan
from tests.support.hosts import can_have_own_root

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="levels L2 and L3 are for Linux")

LEVELS = [Level.L1, Level.L2]
if sys.platform.startswith("linux") and can_have_own_root(nobody=False):
    LEVELS.append(Level.L3)


def answer_of(
    prepared: LockPlan, scratch: Path, *, memory_mb: int, before: Callable[[], object] = lambda: None
) -> str:
    """Lock a child and give the message of its LockError, or "locked"."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = "failed otherwise"
        try:
            before()
            lock(
                prepared,
                scratch=str(scratch),
                memory_mb=memory_mb,
                cpu_s=10,
                file_mb=1,
                threads=8,
                keep_fds=(0, 1, 2, writing),
            )
            said = "locked"
        except LockError as problem:
            said = str(problem)
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as answers:
        answer = answers.read()
    os.waitpid(child, 0)
    return answer


def room() -> int:
    """Give a memory limit in MiB that this (test) process fits in."""
    return _rlimits.mapped_mb() + 1024


@pytest.mark.parametrize("level", LEVELS)
def test_a_lock_that_can_be_applied_is(level: Level, tmp_path: Path) -> None:
    assert answer_of(plan(level), tmp_path, memory_mb=room()) == "locked"


@pytest.mark.parametrize("level", LEVELS)
def test_a_memory_limit_below_what_is_mapped_already_is_refused_with_the_number(
    level: Level, tmp_path: Path
) -> None:
    said = answer_of(plan(level), tmp_path, memory_mb=16)
    assert "16 MiB is too low" in said and "\n" not in said


@pytest.mark.parametrize("level", LEVELS[1:])
def test_a_process_with_threads_is_refused(level: Level, tmp_path: Path) -> None:
    forever = threading.Event()
    start = threading.Thread(target=forever.wait, daemon=True).start
    assert "2 threads" in answer_of(plan(level), tmp_path, memory_mb=room(), before=start)


def test_a_plan_of_another_process_is_refused(tmp_path: Path) -> None:
    foreign = replace(plan(Level.L2), parent=1)
    assert "parent" in answer_of(foreign, tmp_path, memory_mb=room())


def test_a_missing_scratch_directory_is_refused(tmp_path: Path) -> None:
    assert "missing" in answer_of(plan(Level.L2), tmp_path / "missing", memory_mb=room())


def test_closing_descriptors_spares_the_named_ones_only() -> None:
    reading, writing = os.pipe()
    extra = [os.dup(reading) for _ in range(5)]
    child = os.fork()
    if child == 0:
        open_ones = -1
        try:
            _rlimits.close_descriptors((2, writing))
            open_ones = 0
            for number in (0, 1, 2, reading, writing, *extra):
                try:
                    os.fstat(number)
                    open_ones += 1
                except OSError:
                    pass
        finally:
            os.write(writing, str(open_ones).encode())
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    assert os.read(reading, 10) == b"2"
    for descriptor in (reading, *extra):
        os.close(descriptor)
