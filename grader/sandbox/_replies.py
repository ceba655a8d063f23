"""A worker's answers, read by someone who believes nothing: outcomes from frames, verdicts from deaths."""

from __future__ import annotations

import math
import signal
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from grader.records import clean_text
from grader.sandbox._decode import Decoder
from grader.sandbox._denials import DENIALS
from grader.sandbox._notes import NOTES, SEEDED
from grader.sandbox._types import Died, Limits, Loaded, Raised, Returned, Where
from grader.sandbox._wire import Frame, WireError, pack_tokens

_DURATION: Final = struct.Struct(">Bd")
_DOUBLE: Final = 0xCB
"""Begins a double in msgpack."""
_MAX_MESSAGE: Final = 500
_MAX_LINE: Final = 300
_MAX_FRAMES: Final = 40
_MAX_NOTES: Final = 20
_MAX_ARGUMENTS: Final = 10_000
_MAX_ROWS: Final = 20_000
"""Names that a hand-in may define: what loading reports is searched and kept."""
_MAX_REMARKS: Final = 20
_NEAR_SPACE: Final = 0.9
"""A death with this share of the address space seen in use is a death of memory, ..."""
_NEAR_RESIDENT: Final = 0.8
"""... and so is one with this share of what can be occupied of it, ..."""
_UNTOUCHED_MB: Final = 450
"""... which leaves out what libraries map and never touch."""
_NOT_RUN: Final = {
    "late": "{0}: work at the top level (line {1}) is run only for functions that need what it builds",
    "late cells": "{0}: work in cells {1} is run only for functions that need what it builds",
    "magic": "{0}: shell and magic lines were skipped (cells {1})",
    "magic lines": "{0}: shell and magic lines were skipped (line {1})",
    "broken": "{0}: cell {1} does not run; what depends on it is missing",
    "unreadable": "{0} was left out: {1}",
}

BROKE_PROTOCOL: Final = Died(
    "crashed", "the code wrote to the channel that carries its answers (protocol violation)"
)


@dataclass(frozen=True)
class Unread:
    """The call returned, and whoever asked knows by its bytes what that means: nobody has read it yet."""

    frame: Frame
    weight: int
    """As of what it is read as."""

    def read(self) -> Returned:
        """What it returned."""
        reply = Decoder(self.frame)
        kind = reply.take(str)
        reply.take(int)
        outcome = read_outcome(kind, reply)
        assert isinstance(outcome, Returned)
        return outcome


def content_of(frame: Frame, number: int) -> bytes | None:
    """What a call returned to the request of this number, as it came and without its duration: equal bytes mean equal things.

    None for every other answer, and for this one written otherwise than our own worker does.
    """
    begins = pack_tokens(("returned", number))
    at = len(begins) + _DURATION.size
    if len(frame.head) < at or frame.head[: len(begins)] != begins:
        return None
    mark, duration = _DURATION.unpack_from(frame.head, len(begins))
    if mark != _DOUBLE or not 0 <= duration < math.inf:
        return None
    return b"".join(((len(frame.head) - at).to_bytes(4, "big"), frame.head[at:], frame.blob))


def read_outcome(kind: str, reply: Decoder) -> Returned | Raised:
    """The rest of an answer to a call. Raises WireError."""
    if kind == "returned":
        duration = reply.take(float)
        value = reply.value()
        mutated = tuple(reply.take(int) for _ in range(reply.count(_MAX_ARGUMENTS)))
        notes = tuple(reply.take(str) for _ in range(reply.count(_MAX_NOTES)))
        reply.finish()
        if not NOTES.issuperset(notes) or any(place < 0 for place in mutated):
            raise WireError("unknown note or place")
        if not 0 <= duration < math.inf:
            raise WireError("impossible duration")
        return Returned(value, mutated, notes, duration, reply.weight)
    if kind == "raised":
        raised = _read_exception(reply)
        reply.finish()
        return raised
    raise WireError("unknown answer")


