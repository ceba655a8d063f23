"""The rules of a sheet for each hand-in of a run. No verdict depends on them, so a changed rule regrades nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.bank import Assignment
from grader.intake import HandIn, handed_in_times
from grader.records import HandedIn, Report, Settlement, settled


def settlements(
    handins: Sequence[HandIn], assignments: Mapping[str, Assignment]
) -> tuple[Settlement | None, ...]:
    """What each hand-in is settled by, in the order given; None where its sheet has no rules."""
    found: list[Settlement | None] = [None] * len(handins)
    for name, assignment in assignments.items():
        rules = assignment.policy
        if rules is None:
            continue
        places = [n for n, handin in enumerate(handins) if handin.assignment == name]
        theirs = [handins[n] for n in places]
        times = (
            handed_in_times(theirs, by_files=rules.file_times)
            if rules.everybody.due
            else [HandedIn() for _ in theirs]
        )
        for n, handin, time in zip(places, theirs, times, strict=True):
            found[n] = Settlement(rules.of(handin.student), rules.timed(handin.student, time))
    return tuple(found)


def by_rules(report: Report, settlement: Settlement | None) -> Report:
    """The report by the rules as they are now."""
    return settled(replace(report, settlement=settlement))
