"""The reader of frames and the builder of formulas under arbitrary input: their own error, a value, and nothing else."""

from __future__ import annotations

import contextlib
import socket
import struct
import tracemalloc
from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grader import judge
from grader.exam._killable import Exhausted, killable
from grader.exam._render import shown
from grader.sandbox import Died, Returned, TreeError, build, check_tree, free_names
from grader.sandbox._decode import Decoder
from grader.sandbox._encode import Encoder
from grader.sandbox._heads import ARITY, ASSUMPTIONS, CONSTANTS
from grader.sandbox._replies import classify_death, read_loaded, read_outcome
from grader.sandbox._types import Limits
from grader.sandbox._wire import FrameReader, WireError, pack_tokens

QUIET = settings(
    deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
MANY, SOME = settings(QUIET, max_examples=400), settings(QUIET, max_examples=60)

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.text(max_size=6), st.binary(max_size=24),
    st.sampled_from([0, 1, 2, 3, -1, 1 << 39, 1 << 62, 10**6]),
)
TAGS = st.sampled_from([*"sbicqDltfdagxmhTrkSF", "b1", "i8", "f8", "c16", "f2", "u1", "V8"])
TOKENS = st.lists(st.one_of(TAGS, TAGS, SCALARS), max_size=30)


def feed(data: bytes, read: Callable[[Decoder], Any]) -> Any:
    """What `read` makes of the first frame in these bytes, arriving in pieces; None where there is no whole frame."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        reader, whole = FrameReader(), None
        for start in range(0, len(data), 1000):
            ours.sendall(data[start : start + 1000])
            with contextlib.suppress(BlockingIOError):
                while whole is None:
                    reader.fill(theirs)
                    whole = reader.next()
            if whole is not None:
                return read(Decoder(whole))
    return None


def frame(tokens: list[Any], blob: bytes = b"") -> bytes:
    head = pack_tokens(tokens)
    data = struct.pack("<II", len(head), len(blob)) + head
    return data + (bytes(-len(data) % 16) + blob if blob else b"")


def all_values(reply: Decoder) -> list[Any]:
    values = [reply.value() for _ in range(3)]
    reply.finish()
    return values


def answer(reply: Decoder) -> Any:
    kind, _ = reply.take(str), reply.take(int)
    return read_loaded(kind, reply) if kind == "loaded" else read_outcome(kind, reply)


def refused_or(read: Callable[[], Any]) -> Any:
    """The value, or None where it was refused by the decoder's own error."""
    try:
        return read()
    except WireError:
        return None


@MANY
@given(st.binary(max_size=3000))
@example(b"\xff" * 8)
@example(struct.pack("<II", 4, 0) + b"\xdd\xff\xff\xff")
def test_arbitrary_bytes(data: bytes) -> None:
    for read in (all_values, answer):
        refused_or(lambda read=read: feed(data, read))  # type: ignore[misc]


@MANY
@given(st.binary(max_size=600), st.binary(max_size=64))
def test_arbitrary_tokens_in_a_whole_frame(head: bytes, blob: bytes) -> None:
    data = struct.pack("<II", len(head), len(blob)) + head
    whole = data + bytes(-len(data) % 16 if blob else 0) + blob
    for read in (all_values, answer):
        refused_or(lambda read=read: feed(whole, read))  # type: ignore[misc]


@MANY
@given(TOKENS, st.binary(max_size=64))
def test_arbitrary_scalars_with_the_right_tags(tokens: list[Any], blob: bytes) -> None:
    refused_or(lambda: feed(frame(tokens, blob), all_values))


REPLIES = [
    ["returned", 1, 0.5, "l", 2, "s", "a", 2.0, 1, 0, 1, "object array"],
    ["raised", 1, "ValueError", "no", "file", False, 1, "solution.py", 3, "f", "raise"],
    ["loaded", 1, "l", 1, "t", 2, "s", "f", "s", "solution", "l", 1, "s", "f", "l", 1, "t", 3, "s", "f", "s", "a", "s", "b",
     "l", 1, "s", "numpy.py", "l", 1, "t", 3, "s", "hw.py", "s", "late", "s", "3, 7", True, False],
]


@MANY
@given(st.sampled_from(REPLIES), st.data())
def test_answers_with_a_token_changed(tokens: list[Any], data: st.DataObject) -> None:
    changed = list(tokens)
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(changed) - 1))
        action = data.draw(st.sampled_from(["replace", "remove", "insert"]))
        if action == "replace":
            changed[place] = data.draw(st.one_of(SCALARS, TAGS))
        elif action == "insert":
            changed.insert(place, data.draw(st.one_of(SCALARS, TAGS)))
        elif len(changed) > 1:
            del changed[place]
    refused_or(lambda: feed(frame(changed), answer))


def test_the_answers_above_are_read_when_nothing_is_changed() -> None:
    assert isinstance(feed(frame(REPLIES[0]), answer), Returned)
    assert all(feed(frame(tokens), answer) is not None for tokens in REPLIES)


VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(1 << 900), 1 << 900), st.floats(), st.complex_numbers(), st.text(max_size=5),
        st.binary(max_size=5), st.fractions(), st.decimals(allow_nan=False).filter(lambda d: abs(d.adjusted()) < 4000 or d.is_infinite()),
        st.sampled_from([np.zeros((0, 3)), np.ones(3, np.float32), np.array(["nan"], float), np.eye(2, dtype=complex), np.bool_(True)]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.lists(inner, max_size=3).map(tuple), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@MANY
@given(VALUES)
def test_whatever_arrives_is_judged_or_refused_never_an_error_of_ours(value: Any) -> None:
    encoder = Encoder()
    try:
        encoder.put(value)
    except TypeError:
        return
    arrived = feed(b"".join(map(bytes, encoder.frame())), lambda reply: reply.value())
    readers = (
        judge.as_array, judge.as_scalar, judge.as_boolean_array, judge.as_label, lambda v: judge.as_array(v, (2, None)),
        lambda v: judge.as_tuple(v, 2), lambda v: judge.as_array(v, (3,), finite=False, complex_ok=True),
    )
    for read in readers:
        try:
            read(arrived)  # type: ignore[operator]
        except judge.Mismatch as mismatch:
            assert "\n" not in str(mismatch)
    assert len(shown(arrived)) <= 200


@SOME
@given(st.binary(max_size=200_000), st.integers(0, (1 << 32) - 1))
@example(msgpack.packb(None) * 200_000, 0)
@example(msgpack.packb("s") * 100_000, 0)
@example(msgpack.packb("l") * 50_000 + b"\x01" * 50_000, 0)
def test_memory_stays_within_a_multiple_of_what_was_sent(head: bytes, announced: int) -> None:
    data = struct.pack("<II", len(head), announced) + head
    tracemalloc.start()
    try:
        refused_or(lambda: feed(data, all_values))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100 * len(data) + (2 << 20)


@SOME
@given(st.dictionaries(st.sampled_from(["signal", "status", "rss_kb", "cpu_s"]), st.integers(0, 200)), st.floats(0, 1e5))
def test_every_death_has_a_verdict(status: dict[str, int], peak_mb: float) -> None:
    assert isinstance(classify_death(status, peak_mb, Limits(), 100), Died)


NAMES = st.one_of(st.sampled_from(["x", "y", "n"]), st.text(max_size=3))
INTEGERS = st.one_of(st.integers(-5, 5), st.sampled_from([10**6, -(10**9), 1 << 13_000, 1 << 14_100]))
ATOMS = st.one_of(
    st.tuples(st.just("Integer"), INTEGERS),
    st.tuples(st.just("Rational"), INTEGERS, INTEGERS),
    st.tuples(st.just("Float"), st.integers(0, 1), INTEGERS, INTEGERS, st.sampled_from([1, 53, 20_000, 10**9])),
    st.tuples(st.just("Symbol"), NAMES),
    st.tuples(st.just("Symbol"), NAMES, st.sampled_from(ASSUMPTIONS)),
    st.sampled_from(sorted(CONSTANTS)).map(lambda name: (name,)),
)


def _parts(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    known = st.sampled_from(sorted(ARITY)).flatmap(
        lambda head: st.lists(inner, min_size=min(ARITY[head][0], 3), max_size=min(ARITY[head][1], 3)).map(lambda p: (head, *p))
    )
    undefined = st.tuples(st.just("Function"), NAMES, inner)
    return st.one_of(known, known, known, undefined)


TREES = st.recursive(ATOMS, _parts, max_leaves=8)
ANYTHING = st.recursive(st.one_of(SCALARS, TAGS, st.sampled_from(sorted(ARITY))), lambda inner: st.lists(inner, max_size=4).map(tuple), max_leaves=20)


@MANY
@given(st.one_of(TREES, ANYTHING))
def test_a_tree_is_accepted_or_refused_by_its_own_error(tree: Any) -> None:
    try:
        check_tree(tree)
    except TreeError:
        return
    assert all(type(name) is str for name in free_names(tree))


@settings(QUIET, max_examples=120)
@given(TREES)
@example(("Pow", ("Integer", 10), ("Pow", ("Integer", 10), ("Integer", 10))))
@example(("Sum", ("Symbol", "n"), ("Tuple", ("Symbol", "n"), ("Integer", 1), ("Integer", 1 << 13_000))))
@example(("factorial", ("factorial", ("Integer", 900))))
@example(("polygamma", ("Integer", 1000), ("Rational", 1, 3)))
def test_a_tree_becomes_a_formula_or_its_own_error_or_runs_out_of_its_time(tree: Any) -> None:
    try:
        kind = killable(_built, tree, seconds=1, memory_mb=512)
    except Exhausted:
        return
    assert kind in ("formula", "refused")


def _built(tree: Any) -> str:
    try:
        build(tree)
    except TreeError:
        return "refused"
    return "formula"


def test_time_and_memory_of_a_heavy_formula_end() -> None:
    heavy = ("Integer", 1)
    with pytest.raises(Exhausted):
        killable(_loop, heavy, seconds=1, memory_mb=64)


def _loop(tree: Any) -> str:
    while True:
        build(tree)
