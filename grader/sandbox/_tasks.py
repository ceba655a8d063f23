"""Tasks where the limit on them counts all that a user runs (below L3): a neighbour may have taken them for a while."""

from __future__ import annotations

import time
from dataclasses import dataclass

from grader.sandbox._level import Level
from grader.sandbox._rlimits import SLACK_TASKS, tasks_of_user

_STEP_S = 0.05
_PATIENCE_S = 20.0


@dataclass(frozen=True)
class SharedTasks:
    """The tasks of the user whom all workers belong to."""

    usual: int
    """Their number before any worker ran."""

    @classmethod
    def of(cls, level: Level) -> SharedTasks | None:
        """None where each worker's are counted by themselves."""
        return None if level >= Level.L3 else cls(tasks_of_user())

    def wait(self) -> None:
        """Until at least half of the slack is free again, or patience is at its end (in seconds of the clock)."""
        end = time.monotonic() + _PATIENCE_S
        while tasks_of_user() > self.usual + SLACK_TASKS // 2 and time.monotonic() < end:
            time.sleep(_STEP_S)
