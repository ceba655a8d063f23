"""Landlock: what a worker may read, and the one directory it may write.

Source: Linux `Documentation/userspace-api/landlock.rst` and `include/uapi/linux/landlock.h`. The version is asked
of the kernel, not read from securityfs, which is often not mounted.
"""

import ctypes
import errno
import os
import stat
import struct
from collections.abc import Sequence

from grader.sandbox._kernel import Kernel
from grader.sandbox._level import LockError

# Access rights to files, LANDLOCK_ACCESS_FS_*.
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REMOVE_DIR, REMOVE_FILE, MAKE_DIR, MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15

_FIRST_RIGHTS = (1 << 13) - 1  # ABI 1 knows EXECUTE .. MAKE_SYM
_LATER_RIGHTS = ((2, REFER), (3, TRUNCATE), (5, IOCTL_DEV))
_TCP = 0b11  # bind, connect; from ABI 4
_SCOPE = 0b11  # abstract Unix sockets, signals; from ABI 6
_FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV

_VERSION_FLAG = 1
_PATH_BENEATH = 1

READING = READ_FILE | READ_DIR
# Links, pipes, sockets and devices are withheld even in the scratch directory; so is running a program.
SCRATCH = READING | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER | TRUNCATE
DEVICE = READ_FILE | WRITE_FILE


def abi(kernel: Kernel) -> int:
    """Give the Landlock version of the running kernel (1 or more); LockError where there is none."""
    try:
        return kernel.call("landlock_create_ruleset", None, 0, _VERSION_FLAG, step="use Landlock")
    except LockError as problem:
        code = getattr(problem.__cause__, "errno", None)
        if code == errno.EOPNOTSUPP:
            raise LockError("Landlock is built into the kernel but switched off at boot") from problem
        if code == errno.ENOSYS:
            raise LockError("the kernel has no Landlock (Linux 5.13 or later has)") from problem
        raise


def handled_rights(version: int) -> int:
    """Give the file rights that a ruleset of this ABI version restricts: all that it knows."""
    rights = _FIRST_RIGHTS
    for since, right in _LATER_RIGHTS:
        if version >= since:
            rights |= right
    return rights


def ruleset_attributes(version: int) -> bytes:
    """Give struct landlock_ruleset_attr as long as this ABI version reads it."""
    attributes = struct.pack("=Q", handled_rights(version))
    if version >= 4:
        attributes += struct.pack("=Q", _TCP)
    if version >= 6:
        attributes += struct.pack("=Q", _SCOPE)
    return attributes


def restrict(
    kernel: Kernel, version: int, *, readable: Sequence[str], devices: Sequence[str], scratch: str
) -> None:
    """Restrict the calling thread for good. Needs no_new_privs.

    `readable` (files or directories) may be read, `devices` read and written, `scratch` used freely but for links
    and special files. No path is followed where its last part is a symbolic link. LockError where a path is gone.
    """
    attributes = ruleset_attributes(version)
    ruleset = kernel.call(
        "landlock_create_ruleset", attributes, len(attributes), 0, step="create a Landlock ruleset"
    )
    try:
        known = handled_rights(version)
        for path, rights in (
            *((path, READING) for path in readable),
            *((path, DEVICE) for path in devices),
            (scratch, SCRATCH),
        ):
            _add_path(kernel, ruleset, path, rights & known)
        kernel.call("landlock_restrict_self", ruleset, 0, step="apply Landlock")
    finally:
        os.close(ruleset)


def _add_path(kernel: Kernel, ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError as problem:
        raise LockError(f"cannot open {path} for a Landlock rule: {problem.strerror}") from problem
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISLNK(mode):
            raise LockError(f"{path} is a symbolic link: no Landlock rule can hold")
        if not stat.S_ISDIR(mode):
            rights &= _FILE_RIGHTS
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, descriptor), 12)
        kernel.call("landlock_add_rule", ruleset, _PATH_BENEATH, rule, 0, step="add a Landlock rule")
    finally:
        os.close(descriptor)