def _line(text: str, limit: int = _MAX_LINE) -> str:
    return " ".join(clean_text(text, limit).split())


def _read_exception(reply: Decoder) -> Raised:
    name, message = _line(reply.take(str), 100), clean_text(reply.take(str), _MAX_MESSAGE)
    denial, memory = reply.take(str), reply.take(bool)
    if denial not in DENIALS:
        raise WireError("unknown denial")
    frames = []
    for _ in range(reply.count(_MAX_FRAMES)):
        file, line, function, source = reply.take(str), reply.take(int), reply.take(str), reply.take(str)
        frames.append((Where(_line(file), line, _line(source)), _line(function)))
    lines = [f'File "{w.file}", line {w.line}, in {function}\n    {w.source}' for w, function in frames]
    traceback = "\n".join((*lines, f"{name}: {message}")) if frames else ""
    return Raised(name, message, frames[-1][0] if frames else None, traceback, denial, memory)


def read_loaded(kind: str, reply: Decoder) -> Loaded:
    """The rest of the answer to loading. Raises WireError."""
    if kind != "loaded":
        raise WireError("unknown answer")
    owners, names, duplicates, hidden, remarks = (_rows(reply.value(), width) for width in (2, 1, 3, 1, 3))
    seeded, failed = reply.take(bool), reply.take(bool)
    error = _read_exception(reply) if failed else None
    reply.finish()
    notes = [
        f"{_line(n)} is defined in {_line(a)} and again in {_line(b)}: the first counts"
        for n, a, b in duplicates[:_MAX_REMARKS]
    ]
    taken = [_line(file) for (file,) in hidden[:_MAX_REMARKS]]
    notes += [f"{file} has the name of a library: other files cannot import it" for file in taken]
    notes += [
        _NOT_RUN[kind].format(_line(file), _line(what))
        for file, kind, what in remarks[:_MAX_REMARKS]
        if kind in _NOT_RUN
    ]
    if seeded:
        notes.append(SEEDED)
    callables = {_line(name): _line(owner) for name, owner in owners}
    return Loaded(callables, error, tuple(_line(name) for (name,) in names), tuple(notes))


def _rows(value: Any, width: int) -> list[tuple[str, ...]]:
    if type(value) is not list or len(value) > _MAX_ROWS:
        raise WireError("not a list, or too long a one")
    rows = [row if type(row) is tuple else (row,) for row in value]
    if any(len(row) != width or any(type(part) is not str for part in row) for row in rows):
        raise WireError("not rows of text")
    return rows


def near_limit(peak_mb: float, limits: Limits) -> bool:
    """Whether this much address space in use means that memory ran out."""
    return peak_mb >= _NEAR_SPACE * limits.memory_mb


def classify_death(status: Mapping[str, Any], peak_mb: float, limits: Limits, cpu_s: int) -> Died:
    """What killed a worker that closed its channel, from its exit status and its use of memory and processor."""
    number = int(status.get("signal", 0))
    if number == signal.SIGSYS:
        return Died("forbidden", "the code made a system call that the sandbox does not allow")
    if number == signal.SIGXCPU or (number == signal.SIGKILL and status.get("cpu_s", 0.0) >= cpu_s):
        return Died("timeout", "the code used up its processor time")
    if status.get("greedy"):
        return Died("crashed", f"the process was killed: it had taken more than the {limits.threads} threads that it may have")
    resident_mb = status.get("rss_kb", 0) / 1024
    filled = resident_mb >= _NEAR_RESIDENT * (limits.memory_mb - _UNTOUCHED_MB)
    if number and (filled or near_limit(peak_mb, limits)):
        return Died("memory", f"the process died at its memory limit of {limits.memory_mb} MiB")
    if number == signal.SIGKILL:
        return Died("crashed", "the process was killed or closed its channel")
    if number:
        name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
        return Died("crashed", f"the process died of {name}")
    return Died("crashed", f"the code ended its own process with status {int(status.get('status', 0))}")
