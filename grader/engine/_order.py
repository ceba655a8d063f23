"""In which order units are examined, and which of them one examiner does together.

An examiner costs a fork, so the units of one hand-in go to one examiner. Apart are those that are known to be slow,
so that they hold up no other topic, and all of them where there are fewer hand-ins than processors.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from grader.engine._units import Unit

SLOW_S: Final = 5.0
"""From here on a unit is slow, if it is also `SLOW_TIMES` as slow as the middle one."""
SLOW_TIMES: Final = 5.0


@dataclass(frozen=True, slots=True)
class Job:
    """Units of one hand-in for one examiner."""

    handin: int
    units: tuple[Unit, ...]
    seconds: float = 0.0
    """Expected."""
    slow: bool = False


Known = Callable[[Unit], float | None]
"""How long a unit took in an earlier run, or None."""


def jobs_of(waiting: Mapping[int, Sequence[Unit]], known: Known, workers: int) -> list[Job]:
    """Bundles of the units that each hand-in waits for, in the order given."""
    if not waiting:
        return []
    seen = {unit.key: known(unit) for units in waiting.values() for unit in units}
    typical = median([s for s in seen.values() if s is not None] or [0.0])
    limit = max(SLOW_S, SLOW_TIMES * typical)
    found = []
    for handin, units in waiting.items():
        expected = {u.key: typical if (s := seen[u.key]) is None else s for u in units}
        slow = [u for u in units if expected[u.key] > limit]
        quick = [u for u in units if expected[u.key] <= limit]
        bundles = [[u] for u in quick] if len(waiting) < workers else [quick]
        for bundle in filter(None, bundles):
            found.append(Job(handin, tuple(bundle), sum(expected[u.key] for u in bundle)))
        found += [Job(handin, (u,), expected[u.key], slow=True) for u in slow]
    return found


class Line:
    """The jobs that wait. Quick ones first; slow ones meanwhile on at most half of the workers, the slowest first."""

    def __init__(self, jobs: Sequence[Job], workers: int) -> None:
        self._quick = deque(sorted((j for j in jobs if not j.slow), key=lambda j: j.seconds))
        self._slow = deque(sorted((j for j in jobs if j.slow), key=lambda j: -j.seconds))
        self._lanes = workers // 2

    def __len__(self) -> int:
        return len(self._quick) + len(self._slow)

    def take(self, slow_running: int) -> Job:
        """The next job. Raises IndexError when there is none."""
        if self._slow and (not self._quick or slow_running < self._lanes):
            return self._slow.popleft()
        return self._quick.popleft()
