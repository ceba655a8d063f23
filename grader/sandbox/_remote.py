"""A worker as the grader sees it: load, call, get. How submitted code fails is an answer, never an exception."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, TypeAlias, cast

from grader.sandbox._output import Output
from grader.sandbox._replies import Unread, content_of, read_loaded, read_outcome
from grader.sandbox._requests import SEED_MASK, NewRequest, Prepared, Request, Target, requests
from grader.sandbox._session import Session
from grader.sandbox._types import (
    Died,
    Handle,
    Limits,
    Loaded,
    Outcome,
    Raised,
    Returned,
    SandboxFault,
)
from grader.sandbox._wire import Frame

Skim: TypeAlias = Callable[[bytes], int | None]
"""The weight of an answer whose content is known; None where it is to be read."""

_FEW: Final = 8
"""So few answers that are still due are taken as they come."""
_UNWANTED_S: Final = 0.5
"""Answers that nobody waits for any more may take so long together; then a new worker is cheaper."""


class Worker:
    """One worker process. After the first `Died` it is gone, and every further answer is that same `Died`."""

    def __init__(self, session: Session, output: Output, limits: Limits) -> None:
        self._session = session
        self._output = output
        self._batch: Generator[Outcome | Unread, None, None] | None = None
        self._due = 0
        """Answers to rows that were sent, not read yet."""
        self.limits = limits
        self.load_s = 0.0
        """Seconds that loading took, but for waiting while others had the processor."""

    @property
    def pid(self) -> int:
        """Its process id, for people who look at the machine."""
        return self._session.pid

    @property
    def spent_s(self) -> float:
        """Seconds that its calls have taken, but for waiting while others had the processor."""
        return self._session.spent_s

    def left_s(self, total: float, enough: float) -> float:
        """Of `total` seconds for its calls those that are left; where that is `enough`, at least, and cheaper to tell."""
        return self._session.left_s(total, enough)

    def begin_topic(self) -> bool:
        """What it spent so far does not count towards the topic that comes; False where it is still busy, or has not all its time any more."""
        if self._session.died is not None or self._due:
            return False
        return self._session.begin_topic() <= self.limits.topic_s

    def load(self, files: Mapping[str, bytes], modules: Sequence[str], *, seed: int) -> Loaded | Died:
        """Write the files (by relative path) to the working folder and run the modules in order.

        Each runs as the module of its stem, never as `__main__`. Raises SandboxFault for a path that leaves the
        folder or files of more than 64 MiB.
        """
        for name in (*files, *modules):
            if name.startswith("/") or ".." in name.split("/") or "\0" in name:
                raise SandboxFault(f"not a path inside a hand-in: {name!r}")
        request = NewRequest("load")
        request.put({name: bytes(content) for name, content in files.items()})
        request.put(list(modules))
        request.put(seed & SEED_MASK)
        self._finish_batch()
        budget = self.limits.load_s, f"loading took longer than {self.limits.load_s:g} s"
        loaded = self._session.exchange(request, read_loaded, budget)
        self.load_s = self._session.spent_s
        self._session.begin_topic()
        return loaded

    def call(
        self,
        target: Target,
        args: Sequence[object],
        kwargs: Mapping[str, object] | None = None,
        *,
        seed: int,
        timeout: float | None = None,
    ) -> Outcome:
        """Call a submitted function or class, a method of a handle, or support source.

        seed: of every random generator during the call. timeout: in seconds, else `limits.call_s`. Raises
        TypeError for an argument that cannot be sent, SandboxFault for arguments of more than 64 MiB.
        """
        self._finish_batch()
        request = NewRequest("call")
        request.message(1, seed & SEED_MASK)
        request.put_call(target, args, kwargs or {})
        return cast("Outcome", self._outcome(request, timeout, send=True))

    def calls(
        self,
        target: Target,
        rows: Sequence[Sequence[object]],
        *,
        seeds: Sequence[int],
        timeout: float | None = None,
    ) -> Iterator[Outcome]:
        """Call once a row, each with its own seed and deadline; ends after the first `Died`."""
        if len(rows) != len(seeds):
            raise ValueError("calls() needs one seed a row")
        return cast("Iterator[Outcome]", self._begin(requests(target, rows, seeds), timeout, None))

    def skimmed(self, calls: Prepared, skim: Skim, *, timeout: float | None = None) -> Iterator[Outcome | Unread]:
        """As `calls`; answers whose content `skim` knows are not read."""
        return self._begin(calls.requests(), timeout, skim)

    def usable(self) -> bool:
        """Whether it can be called, once answers that nobody waits for are off the wire."""
        self._finish_batch()
        return self._session.died is None

    def get(self, handle: Handle, name: str) -> Outcome:
        """An attribute of an object in the worker."""
        self._finish_batch()
        request = NewRequest("get")
        request.put(handle)
        request.message(name)
        return self._session.exchange(request, read_outcome, self._session.call_budget(None))

    def release(self, *handles: Handle) -> None:
        """Let the worker forget objects."""
        self._finish_batch()
        request = NewRequest("release")
        request.put([handle.id for handle in handles])
        self._session.exchange(request, read_outcome, self._session.call_budget(None))

    def output(self) -> str:
        """What it has printed so far, made safe to show; never to be parsed."""
        if self._session.died is None:
            self._output.drain()
        return self._output.text()

    def close(self) -> None:
        """Kill it. What it printed can still be read."""
        self._session.end(Died("crashed", "the worker was closed"), wait=False)

    def _finish_batch(self) -> None:
        """Take the rest of an abandoned batch off the wire."""
        if self._batch is not None:
            self._batch.close()
            self._batch = None

    def _begin(
        self, requests: Iterable[tuple[Request, int]], timeout: float | None, skim: Skim | None
    ) -> Iterator[Outcome | Unread]:
        self._finish_batch()
        self._batch = self._stream(iter(requests), timeout, skim)
        return self._batch

    def _stream(
        self, requests: Iterator[tuple[Request, int]], timeout: float | None, skim: Skim | None
    ) -> Generator[Outcome | Unread, None, None]:
        while self._session.died is None and (following := next(requests, None)) is not None:
            request, count = following
            left = count
            try:
                while left and self._session.died is None:
                    outcome = self._next(request, timeout, left, count, skim)
                    left = self._due = left - 1
                    yield outcome
            except GeneratorExit:
                until = time.monotonic() + _UNWANTED_S
                while left and self._session.died is None:
                    self._next(request, max(0.0, until - time.monotonic()), left, count)
                    left = self._due = left - 1
                raise

    def _next(
        self, request: Request, timeout: float | None, left: int, count: int, skim: Skim | None = None
    ) -> Outcome | Unread:
        return self._outcome(request, timeout, send=left == count, more=left > _FEW, skim=skim)

    def _outcome(
        self,
        request: Request,
        timeout: float | None,
        *,
        send: bool,
        more: bool = False,
        skim: Skim | None = None,
    ) -> Outcome | Unread:
        budget = self._session.call_budget(timeout)
        glance = None if skim is None else partial(_skimmed, skim)
        outcome: Outcome | Unread = self._session.exchange(
            request, read_outcome, budget, send=send, more=more, glance=glance
        )
        if isinstance(outcome, Returned):  # the worker timed itself: believe it no more than is possible
            longest = self._session.since_request_s
            return outcome if outcome.duration_s <= longest else replace(outcome, duration_s=longest)
        if isinstance(outcome, Raised) and outcome.type == "SystemError" and self._session.memory_ran_out():
            return replace(outcome, memory=True)  # the interpreter had no memory left for a MemoryError
        return outcome


def _skimmed(skim: Skim, frame: Frame, number: int) -> Unread | None:
    content = content_of(frame, number)
    weight = None if content is None else skim(content)
    return None if weight is None else Unread(frame, weight)
