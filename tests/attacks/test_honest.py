"""Honest work of all kinds gets full marks behind the walls, and what is denied says why and what to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.attacks.grading import Graded, Setting, settings
from tests.attacks.honest import DENIED, WORK

Run = Callable[[Setting], Graded]
SETTINGS = pytest.mark.parametrize("setting", settings(), ids=lambda s: s.name)


@SETTINGS
@pytest.mark.parametrize("name", [*(f"work_{name}" for name in WORK), "data", "prints", "busy", "ann_right"])
def test_honest_work_gets_full_marks(peaceful: Run, setting: Setting, name: str) -> None:
    report = peaceful(setting).report("numbers", name)
    assert report is not None
    checks = [c for p in report["problems"] for c in p["checks"]]
    assert [(c["id"], c["verdict"], c["message"]) for c in checks if c["verdict"] != "passed"] == []
    assert report["score"] == report["max_score"] == 10


@SETTINGS
@pytest.mark.parametrize("name", DENIED)
def test_what_is_denied_is_named_with_the_way_out(peaceful: Run, setting: Setting, name: str) -> None:
    report = peaceful(setting).report("numbers", f"denied_{name}")
    assert report is not None
    check = next(c for p in report["problems"] for c in p["checks"] if c["id"] == "numbers::square")
    assert check["verdict"] == "forbidden", check["message"]
    assert [words for words in DENIED[name][1] if words not in check["message"]] == []
