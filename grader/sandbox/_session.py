"""Request and answer with one worker, under a deadline; every way in which it can fail becomes a `Died`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, TypeVar

from grader.sandbox._arguments import ArgumentEncoder
from grader.sandbox._channel import Channel, Gone, TimeUp
from grader.sandbox._clock import Deadline, Process, counters, own_time
from grader.sandbox._decode import Decoder
from grader.sandbox._replies import BROKE_PROTOCOL, classify_death, near_limit
from grader.sandbox._requests import Request
from grader.sandbox._types import Callback, Died, Limits, SandboxFault
from grader.sandbox._wire import Frame, TooLarge, WireError

T = TypeVar("T")
S = TypeVar("S")

_MAX_ERROR: Final = 500


class Reaper(Protocol):
    """Who ends a worker and knows what it died of."""

    def kill(self, number: int, *, wait: bool) -> Mapping[str, Any]:
        """SIGKILL; with `wait`, exit status and use of resources."""


def cpu_budget(limits: Limits) -> int:
    """Seconds of processor time of a worker: a last resort behind the deadlines, so twice what they allow."""
    return int(2 * (limits.load_s + limits.topic_s)) + 2


class Session:
    """The conversation with one worker. `died` is set once and for all when it ends."""

    def __init__(
        self, reaper: Reaper, number: int, process: Process, channel: Channel, limits: Limits
    ) -> None:
        self._reaper = reaper
        self._number = number
        self._process = process
        self._channel = channel
        self._limits = limits
        self._elapsed_s = 0.0
        self._topic_start = self._last_counters = counters(process)
        self._sent = time.monotonic()
        self.died: Died | None = None

    @property
    def since_request_s(self) -> float:
        """Seconds since the last request was sent."""
        return time.monotonic() - self._sent

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    def call_budget(self, timeout: float | None) -> tuple[float, str]:
        """Seconds that the next call may take, and what to say when they are over."""
        budget = self._limits.call_s if timeout is None else timeout
        left = self.left_s(self._limits.topic_s, budget)
        if left < budget:
            return max(left, 0.0), f"the {self._limits.topic_s:g} s for all calls of this topic are used up"
        return budget, f"no answer within {round(budget, 2):g} s"

    def exchange(
        self,
        request: Request,
        read: Callable[[str, Decoder], T],
        budget: tuple[float, str],
        *,
        send: bool = True,
        more: bool = False,
        glance: Callable[[Frame, int], S | None] | None = None,
    ) -> T | S | Died:
        """Send the request (unless it was sent before) and read one answer; callbacks are served meanwhile.

        more: further answers to the same request follow this one. glance: where that makes something of an answer,
        given the request's number, it is not read. Raises SandboxFault when the request is too large, and whatever a callback raises that is no Exception.
        """
        if self.died is not None:
            return self.died
        frame = _frame(request) if send else []
        deadline = Deadline(self._process, budget[0])
        try:
            if send:
                if self._channel.unexpected():
                    return self.end(BROKE_PROTOCOL)
                self._sent = time.monotonic()
                self._channel.send(frame, deadline)
            return self._answer(request, read, deadline, more, glance)
        except TimeUp:
            return self.end(Died("timeout", budget[1]))
        except Gone:
            return self._lost()
        except WireError:
            return self.end(BROKE_PROTOCOL)
        except BaseException:  # Ctrl-C, say: what is on the wire now would be taken for the next answer
            self.end(Died("crashed", "interrupted"), wait=False)
            raise
        finally:
            self._elapsed_s += deadline.elapsed_s

    @property
    def spent_s(self) -> float:
        """Seconds of the topic's time that are used up; waiting for a processor that others had does not count."""
        if self.died is None:
            self._last_counters = counters(self._process)
        return own_time(self._elapsed_s, self._topic_start, self._last_counters, self._limits.topic_s)

    def left_s(self, total: float, enough: float) -> float:
        """Of `total` seconds those that are left, or less than that but `enough`: the clock says so without the system."""
        left = total - self._elapsed_s
        return left if left >= enough else total - self.spent_s

    def begin_topic(self) -> float:
        """What was spent until now does not count towards the topic; seconds of processor time used so far."""
        self._elapsed_s = 0.0
        self._topic_start = counters(self._process)
        return self._topic_start[1]

    def memory_ran_out(self) -> bool:
        """Whether the worker has once been at its memory limit."""
        self._process.look()
        return near_limit(self._process.peak_mb, self._limits)

    def end(self, died: Died, *, wait: bool = True) -> Died:
        """Kill the worker, if it is not dead already; the first reason stays."""
        if self.died is None:
            self._last_counters = counters(self._process)
            self.died = died
            self._channel.close()
            self._reaper.kill(self._number, wait=wait)
        return self.died

    def _lost(self) -> Died:
        self._process.look()
        self._last_counters = counters(self._process)
        self.died = Died("crashed", "the process ended")
        self._channel.close()
        status = self._reaper.kill(self._number, wait=True)
        self.died = classify_death(status, self._process.peak_mb, self._limits, cpu_budget(self._limits))
        return self.died

    def _answer(
        self,
        request: Request,
        read: Callable[[str, Decoder], T],
        deadline: Deadline,
        more: bool,
        glance: Callable[[Frame, int], S | None] | None,
    ) -> T | S:
        number = request.number
        while True:
            frame = self._channel.receive(deadline, more=more and not request.callbacks)
            seen = None if glance is None else glance(frame, number)
            if seen is not None:
                return seen
            reply = Decoder(frame)
            kind = reply.take(str)
            if reply.take(int) != number:
                raise WireError("not an answer to this request")
            if kind != "callback":
                return read(kind, reply)
            started = time.monotonic()
            answer = self._serve(reply, request.callbacks)
            deadline.excuse(time.monotonic() - started)
            self._channel.send(answer, deadline)

    def _serve(self, reply: Decoder, callbacks: list[Callback]) -> list[memoryview]:
        """Run one callback; what it raises goes to the worker as text."""
        place, args, kwargs = reply.take(int), reply.value(), reply.value()
        reply.finish()
        if not 0 <= place < len(callbacks) or type(args) is not tuple or type(kwargs) is not dict:
            raise WireError("no such callback")
        if any(type(name) is not str for name in kwargs):
            raise WireError("names of arguments are text")
        answer = ArgumentEncoder()
        try:
            answer.message("value").put(callbacks[place].function(*args, **kwargs))
            return answer.frame()
        except Exception as error:  # noqa: BLE001 - submitted code chose the arguments, so any error may be its own
            text = f"{type(error).__name__}: {error}"[:_MAX_ERROR].encode("utf-8", "replace").decode()
            return ArgumentEncoder().message("raise", text).frame()


def _frame(request: Request) -> list[memoryview]:
    try:
        return request.frame()
    except TooLarge as error:
        raise SandboxFault(f"the request for a worker is too large: {error}") from error
