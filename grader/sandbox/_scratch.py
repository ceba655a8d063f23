"""Folders that workers write to: made, and removed however submitted code left them.

Submitted code may nest folders by the thousand, take away its own rights, point links elsewhere or make a
million files. So nothing here recurses, follows a link, builds a long path or takes a step of unbounded length.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
import tempfile
import time
from pathlib import Path
from typing import Final

_PREFIX: Final = "grader-zygote-"
_LOCK: Final = ".lock"
_SETTLED_S: Final = 60.0
"""A folder this young may belong to a process that is about to lock it."""
_PATIENCE_S: Final = 10.0
"""What cannot be removed within this time is left to the next start."""
_STEP: Final = 1000
"""Entries that are removed at once: a few tens of milliseconds."""


class Trash:
    """Removes folders in steps. Nested folders are first moved up to `place`, so that no path becomes long."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._waiting: list[Path] = []
        self._count = 0

    def add(self, folder: Path) -> None:
        """Take a folder over; nothing happens where there is none."""
        with contextlib.suppress(OSError):
            self._move(str(folder))

    def step(self) -> bool:
        """Remove some entries. True when nothing is left to do."""
        left = _STEP
        while self._waiting and left > 0:
            folder = self._waiting[-1]
            entries = _entries(folder, left)
            left -= len(entries) + 1
            before = len(self._waiting)
            gone = sum(self._take(entry) for entry in entries)
            if not gone:  # empty, or nothing that can be removed
                with contextlib.suppress(OSError):
                    folder.rmdir()
                del self._waiting[before - 1]
        return not self._waiting

    def empty(self) -> None:
        """Remove what can be removed within a fixed time."""
        end = time.monotonic() + _PATIENCE_S
        while not self.step() and time.monotonic() < end:
            pass

    def _take(self, entry: os.DirEntry[str]) -> bool:
        try:
            if entry.is_dir(follow_symlinks=False):
                self._move(entry.path)
            else:
                Path(entry.path).unlink()
        except OSError:
            return False
        return True

    def _move(self, path: str) -> None:
        Path(path).chmod(0o700)  # a folder can be moved only by who may write to it
        self._count += 1
        target = self._place / str(self._count)
        Path(path).rename(target)
        self._waiting.append(target)


def _entries(folder: Path, most: int) -> list[os.DirEntry[str]]:
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        return list(itertools.islice(found, most))
    return []


def make_base() -> tuple[str, int]:
    """A new private folder for one zygote, and a descriptor whose lock says that it is in use.

    First removes such folders of this user that nobody uses any more: those of processes that were killed.
    """
    for old in Path(tempfile.gettempdir()).glob(_PREFIX + "*"):
        with contextlib.suppress(OSError):
            if _is_abandoned(old):
                remove_base(str(old))
    base = tempfile.mkdtemp(prefix=_PREFIX)
    lock = os.open(Path(base, _LOCK), os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    _lock(lock)
    return base, lock


def remove_base(base: str) -> None:
    """Remove a zygote's folder and all that is in it, as far as possible within a fixed time."""
    with contextlib.suppress(OSError):
        place = Path(tempfile.mkdtemp(dir=base))
        trash = Trash(place)
        for entry in os.scandir(base):
            if entry.path != str(place) and entry.is_dir(follow_symlinks=False):
                trash.add(Path(entry.path))
        trash.empty()
        place.rmdir()
        for entry in os.scandir(base):
            Path(entry.path).unlink()
        Path(base).rmdir()


def _is_abandoned(base: Path) -> bool:
    """Whether this is a folder of ours whose lock nobody holds. Raises OSError."""
    about = base.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.geteuid():
        return False
    lock = os.open(base / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        return time.time() - os.fstat(lock).st_mtime > _SETTLED_S and _lock(lock)
    finally:
        os.close(lock)


def _lock(descriptor: int) -> bool:
    """Take the lock; False while another process holds it."""
    import fcntl  # missing on Windows, where no worker is forked

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
