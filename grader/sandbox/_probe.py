"""What this machine can isolate: each level is tried for real in a forked child, which then ends.

For `grader doctor` and for error messages. What a level promises is in `Level`.
"""

import os
import sys
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox import _landlock, _rlimits
from grader.sandbox._kernel import kernel
from grader.sandbox._level import Level, LockError
from grader.sandbox._lock import LockPlan, lock, plan

_REASON_BYTES = 4096
_ROOM_MB = 1024


@dataclass(frozen=True)
class LevelStatus:
    """Whether one level can be had here."""

    level: Level
    available: bool
    reason: str  # why not, one line; empty where available
    fix: str  # what to do about it, one line; empty where available


@dataclass(frozen=True)
class Availability:
    """What this machine offers to this user."""

    system: str  # kernel name, release and machine type
    landlock_abi: int | None  # None: no Landlock
    levels: tuple[LevelStatus, ...]  # L1, L2, L3

    @property
    def best(self) -> Level | None:
        """The highest level that is available; None where no worker can be forked at all."""
        return max((status.level for status in self.levels if status.available), default=None)


def available(*, readable: Sequence[str] = ()) -> Availability:
    """Try every level in a child of its own; `readable` as in `plan`. Never raises for what the machine lacks."""
    levels = tuple(level_status(level, readable=readable) for level in Level)
    return Availability(_system(), _landlock_abi(), levels)


def level_status(level: Level, *, readable: Sequence[str] = ()) -> LevelStatus:
    """Try one level in a child; `readable` as in `plan`. Never raises for what the machine lacks."""
    if not hasattr(os, "fork"):
        return LevelStatus(level, False, "this system cannot fork a process", _advice(level))
    try:
        reason = _try(plan(level, readable=readable))
    except LockError as problem:
        reason = str(problem)
    return LevelStatus(level, not reason, reason, _advice(level) if reason else "")


def _try(prepared: LockPlan) -> str:
    """Lock a child as `prepared` says; give the reason of the failure, or an empty string."""
    reading, writing = os.pipe()
    with tempfile.TemporaryDirectory(prefix="grader-probe-") as scratch, warnings.catch_warnings():
        # The child of a process with threads only locks itself, answers and ends; it takes no lock of theirs.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
        if child == 0:
            _answer(prepared, scratch, writing)
        os.close(writing)
        with open(reading, "rb") as answers:
            answer = answers.read(_REASON_BYTES).decode("utf-8", "replace")
        status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return f"the locked process was ended by signal {os.WTERMSIG(status)}"
    return answer.removeprefix("ok") if answer else "the locked process ended without an answer"


def _answer(prepared: LockPlan, scratch: str, writing: int) -> None:
    """In the child: lock, work in the scratch directory, say how it went, end."""
    said = "the lock failed in an unforeseen way"
    try:
        memory_mb = _rlimits.mapped_mb() + _ROOM_MB
        inside = lock(
            prepared,
            scratch=scratch,
            memory_mb=memory_mb,
            cpu_s=10,
            file_mb=1,
            threads=8,
            keep_fds=(writing,),
            scratch_mb=1,
        )
        probe = Path(inside, "probe")
        probe.write_bytes(b"x")
        probe.unlink()
        said = "ok"
    except (LockError, OSError) as problem:
        said = " ".join(str(problem).split()) or type(problem).__name__
    finally:
        os.write(writing, said.encode()[:_REASON_BYTES])
        os._exit(0)


def _advice(level: Level) -> str:
    if not sys.platform.startswith("linux"):
        return "grade on Linux (on Windows: in WSL 2); a self-check needs no isolation"
    if level == Level.L1:
        return "raise the limits on processes and memory of this user"
    if level == Level.L2:
        return (
            "use Linux 5.13 or later (x86_64 or aarch64) with `landlock` among the `lsm=` of the boot line;"
            " in a container, permit the calls landlock_* and seccomp"
        )
    try:
        restricted = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").read_text().strip() == "1"
    except OSError:
        restricted = False
    if restricted and os.geteuid() != 0:
        return "AppArmor denies user namespaces to ordinary users here: run with sudo, or stay with level L2"
    return (
        "run as root, or where user namespaces are permitted (sysctl user.max_user_namespaces);"
        " in a container, add the capability SYS_ADMIN and permit mount, pivot_root and unshare; or stay with level L2"
    )


def _system() -> str:
    if not hasattr(os, "uname"):
        return sys.platform
    name = os.uname()
    return f"{name.sysname} {name.release} {name.machine}"


def _landlock_abi() -> int | None:
    try:
        return _landlock.abi(kernel())
    except LockError:
        return None
