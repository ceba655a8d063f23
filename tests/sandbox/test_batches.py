"""Many calls in one go: each its own answer, seed and deadline."""

from __future__ import annotations

import numpy as np

from grader.sandbox import Died, Limits, Raised, Rng
from tests.support.submissions import ROOMY, Desk, died, value


def test_calls_go_on_after_an_exception_and_stop_at_a_death(every_desk: Desk) -> None:
    worker = every_desk.hand_in(
        "import os\ndef f(x):\n    if x == 20: os._exit(1)\n    return 10 / (x - 3)\n"
    )
    outcomes = list(worker.calls("f", [[n] for n in range(100)], seeds=range(100)))
    assert len(outcomes) == 21
    assert isinstance(outcomes[3], Raised) and outcomes[3].type == "ZeroDivisionError"
    assert [value(o) for o in outcomes[4:20]] == [10 / (n - 3) for n in range(4, 20)]
    assert isinstance(outcomes[-1], Died)


def test_each_row_has_its_own_deadline(desk: Desk) -> None:
    worker = desk.hand_in("import time\ndef f(s):\n    time.sleep(s)\n    return s\n", ROOMY)
    outcomes = list(worker.calls("f", [[0.4]] * 4 + [[30.0]], seeds=range(5), timeout=1.5))
    assert [value(o) for o in outcomes[:4]] == [0.4] * 4
    assert died(outcomes[4]).verdict == "timeout"


def test_a_batch_may_be_left_early(every_desk: Desk) -> None:
    worker = every_desk.hand_in("def f(x):\n    return x\n")
    for stop in (1, 8, 9, 50):
        batch = worker.calls("f", [[n] for n in range(100)], seeds=range(100))
        assert [value(next(batch)) for _ in range(stop)] == list(range(stop))
        assert value(worker.call("f", ["next"], seed=0)) == "next"


def test_the_time_of_a_topic_is_shared_by_its_calls(desk: Desk) -> None:
    limits = Limits(call_s=10.0, topic_s=1.0)
    worker = desk.hand_in("import time\ndef f():\n    time.sleep(0.3)\n", limits)
    outcomes = list(worker.calls("f", [[]] * 50, seeds=range(50)))
    assert len(outcomes) < 50
    last = died(outcomes[-1])
    assert (last.verdict, last.detail) == ("timeout", "the 1 s for all calls of this topic are used up")


def test_the_same_row_again_is_the_same_again_and_nobody_shares_it(every_desk: Desk) -> None:
    worker = every_desk.hand_in(
        "def f(x, names, big, rng):\n"
        "    x += 1\n    names['n'].append(1)\n"
        "    return float(x.sum()), len(names['n']), big, float(rng.random())\n"
    )
    same = [np.zeros(3), {"n": [0]}, 1 << 80, Rng()]
    other = [np.ones(2), {"n": []}, 7, Rng()]
    rows = [same] * 5 + [other] + [same] * 6
    values = [value(o) for o in worker.calls("f", rows, seeds=range(12))]
    assert [v[:3] for v in values] == [(3.0, 2, 1 << 80)] * 5 + [(4.0, 1, 7)] + [(3.0, 2, 1 << 80)] * 6
    assert len({v[3] for v in values}) == 12
    alone = [value(worker.call("f", row, seed=seed)) for seed, row in enumerate(rows)]
    assert alone == values


def test_calls_whose_answers_nobody_wants_any_more_are_not_waited_for_long(desk: Desk) -> None:
    worker = desk.hand_in("import time\ndef f(x):\n    time.sleep(x)\n    return x\n", ROOMY)
    batch = worker.calls("f", [[0.0], [3600.0], [0.0]], seeds=range(3), timeout=3600.0)
    assert value(next(batch)) == 0.0
    assert not worker.usable()
