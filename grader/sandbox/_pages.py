"""Memory of the zygote in huge pages: a fork copies the table of pages, and so costs a fraction with fewer of them.

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


class HugePages:
    """Moves this process's memory into huge pages, in steps."""

    def __init__(self) -> None:
        self._madvise = _madvise()
        self._left: Iterator[int] | None = None

    def step(self) -> bool:
        """Move one piece of memory. True when nothing is left to do."""
        if self._madvise is None:
            return True
        if self._left is None:
            self._left = iter(list(_pieces()))
        start = next(self._left, None)
        if start is None:
            self._left = None
        else:
            self._madvise(start, _HUGE, _COLLAPSE)
        return start is None


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
