"""What a worker prints: the first part is kept, the rest counted; never parsed."""

from __future__ import annotations

import contextlib
import os
from typing import Final

from grader.records import clean_text

_CHUNK: Final = 1 << 16
_PIPE: Final = 1 << 20
_MAX_READS: Final = 64
"""Reads in one go: a flood must not keep its reader from looking at the clock."""


class Output:
    """The reading end of a pipe that holds at most `limit` bytes in memory, however much is written."""

    def __init__(self, descriptor: int, limit: int) -> None:
        self.descriptor = descriptor
        self.hidden = ""
        """A path that differs from run to run, left out of the text."""
        self._limit = limit
        self._kept = bytearray()
        self._dropped = 0
        os.set_blocking(descriptor, False)
        with contextlib.suppress(OSError, AttributeError):  # a smaller pipe is only slower
            import fcntl

            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE)

    def drain(self) -> bool:
        """Take what is there. False once all writers are gone."""
        for _ in range(_MAX_READS):
            try:
                data = os.read(self.descriptor, _CHUNK)
            except BlockingIOError:
                return True
            if not data:
                return False
            room = self._limit - len(self._kept)
            self._kept += data[:room]
            self._dropped += max(0, len(data) - room)
        return True

    def text(self) -> str:
        """What was printed, made safe to show."""
        text = clean_text(self._kept.decode("utf-8", "replace"), 2 * self._limit + 1)
        text = text.replace(self.hidden, "") if self.hidden else text
        return f"{text}\n... ({self._dropped} bytes dropped)" if self._dropped else text

    def close(self) -> None:
        """Give the descriptor back; the text stays."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
