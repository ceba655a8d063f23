"""Memory in huge pages for a process that forks: a fork copies the table of pages, and so costs a fraction with fewer.

Only what no file backs is moved, a piece at a time, and never while a request waits. A kernel that cannot do it (before
Linux 6.1, or with huge pages off) leaves everything as it was, and forks cost what they did.
"""

from __future__ import annotations

import ctypes
import mmap
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

_COLLAPSE: Final = 25
"""MADV_COLLAPSE of linux/mman.h."""
_HUGE: Final = 2 << 20
"""Bytes of a huge page on x86-64, and on ARM with pages of 4 KiB."""
_EVERY: Final = 128
"""Forks after which it is done again, since what this process writes to while a child lives falls back into small pages."""


class HugePages:
    """Moves this process's memory into huge pages, in steps: after some forks, while the child is busy, and now and then."""

    def __init__(self, *, first: int = 1) -> None:
        """first: the number of the fork after which it begins."""
        self._madvise = _madvise()
        self._left: Iterator[int] | None = None
        self._until = first

    @property
    def done(self) -> bool:
        """Whether there is nothing to do until another fork."""
        return self._left is None

    def forked(self) -> None:
        """Tell of a fork."""
        self._until -= 1
        if self._until == 0:
            self._until = _EVERY
            self._left = _pieces() if self._madvise is not None else None

    def step(self) -> None:
        """Move one piece of memory, if there is one left: some milliseconds."""
        if self._left is None:
            return
        start = next(self._left, None)
        if start is None:
            self._left = None
        else:
            self._madvise(start, _HUGE, _COLLAPSE)


def _madvise() -> Any:
    if not sys.platform.startswith("linux") or mmap.PAGESIZE != 4096:
        return None
    function = ctypes.CDLL(None).madvise
    function.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    return function


def _pieces() -> Iterator[int]:
    """Where each huge page of this process's anonymous memory could start."""
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        place, rights, _, _, inode, *_ = line.split()
        if rights.startswith("rw-p") and inode == "0":
            first, last = (int(part, 16) for part in place.split("-"))
            yield from range(-(-first // _HUGE) * _HUGE, last - _HUGE + 1, _HUGE)
