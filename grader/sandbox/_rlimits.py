"""Limits and descriptors of a worker: what works on every POSIX system, and is all that level L1 does.

Sizes are in MiB (2**20 bytes), times in seconds of CPU. Source: getrlimit(2), close_range(2).
"""

import contextlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox._level import LockError

_MIB = 1 << 20
_OPEN_FILES = 512
_STACK = (8 * _MIB, 64 * _MIB)
# Where the limit on tasks counts all that the user runs, it cannot be exact: this much may start meanwhile.
SLACK_TASKS = 1024
# The least room above what the process maps already in which Python can still raise an error.
_ROOM_MB = 48


@dataclass(frozen=True)
class Limits:
    """The limits of one worker; `tasks` is the limit on processes and threads of its user."""

    memory_mb: int
    cpu_s: int
    file_mb: int
    tasks: int


def close_descriptors(keep: Sequence[int]) -> None:
    """Close every descriptor of this process but those in `keep`."""
    start = 0
    for descriptor in sorted(set(keep)):
        if start < descriptor:  # closerange(0, 0) would close everything: it takes the last number to be -1
            os.closerange(start, descriptor)
        start = descriptor + 1
    # The list says where to stop, where the system has one: without close_range(2) each number is tried.
    names: list[str] = []
    with contextlib.suppress(OSError):
        names = [entry.name for entry in Path("/dev/fd").iterdir()]
    last = max((int(name) for name in names if name.isdigit()), default=os.sysconf("SC_OPEN_MAX"))
    os.closerange(start, last + 1)


def tasks_of_user() -> int:
    """Count the tasks (processes and threads) of the calling user, 0 where /proc does not tell."""
    user, count = os.getuid(), 0
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if entry.stat().st_uid == user:
                count += task_count(entry.name)
    return count


def task_count(process: int | str) -> int:
    """Count the tasks of one process, by its id or `self`; 0 where /proc does not tell."""
    try:
        return sum(1 for _ in Path(f"/proc/{process}/task").iterdir())
    except OSError:
        return 0


def task_limit(threads: int, others: int | None) -> int:
    """Give the limit that leaves a worker `threads` tasks; `others` counts its user's other tasks, None for no others."""
    return threads if others is None else threads + others + SLACK_TASKS


def set_limits(limits: Limits) -> None:
    """Set the limits, soft and hard, for good; one that is lower already stays.

    LockError where `memory_mb` is below what the process takes before it does anything.
    """
    import resource  # missing on Windows, where no worker is forked

    taken = mapped_mb()
    if taken + _ROOM_MB > limits.memory_mb:
        raise LockError(
            f"a memory limit of {limits.memory_mb} MiB is too low: Python and its libraries map {taken} MiB"
            f" before any work; allow {taken + 256} MiB or more"
        )
    wanted = {
        "RLIMIT_AS": limits.memory_mb * _MIB,
        "RLIMIT_FSIZE": limits.file_mb * _MIB,
        "RLIMIT_NPROC": limits.tasks,
        "RLIMIT_NOFILE": _OPEN_FILES,
        "RLIMIT_CORE": 0,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_NICE": 0,
        "RLIMIT_RTPRIO": 0,
    }
    try:
        for name, value in wanted.items():
            if hasattr(resource, name):
                _lower(getattr(resource, name), value, value)
        soft = resource.getrlimit(resource.RLIMIT_STACK)[0]
        stack = _STACK[1] if soft < 0 else min(max(soft, _STACK[0]), _STACK[1])
        _lower(resource.RLIMIT_STACK, stack, stack)
        # SIGXCPU first; a second later SIGKILL for a process that ignores it.
        _lower(resource.RLIMIT_CPU, limits.cpu_s, limits.cpu_s + 1)
    except (OSError, ValueError) as problem:
        # macOS accepts no RLIMIT_AS that is below what is mapped, and on some versions none at all.
        if sys.platform.startswith("linux"):
            raise LockError(f"cannot set the limits of the worker: {problem}") from problem


def mapped_mb() -> int:
    """Give the size of this process's address space in MiB, 0 where /proc does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // _MIB


def _lower(which: int, soft: int, hard: int) -> None:
    import resource

    _, ceiling = resource.getrlimit(which)
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(which, (soft, hard))
