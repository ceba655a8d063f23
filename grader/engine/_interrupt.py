"""Ctrl-C and the wish of a system to end: once, and what ended is kept; twice, and everything is over at once."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

EXIT_INTERRUPTED = 130


@contextlib.contextmanager
def interruptible(at_once: Callable[[], None]) -> Iterator[None]:
    """SIGINT or SIGTERM raises KeyboardInterrupt here; a second one calls `at_once` and ends this process with 130.

    Outside of the main thread, and for a signal that is ignored, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        came.append(number)
        if len(came) > 1:
            at_once()
            os._exit(EXIT_INTERRUPTED)
        raise KeyboardInterrupt

    wanted = [n for n in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handle) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
