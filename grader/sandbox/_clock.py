"""Deadlines that a busy machine does not shorten."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from typing import Final, Protocol

_MAX_STRETCH: Final = 20
"""A deadline ends at the latest after so many times its budget, however busy others keep the machine."""
_CALLBACK_STRETCH: Final = 4
"""So many times its budget at the latest where it is the grader's own answers that take long."""
_FIRST_LOOK_S: Final = 0.05
_LOOK_S: Final = 0.2


class Watched(Protocol):
    """A process whose waiting for a processor can be told."""

    def queued_s(self) -> float:
        """Seconds that it was ready to run and waited for a processor, so far."""

    def used_s(self) -> float:
        """Seconds of processor time that all its threads used, so far."""

    def look(self) -> None:
        """Note how large it is."""


class Process:
    """What /proc tells of a worker; zeros where it tells nothing."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.peak_mb = 0.0
        """The largest address space seen, in MiB."""

    def queued_s(self) -> float:
        """Seconds that its main thread was ready to run and waited for a processor, so far."""
        with (
            contextlib.suppress(OSError, ValueError, IndexError),
            open(f"/proc/{self.pid}/schedstat") as file,
        ):
            return int(file.read().split()[1]) / 1e9
        return 0.0

    def used_s(self) -> float:
        """Seconds of processor time that all its threads used, so far."""
        with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()  # the name before may contain anything
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return 0.0

    def look(self) -> None:
        """Note the size of its address space."""
        with contextlib.suppress(OSError, ValueError), open(f"/proc/{self.pid}/status") as file:
            for line in file:
                if line.startswith("VmPeak:"):
                    self.peak_mb = max(self.peak_mb, int(line.split()[1]) / 1024)
                    return


def counters(process: Watched) -> tuple[float, float]:
    """Seconds that a process waited for a processor and seconds that it used one, so far."""
    return process.queued_s(), process.used_s()


def own_time(elapsed: float, before: tuple[float, float], after: tuple[float, float], budget: float) -> float:
    """Of `elapsed` seconds those that a process answers for; before, after: its counters at their start and end.

    It does not answer for waiting while others had the processor, but does while its own threads had it; and
    waiting is forgiven up to a multiple of the budget in seconds.
    """
    waited = max(0.0, after[0] - before[0])
    used = after[1] - before[1]
    return elapsed - min(waited, max(0.0, elapsed - used), (_MAX_STRETCH - 1) * budget)


class Deadline:
    """A budget of wall clock in seconds, from now on.

    Time in which the worker was ready to run but other processes had the processor does not count, nor does
    time that the grader itself took (`excuse`); a worker that sleeps or waits uses its budget, and so does one
    whose own threads are what it waits for.
    """

    def __init__(
        self, process: Watched, budget_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._process = process
        self._clock = clock
        self._budget = budget_s
        self._excused = 0.0
        self._before: tuple[float, float] | None = None
        self._started = clock()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start, but for those that the grader itself took."""
        wall = self._clock() - self._started
        return wall - min(self._excused, (_CALLBACK_STRETCH - 1) * self._budget, wall)

    @property
    def spent_s(self) -> float:
        """Seconds of the budget that are used up."""
        elapsed = self.elapsed_s
        if self._before is None:
            return elapsed
        return own_time(elapsed, self._before, counters(self._process), self._budget)

    def excuse(self, seconds: float) -> None:
        """Do not count these seconds."""
        self._excused += seconds

    def wait_ms(self) -> int:
        """How long to wait before looking again; 0 when the time is up. Call it after each fruitless wait."""
        wall = self._clock() - self._started
        if wall < _FIRST_LOOK_S:
            return 1 + int(1000 * min(_FIRST_LOOK_S - wall, max(0.0, self._budget - wall)))
        self._process.look()
        if self._before is None:
            self._before = counters(self._process)
        left = self._budget - self.spent_s
        return 0 if left <= 0 else 1 + int(1000 * min(left, _LOOK_S))
