"""The one file that locks a worker. Everything a worker cannot do is decided by `plan` and done by `lock`.

Promise: when `lock` returns, the calling process is held as the docstring of its `Level` says, for good, and so
is every thread it starts. When it raises, the process must end: nothing is ever left out in silence.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from grader.sandbox import _landlock, _namespaces, _policy, _privileges, _readable, _rlimits, _seccomp
from grader.sandbox._kernel import Kernel, kernel
from grader.sandbox._level import Level, LockError

__all__ = ["Level", "LockError", "LockPlan", "lock", "plan"]


@dataclass(frozen=True)
class _Walls:
    """What levels L2 and L3 need."""

    kernel: Kernel
    landlock_abi: int
    program: _seccomp.Program
    readable: _readable.Layout
    devices: tuple[str, ...]
    bounded: bool  # whether there is a right to empty the capability bounding set (and so, a need to)
    users: range  # ids to choose a worker's own user from; used by root at L3
    root: _namespaces.Root | None  # L3 only


@dataclass(frozen=True)
class LockPlan:
    """What `lock` will do, decided and built once, before any fork."""

    level: Level
    other_tasks: int | None  # tasks that count towards a worker's limit besides its own; None: none do
    parent: int  # the process whose children the plan locks
    walls: _Walls | None  # None at L1

    def exposes(self, path: str) -> bool:
        """Tell whether a worker could read `path`, or something below it."""
        return self.walls is None or self.walls.readable.exposes(path)

    def describe(self) -> dict[str, str | int]:
        """Give what a record needs to say how a worker was held."""
        said: dict[str, str | int] = {"level": self.level.name}
        if self.walls is not None:
            said |= {"landlock_abi": self.walls.landlock_abi, "seccomp": self.walls.program.digest}
        if self.walls is not None and self.walls.root is not None:
            said["namespaces"] = "user" if self.walls.root.user_namespace else "root"
        return said


def plan(level: Level, *, readable: Sequence[str] = ()) -> LockPlan:
    """Prepare the lock for the children of this process.

    `readable` adds files and directories to the interpreter's own, which are always readable. LockError, in one
    line, where the level is not available here: no Linux, unknown machine type, no Landlock, libraries that the
    worker's user could not read.
    """
    if level == Level.L1:
        return LockPlan(level, _rlimits.tasks_of_user(), os.getpid(), None)
    system = kernel()
    abi = _landlock.abi(system)
    program = _seccomp.build(_policy.worker_policy(), system.architecture)
    layout = _readable.layout((*_readable.default_paths(), *readable))
    capabilities = _privileges.effective_capabilities()
    by_root = _privileges.has(capabilities, _privileges.CAP_SYS_ADMIN)
    devices = _readable.devices()
    root = None
    if level == Level.L3:
        root = _namespaces.plan_root(layout, devices, user_namespace=not by_root)
    _check_access(level, layout, capabilities, by_root=by_root)
    bounded = _privileges.has(capabilities, _privileges.CAP_SETPCAP)
    walls = _Walls(system, abi, program, layout, devices, bounded, _privileges.worker_users(), root)
    others = None if level == Level.L3 else _rlimits.tasks_of_user()
    return LockPlan(level, others, os.getpid(), walls)


def lock(
    plan: LockPlan,
    *,
    scratch: str,
    memory_mb: int,
    cpu_s: int,
    file_mb: int,
    threads: int,
    keep_fds: Sequence[int],
    scratch_mb: int = 64,
) -> str:
    """Lock the calling process, a single-threaded child of the one that made `plan`; irrevocable.

    Closes every descriptor but `keep_fds` (0, 1 and 2 included) and sets the file mode mask to 022; from L2 on the
    process also dies with its parent. Memory, file and scratch sizes are in MiB, `cpu_s` in seconds. `scratch` is
    an existing private directory of the caller at L1 and L2 and is not looked at at L3. Gives the directory to work
    in. Raises LockError: the caller then ends the process.
    """
    os.umask(0o022)
    _rlimits.close_descriptors(keep_fds)
    limits = _rlimits.Limits(memory_mb, cpu_s, file_mb, _rlimits.task_limit(threads, plan.other_tasks))
    walls = plan.walls
    if walls is None:
        _rlimits.set_limits(limits)
        return scratch
    _check_single_thread()
    if walls.root is None:
        _rlimits.set_limits(limits)
        _give_up(walls.kernel, bounded=walls.bounded, user=None)
    else:
        scratch = _isolate(walls, walls.root, limits, scratch_mb)
    _privileges.seal(walls.kernel, plan.parent)
    # Libraries look up what is loaded here and expect the file to be readable where there is a /proc at all.
    own = (f"/proc/{os.getpid()}/maps",) if walls.root is None else ()
    readable = (*walls.readable.real, *own)
    _landlock.restrict(
        walls.kernel, walls.landlock_abi, readable=readable, devices=walls.devices, scratch=scratch
    )
    _seccomp.install(walls.kernel, walls.program, os.getpid())
    return scratch


def _isolate(walls: _Walls, root: _namespaces.Root, limits: _rlimits.Limits, scratch_mb: int) -> str:
    """Do what L3 adds: namespaces, a root directory, and for root another user. Gives the scratch directory."""
    if root.user_namespace:
        _privileges.make_dumpable(walls.kernel)
    _namespaces.enter_namespaces(walls.kernel, user_namespace=root.user_namespace)
    # After the namespace, whose count of tasks starts anew, and while /proc still tells the size of the process.
    _rlimits.set_limits(limits)
    own = None if root.user_namespace else _privileges.user_of(os.getpid(), walls.users)
    user, group = (os.getuid(), os.getgid()) if own is None else (own, own)
    _namespaces.enter_root(walls.kernel, root, user=user, group=group, scratch_mb=scratch_mb)
    _give_up(walls.kernel, bounded=True, user=own)
    return root.scratch


def _give_up(system: Kernel, *, bounded: bool, user: int | None) -> None:
    if bounded:
        _privileges.forbid_regaining(system)
    if user is not None:
        _privileges.become(user)
    _privileges.drop_capabilities(system)


def _check_access(level: Level, layout: _readable.Layout, capabilities: int, *, by_root: bool) -> None:
    """Refuse where imports would fail later: the worker has no capability to pass over mode bits."""
    wanted = (_privileges.CAP_SETUID, _privileges.CAP_SETGID, _privileges.CAP_SETPCAP)
    if level == Level.L3 and by_root:
        if not _privileges.has(capabilities, *wanted) or not _privileges.worker_users():
            raise LockError("root here may not change to the user ids that workers get (30000 to 59999)")
        owner = None
    elif capabilities:
        owner = os.geteuid()
    else:
        return
    closed = _readable.unreadable(layout, _readable.loaded_files(), owner=owner)
    if closed is not None:
        raise LockError(f"an unprivileged worker could not read {closed}: run as its owner, or chmod o+rX")


def _check_single_thread() -> None:
    threads = _rlimits.task_count("self")
    if threads == 0:
        raise LockError("cannot count the threads of the worker: /proc is not mounted")
    if threads != 1:
        raise LockError(f"the worker has {threads} threads before the lock; it must have one")
