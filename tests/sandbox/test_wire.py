"""Frames from a hostile writer: each is refused with the one error, at a cost bounded by its own bytes."""

from __future__ import annotations

import random
import socket
import struct
import tracemalloc
from typing import Any

import msgpack
import numpy as np
import pytest

from grader.sandbox._decode import Decoder
from grader.sandbox._encode import MAX_DEPTH, MAX_HASHED, MAX_INT_BITS, Encoder
from grader.sandbox._wire import MAX_FRAME, FrameReader, TooLarge, WireError, pack, pack_tokens


def read(data: bytes) -> Any:
    """The value of a frame, all checks on."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        reader = FrameReader()
        sent = 0
        while True:
            frame = reader.next()
            if frame is not None:
                decoder = Decoder(frame)
                value = decoder.value()
                decoder.finish()
                return value
            if sent < len(data):
                sent += ours.send(data[sent : sent + 100_000])
            if not reader.fill(theirs):
                raise WireError("end")


def frame(tokens: bytes, blob: bytes = b"") -> bytes:
    head = struct.pack("<II", len(tokens), len(blob)) + tokens
    return head + bytes(-len(head) % 16) * bool(blob) + blob


def tokens(*parts: Any, blob: bytes = b"") -> bytes:
    return frame(pack_tokens(parts), blob)


def encoded(value: Any) -> bytes:
    encoder = Encoder()
    encoder.put(value)
    return b"".join(encoder.frame())


HOSTILE = {
    "nested list": frame(b"\x91" * 100_000 + b"\x01"),
    "long list": frame(b"\xdd\xff\xff\xff\xff"),
    "long map": frame(b"\xdf\xff\xff\xff\xff"),
    "long text": frame(b"\xdb\xff\xff\xff\xff"),
    "long bytes": frame(b"\xc6\xff\xff\xff\xff"),
    "extension": frame(b"\xc7\x00\x05"),
    "extension with content": frame(b"\xd4\x01a"),
    "timestamp": frame(b"\xd6\xff\x00\x00\x00\x00"),
    "empty list token": frame(b"\x90"),
    "empty map token": frame(b"\x80"),
    "reserved byte": frame(b"\xc1"),
    "text that is no text": frame(b"\xa2\xff\xfe"),
    "nothing": frame(b""),
    "unknown tag": tokens("zz", 1),
    "tag of arguments": tokens("S", "import os", "os"),
    "too many values": tokens(1, 2),
    "list longer than the frame": tokens("l", 1 << 40, 1),
    "negative count": tokens("l", -1),
    "count that is a bool": tokens("l", True, 1),
    "array longer than its bytes": tokens("a", "f8", 1, 3, blob=bytes(16)),
    "array shorter than its bytes": tokens("a", "f8", 1, 1, blob=bytes(32)),
    "array of objects": tokens("a", "O8", 1, 1, blob=bytes(16)),
    "array of huge shape": tokens("a", "f8", 3, 1 << 39, 1 << 39, 1 << 39),
    "array of huge shape times zero": tokens("a", "f8", 4, 1 << 39, 1 << 39, 1 << 39, 0),
    "array of negative shape": tokens("a", "f8", 2, -1, -8, blob=bytes(64)),
    "array of many dimensions": tokens("a", "f8", 64, *([1] * 64), blob=bytes(16)),
    "scalar of the wrong length": tokens("g", "f8", b"abc"),
    "huge integer": tokens("i", b"\x7f" * (MAX_INT_BITS // 8 + 2)),
    "fraction over zero": tokens("q", 1, 0),
    "fraction of text": tokens("q", "s", "1", 2),
    "decimal of huge exponent": tokens("D", "1E+999999999"),
    "decimal in words": tokens("D", "sNaN123"),
    "handle below zero": tokens("h", -1, "x"),
    "matrix of no expressions": tokens("m", 1, 1, 5),
    "huge matrix": tokens("m", 1 << 31, 1 << 31),
    "matrix of negative size": tokens("m", -1, -1),
    "key that is a list": tokens("d", 1, "l", 0, 1),
    "set of lists": tokens("f", 1, "l", 0),
    "expression of an unknown head": tokens("x", "t", 2, "s", "__import__", "s", "os"),
    "expression that is text": tokens("x", "s", "__import__('os').system('true')"),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_frame_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        read(data)


def test_the_announced_length_is_checked_before_anything_arrives() -> None:
    with pytest.raises(WireError):
        read(struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF))


def test_memory_grows_with_what_arrives_not_with_what_is_announced() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        reader = FrameReader()
        ours.send(struct.pack("<II", MAX_FRAME // 2, 0) + b"\xc0" * 1000)
        tracemalloc.start()
        reader.fill(theirs)
        assert reader.next() is None
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1 << 20


@pytest.mark.parametrize("depth", [MAX_DEPTH + 10, 5000, 400_000])
@pytest.mark.parametrize("tag", ["l", "t", "f"])
def test_deep_nesting_is_refused(depth: int, tag: str) -> None:
    with pytest.raises(WireError):
        read(frame(pack_tokens((tag, 1)) * depth + b"\x01"))


def test_keys_whose_hashes_collide_are_few_enough() -> None:
    clash = [k * ((1 << 61) - 1) for k in range(MAX_HASHED + 1)]
    parts: list[Any] = ["d", len(clash)]
    for key in clash:
        parts += ["i", key.to_bytes(16, "little", signed=True), 0]
    with pytest.raises(WireError):
        read(tokens(*parts))


def test_random_damage_never_raises_anything_else() -> None:
    rng = random.Random(20240607)
    good = encoded([1, 2.5, "text", b"bytes", {"k": np.arange(5.0)}, (None, True), 1 << 100, np.float32(1)])
    outcomes = set()
    for _ in range(3000):
        data = bytearray(good)
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(8, len(data))] = rng.randrange(256)
        try:
            read(bytes(data))
            outcomes.add("value")
        except WireError:
            outcomes.add("refused")
    assert outcomes == {"value", "refused"}


def test_random_bytes_never_raise_anything_else() -> None:
    rng = random.Random(7)
    for _ in range(2000):
        with pytest.raises(WireError):
            read(frame(b"\xc1" + rng.randbytes(rng.randint(0, 60)), rng.randbytes(rng.choice([0, 16]))))


@pytest.mark.parametrize("size", [0, 1, 13, 65_519, 65_536, 65_537, 300_000, 5_000_000])
def test_frames_of_every_size_arrive_whole(size: int) -> None:
    assert read(encoded(b"\xab" * size)) == b"\xab" * size
    array = np.arange(size, dtype=np.uint8)
    assert np.array_equal(read(encoded(array)), array)


def test_several_frames_at_once_are_told_apart() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"".join(encoded(n) for n in range(100)))
        reader = FrameReader()
        reader.fill(theirs)
        got = [Decoder(f).value() for f in iter(reader.next, None)]
        assert got == list(range(100))
        assert not reader.pending


def test_what_does_not_fit_is_not_sent() -> None:
    with pytest.raises(TooLarge):
        encoded(np.zeros(MAX_FRAME // 8 + 1))
    with pytest.raises(TooLarge):
        pack([b"x" * MAX_FRAME])
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(TooLarge):
        encoded(loop)


def test_arrays_are_writable_and_their_own() -> None:
    for size in (4, 100_000):
        array = read(encoded(np.zeros(size)))
        array += 1
        assert array.sum() == size


def test_a_message_of_msgpack_itself_is_no_frame() -> None:
    with pytest.raises(WireError):
        read(frame(msgpack.packb({"verdict": "passed", "score": 100})))
