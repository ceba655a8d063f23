"""A root directory of its own for a worker: only the readable paths, read-only, and a scratch directory in memory.

Source: mount_namespaces(7), user_namespaces(7), pivot_root(2) (the form with `.` twice), mount_setattr(2).
"""

import os
import struct
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox._kernel import Kernel
from grader.sandbox._level import LockError
from grader.sandbox._readable import Layout, is_below

_NEWNS, _NEWCGROUP, _NEWUTS, _NEWIPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
_NEWUSER, _NEWNET = 0x10000000, 0x40000000

_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 0x2, 0x4, 0x8
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
_MNT_DETACH = 2
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV, _ATTR_NOEXEC = 0x1, 0x2, 0x4, 0x8
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000

# The scratch directory's name inside: /tmp where no library lies there, since programs write to it unasked.
_SCRATCH_NAMES = ("/tmp", "/scratch", "/var/tmp/scratch")
# The new root is mounted over one of these; nothing bound into it may lie below.
_MOUNT_POINTS = ("/proc", "/sys", "/mnt", "/tmp")
_SCRATCH_FILES = 4096
_ROOT_SIZE = "size=1m,nr_inodes=4096,mode=755"


@dataclass(frozen=True)
class Root:
    """What to build: decided before any fork, so that a worker only has to do it."""

    layout: Layout
    devices: tuple[str, ...]
    mount_point: str
    scratch: str  # absolute path inside the new root
    user_namespace: bool  # whether the rights to mount come from a user namespace
    folders: tuple[Path, ...]  # to make on the mount point, each after the one it lies in
    files: tuple[Path, ...]  # empty ones, to mount something on
    links: tuple[tuple[Path, str], ...]


def plan_root(layout: Layout, devices: tuple[str, ...], *, user_namespace: bool) -> Root:
    """Choose names that collide with none of the readable paths; LockError where there is no choice."""

    def free(name: str) -> bool:
        taken = [*layout.real, *(link for link, _ in layout.links)]
        return not any(is_below(path, name) or is_below(name, path) for path in taken)

    mount_point = next((name for name in _MOUNT_POINTS if Path(name).is_dir() and free(name)), None)
    scratch = next(filter(free, _SCRATCH_NAMES), None)
    if mount_point is None or scratch is None:
        raise LockError("cannot place a new root: libraries are installed below /proc, /sys, /mnt and /tmp")
    places = (*layout.real, *devices)
    files = [path for path in places if not Path(path).is_dir()]
    links = tuple((Path(mount_point + link), target) for link, target in layout.links)
    empty = tuple(Path(mount_point + path) for path in files)
    ends = {Path(mount_point + path) for path in (*places, scratch) if path not in files}
    ends |= {path.parent for path in (*empty, *(link for link, _ in links))}
    folders = {folder for end in ends for folder in (end, *end.parents) if Path(mount_point) in folder.parents}
    return Root(layout, devices, mount_point, scratch, user_namespace, tuple(sorted(folders)), empty, links)


def enter_namespaces(kernel: Kernel, *, user_namespace: bool) -> None:
    """Move the calling (only) thread into namespaces of its own; LockError where the system forbids it."""
    flags = _NEWNS | _NEWNET | _NEWIPC | _NEWUTS | _NEWCGROUP
    if not user_namespace:
        kernel.call("unshare", flags, step="create namespaces")
        return
    user, group = os.getuid(), os.getgid()
    kernel.call("unshare", flags | _NEWUSER, step="create a user namespace")
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    except OSError as problem:
        raise LockError(f"cannot map the user of the new namespace: {problem.strerror}") from problem


def enter_root(kernel: Kernel, root: Root, *, user: int, group: int, scratch_mb: int) -> None:
    """Replace the root directory by a new one as `root` says; afterwards the old one cannot be reached.

    The scratch directory belongs to `user` and `group` and holds `scratch_mb` MiB. The caller
    is in namespaces of its own; its working directory is the new root when this returns.
    """
    kernel.call("mount", None, b"/", None, _MS_REC | _MS_PRIVATE, None, step="make mounts private")
    new = root.mount_point
    _mount_tmpfs(kernel, new, _MS_NOSUID | _MS_NODEV, _ROOT_SIZE)
    _make_names(root)
    for path in root.layout.real:
        _bind(kernel, path, new + path)
    _restrict_mount(kernel, new, _ATTR_RDONLY | _ATTR_NOSUID | _ATTR_NODEV, recursive=True)
    for path in root.devices:
        _bind(kernel, path, new + path)
        _restrict_mount(kernel, new + path, _ATTR_RDONLY | _ATTR_NOSUID | _ATTR_NOEXEC, recursive=False)
    options = f"size={scratch_mb}m,nr_inodes={_SCRATCH_FILES},mode=700,uid={user},gid={group}"
    _mount_tmpfs(kernel, new + root.scratch, _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, options)
    os.chdir(new)
    kernel.call("pivot_root", b".", b".", step="change the root directory")
    kernel.call("umount2", b".", _MNT_DETACH, step="detach the old root directory")
    os.chdir("/")


def _make_names(root: Root) -> None:
    """Create what is mounted on later, and the symbolic links that lead to it, in the empty new root."""
    try:
        for folder in root.folders:
            folder.mkdir()
        for file in root.files:
            os.close(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))
        for link, target in root.links:
            link.symlink_to(target)
    except OSError as problem:
        raise LockError(f"cannot fill the new root directory: {problem.strerror}") from problem


def _mount_tmpfs(kernel: Kernel, where: str, flags: int, options: str) -> None:
    target = os.fsencode(where)
    kernel.call("mount", b"tmpfs", target, b"tmpfs", flags, options.encode(), step="mount a tmpfs")


def _bind(kernel: Kernel, source: str, target: str) -> None:
    # Recursive, because in a user namespace a subtree must not be bound without what is mounted in it.
    flags = _MS_BIND | _MS_REC
    kernel.call("mount", os.fsencode(source), os.fsencode(target), None, flags, None, step=f"bind {source}")


def _restrict_mount(kernel: Kernel, path: str, attributes: int, *, recursive: bool) -> None:
    # struct mount_attr: set, clear, propagation, user namespace. It only adds, so that flags locked by an outer
    # namespace stay as they are.
    wanted = struct.pack("=QQQQ", attributes, 0, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    arguments = (_AT_FDCWD, os.fsencode(path), flags, wanted, len(wanted))
    kernel.call("mount_setattr", *arguments, step="make a mount read-only")
