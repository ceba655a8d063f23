"""What a class says about its problems: which tell strong from weak hand-ins, and which causes cost whom."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import StatisticsError, correlation

from grader.records import CheckResult, Report, Verdict
from grader.reports._format import ratio
from grader.reports._safe import one_line

MIN_CLASS = 5
"""A correlation over fewer hand-ins says nothing."""
_OURS = frozenset({Verdict.PASSED, Verdict.SKIPPED, Verdict.REVIEW, Verdict.FAULT})
"""Verdicts that are no mistake of the submission, or only follow from one."""
_PLACE = re.compile(r"\s*\([^()]*\bline \d+\b.*\)\s*$", re.DOTALL)
_NUMBER = re.compile(r"[-+]?\b\d+(?:\.\d*)?(?:[eE][-+]?\d+)?\b")


@dataclass(frozen=True, slots=True)
class Cluster:
    """Hand-ins that lost marks for the same reason."""

    cause: str
    """Name of the known slip, or what the check said without its numbers."""
    where: str
    """The check, or the topic where several checks show the same."""
    verdict: str
    members: tuple[int, ...]
    """Positions of the hand-ins among the reports, each once, in order."""


def discrimination(reports: Sequence[Report], number: str) -> float | None:
    """Correlation in [-1, 1] of the points of problem `number` with the points of all other problems.

    The corrected item-total correlation of test theory: near 1, the problem tells strong hand-ins from weak
    ones; near 0 it does not; below 0, strong ones fail it (look at its checks). None below five comparable
    hand-ins, or where all are equal.
    """
    own, rest = [], []
    for report in reports:
        problem = next((p for p in report.problems if p.number == number), None)
        if problem is None or report.faulty:
            continue
        share = ratio(problem.score, problem.max_score)
        others = ratio(report.score - problem.score, report.max_score - problem.max_score)
        if share is not None and others is not None:
            own.append(share)
            rest.append(others)
    if len(own) < MIN_CLASS:
        return None
    try:
        return correlation(own, rest)
    except StatisticsError:
        return None


def clusters(reports: Iterable[Report], limit: int = 24) -> tuple[Cluster, ...]:
    """The most frequent causes of lost marks, largest first; a hand-in counts once for each cause."""
    members: dict[tuple[str, ...], dict[int, None]] = defaultdict(dict)
    checks: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    for index, report in enumerate(reports):
        for check in report.checks:
            if check.verdict not in _OURS:
                key = _key(check)
                members[key][index] = None
                checks[key][one_line(check.id, 120)] = None
    largest = sorted(members, key=lambda key: (-len(members[key]), key))[:limit]
    return tuple(_cluster(key, checks[key], members[key]) for key in largest)


def _key(check: CheckResult) -> tuple[str, ...]:
    """Equal for checks that failed for one reason; the last part is the cause in words."""
    topic = check.id.partition("::")[0]
    if check.slip:
        return (check.verdict, topic, one_line(check.slip, 120))
    said = one_line(_NUMBER.sub("#", _PLACE.sub("", check.message[:2000])), 140)
    if check.verdict is Verdict.FAILED:
        # A message full of this hand-in's numbers is no name for what several did.
        return (check.verdict, check.id, one_line(check.title, 140) if not said or "#" in said else said)
    if check.verdict is Verdict.MISSING:
        return (check.verdict, topic, "not handed in, or still the starter's placeholder")
    # What ends a call or an import ends many checks with the same words.
    return (check.verdict, topic if check.verdict is not Verdict.ERROR else "", said or str(check.verdict))


def _cluster(key: tuple[str, ...], checks: Iterable[str], members: Iterable[int]) -> Cluster:
    names = list(checks)
    topics = sorted({name.partition("::")[0] for name in names})
    shown = names[0] if len(names) == 1 else ", ".join(topics[:4]) + (" …" if len(topics) > 4 else "")
    return Cluster(cause=key[-1], where=shown, verdict=key[0], members=tuple(members))
