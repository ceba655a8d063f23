"""Commands that are measured: seconds by the clock and of processors with all that they start, ended where they hang.

Linux only. A command gets a limit of memory and of the size of a file, for the machine's sake: the hostile hand-ins
would take all there is. That is more than most of the harnesses offer themselves, so it is in their favour.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MEMORY_MB = 4096
FILE_MB = 1024
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Variables that all measured commands are given."""
_SUBREAPER = 36
_NOTICE_S = 0.05


@dataclass(frozen=True)
class Spent:
    """What a command took."""

    wall_s: float
    cpu_s: float
    code: int | None
    """Its exit code, None where it was killed because it did not end."""
    first_s: float = 0.0
    """When its first result was there."""


def adopt_orphans() -> None:
    """Makes this process the parent of what commands leave behind, so that it is counted and ended."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def spend(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    patience_s: float,
    errors: Path,
    *,
    limited: bool = True,
    there: Callable[[], bool] = lambda: False,
) -> Spent:
    """Run a command in a folder; what it says as an error goes to a file.

    `there` says whether its first result can be read, and is asked until it is.
    """
    before, started, first = _children_s(), time.monotonic(), 0.0
    with errors.open("w") as stream:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stream,
            start_new_session=True,
            preexec_fn=_limit if limited else None,
        )
        code = None
        while (passed := time.monotonic() - started) < patience_s:
            try:
                code = process.wait(_NOTICE_S)
                break
            except subprocess.TimeoutExpired:
                if not first and there():
                    first = time.monotonic() - started
        else:
            passed = patience_s
        passed = time.monotonic() - started if code is not None else passed
        _end_all()
        if code is None:
            process.wait()
    return Spent(passed, _children_s() - before, code, first or passed)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MB << 20, MEMORY_MB << 20))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_MB << 20, FILE_MB << 20))


def _end_all() -> None:
    """Kills and counts all children, then those that became ours by that."""
    while children := _children():
        for child in children:
            os.kill(child, signal.SIGKILL)
        for child in children:
            try:
                os.waitpid(child, 0)
            except ChildProcessError:
                continue


def _children() -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if parent == os.getpid():
            found.append(int(status.parent.name))
    return found


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
