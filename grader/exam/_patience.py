"""How long an examiner may take: a last resort, which no hand-in reaches however busy the machine is."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Final

_MOST_CROWDED: Final = 20.0
"""Beyond this many processes a processor, time counts as it passes."""


def crowding() -> float:
    """How many processes want each processor, at least 1; 1 where the system does not say."""
    try:
        load = os.getloadavg()[0]
    except (OSError, AttributeError):
        return 1.0
    return min(max(1.0, load / (os.cpu_count() or 1)), _MOST_CROWDED)


class Patience:
    """Seconds that somebody has, each of which lasts longer where others want the processor, too."""

    def __init__(
        self, seconds: float, clock: Callable[[], float] = time.monotonic, crowd: Callable[[], float] = crowding
    ) -> None:
        self._left = seconds
        self._clock = clock
        self._crowd = crowd
        self._seen = clock()

    def over(self) -> bool:
        """Whether none is left. Ask often: what passed since the last time counts by how crowded it is now."""
        now = self._clock()
        self._left -= (now - self._seen) / self._crowd()
        self._seen = now
        return self._left <= 0
