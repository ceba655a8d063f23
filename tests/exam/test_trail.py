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
from tests.support.course import REFERENCE, write_course, write_handins
from tests.support.graded import problems

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


@pytest.mark.parametrize("text", ["2 * x", "x * x if x < 5 else 0.0", "abs(x)"])
def test_the_smallest_input_is_the_same_whether_the_mistake_is_known_or_not(text: str, tmp_path: Path) -> None:
    root = write_course(tmp_path)
    path = root / "checks" / "variants" / "square.py"
    known = path.read_text().replace("return 2 * x", f"return {text}")
    write_handins(root, dict.fromkeys("ab", REFERENCE.replace("return x * x", f"return {text}")))
    examples = list[object]()
    for variants in (known, "", known):
        path.write_text(variants)
        found = problems(root)
        checks = [c for c in found["a"][0]["checks"] if c["verdict"] == "failed"]
        assert found["a"] == found["b"]
        assert all(bool(c["slip"]) is bool(variants) for c in checks)
        examples.append([c["counterexample"] for c in checks])
    assert examples[0] == examples[1] == examples[2]
    assert examples[0]


def test_where_the_smallest_input_for_a_known_mistake_is_answered_rightly_another_is_sought(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    variants = root / "checks" / "variants" / "square.py"
    variants.write_text(variants.read_text().replace("return 2 * x", "return x * x + (x > 2)"))
    write_handins(root, {"a": REFERENCE.replace("return x * x", "return x * x + (x > 2)")})
    write_handins(root, {"b": REFERENCE.replace("return x * x", "return x * x + (x > 2 and x != 2.0625)")})
    found = {n: next(c for c in p[0]["checks"] if c["id"] == "square::square") for n, p in problems(root).items()}
    assert {c["slip"] for c in found.values()} == {"doubles instead of squaring"}  # the title; both give its answers
    assert found["a"]["counterexample"]["call"] == "square(2.0625)"
    assert found["b"]["counterexample"]["call"] not in ("square(2.0625)", "")
