"""From what a person typed to entries in the list of decisions."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from grader.records import (
    OPEN_STEPS,
    Added,
    Decision,
    Decisions,
    Item,
    Ruling,
    UserError,
    Verdict,
    clean_text,
)
from grader.reports import number
from grader.review._board import Board

MAX_COMMENT = 1000
_SHOWN = 0.005
"""Points are shown with two decimals: who types 3.33 of 3.33 means all of 10/3."""


def now() -> str:
    """The time of a decision: ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def needs_reason(item: Item) -> bool:
    """Whether a decision overrules what the grader found, which nobody may do without saying why."""
    if item.kind == "step":
        return item.verdict not in OPEN_STEPS
    return item.verdict != Verdict.REVIEW


def decision_on(item: Item, points: str, ruling: str, comment: str, *, author: str, made: str) -> Decision:
    """The decision that a person typed. Raises UserError for points that are none, or a reason that is missing."""
    comment = clean_text(comment.strip(), MAX_COMMENT)
    if needs_reason(item) and not comment:
        raise UserError("this overrules what the grader found: give a reason")
    decision = Decision(
        assignment=item.assignment,
        student=item.student,
        problem=item.problem,
        item=item.id,
        digest=item.digest,
        author=author,
        made=made,
        comment=comment,
    )
    if item.kind == "step":
        if ruling not in list(Ruling):
            raise UserError(f"a step is one of {', '.join(Ruling)}")
        return replace(decision, ruling=Ruling(ruling))
    return replace(decision, points=_points(points, item.max_score))


def _points(text: str, most: float) -> float:
    try:
        value = round(float(text.strip().replace(",", ".")), 6)
    except ValueError:
        value = math.nan
    if abs(value - most) < min(_SHOWN, most / 10):
        return most
    if not 0 <= value <= most:
        raise UserError(f"points are a number from 0 to {number(most)}, not {clean_text(text.strip(), 40)!r}")
    return abs(value)  # of -0


def save(board: Board, entries: Iterable[tuple[Decision, int]]) -> Added:
    """Add decisions, each with the last entry that its author had seen, as one batch. Raises StoreFault."""
    batch = secrets.token_hex(6)
    with Decisions(board.path) as kept:
        return kept.add([(replace(entry, batch=batch), seen) for entry, seen in entries])


def undo(board: Board, entries: Sequence[Decision], *, author: str, made: str) -> Added:
    """Withdraw decisions by entries of their own. What somebody decided after them is a conflict and stays."""
    back = [
        (replace(d, undoes=d.id, id=0, author=author, made=made, comment="", points=None, ruling=None), d.id)
        for d in entries
    ]
    return save(board, back)
