"""Decisions, points and verdicts in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.records import Decision, Item, Ruling, Verdict
from grader.reports import number, one_line, printable
from grader.review._board import Board


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a history."""

    who: str
    when: str
    said: str
    withdrawn: bool
    earlier: bool
    """About an earlier hand-in."""


def quick_points(most: float) -> tuple[str, ...]:
    """A few marks to give with one click: every point of a small maximum, with halves of a very small one."""
    if most <= 2:
        steps = [most * n / 4 for n in range(5)] if most * 4 % 2 == 0 else [0.0, most / 2, most]
    elif most == int(most) and most <= 6:
        steps = [float(n) for n in range(int(most) + 1)]
    else:
        steps = [0.0, most / 4, most / 2, 3 * most / 4, most]
    return tuple(dict.fromkeys(map(typed, steps)))


def typed(points: float) -> str:
    """Points as a person types them, with all their decimals."""
    return f"{points:.6f}".rstrip("0").rstrip(".")


def said(decision: Decision | None, item: Item) -> str:
    """A decision in words: `1.5 of 2 points`, `wrong`."""
    if decision is None:
        return ""
    if decision.ruling is not None:
        return "not counted" if decision.ruling is Ruling.UNCOUNTED else str(decision.ruling)
    return f"{number(decision.points or 0.0)} of {number(item.max_score)} points"


def lines(board: Board, item: Item) -> tuple[Line, ...]:
    """The history of an item, the latest entry first."""
    entries = board.history(item)
    return tuple(line_of(d, entries, item.digest) for d in reversed(entries))


def line_of(decision: Decision, entries: Sequence[Decision], digest: str) -> Line:
    text = "withdrew the decision before" if decision.undoes else ""
    if decision.undoes:
        gone = next((d for d in entries if d.id == decision.undoes), None)
        text = f"withdrew: {_words(gone)}" if gone else text
    return Line(
        who=one_line(decision.author, 80),
        when=decision.made[:16].replace("T", " ") + " UTC",
        said=text or _words(decision),
        withdrawn=any(d.undoes == decision.id for d in entries),
        earlier=bool(digest) and decision.digest != digest,
    )


def _words(decision: Decision) -> str:
    what = str(decision.ruling) if decision.ruling else f"{number(decision.points or 0.0)} points"
    return printable(f"{what}: {decision.comment}" if decision.comment else what, 1200)


def verdict_words(item: Item) -> str:
    """What the grader itself said, in words."""
    if item.kind == "total":
        return f"the parts add up to {number(item.score)} of {number(item.max_score)} points"
    if item.verdict == Verdict.FAULT:
        return "the grader itself failed here: grade it again with `grader run`, or decide it with a reason"
    return str(item.verdict)
