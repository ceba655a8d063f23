"""What an audit found: right hand-ins that lost marks, wrong ones that did not, verdicts that changed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.audit._cases import Case, Fate
from grader.audit._equivalents import Equivalent
from grader.audit._margins import GAP_ABOVE, GAP_BELOW, CheckAudit, Gap, margin_of, table_of_checks
from grader.audit._mutants import Key, Mutant, difference
from grader.audit._trials import SAME_SEED, mutant_name, repeat_name
from grader.records import CheckResult, Verdict

REJECTING = frozenset(
    {
        Verdict.FAILED,
        Verdict.ERROR,
        Verdict.MISSING,
        Verdict.TIMEOUT,
        Verdict.MEMORY,
        Verdict.CRASHED,
        Verdict.FORBIDDEN,
    }
)
"""Verdicts that say a hand-in is wrong; `review` and `skipped` do not."""


@dataclass(frozen=True)
class Examined:
    """What came of one trial."""

    results: tuple[CheckResult, ...] = ()
    broken: str = "no report"
    """Why the grader itself failed, or empty."""

    @property
    def fault(self) -> str:
        """Why there is no verdict, or empty."""
        return self.broken or next(
            (r.message or "no reason" for r in self.results if r.verdict is Verdict.FAULT), ""
        )

    @property
    def rejecting(self) -> tuple[CheckResult, ...]:
        """The checks that say the hand-in is wrong."""
        return tuple(r for r in self.results if r.verdict in REJECTING)


@dataclass(frozen=True)
class Survivor:
    """A mutant that no check rejects."""

    key: Key
    diff: str


@dataclass(frozen=True)
class TopicAudit:
    """How good the checks of one topic are."""

    topic: str
    right: int
    """Known-right hand-ins: the reference and every right variant."""
    right_accepted: int
    wrong: int
    """Known-wrong hand-ins: every named slip."""
    wrong_rejected: int
    wrong_named: int
    """Of those rejected, how many had the slip named as the cause."""
    starter_clean: bool
    """The starter gets no marks, and every check says `missing`."""
    mutants: int
    killed: int
    equivalent: int
    """Mutants on the list of those that are right after all."""
    survivors: tuple[Survivor, ...]
    repeats: int
    """Runs of known hand-ins that were repeated: with the same seed in another order, or with another seed."""
    flakes: int
    """Repeats that ended otherwise."""
    gap: Gap
    checks: tuple[CheckAudit, ...]
    weakest: str
    """The check that would be missed least: fewest mutants alone, then fewest slips."""
    mainstay: str
    """The check without which most mutants would live, or empty."""
    shortfalls: tuple[str, ...]
    """One line each for what must not happen."""

    @property
    def clean(self) -> bool:
        """Whether nothing falls short."""
        return not self.shortfalls

    @property
    def flake_rate(self) -> float:
        """Share of repeats that ended otherwise."""
        return self.flakes / self.repeats if self.repeats else 0.0


def findings(
    topic: str,
    reference: str,
    cases: Sequence[Case],
    mutants: Sequence[Mutant],
    listed: Sequence[Equivalent],
    trials: Mapping[str, Examined],
    repeats: int,
) -> TopicAudit:
    """Compare what became of each trial with what must. A trial without verdicts falls short."""
    shortfalls: list[str] = []
    accepted = _accepted(cases, trials, shortfalls)
    runs, flakes = _repeats(cases, trials, repeats, shortfalls)
    survivors = _survivors(mutants, listed, trials, shortfalls)
    proofs = {e.key for e in listed}
    killed = [
        (m, t)
        for i, m in enumerate(mutants)
        if (t := trials[mutant_name(i)]).rejecting and m.key not in proofs
    ]
    right = [
        (c.title, trials[repeat_name(c, n)]) for c in _of(cases, Fate.FULL) for n in range(1, repeats + 1)
    ]
    slips = [(c.title, trials[repeat_name(c, 1)]) for c in _of(cases, Fate.LOSES)]
    gap = _gap(right, slips + [(str(m.key), t) for m, t in killed], shortfalls)
    table = table_of_checks(
        [t.results for _, t in right], [t.rejecting for _, t in slips], [t.rejecting for _, t in killed]
    )
    by_use = sorted(table, key=lambda c: (c.alone, c.slips, c.id))
    titles = {c.name: c.title for c in cases}
    return TopicAudit(
        topic=topic,
        right=len(_of(cases, Fate.FULL)),
        right_accepted=len(accepted[Fate.FULL]),
        wrong=len(_of(cases, Fate.LOSES)),
        wrong_rejected=len(accepted[Fate.LOSES]),
        wrong_named=sum(any(r.slip == titles[n] for r in trials[n].rejecting) for n in accepted[Fate.LOSES]),
        starter_clean=bool(accepted[Fate.NONE]),
        mutants=len(mutants),
        killed=len(killed),
        equivalent=sum(m.key in proofs for m in mutants),
        survivors=tuple(Survivor(m.key, difference(reference, m)) for m in survivors),
        repeats=runs,
        flakes=flakes,
        gap=gap,
        checks=table,
        weakest=by_use[0].id if by_use else "",
        mainstay=by_use[-1].id if by_use and by_use[-1].alone else "",
        shortfalls=tuple(f"{topic}: {line}" for line in shortfalls),
    )


def _of(cases: Sequence[Case], fate: Fate) -> list[Case]:
    return [case for case in cases if case.fate is fate]


def _accepted(
    cases: Sequence[Case], trials: Mapping[str, Examined], shortfalls: list[str]
) -> dict[Fate, list[str]]:
    """Names of the cases that met their fate."""
    met: dict[Fate, list[str]] = {fate: [] for fate in Fate}
    for case in cases:
        problem = _problem(case, trials[case.name])
        if problem:
            shortfalls.append(f"{case.name} ({case.title}): {problem}")
        else:
            met[case.fate].append(case.name)
    return met


def _problem(case: Case, trial: Examined) -> str:
    if trial.fault:
        return f"the grader failed: {trial.fault}"
    failing = [r for r in trial.results if r.verdict is not Verdict.PASSED]
    if case.fate is Fate.FULL and failing:
        return f"right, but {failing[0].id} says {failing[0].verdict}: {failing[0].message}"
    if case.fate is Fate.LOSES and not failing:
        return "wrong, but every check passed"
    if case.fate is Fate.NONE:
        bad = [r for r in trial.results if r.verdict not in (Verdict.MISSING, Verdict.SKIPPED)]
        if bad:
            return f"nothing was written, but {bad[0].id} says {bad[0].verdict}"
    return ""


def _repeats(
    cases: Sequence[Case], trials: Mapping[str, Examined], repeats: int, shortfalls: list[str]
) -> tuple[int, int]:
    """Number of repeats, and of those that ended otherwise than the first run."""
    runs = flakes = 0
    for case in (c for c in cases if c.fate is not Fate.NONE):
        first = {r.id: r.verdict for r in trials[case.name].results}
        for number in range(1, repeats + 1):
            again = trials[repeat_name(case, number)]
            verdicts = {r.id: r.verdict for r in again.results}
            runs += 1
            if number in SAME_SEED:
                why = next(
                    (
                        f"{i} said {first.get(i)}, then {v}"
                        for i, v in verdicts.items()
                        if first.get(i) is not v
                    ),
                    "",
                )
                said = "the same seed" + " in reversed order" * (number == SAME_SEED[0])
            else:
                why, said = _problem(case, again), "another seed"
            if why or again.fault:
                flakes += 1
                shortfalls.append(f"{case.name} ({case.title}): repeated with {said}: {again.fault or why}")
    return runs, flakes


def _survivors(
    mutants: Sequence[Mutant],
    listed: Sequence[Equivalent],
    trials: Mapping[str, Examined],
    shortfalls: list[str],
) -> list[Mutant]:
    """Mutants that live and are on no list; errors of the list itself become shortfalls."""
    proofs = {e.key for e in listed}
    living = []
    for number, mutant in enumerate(mutants):
        trial = trials[mutant_name(number)]
        if trial.fault:
            shortfalls.append(f"mutant {mutant.key}: the grader failed: {trial.fault}")
        elif mutant.key in proofs and trial.rejecting:
            by = trial.rejecting[0]
            shortfalls.append(f"listed as equivalent, but {by.id} rejects it ({by.message}): {mutant.key}")
        elif mutant.key not in proofs and not trial.rejecting:
            living.append(mutant)
            shortfalls.append(f"a mutant lives: {mutant.key}")
    known = {m.key for m in mutants}
    shortfalls += [
        f"listed as equivalent, but there is no such mutant: {e.key}" for e in listed if e.key not in known
    ]
    return living


def _gap(
    right: Sequence[tuple[str, Examined]], wrong: Sequence[tuple[str, Examined]], shortfalls: list[str]
) -> Gap:
    """Right answers stay well within tolerance, wrong ones far beyond; whatever comes near the border falls short."""
    used = max(
        ((margin_of(r).share, f"{title} in {r.id}") for title, t in right for r in t.results),
        default=(0.0, ""),
    )
    if used[0] > GAP_BELOW:
        shortfalls.append(
            f"a right answer uses {used[0]:.2g} of its tolerance ({used[1]}); {GAP_BELOW} at most leaves a gap"
        )
    # What no tolerance decides (a crash, a condition, a law) is as far off as can be.
    beyond = [
        (max(margin_of(r).beyond for r in t.rejecting), title)
        for title, t in wrong
        if t.rejecting and not t.fault
    ]
    for share, title in beyond:
        if share < GAP_ABOVE:
            shortfalls.append(f"wrong, but only by {share:.2g} tolerances where it shows most: {title}")
    # The smallest number that was measured at all, for the table.
    numbers = [[m for r in t.rejecting if (m := margin_of(r).beyond) < math.inf] for _, t in wrong]
    return Gap(used[0], min((max(row) for row in numbers if row), default=math.inf))
