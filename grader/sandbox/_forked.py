"""From a fresh fork of the zygote to a locked worker that waits for submitted code."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NoReturn

from grader.sandbox._level import LockError
from grader.sandbox._lock import LockPlan, lock
from grader.sandbox._parent import end_with_parent
from grader.sandbox._seeds import Seeds
from grader.sandbox._wire import pack
from grader.sandbox._worker import Worker, send

_OWN: Final = Path(__file__).resolve().parents[2]
"""Where this package lies: a course, perhaps; found out before the fork, like all that takes time."""
_OWN_FRAMES: Final = 50
"""Frames below submitted code that a script of its own would not have."""


def become_worker(
    plan: LockPlan, seeds: Seeds, scratch: Path, limits: dict[str, int], *, wire: int, output: int
) -> NoReturn:
    """Lock this process and serve on the descriptor `wire`; output goes to `output`. Never returns."""
    stream = socket.socket(fileno=wire)
    try:
        try:
            _stand_apart()
            _arrange_descriptors(output)
            place = _lock(plan, scratch, limits, stream)
            _arrange_python(place)
        except Exception as error:  # noqa: BLE001 - whatever it was, this process must not run submitted code
            send(stream, pack(["failed", 0, f"{error}" if isinstance(error, LockError) else repr(error)]))
            os._exit(1)
        send(stream, pack(["ready", 0, place]))
        Worker(stream, Path(place), seeds).serve()
    finally:
        os._exit(1)


def _stand_apart() -> None:
    """Get the share of the processor of one, however many threads, and be the first to go when memory runs out.

    Linux divides the processor by sessions (`sched_autogroup`) where no control group does.
    """
    os.setsid()
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "wb", buffering=0) as score:
        score.write(b"1000")


def _arrange_descriptors(output: int) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)


def _lock(plan: LockPlan, scratch: Path, limits: dict[str, int], stream: socket.socket) -> str:
    end_with_parent(plan.parent)
    place = lock(
        plan,
        scratch=str(scratch),
        memory_mb=limits["memory_mb"],
        cpu_s=limits["cpu_s"],
        file_mb=limits["file_mb"],
        threads=limits["threads"],
        keep_fds=(0, 1, 2, stream.fileno()),
        scratch_mb=limits["scratch_mb"],
    )
    os.chdir(place)
    return place


def _arrange_python(place: str) -> None:
    """What submitted code finds: its own streams, folder for temporary files and main module; no path of ours."""
    for name in ("TMPDIR", "HOME", "MPLCONFIGDIR"):
        os.environ[name] = place
    os.environ.pop("TORCHINDUCTOR_CACHE_DIR", None)  # where torch, imported before the fork, would have written
    tempfile.tempdir = None
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), encoding="utf-8")
    sys.stdout = sys.__stdout__ = _stream(1)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _stream(2)  # type: ignore[misc]
    sys.modules["__main__"] = ModuleType("__main__")
    sys.argv[:] = [""]
    # Nobody's files have modes or times to be changed here: a copy without them is a copy, and not a denial.
    for name in ("copymode", "copystat"):
        setattr(shutil, name, _leave_alone)
    sys.setrecursionlimit(sys.getrecursionlimit() + _OWN_FRAMES)
    sys.path[:] = [entry for entry in sys.path if entry and (entry != str(_OWN) or "packages" in _OWN.name)]
    sys.meta_path[:] = [finder for finder in sys.meta_path if not _is_editable(finder)]


def _leave_alone(source: object, target: object, *, follow_symlinks: bool = True) -> None:
    """In place of copying the mode and the times of a file."""


def _is_editable(finder: Any) -> bool:
    """Finders of packages installed in place lead into a source tree, which may be a whole course."""
    return "__editable__" in str(getattr(finder, "__module__", ""))


def _stream(descriptor: int) -> io.TextIOWrapper:
    raw = io.BufferedWriter(io.FileIO(descriptor, "wb", closefd=False))
    return io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", line_buffering=True)
