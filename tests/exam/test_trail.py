"""A search for a smaller input that another hand-in made is followed, and ends where it would have ended anyway."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import strategies as st

from grader.bank import CheckSpec, Support, _corpus, check, check_spec, forall, smallest
from grader.exam._memo import Memo
from grader.exam._trail import MemoTrail
from grader.strategies import reals, vectors

Fails = Callable[[Mapping[str, Any]], bool]


def _spec() -> CheckSpec:
    @check()
    @forall(y=vectors(2), a=reals(), t=st.lists(reals(), min_size=1, max_size=3).map(torch.tensor))
    def check_demo(student: Any, y: Any, a: Any, t: Any) -> None:
        """The demo holds."""

    return check_spec(check_demo)


@pytest.mark.parametrize(
    "fails",
    [
        lambda row: bool(row["y"][1] > 1),
        lambda row: bool(row["a"] + row["y"].sum() < -2.5),
        lambda row: row["t"].numel() > 1,
        lambda row: False,
        lambda row: True,
    ],
)
def test_the_same_mistake_leads_to_the_same_input_without_a_search(fails: Fails, monkeypatch: pytest.MonkeyPatch) -> None:
    spec, memo = _spec(), Memo()
    trail = MemoTrail(memo, "demo::demo")
    alone = smallest(spec, "demo", fails)
    first = smallest(spec, "demo", fails, trail=trail)
    heirs = Memo()
    heirs.learn(memo.news())
    monkeypatch.setattr(_corpus, "_search", None)
    second = smallest(spec, "demo", fails, trail=MemoTrail(heirs, "demo::demo"))
    assert repr(alone) == repr(first) == repr(second)


def test_another_mistake_leaves_the_trail_and_ends_as_it_would_alone() -> None:
    spec, trail = _spec(), MemoTrail(Memo(), "demo::demo")
    mistakes: list[Fails] = [
        lambda row: bool(row["y"][1] > 1),
        lambda row: bool(row["y"][1] > 1 and row["a"] > 0),
        lambda row: bool(row["y"][1] > 1.5),
        lambda row: bool(row["a"] < 0),
    ]
    for fails in (*mistakes, *mistakes):
        assert repr(smallest(spec, "demo", fails, trail=trail)) == repr(smallest(spec, "demo", fails))


def test_no_row_is_asked_twice_where_the_trail_is_left() -> None:
    spec, trail = _spec(), MemoTrail(Memo(), "demo::demo")
    smallest(spec, "demo", lambda row: bool(row["a"] > 1), trail=trail)
    asked, alone = list[str](), list[str]()
    smallest(spec, "demo", lambda row: asked.append(repr(row)) or bool(row["a"] > 2), trail=trail)
    smallest(spec, "demo", lambda row: alone.append(repr(row)) or bool(row["a"] > 2))
    assert asked == alone


def test_shipped_source_and_arrays_come_back_as_they_went(tmp_path: Path) -> None:
    source = tmp_path / "curves.py"
    source.write_text("class Power:\n    def __init__(self, n):\n        self.n = n\n    def __call__(self, x):\n        return x**self.n\n")
    shipped = Support(source).ship("Power", 3)
    row = {"given": (shipped, torch.tensor([True, False]), [np.float32(0.5), 1.0]), "x": np.arange(3)[::-1]}
    trail = MemoTrail(Memo(), "demo::demo")
    trail.extend("01", row)
    assert trail.at("0") is None
    back = trail.at("01")
    assert back is not None
    power, mask, numbers = back["given"]
    assert power(2) == 8
    assert mask.dtype == torch.bool
    assert [type(n) for n in numbers] == [np.float32, float]
    assert back["x"].tolist() == [2, 1, 0]


def test_rows_of_other_objects_are_searched_for_each_time() -> None:
    trail = MemoTrail(Memo(), "demo::demo")
    trail.extend("", {"x": object()})
    assert trail.at("") is None
