"""Processes that a run may have left: one that was killed takes a moment to leave the table."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

_MOMENT_S = 5.0


def still_there(look: Callable[[], Sequence[str]]) -> Sequence[str]:
    """What `look` finds, a moment after the end if not at once."""
    end = time.monotonic() + _MOMENT_S
    while (found := look()) and time.monotonic() < end:
        time.sleep(0.05)
    return found
