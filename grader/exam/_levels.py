"""Which isolation a run gets, and which libraries: told before anything is started."""

from __future__ import annotations

import re
from collections.abc import Iterable

from grader.records import UserError
from grader.sandbox import WARM, Level, level_status

LOWEST = Level.L2
"""Below it, grades could be read or forged by submitted code: only on explicit request."""


def choose_level(asked: str = "", *, lowest: Level = LOWEST) -> Level:
    """The level named in `asked` (exactly that), or the best available one down to `lowest`.

    Raises UserError naming what is missing and what to do.
    """
    if asked and asked.upper() not in Level.__members__:
        raise UserError(f"--isolation {asked}: choose L3, L2 or L1")
    if asked:
        chosen = level_status(Level[asked.upper()])
        if not chosen.available:
            raise UserError(
                f"isolation {chosen.level.name} is not available here: {chosen.reason}; {chosen.fix or 'see grader doctor'}"
            )
        return chosen.level
    for level in sorted(Level, reverse=True):
        if level >= lowest and level_status(level).available:
            return level
    status = level_status(lowest)
    raise UserError(
        f"this machine cannot isolate submitted code: {status.reason}; {status.fix or 'see grader doctor'},"
        " or accept process separation only with --isolation L1 (stamped on every report)"
    )


def libraries_for(files: Iterable[bytes]) -> frozenset[str]:
    """Libraries that a worker should have at hand for code in these files: those named anywhere in them.

    torch takes seconds to import, its first optimizer another one, scipy half of one; few topics need them. NumPy and
    SymPy always are.
    """
    words = set[bytes]().union(*(re.findall(rb"\w+", content) for content in files))
    named = {name for name in WARM if name.rpartition(".")[2].encode() in words}
    return frozenset(name for name in named if name.partition(".")[0] in named) | {"numpy", "sympy"}
