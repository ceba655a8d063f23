"""How many hand-ins may be examined at once, so that all of them together can use what each of them may."""

from __future__ import annotations

import contextlib
from pathlib import Path

_RESERVE_MB = 1024
"""For the grader itself: its command, the examination server, the zygote."""


def free_memory_mb(root: Path = Path("/")) -> int | None:
    """Memory in MiB that this process and its children may still take; None where the system does not tell.

    Of the machine (/proc/meminfo, see proc_meminfo(5)), or less where a control group says so (memory.max and
    memory.current, Linux documentation, admin-guide/cgroup-v2). root: of the file system, for tests.
    """
    found = []
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = (root / "proc/meminfo").read_text().splitlines()
        found.append(int(next(line.split()[1] for line in lines if line.startswith("MemAvailable:"))) >> 10)
    with contextlib.suppress(OSError, ValueError):  # `max` is no number: there is no limit
        limit, used = ((root / "sys/fs/cgroup" / f"memory.{name}").read_text() for name in ("max", "current"))
        found.append((int(limit) - int(used)) >> 20)
    return min(found, default=None)


def fitting_jobs(jobs: int, memory_mb: int, free_mb: int | None) -> int:
    """As many as asked for, or fewer: none may be ended by the system because the others took what was promised to it."""
    if free_mb is None:
        return jobs
    return max(1, min(jobs, (free_mb - _RESERVE_MB) // memory_mb))
