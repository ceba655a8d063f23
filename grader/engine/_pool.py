"""Units on their way through examiners and readers of write-ups, as many at a time as there are workers."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from grader.engine._order import Job, Line
from grader.engine._server import ServerGoneError
from grader.engine._units import Unit, UnitResult
from grader.engine._writeups import Written

_UNREAD: Final = 4
"""Hand-ins for each worker that may wait for their write-ups while others are examined."""


class Bench(Protocol):
    """Where units are examined: on this machine, or on a cluster's."""

    lanes: int
    """Jobs that may be under way at a time; 0 leaves it to the run."""
    level: str
    """Of isolation, the lowest there is."""
    exams: list[dict[str, str]]
    """All checks there are: `id`, `topic` and `part`, in order."""

    def start(self, units: Sequence[Unit], unloadable: Sequence[str] = ()) -> int:
        """Begin with units of one hand-in; gives the number of the job. Raises ServerGoneError."""

    def results(self) -> Iterator[tuple[int, Unit, UnitResult | None]]:
        """The number of a job with each unit and its result; None as the result when the job has ended."""


_Event = tuple[int, Unit, UnitResult | None] | tuple[int, Written] | str
"""From the server, from the readers; or why there is no server any more."""


@dataclass
class Pool:
    """Gives out jobs and hears of results: all in the thread that calls `read` and `run`."""

    begin: Callable[[int, Callable[[Written], None]], bool]
    """Told the number of a hand-in before each of its jobs. True if its write-ups are being read now; what is found in
    them goes to the second argument, from any thread."""
    keep: Callable[[int, Unit, UnitResult], None]
    """Told each result as it comes, with the number of its hand-in."""
    written: Callable[[int, Written], None]
    """The same for write-ups."""
    _events: queue.SimpleQueue[_Event] = field(default_factory=queue.SimpleQueue)
    _flying: dict[int, Job] = field(default_factory=dict)
    _reading: set[int] = field(default_factory=set)
    _unloadable: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def read(self, handin: int) -> None:
        """Begin with a hand-in's write-ups, unless that was done; what is found in them is heard of in `run`."""
        if self.begin(handin, lambda found: self._events.put((handin, found))):
            self._reading.add(handin)

    def run(self, line: Line, unread: Sequence[int], examiners: Bench | None, workers: int) -> str:
        """Do all jobs, and read the write-ups of `unread`; why the server ended before that, or empty.

        examiners: None where there is no unit to do. workers: how many jobs at a time.
        """
        listener = threading.Thread(target=self._listen, args=(examiners,), daemon=True)
        listener.start()
        try:
            while True:
                self._refill(line, examiners, workers)
                if not self._flying and not self._reading and not line:
                    break
                self._take(self._events.get())
            for handin in unread:  # those that have no unit to do
                self.read(handin)
            self._await_readers()
        except ServerGoneError as gone:
            listener.join()
            while not self._events.empty():  # what came before the end is kept
                self._keep(self._events.get())
            self._await_readers()
            return f"the examination server ended: {gone}"
        return ""

    def _refill(self, line: Line, examiners: Bench | None, workers: int) -> None:
        while line and len(self._flying) < workers and len(self._reading) < _UNREAD * workers:
            assert examiners is not None
            job = line.take(sum(j.slow for j in self._flying.values()))
            self.read(job.handin)
            number = examiners.start(job.units, self._unloadable.get(job.handin, ()))
            self._flying[number] = job

    def _take(self, event: _Event) -> None:
        if isinstance(event, str):
            raise ServerGoneError(event)
        self._keep(event)

    def _keep(self, event: _Event) -> None:
        if isinstance(event, str):
            return
        if len(event) == 2:
            self._reading.discard(event[0])
            self.written(*event)
            return
        number, unit, result = event
        if result is None:
            del self._flying[number]
            return
        handin = self._flying[number].handin
        if result.unloadable:
            self._unloadable[handin] = result.unloadable
        self.keep(handin, unit, result)

    def _await_readers(self) -> None:
        while self._reading:
            self._keep(self._events.get())

    def _listen(self, examiners: Bench | None) -> None:
        """In a thread of its own: a line of the server and a write-up that was read are waited for at once."""
        if examiners is None:
            return
        try:
            for event in examiners.results():
                self._events.put(event)
        except (ServerGoneError, ValueError, OSError) as gone:
            self._events.put(str(gone))
