"""The one file that speaks. Frames: a length, a flat run of msgpack scalars, raw bytes of arrays.

Promise: whatever bytes arrive, reading them ends, takes memory in proportion to what has arrived and at most MAX_FRAME
and MAX_TOKENS, gives plain scalars and bytes only, and raises nothing but WireError. Neither side trusts the other's.

A frame is `u32 tokens | u32 blob | tokens | padding to 16 | blob`, little-endian. The tokens are msgpack
scalars one after the other, with no array, map or extension type, so that a byte costs at most one token
whatever a hostile writer sends: nothing can nest, and nothing claims a length that is not there.
"""

from __future__ import annotations

import itertools
import socket
import struct
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final, NoReturn

import msgpack

MAX_FRAME: Final = 64 << 20
"""Bytes of one frame: arrays of eight million numbers pass."""
MAX_TOKENS: Final = 2_000_000
"""Scalars of one frame: a list of a million numbers passes; decoding it takes about a second."""
_PREFIX: Final = struct.Struct("<II")
_ALIGN: Final = 16
_FIRST_BUFFER: Final = 1 << 16
_SMALL: Final = 1 << 16
"""Below this many bytes one joined write is cheaper than a list of buffers."""


class WireError(Exception):
    """What arrived is not what the protocol allows. The only exception of the decoders."""


class TooLarge(Exception):
    """A value that does not fit into a frame was to be sent."""


class Frame:
    """One frame, split but not yet understood."""

    def __init__(self, head: memoryview, blob: memoryview) -> None:
        self.head = head
        """Its tokens, as bytes."""
        self.blob = blob

    @cached_property
    def tokens(self) -> list[Any]:
        """Its scalars. Raises WireError where it is anything else."""
        return unpack_tokens(self.head)


def padding(size: int) -> int:
    """Bytes that align what follows `size` bytes."""
    return -size % _ALIGN


def pack_tokens(tokens: Sequence[Any]) -> bytes:
    """The scalars one after the other, without the header of a list."""
    packed: bytes = msgpack.packb(tokens, use_bin_type=True)
    return packed[1 if len(tokens) < 16 else 3 if len(tokens) < 65536 else 5 :]


def pack(tokens: Sequence[Any], blobs: Sequence[memoryview] = ()) -> list[memoryview]:
    """Buffers whose concatenation is the frame. Raises TooLarge."""
    if len(tokens) > MAX_TOKENS:
        raise TooLarge("too many items")
    return assemble(pack_tokens(tokens), blobs)


def assemble(head: bytes, blobs: Sequence[memoryview]) -> list[memoryview]:
    """As `pack`, of scalars that are bytes already. Raises TooLarge."""
    blob_size = sum(b.nbytes + padding(b.nbytes) for b in blobs)
    if _PREFIX.size + len(head) + _ALIGN + blob_size > MAX_FRAME:
        raise TooLarge("too many bytes")
    prefix = _PREFIX.pack(len(head), blob_size)
    parts: list[memoryview | bytes] = [prefix, head]
    if blob_size:
        parts.append(bytes(padding(len(prefix) + len(head))))
        for blob in blobs:
            parts += (blob, bytes(padding(blob.nbytes)))
    if blob_size <= _SMALL:
        return [memoryview(b"".join(parts))]
    return [memoryview(part) for part in parts if len(part)]


def _refuse(code: int, data: bytes) -> NoReturn:
    raise ValueError("extension type")


def unpack_tokens(data: bytes | bytearray | memoryview) -> list[Any]:
    """The scalars of one frame. Raises WireError for anything else."""
    size = len(data)
    unpacker = msgpack.Unpacker(
        raw=False,
        ext_hook=_refuse,
        max_buffer_size=MAX_FRAME,
        max_str_len=size,
        max_bin_len=size,
        max_array_len=0,
        max_map_len=0,
        max_ext_len=0,
    )
    try:
        unpacker.feed(data)
        tokens = list(itertools.islice(unpacker, MAX_TOKENS + 1))
        complete = unpacker.tell() == size
    except (ValueError, msgpack.UnpackException) as error:
        raise WireError("not a run of scalars") from error
    if not complete or len(tokens) > MAX_TOKENS:
        raise WireError("not a run of scalars")
    return tokens


class FrameReader:
    """Cuts a stream into frames. Memory grows with what has arrived, never with what is announced."""

    def __init__(self) -> None:
        self._buffer = bytearray(_FIRST_BUFFER)
        self._have = 0

    @property
    def pending(self) -> bool:
        """Whether bytes of an unread frame have arrived."""
        return self._have > 0

    def fill(self, stream: socket.socket) -> bool:
        """Receive once. False at the end of the stream; raises BlockingIOError as the socket does."""
        with memoryview(self._buffer) as view:
            got = stream.recv_into(view[self._have :])
        self._have += got
        return got > 0

    def next(self) -> Frame | None:
        """The next complete frame, or None. Raises WireError when the announced lengths exceed the limit."""
        if self._have < _PREFIX.size:
            return None
        tokens_size, blob_size = _PREFIX.unpack_from(self._buffer)
        start = _PREFIX.size + tokens_size
        if blob_size:
            start += padding(start)
        end = start + blob_size
        if end > MAX_FRAME:
            raise WireError("frame too large")
        if self._have < end:
            if self._have == len(self._buffer):
                self._buffer.extend(bytes(min(end, 2 * self._have) - self._have))
            return None
        frame = self._take(end)
        return Frame(frame[_PREFIX.size : _PREFIX.size + tokens_size], frame[start:end])

    def _take(self, end: int) -> memoryview:
        if end > _SMALL and end == self._have:
            taken = memoryview(self._buffer)[:end]
            self._buffer = bytearray(_FIRST_BUFFER)
            self._have = 0
            return taken
        taken = memoryview(bytearray(self._buffer[:end]))
        rest = self._have - end
        self._buffer[:rest] = self._buffer[end : self._have]
        if len(self._buffer) > _FIRST_BUFFER and rest <= _FIRST_BUFFER:
            del self._buffer[_FIRST_BUFFER:]
        self._have = rest
        return taken
