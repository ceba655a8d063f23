"""What makes the first examination slow, done once in the server: the reference takes the checks, in this very process.

Examiners are forked from the server and start with what it has: libraries imported, caches filled, code warm, expected
values computed. Nothing that was handed in takes part, and nothing comes of a rehearsal but time.
"""

from __future__ import annotations

import contextlib
import signal
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Final

from grader.exam._desk import Desk
from grader.exam._examine import Exam, examine
from grader.exam._unwalled import UnwalledBench

_FROM: Final = 6
"""The examination of a topic after which it is worth the time: it costs about one and saves a fourth of each."""
_PATIENCE_S: Final = 5.0
"""For one check; nobody waits longer for what only saves time."""


class _TooLong(BaseException):
    """Past every `except Exception` of a check."""


class Rehearsals:
    """The checks of topics that many hand-ins meet, one by one, while there is nothing else to do."""

    def __init__(self, desk: Desk, exams: Iterable[Exam]) -> None:
        self._desk, self._exams = desk, list(exams)
        self._seen = Counter[str]()
        self._left = deque[Exam]()

    @property
    def done(self) -> bool:
        """Whether none waits."""
        return not self._left

    def forked(self, topics: Iterable[str]) -> None:
        """Tell of an examiner for these topics."""
        for topic in topics:
            self._seen[topic] += 1
            if self._seen[topic] == _FROM:
                self._left += [exam for exam in self._exams if exam.topic.name == topic]

    def step(self) -> bool:
        """Rehearse one check, if one waits; whether it was the last."""
        if not self._left:
            return False
        exam = self._left.popleft()
        with contextlib.suppress(Exception, _TooLong):  # told by the examiners, who meet it as well
            reference = self._desk.reference(exam.topic.name)
            if isinstance(reference, ModuleType):
                _put(exam, reference)
        self._desk.memo.news()  # who is forked from now on has it
        return not self._left


def _put(exam: Exam, reference: ModuleType) -> None:
    with _at_most(_PATIENCE_S):
        examine(exam, UnwalledBench.of(dict(vars(reference))), {"reference": reference})


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def over(number: int, frame: object) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
