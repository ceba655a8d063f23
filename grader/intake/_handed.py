"""When hand-ins came: as the learning platform said, else by the times of their files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.intake._read import HandIn, file_times
from grader.records import HandedIn

ROSTER = ".collected.json"
"""What `grader collect` knows of the hand-ins beside it."""


def handed_in_times(handins: Sequence[HandIn], *, by_files: bool = True) -> tuple[HandedIn, ...]:
    """When each hand-in came, in the order given; nothing is raised, and what is not known stays open.

    A hand-in that was collected has the time that the platform gave, or none: its files were written when it was
    collected. Any other one came when its youngest file was changed, if `by_files`.
    """
    rosters = {folder: _roster(folder) for folder in {h.path.parent for h in handins}}
    return tuple(_handed_in(h.path, rosters[h.path.parent].get(h.path.name), by_files) for h in handins)


def _handed_in(path: Path, row: Any, by_files: bool) -> HandedIn:
    if isinstance(row, dict):
        late = row.get("late")
        platform = str(row.get("platform") or "")
        return HandedIn(_iso(row.get("submitted")), platform, late if isinstance(late, bool) else None)
    youngest = max(file_times(path), default=None) if by_files else None
    if youngest is None:
        return HandedIn()
    return HandedIn(datetime.fromtimestamp(int(youngest), UTC).isoformat(), "file")


def _iso(value: Any) -> str:
    """The text where it is a time, else nothing: the file may have been edited."""
    try:
        return datetime.fromisoformat(value).isoformat() if isinstance(value, str) else ""
    except ValueError:
        return ""


def _roster(folder: Path) -> dict[str, Any]:
    try:
        students = json.loads((folder / ROSTER).read_text(encoding="utf-8"))["students"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return students if isinstance(students, dict) else {}
