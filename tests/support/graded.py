"""The records of a class in a test course, without what differs from run to run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.bank import find_course
from grader.engine import Options, run_handins
from grader.intake import discover
from grader.records import plain


def records(root: Path, names: Sequence[str] = (), **options: Any) -> dict[str, str]:
    """Grade `hw1` below a course, all hand-ins or those named, one at a time; their reports by student, without times."""
    course = find_course(root / "submissions" / "hw1")
    found = [h for h in discover(root / "submissions" / "hw1", course.assignments).handins if not names or h.student in names]
    outcome = run_handins(course, found, Options(jobs=1, **options))
    assert not outcome.fault
    return {r.student: json.dumps(_without(plain(r), "started", "duration_s")) for r in outcome.reports}


def problems(root: Path, names: Sequence[str] = (), **options: Any) -> dict[str, Any]:
    """As `records`, of what was examined only: equal for hand-ins of the same content."""
    each = records(root, names, **options).items()
    return {name: _without(json.loads(record)["problems"], "result_id") for name, record in each}


def _without(value: object, *left_out: str) -> object:
    if isinstance(value, dict):
        return {k: _without(v, *left_out) for k, v in value.items() if k not in left_out}
    return [_without(v, *left_out) for v in value] if isinstance(value, list) else value
