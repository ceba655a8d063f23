"""Expected values are computed once for all hand-ins, and no record shows whether they were."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.bank import find_course
from grader.engine import Options, run_handins
from grader.intake import discover
from grader.records import plain
from tests.support.course import REFERENCE, write_course, write_handins

WRONG = REFERENCE.replace("return x * x", "return x * x + (x > 2)")
SINGLE = REFERENCE.replace("2.0 * np.asarray(v)", "(2.0 * np.asarray(v)).astype(np.float32)")


def _records(root: Path, names: list[str] | None = None) -> dict[str, str]:
    course = find_course(root / "submissions" / "hw1")
    found = [h for h in discover(root / "submissions" / "hw1", course.assignments).handins if not names or h.student in names]
    outcome = run_handins(course, found, Options(jobs=1))
    assert not outcome.fault
    return {r.student: json.dumps(_timeless(plain(r))) for r in outcome.reports}


def _timeless(value: object) -> object:
    if isinstance(value, dict):
        return {k: _timeless(v) for k, v in value.items() if k not in ("started", "duration_s")}
    return [_timeless(v) for v in value] if isinstance(value, list) else value


def test_the_reference_is_asked_once_and_records_stay_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_course(tmp_path)
    tally = tmp_path / "tally"
    counted = f"open({str(tally)!r}, 'a').write('x'); return 2.0 * np.asarray(v)"
    path = root / "reference" / "square.py"
    path.write_text(REFERENCE.replace("return 2.0 * np.asarray(v)", counted))
    write_handins(root, {"a": REFERENCE, "b": REFERENCE, "c": WRONG, "d": SINGLE})
    alone = _records(root, ["a"])
    asked = tally.stat().st_size
    tally.unlink()
    together = _records(root, ["a", "b", "c"])
    assert tally.stat().st_size == asked
    monkeypatch.setenv("GRADER_CACHE", "")
    apart = {name: record for name in "abcd" for name, record in _records(root, [name]).items()}
    assert together == {name: apart[name] for name in "abc"}
    assert alone["a"] == apart["a"]
    assert _records(root) == apart
