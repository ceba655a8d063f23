"""The gap certificate: how far right answers stay within their tolerances, and wrong ones beyond."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from grader.records import CheckResult

GAP_BELOW = 0.25
"""The largest share of its tolerance that a right answer may use."""
GAP_ABOVE = 100.0
"""How many tolerances a wrong answer must be off at least, on the input where it shows most."""
_INFINITE = 1e299


@dataclass(frozen=True)
class Margin:
    """Where one result lies on the scale of its tolerances."""

    share: float
    """The largest difference met, in tolerances."""
    beyond: float
    """The same for a rejection; infinite where no tolerance decided it."""


@dataclass(frozen=True)
class Gap:
    """Between right and wrong answers, in tolerances."""

    below: float
    """The largest difference of a right answer."""
    above: float
    """The smallest one of a wrong answer, where it shows most; infinite where none was measured."""


@dataclass(frozen=True)
class CheckAudit:
    """What one check is good for."""

    id: str
    alone: int
    """Mutants that no other check rejects: they would live without it."""
    slips: int
    """Named slips that it rejects."""
    share: float
    """The largest part of its tolerance that a right answer used."""


def margin_of(result: CheckResult) -> Margin:
    """What a short examination measured."""
    share, firm = result.evidence.get("share", 0.0), result.evidence.get("firm", True)
    value = float(share) if isinstance(share, int | float) else 0.0
    measured = 1.0 < value < _INFINITE or not firm
    return Margin(value, value if measured else math.inf)


def table_of_checks(
    right: Sequence[Sequence[CheckResult]],
    slips: Sequence[Sequence[CheckResult]],
    mutants: Sequence[Sequence[CheckResult]],
) -> tuple[CheckAudit, ...]:
    """One row a check; `right`: results of known-right hand-ins, the others: what rejected each wrong one."""
    shares: dict[str, float] = {}
    for row in right:
        for result in row:
            shares[result.id] = max(shares.get(result.id, 0.0), margin_of(result).share)
    alone = [row[0].id for row in mutants if len(row) == 1]
    rejected = [r.id for row in slips for r in row]
    return tuple(CheckAudit(i, alone.count(i), rejected.count(i), share) for i, share in shares.items())
