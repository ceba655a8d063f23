"""Which examinations an audit consists of: whole ones of known cases, repeated ones, short ones of mutants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.audit._cases import Case, Fate
from grader.audit._mutants import Mutant
from grader.records import CheckResult, Kind, Verdict

ENOUGH = 2
"""Checks that must reject a mutant before it is left: with one only, none could be called the only one."""
SAME_SEED = (1, 3)
"""The first repeat reverses the order of the checks, the third keeps it; all others have seeds of their own."""
_LEAST_CALL_S = 2.0
_COST = (Kind.EXAMPLE, Kind.PROPERTY, Kind.INPUT, Kind.SYMBOLIC, Kind.STATISTICAL)
"""From cheap to dear."""


@dataclass(frozen=True)
class Trial:
    """One examination of a hand-in."""

    name: str
    """Unique within the topic: `right-03`, `right-03 again 2`, `mutant 17`."""
    files: Mapping[str, str]
    seed: int
    checks: tuple[str, ...] | None = None
    """These checks in this order, for verdicts only; None for the whole exam with causes and examples, as it is in a run
    where an equal hand-in came before: a check that leans on what was left behind then meets it."""
    enough: int = 0
    """Stop after so many checks that reject it; 0 for never."""
    call_s: float | None = None
    """Seconds a call may take, where less than usual."""


def case_trials(cases: Sequence[Case], checks: Sequence[str], seed: int, repeats: int) -> tuple[Trial, ...]:
    """Each case once as students' work is examined; then again, with the same seed or with others.

    With another seed a wrong one is left as soon as a check rejects it.
    """
    found = [Trial(case.name, case.files, seed) for case in cases]
    for number in range(1, repeats + 1):
        other = 0 if number in SAME_SEED else number
        order = tuple(reversed(checks)) if number == SAME_SEED[0] else tuple(checks)
        for case in (c for c in cases if c.fate is not Fate.NONE):
            enough = int(bool(other) and case.fate is Fate.LOSES)
            found.append(Trial(repeat_name(case, number), case.files, seed + other, order, enough))
    return tuple(found)


def repeat_name(case: Case, number: int) -> str:
    """What the number-th repeat of a case is called."""
    return f"{case.name} again {number}"


def mutant_trials(
    mutants: Sequence[Mutant],
    reference: Sequence[CheckResult],
    slips: Sequence[Sequence[CheckResult]],
    seed: int,
) -> tuple[Trial, ...]:
    """Each mutant by the checks that call what was changed, those first that rejected most slips at little cost.

    reference: results of a repeat of the reference; they tell which functions a check calls. slips: results of
    the named slips.
    """
    rejected = {
        r.id: sum(s.id == r.id and s.verdict is not Verdict.PASSED for row in slips for s in row)
        for r in reference
    }
    order = sorted(reference, key=lambda r: (_COST.index(r.kind), -rejected[r.id]))
    longest = max(_LEAST_CALL_S, 2 * sum(r.duration_s for r in reference))
    return tuple(
        Trial(
            mutant_name(number),
            {"solution.py": mutant.source},
            seed,
            tuple(r.id for r in order if mutant.reached_from & functions_of(r)),
            ENOUGH,
            longest,
        )
        for number, mutant in enumerate(mutants)
    )


def mutant_name(number: int) -> str:
    """What the trial of a mutant is called."""
    return f"mutant {number}"


def functions_of(result: CheckResult) -> frozenset[str]:
    """The functions of the hand-in that a check called."""
    called = result.evidence.get("functions", ())
    return frozenset(called) if isinstance(called, list | tuple) else frozenset()
