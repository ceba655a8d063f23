"""The class as a person works through it: which items wait, in which order, which texts are alike."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from grader.records import (
    OPEN_STEPS,
    Decision,
    Decisions,
    Item,
    Place,
    Report,
    Run,
    Store,
    UserError,
    Verdict,
    all_decided,
    decided,
    items_of,
    outdated,
    standing,
    summed_run,
)
from grader.review._texts import Shown, Texts, likeness

FILTERS = ("open", "done", "mine", "all", "feedback")
"""What can be shown: what waits, what is decided, what I decided, both, and steps on which no marks hang."""


@dataclass(frozen=True)
class Graded:
    """The results of one store as graded, with all that can be decided about them."""

    run: Run
    reports: tuple[Report, ...]
    places: Mapping[tuple[str, str], Place]

    @cached_property
    def by_student(self) -> Mapping[tuple[str, str], Report]:
        """Reports by assignment and student."""
        return {(r.assignment, r.student): r for r in self.reports}

    @cached_property
    def problems(self) -> Mapping[tuple[str, str], int]:
        """(assignment, number) of all problems with their rank, in the order of the sheets."""
        fullest = sorted(self.reports, key=lambda r: (r.assignment, -len(r.problems)))
        keys = dict.fromkeys((r.assignment, p.number) for r in fullest for p in r.problems)
        return {key: rank for rank, key in enumerate(keys)}

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Everything that can be decided, in the order in which one works: write-ups student by student, the rest line
        by line over the whole class."""
        found = [
            (self.problems[item.assignment, item.problem], *_order(item, n), item)
            for r in self.reports
            for n, item in enumerate(items_of(r))
        ]
        return tuple(row[-1] for row in sorted(found, key=lambda row: row[:-1]))

    @cached_property
    def by_name(self) -> Mapping[str, Item]:
        """Items by name."""
        return {item.name: item for item in self.items}

    @cached_property
    def by_key(self) -> Mapping[tuple[str, str, str, str], Item]:
        """Items by what a decision must be about to count."""
        return {item.key: item for item in self.items}


@dataclass(frozen=True)
class Board:
    """Results with the decisions as they stood when they were read."""

    path: Path
    graded: Graded
    decisions: tuple[Decision, ...]
    texts: Texts

    @cached_property
    def held(self) -> Mapping[str, Decision]:
        """The decision that counts, by the name of its item."""
        items, found = self.graded.by_key, standing(self.decisions)
        return {items[key].name: decision for key, decision in found.items() if key in items}

    @cached_property
    def _entries(self) -> Mapping[tuple[str, ...], Sequence[Decision]]:
        """Entries by item, and by student."""
        found: dict[tuple[str, ...], list[Decision]] = defaultdict(list)
        for decision in self.decisions:
            found[decision.key].append(decision)
            found[decision.key[:2]].append(decision)
        return found

    @cached_property
    def _settled(self) -> frozenset[tuple[str, str, str, str]]:
        """(assignment, student, problem, kind) of what waits no more since something above it was decided."""
        found = set()
        for name, decision in self.held.items():
            item = self.graded.by_name[name]
            place = (item.assignment, item.student, item.problem)
            if item.kind == "total":
                found |= {(*place, "step"), (*place, "writeup"), (*place, "rubric"), (*place, "check")}
            elif item.kind == "writeup":
                found.add((*place, "step"))
            elif decision.ruling == "wrong":
                found |= {(*place, "step"), (*place, "writeup")}
        return frozenset(found)

    @cached_property
    def _reopened(self) -> frozenset[str]:
        """Write-ups that had failed by a step which a person does not call wrong: their points are open again."""
        items = [self.graded.by_name[name] for name in self.held]
        touched = {(i.assignment, i.student) for i in items if i.kind == "step" and not i.waits}
        finals = [self.final(self.graded.by_student[key]) for key in touched]
        return frozenset(
            f"{r.assignment}/{r.student}/{c.id}"
            for r in finals
            for c in r.checks
            if c.verdict is Verdict.REVIEW
        )

    def _waits(self, item: Item) -> bool:
        return item.waits or (item.kind == "writeup" and item.name in self._reopened)

    def is_open(self, item: Item) -> bool:
        """Whether marks wait for a decision on it."""
        place = (item.assignment, item.student, item.problem, item.kind)
        return self._waits(item) and item.name not in self.held and place not in self._settled

    def is_done(self, item: Item) -> bool:
        """Whether it was decided, by itself or with what it is a part of."""
        return item.name in self.held or (self._waits(item) and not self.is_open(item))

    def queue(self, show: str, author: str, problem: tuple[str, str] | None = None) -> list[Item]:
        """The items that a filter shows, of one problem (assignment, number) or of all."""
        wanted: dict[str, Callable[[Item], bool]] = {
            "open": self.is_open,
            "done": self.is_done,
            "all": self._is_queued,
            "mine": partial(self._is_of, author),
            "feedback": _is_feedback,
        }
        shows = wanted.get(show, self.is_open)
        return [i for i in self.graded.items if problem in (None, (i.assignment, i.problem)) and shows(i)]

    def _is_queued(self, item: Item) -> bool:
        return self.is_open(item) or self.is_done(item)

    def _is_of(self, author: str, item: Item) -> bool:
        return item.name in self.held and self.held[item.name].author == author

    def history(self, item: Item) -> Sequence[Decision]:
        """All entries on an item, the oldest first, whatever content they were about."""
        return self._entries.get((item.assignment, item.student, item.id), ())

    def version(self, item: Item) -> int:
        """Id of the last entry on an item; 0 where there is none."""
        return max((d.id for d in self.history(item)), default=0)

    def earlier(self, item: Item) -> list[Decision]:
        """Decisions on an earlier hand-in that bear on an item: its own, and of a step all steps of the problem."""
        here = [d for d in self.outdated(self.report(item)) if d.problem == item.problem]
        return [d for d in here if d.item == item.id or (item.kind == "step" and d.ruling is not None)]

    def outdated(self, report: Report) -> list[Decision]:
        """Decisions on a hand-in that count no more."""
        return outdated(report, self._entries.get((report.assignment, report.student), ()))

    def report(self, item: Item) -> Report:
        """The report that an item belongs to."""
        return self.graded.by_student[item.assignment, item.student]

    def final(self, report: Report) -> Report:
        """A report with what was decided."""
        return decided(report, self._entries.get((report.assignment, report.student), ()))

    def finals(self) -> list[Report]:
        """All reports with what was decided."""
        return all_decided(self.graded.reports, self.decisions)

    def shown(self, item: Item) -> Shown:
        """What the student wrote on the problem."""
        key = (item.assignment, item.student)
        return self.texts.of(self.report(item), item.problem, self.graded.places.get(key))

    def alike(self, item: Item) -> list[Item]:
        """Items of others with exactly the same text, but for blanks."""
        wanted = likeness(item, self.report(item), self.shown(item))
        if not wanted:
            return []
        others = [
            o for o in self.graded.items
            if o.kind == item.kind and (o.assignment, o.problem) == (item.assignment, item.problem)
            and (o.waits == item.waits) and o.max_score == item.max_score and o.name != item.name
        ]  # fmt: skip
        return [o for o in others if likeness(o, self.report(o), self.shown(o)) == wanted]

    def named(self, name: str) -> Item:
        """The item that a person names. Raises UserError where there is none, or more than one."""
        if name in self.graded.by_name:
            return self.graded.by_name[name]
        ends = [i for i in self.graded.items if i.name.endswith("/" + name) or i.name.startswith(name)]
        if len(ends) == 1:
            return ends[0]
        why = f"{len(ends)} items are called so" if ends else "there is no such item"
        raise UserError(
            f"{name!r}: {why}; `grader review --list` shows their names, such as hw10/ann/1c::rubric_1"
        )


