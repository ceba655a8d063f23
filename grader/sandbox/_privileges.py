"""Giving up what a worker could have by right: user, groups, capabilities, new privileges, being traced.

Source: capabilities(7), credentials(7), prctl(2).
"""

import ctypes
import errno
import os
import signal
import struct
from pathlib import Path

from grader.sandbox._kernel import Kernel
from grader.sandbox._level import LockError

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_PR_CAPBSET_DROP, _PR_SET_SECUREBITS = 24, 28
_PR_CAP_AMBIENT, _CLEAR_ALL = 47, 4
# NOROOT, NO_SETUID_FIXUP, KEEP_CAPS off, NO_CAP_AMBIENT_RAISE, each with its lock
_SECUREBITS = 0b11101111
_CAPABILITY_VERSION_3 = 0x20080522
CAP_SETGID, CAP_SETUID, CAP_SETPCAP, CAP_SYS_ADMIN = 6, 7, 8, 21

# As many as the kernel has process ids at most; or what a container with 2**16 users has to spare.
_USERS = (range(200_000, 200_000 + (1 << 22)), range(30_000, 60_000))


def effective_capabilities() -> int:
    """Give the effective capabilities of this process as a bit set, 0 where /proc does not tell."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1], 16) for line in lines if line.startswith("CapEff:")), 0)


def has(capabilities: int, *wanted: int) -> bool:
    """Tell whether the bit set holds all of `wanted`."""
    return all(capabilities >> number & 1 for number in wanted)


def worker_users() -> range:
    """Give the user ids (also group ids) that workers get: of nobody's, as many as this user namespace has."""
    try:
        rows = [line.split() for line in Path("/proc/self/uid_map").read_text().splitlines()]
    except OSError:
        return range(0)
    known = [range(int(first), int(first) + int(count)) for first, _, count in rows]
    for users in _USERS:
        if any(users[0] in ids and users[-1] in ids for ids in known):
            return users
    return range(0)


def user_of(pid: int, users: range) -> int:
    """Give the user and group id for the worker `pid`: its own where there are as many as process ids."""
    return users[pid % len(users)]


def become(user: int) -> None:
    """Take `user` as the only user and group id; needs CAP_SETUID and CAP_SETGID."""
    try:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    except OSError as problem:
        raise LockError(f"cannot change to a user of its own: {problem.strerror}") from problem


def forbid_regaining(kernel: Kernel) -> None:
    """Empty the bounding and ambient sets and lock the rules of root away; before `become`. Needs CAP_SETPCAP."""
    number = 0
    while _drop(kernel, number):
        number += 1
    kernel.call("prctl", _PR_CAP_AMBIENT, _CLEAR_ALL, 0, 0, 0, step="clear the ambient capabilities")
    kernel.call("prctl", _PR_SET_SECUREBITS, _SECUREBITS, 0, 0, 0, step="lock the rules of root")


def drop_capabilities(kernel: Kernel) -> None:
    """Empty the effective, permitted and inheritable sets."""
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION_3, 0), 8)
    kernel.call("capset", header, bytes(24), step="drop all capabilities")


def seal(kernel: Kernel, parent: int) -> None:
    """Die with `parent`, gain nothing by running a program, and be traced or dumped by nobody.

    After every change of user or capabilities, each of which clears the death signal. LockError where the parent
    is gone already.
    """
    kernel.call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0, step="follow the parent's death")
    if os.getppid() != parent:
        raise LockError("the parent of the worker ended before the lock")
    kernel.call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, step="set no_new_privs")
    kernel.call("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0, step="forbid tracing")


def make_dumpable(kernel: Kernel) -> None:
    """Own /proc/self again: its user map must be written, and belongs to root for a process that is not dumpable."""
    kernel.call("prctl", _PR_SET_DUMPABLE, 1, 0, 0, 0, step="own /proc/self")


def _drop(kernel: Kernel, number: int) -> bool:
    """Drop one capability from the bounding set; False past the last one that the kernel knows."""
    try:
        kernel.call("prctl", _PR_CAPBSET_DROP, number, 0, 0, 0, step="drop a capability")
    except LockError as problem:
        if number and isinstance(problem.__cause__, OSError) and problem.__cause__.errno == errno.EINVAL:
            return False
        raise
    return True
