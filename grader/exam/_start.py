"""Start the sandbox at the level asked for, or at the best this machine allows: never a silent downgrade."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.exam._levels import LOWEST
from grader.records import UserError
from grader.sandbox import CANARIES, WARM, Level, Zygote, effective_level, reading_canary, selftest


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