class Watched:
    """The board of a store, read again whenever somebody graded or decided."""

    def __init__(self, path: Path) -> None:
        self._path, self._texts, self._lock = path, Texts(), threading.Lock()
        self._state: object = None
        self._board: Board | None = None

    def board(self) -> Board:
        """As things stand now. Raises StoreFault, and UserError where nothing was graded yet."""
        with self._lock, Store(self._path) as store, Decisions(self._path) as kept:
            last, state = self._board, store.state()
            old = last.decisions if last is not None else ()
            new = kept.all(after=old[-1].id if old else 0)
            if last is None or new or state != self._state:
                graded = last.graded if last is not None and state == self._state else _graded(store)
                last = Board(self._path, graded, (*old, *new), self._texts)
                self._board, self._state = last, state
            return last


def _graded(store: Store) -> Graded:
    reports, runs = tuple(store.reports()), store.runs()
    if not reports:
        raise UserError(f"there are no results in {store.path.parent} yet; `grader run` makes them")
    places = {(r.assignment, r.student): store.place(r.assignment, r.student) for r in reports}
    found = {key: place for key, place in places.items() if place is not None}
    return Graded(summed_run(runs, reports), reports, found)


def _is_feedback(item: Item) -> bool:
    return item.kind == "step" and not item.waits and item.verdict in OPEN_STEPS


def _order(item: Item, position: int) -> tuple[int, tuple[tuple[int, str], ...], str, str, int]:
    name = (item.student.casefold(), item.student)
    if item.kind in ("step", "writeup"):
        return (0, (), *name, position)
    # rubric_2 comes before rubric_10
    line = tuple((int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", item.id))
    return (1 + (item.kind == "total"), line, *name, position)


def neighbours(queue: Sequence[Item], items: Iterable[Item], name: str) -> tuple[Item | None, Item | None]:
    """The items before and after one in a queue, to which it need not belong itself."""
    places = {item.name: n for n, item in enumerate(items)}
    here = places.get(name, -1)
    before = [i for i in queue if places[i.name] < here]
    after = [i for i in queue if places[i.name] > here]
    return (before[-1] if before else None), (after[0] if after else None)
