"""What makes the first examination slow, done once in the server: the reference takes the checks, in this very process.

Examiners are forked from the server and start with what it has: libraries imported, caches filled, code warm, expected
values computed. Nothing that was handed in takes part, and nothing comes of a rehearsal but time.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Final

from grader.exam._ahead import Foreseen
from grader.exam._alarm import at_most
from grader.exam._desk import Desk
from grader.exam._examine import Exam, rehearse
from grader.exam._unwalled import UnwalledBench
from grader.records import Kind

_FROM: Final = 3
"""The examination of a topic after which it is worth the time: it costs about one and saves half of each."""
_PATIENCE_S: Final = 5.0
"""For one check; nobody waits longer for what only saves time."""


class Rehearsals:
    """The checks of topics that many hand-ins meet, one by one, while there is nothing else to do.

    Not the statistical ones: they may take long, and what they find is not kept.
    """

    def __init__(self, desk: Desk, exams: Iterable[Exam]) -> None:
        self._desk = desk
        self._rehearsed = [e for e in exams if e.spec.kind is not Kind.STATISTICAL]
        self._seen = Counter[str]()
        self._left = deque[Exam]()
        self._over = set[str]()

    @property
    def done(self) -> bool:
        """Whether none waits."""
        return not self._left

    def forked(self, topics: Iterable[str]) -> None:
        """Tell of an examiner for these topics."""
        for topic in topics:
            self._seen[topic] += 1
            if self._seen[topic] == _FROM:
                self._left += (e for e in self._rehearsed if e.topic.name == topic and e.id not in self._over)

    def meanwhile(self, waiting: Callable[[], bool]) -> None:
        """Rehearse checks, as many as are over while `waiting()` holds and one more: the first hand-in gains, too.

        Where there is but one processor, whoever is waited for needs it.
        """
        if processors() < 2:
            return
        for exam in self._rehearsed:
            if not waiting():
                break
            self._rehearse(exam)
        self._desk.memo.news()  # who is forked from now on has it

    def everything(self) -> None:
        """Rehearse all checks, in the process of one examiner: what had to be computed is told as its own."""
        for exam in self._rehearsed:
            self._rehearse(exam)

    def step(self) -> bool:
        """Rehearse one check, if one waits; whether it was the last."""
        if not self._left:
            return False
        self._rehearse(self._left.popleft())
        self._desk.memo.news()
        return not self._left

    def _rehearse(self, exam: Exam) -> None:
        self._over.add(exam.id)
        try:
            reference = self._desk.reference(exam.topic.name)
            foreseen = _put(exam, reference) if isinstance(reference, ModuleType) else None
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - whatever it is, the examiners meet it as well, and tell
            return
        if foreseen is not None:
            self._desk.foreseen[exam.id] = foreseen


def _put(exam: Exam, reference: ModuleType) -> Foreseen | None:
    with at_most(_PATIENCE_S):
        return rehearse(exam, UnwalledBench.of(dict(vars(reference))), {"reference": reference})


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
