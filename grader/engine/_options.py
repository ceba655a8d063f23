"""What a run depends on beside the hand-ins, and how an examination server is told of it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from grader.bank import Course
from grader.engine._identity import values_key
from grader.exam import libraries_for
from grader.sandbox import Level, Limits


@dataclass(frozen=True)
class Options:
    """What a run depends on beside the hand-ins."""

    seed: int = 0
    jobs: int = field(default_factory=lambda: os.cpu_count() or 1)
    limits: Limits = field(default_factory=Limits)
    isolation: str = ""
    lowest: Level = Level.L2
    only: tuple[str, ...] = ()
    """Topics to grade; empty means all of the assignment."""
    visible_only: bool = False
    fresh: bool = False
    scheduler: str = ""
    """Address of a Dask scheduler whose workers examine, in place of this machine."""

    def settings(self, level: Level) -> list[object]:
        """What of this the verdicts depend on, JSON-able."""
        return [self.seed, asdict(self.limits), level.name, self.visible_only]


def server_setup(
    course: Course,
    topics: tuple[str, ...],
    options: Options,
    level: Level,
    libraries: Iterable[str],
    *,
    rehearses: bool = True,
) -> dict[str, Any]:
    """The first line that an examination server reads.

    libraries: what the hand-ins import. rehearses: whether the reference may take the checks in the server itself; what
    checks leave behind in their own modules is then met by all hand-ins.
    """
    libraries = libraries_for(course.shipped(topics)).union(libraries)
    return {
        "course": str(course.root),
        "topics": topics,
        "level": level.name,
        "warm": sorted(libraries),
        "lowest": (
            level if options.isolation else min(level, options.lowest)
        ).name,  # exactly the level asked for
        "visible_only": options.visible_only,
        "rehearses": rehearses,
        "values": "" if options.fresh else values_key(course, topics),
        "limits": asdict(options.limits),
    }
