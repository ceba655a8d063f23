"""What a harness made of a class: which marks went to whom, against what each hand-in deserves; and the tables of it."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.classroom import HOSTILE, Made
from benchmarks.peer_processes import Spent
from benchmarks.tables import table

Marks = Mapping[str, float]
"""Topic -> share of its points; a topic without a record is not there."""


@dataclass(frozen=True)
class Graded:
    """One hand-in and what it got."""

    made: Made
    marks: Marks

    @property
    def hostile(self) -> bool:
        """Whether it is one of those that loop, flood, die or hoard."""
        return self.made.student.rpartition("_")[2] in HOSTILE

    @property
    def deserved(self) -> tuple[str, ...]:
        """Topics that are right."""
        return tuple(t for t in self.made.topics if t not in self.made.wrong)

    @property
    def lost(self) -> tuple[str, ...]:
        """Right topics without all their points."""
        return tuple(t for t in self.deserved if self.marks.get(t, 0.0) < 1)

    @property
    def given(self) -> tuple[str, ...]:
        """Wrong topics with all points."""
        return tuple(t for t in self.made.wrong if self.marks.get(t, 0.0) >= 1)


@dataclass
class Seen:
    """All that was measured of one harness."""

    title: str
    workers: int = 1
    honest: int = 0
    """Honest hand-ins that were timed."""
    wall_s: float = 0.0
    """Of one honest hand-in: the median; where a class is graded by two workers, its time divided by its number."""
    cpu_s: float = 0.0
    """Of one honest hand-in: the mean."""
    first_s: float = 0.0
    graded: list[Graded] = field(default_factory=list)
    killed: int = 0
    hostile_s: float = 0.0
    """By the clock, for the class with the hostile hand-ins or for those alone."""
    trouble: str = ""
    """Why there is nothing."""

    def time(self, spent: Sequence[Spent]) -> None:
        """Hand-ins that each had a process."""
        self.honest = len(spent)
        self.wall_s, self.cpu_s = statistics.median(s.wall_s for s in spent), statistics.fmean(s.cpu_s for s in spent)
        self.first_s = self.wall_s

    def time_class(self, spent: Spent, number: int, each: Sequence[float] = ()) -> None:
        """A class in one command. each: what it says that each hand-in took, by the clock."""
        self.honest, self.cpu_s, self.first_s = number, spent.cpu_s / number, spent.first_s
        self.wall_s = statistics.median(each) if each else spent.wall_s / number


def marks_of(passed: Mapping[str, bool], tests: Sequence[str]) -> Marks:
    """Shares of the tests that passed; nothing where no test has a record."""
    found = {}
    for topic in dict.fromkeys(name.partition("::")[0] for name in tests):
        names = [name for name in tests if name.startswith(f"{topic}::")]
        if any(name in passed for name in names):
            found[topic] = sum(passed.get(name, False) for name in names) / len(names)
    return found


def speed_table(seen: Sequence[Seen], limits: Sequence[float]) -> str:
    """Seconds of a hand-in, against the limit (of each hand-in) and against the first entry with as many workers."""
    middle, mean = statistics.median(limits), statistics.fmean(limits)
    rows: list[Sequence[object]] = [("**the limit**", "", f"{middle:.2f}", "1.0", f"{mean:.2f}", "1.0", "", "")]
    for one in seen:
        if one.trouble:
            rows.append((one.title, one.trouble, "", "", "", "", "", ""))
            continue
        ours = next(s for s in seen if s.workers == one.workers)
        rows.append(
            (
                one.title,
                one.honest,
                f"{one.wall_s:.2f}",
                f"{one.wall_s / middle:.1f}" if one.workers == 1 else "",
                f"{one.cpu_s:.2f}",
                f"{one.cpu_s / mean:.1f}",
                f"{one.wall_s / ours.wall_s:.1f}",
                f"{one.first_s:.1f}",
            )
        )
    head = ("harness", "hand-ins", "s by the clock", "against the limit", "s of processors", "against the limit")
    return table((*head, "s by the clock against `grader run`", "s to the first result"), rows)


def hostile_table(seen: Sequence[Seen]) -> str:
    """What became of the marks."""
    rows = []
    for one in seen:
        hostile = [g for g in one.graded if g.hostile]
        honest = [g for g in one.graded if not g.hostile]
        if not hostile:
            continue
        rows.append(
            (
                one.title,
                f"{sum(len(g.lost) for g in hostile)} of {sum(len(g.deserved) for g in hostile)}",
                f"{sum(len(g.lost) for g in honest)} of {sum(len(g.deserved) for g in honest)}",
                sum(len(g.given) for g in hostile),
                f"{sum(len(g.given) for g in honest)} of {sum(len(g.made.wrong) for g in honest)}",
                sum(not g.marks for g in one.graded),
                one.killed,
                f"{one.hostile_s:.0f}",
            )
        )
    head = (
        "harness",
        "lost by the rest of a hostile hand-in",
        "lost by honest ones",
        "points for a hostile topic",
    )
    more = (
        "known slips with all points",
        "hand-ins without a record",
        "killed from outside",
        "s by the clock",
    )
    return table((*head, *more), rows)


def counts_table(counts: Mapping[str, Sequence[int]]) -> str:
    """Checks and tests, and their calls of submitted functions."""
    rows = [(topic, *(f"{n:,}" for n in numbers)) for topic, numbers in counts.items()]
    rows.append(("all", *(f"{sum(c):,}" for c in zip(*counts.values(), strict=True))))
    return table(("topic", "our checks", "calls", "peers' tests", "calls"), rows)
