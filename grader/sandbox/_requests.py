"""What is asked of a worker: requests, made for one worker or once for many."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol, TypeAlias

from grader.sandbox._arguments import ArgumentEncoder
from grader.sandbox._types import Callback, Method, SandboxFault, Source, Submitted
from grader.sandbox._wire import TooLarge, assemble, pack_tokens

Target: TypeAlias = str | Method | Source

_FIRST_CHUNK: Final = 8
_LAST_CHUNK: Final = 256
"""Rows of one request frame: few at first, since a caller may stop at the first wrong answer."""
_CHUNK_BYTES: Final = 8 << 20
SEED_MASK: Final = (1 << 63) - 1


class Request(Protocol):
    """One request, ready to be sent."""

    @property
    def number(self) -> int:
        """Tells its answers from those to others."""

    @property
    def callbacks(self) -> list[Callback]:
        """Functions that the worker may ask while it works on this."""

    def frame(self) -> list[memoryview]:
        """The bytes to send."""


class NewRequest(ArgumentEncoder):
    """A request of this kind, to which arguments are put."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.number = secrets.randbits(62)
        self.message(kind, self.number)

    def put_call(self, target: Target, args: Sequence[object], kwargs: Mapping[str, object]) -> None:
        """A call's target and arguments. Raises SandboxFault where they are too large."""
        method = ""
        if isinstance(target, Method):
            self.put(target.handle)
            method = "" if target.name == "__call__" else target.name
        else:
            self.put(Submitted(target) if isinstance(target, str) else target)
        try:
            self.put(tuple(args))
            self.put(dict(kwargs))
        except TooLarge as error:
            raise SandboxFault(f"the arguments of a call are too large: {error}") from error
        self.message(method)


@dataclass(frozen=True)
class _Same:
    """A request that was written before, for another worker."""

    number: int
    rest: bytes
    blobs: list[memoryview]

    @property
    def callbacks(self) -> list[Callback]:
        return []

    def frame(self) -> list[memoryview]:
        return assemble(pack_tokens(("call", self.number)) + self.rest, self.blobs)


@dataclass(frozen=True)
class Prepared:
    """Calls of one function on rows of plain values, the same for many workers: written once."""

    function: str
    rows: Sequence[Sequence[object]]
    seeds: Sequence[int]
    """Of every call; at most 63 bits."""

    def named(self, function: str) -> Prepared:
        """The same calls of a function of another name."""
        return self if function == self.function else Prepared(function, self.rows, self.seeds)

    def write(self) -> None:
        """Do it now: processes that are forked later have it."""
        self._written  # noqa: B018 - computed once, and kept

    def requests(self) -> Iterator[tuple[Request, int]]:
        """New requests, and how many rows each is about."""
        for rest, blobs, count in self._written:
            yield _Same(secrets.randbits(62), rest, blobs), count

    @cached_property
    def _written(self) -> list[tuple[bytes, list[memoryview], int]]:
        made = requests(self.function, self.rows, self.seeds)
        return [(pack_tokens(request.tokens[2:]), request.blobs, count) for request, count in made]


def requests(
    target: Target, rows: Sequence[Sequence[object]], seeds: Sequence[int]
) -> Iterator[tuple[NewRequest, int]]:
    """Requests for all rows, and how many each is about. Made when asked for: a caller may want no more of them."""
    at, size = 0, _FIRST_CHUNK
    while at < len(rows):
        request, count = _chunk(target, rows[at : at + size], seeds[at : at + size])
        yield request, count
        at, size = at + count, min(4 * size, _LAST_CHUNK)


def _chunk(
    target: Target, rows: Sequence[Sequence[object]], seeds: Sequence[int]
) -> tuple[NewRequest, int]:
    """One request for as many rows as fit well, at least one, and their number."""
    request = NewRequest("call")
    request.message(0)
    count = 0
    start = end = request.mark()
    for args, seed in zip(rows, seeds, strict=True):
        if count and request.blob_bytes > _CHUNK_BYTES:
            break
        request.message(seed & SEED_MASK)
        if count and args is rows[count - 1]:
            request.again(start, end)
        else:
            start = request.mark()
            request.put_call(target, args, {})
            end = request.mark()
        count += 1
    request.tokens[2] = count
    return request, count
