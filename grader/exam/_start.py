"""Start the sandbox at the level asked for, or at the best this machine allows: never a silent downgrade."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from grader.records import UserError
from grader.sandbox import (
    CANARIES,
    WARM,
    Level,
    Zygote,
    effective_level,
    level_status,
    reading_canary,
    selftest,
)

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

    torch takes seconds to import, scipy half of one; few topics need them. NumPy and SymPy always are.
    """
    return frozenset(name for content in files for name in WARM if name.encode() in content) | {"numpy", "sympy"}


def start_zygote(
    level: Level, *, secrets: Sequence[Path] = (), lowest: Level = LOWEST, warm: Sequence[str] = WARM
) -> tuple[Zygote, Level]:
    """A zygote, and the level that attacks of our own in a real worker left standing (at most the one asked for).

    secrets: files that no worker may read from L2 on. warm: libraries that it imports beforehand; submitted code may
    import others, in each worker anew. Raises UserError when less than `lowest` is left.
    """
    zygote = Zygote.start(level, warm=[name for name in WARM if name in warm])
    try:
        canaries = [*CANARIES, *(reading_canary(str(path)) for path in secrets)]
        results = selftest(zygote, canaries)
        left = effective_level(level, results)
        if left is None or left < min(level, lowest):
            broken = next(r.canary.name for r in results if r.worked and r.canary.denied_from <= level)
            raise UserError(
                f"isolation {level.name} does not hold here: the attack {broken!r} worked; nothing was graded."
                " See `grader doctor`, or accept less with --isolation L1 (stamped on every report)"
            )
    except BaseException:
        zygote.close()
        raise
    return zygote, left
