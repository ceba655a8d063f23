"""Answers that are known by their bytes are not read, and mean what they would have meant."""

from __future__ import annotations

import math

import numpy as np
import pytest

from grader.sandbox import Died, Outcome, Prepared, Raised, Returned, Rng, Unread
from grader.sandbox._replies import content_of
from grader.sandbox._wire import Frame, pack_tokens
from tests.support.submissions import Desk

ANSWERS = """
import numpy as np, os

def f(x):
    if x == 7: raise ValueError(x)
    if x == 9: os._exit(1)
    return {0: 1.0, 1: np.arange(3.0), 2: np.float32(1.0), 3: (1, True), 4: (True, 1)}[x % 5]
"""


def _skim(desk: Desk, rows: list[int], known: set[bytes]) -> tuple[list[Outcome | Unread], list[bytes]]:
    seen = list[bytes]()

    def skim(content: bytes) -> int | None:
        seen.append(content)
        return 17 if content in known else None

    worker = desk.hand_in(ANSWERS)
    return list(worker.skimmed(Prepared("f", [[n] for n in rows], range(len(rows))), skim)), seen


def test_equal_answers_have_equal_bytes_and_others_others(every_desk: Desk) -> None:
    outcomes, seen = _skim(every_desk, [0, 1, 2, 3, 4, 5, 6], set())
    assert all(isinstance(o, Returned) for o in outcomes)
    assert len(set(seen[:5])) == 5
    assert seen[5:] == seen[:2]


def test_what_is_known_is_left_unread_until_somebody_reads_it(every_desk: Desk) -> None:
    _, (number, array) = _skim(every_desk, [0, 1], set())
    outcomes, seen = _skim(every_desk, [5, 2, 6, 7, 3, 9, 0], {number, array})
    assert [type(o) for o in outcomes] == [Unread, Returned, Unread, Raised, Returned, Died]
    assert len(seen) == 4
    first, _, third, *_ = outcomes
    assert isinstance(first, Unread) and isinstance(third, Unread)
    assert (first.weight, first.read().value) == (17, 1.0)
    assert np.array_equal(third.read().value, np.arange(3.0))


def test_prepared_calls_are_the_same_for_every_worker(every_desk: Desk) -> None:
    source = "def {}(x, t, rng):\n    x += t[1]\n    return x.sum() + rng.random()\n"
    rows = [[np.arange(3.0) + i, (1, float(i)), Rng()] for i in range(100)]
    calls = Prepared("f", rows, range(100))
    calls.write()
    workers = [every_desk.hand_in(source.format(name)) for name in ("f", "f", "g")]
    each = [list(w.skimmed(calls.named(name), lambda _: None)) for w, name in zip(workers, "ffg", strict=True)]
    each.append(list(workers[0].calls("f", rows, seeds=range(100))))
    values = [[(o.value, o.mutated) for o in outcomes if isinstance(o, Returned)] for outcomes in each]
    assert [mutated for _, mutated in values[0]] == [()] + [(0,)] * 99
    assert values == [values[0]] * 4


def _frame(*tokens: object) -> Frame:
    return Frame(memoryview(pack_tokens(tokens)), memoryview(b""))


def test_only_what_our_own_worker_writes_is_known_by_its_bytes() -> None:
    whole = content_of(_frame("returned", 5, 0.25, 1.0, 0, 0), 5)
    assert whole is not None
    assert content_of(_frame("returned", 1 << 61, 7.5, 1.0, 0, 0), 1 << 61) == whole
    assert content_of(_frame("returned", 5, 0.25, 1, 0, 0), 5) != whole


@pytest.mark.parametrize(
    "tokens",
    [
        ("returned", 6, 0.25, 1.0, 0, 0),
        ("returned", 5, math.nan, 1.0, 0, 0),
        ("returned", 5, -1.0, 1.0, 0, 0),
        ("returned", 5, math.inf, 1.0, 0, 0),
        ("returned", 5, 1, 1.0, 0, 0),
        ("raised", 5, 0.25, 1.0, 0, 0),
        ("callback", 5, 0, 1.0, 0, 0),
        ("returned", 5),
        ("returned",),
        (5, 0.25),
    ],
)
def test_whatever_else_arrives_is_read(tokens: tuple[object, ...]) -> None:
    assert content_of(_frame(*tokens), 5) is None
