"""Attacks of our own, run in a real worker at start: a lock that does not hold is not called by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from grader.sandbox._canaries import CANARIES, Canary
from grader.sandbox._client import Zygote
from grader.sandbox._level import Level
from grader.sandbox._types import Died, Limits, Returned, Source

_LIMITS: Final = Limits(call_s=5.0, load_s=10.0, threads=16)


class CanaryResult(NamedTuple):
    """One attack and whether it worked."""

    canary: Canary
    worked: bool


def selftest(zygote: Zygote, canaries: Sequence[Canary] = CANARIES) -> list[CanaryResult]:
    """Run every attack in a locked worker, in about a second. Raises SandboxFault when no worker can be had."""
    results = []
    with zygote.connect() as connection:
        worker = connection.spawn(_LIMITS)
        for canary in canaries:
            outcome = worker.call(Source(canary.source, "attack"), [], seed=0)
            denied = isinstance(outcome, Died) or (isinstance(outcome, Returned) and outcome.value is False)
            results.append(CanaryResult(canary, not denied))
            if isinstance(outcome, Died):
                worker.close()
                worker = connection.spawn(_LIMITS)
    return results


def effective_level(requested: Level, results: Sequence[CanaryResult]) -> Level | None:
    """The highest level, at most the requested one, whose promises all attacks left standing; None for not even L1."""
    broken = [result.canary.denied_from for result in results if result.worked]
    return max(
        (level for level in Level if level <= requested and all(level < b for b in broken)), default=None
    )
