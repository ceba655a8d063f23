"""The first page, and the page of one hand-in: what there is to decide, and how far one is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.records import Item, Report, Verdict
from grader.reports import number, one_line
from grader.review._board import Board
from grader.review._views import Where
from grader.review._words import Line, line_of, said, verdict_words


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """One problem that has something to decide."""

    name: str
    kinds: str
    """`12 rubric, 3 step`."""
    open: int
    done: int
    url: str
    """The first item that is open, or else decided."""


@dataclass(frozen=True, slots=True)
class SheetView:
    """One assignment."""

    assignment: str
    title: str
    rows: tuple[ProblemRow, ...]
    open: int
    done: int
    students: tuple[tuple[str, str, str, str], ...]
    """Name, address, score, remark."""
    faults: tuple[tuple[str, str], ...]
    """Where the grader failed: what, and the address."""


def overview(board: Board, where: Where) -> tuple[SheetView, ...]:
    """All assignments."""
    queues: dict[tuple[str, str], list[Item]] = {key: [] for key in board.graded.problems}
    for item in board.queue("all", ""):
        queues[item.assignment, item.problem].append(item)
    finals = board.finals()
    sheets = []
    for name in dict.fromkeys(a for a, _ in queues):
        own = {key: queue for key, queue in queues.items() if key[0] == name and queue}
        sheets.append(_sheet(board, name, own, [r for r in finals if r.assignment == name], where))
    return tuple(sheets)


def _sheet(
    board: Board,
    assignment: str,
    queues: Mapping[tuple[str, str], Sequence[Item]],
    finals: Sequence[Report],
    where: Where,
) -> SheetView:
    rows = [_row(board, key, queue) for key, queue in queues.items()]
    faults = [i for q in queues.values() for i in q if i.verdict == Verdict.FAULT and board.is_open(i)]
    return SheetView(
        assignment=one_line(assignment, 80),
        title=one_line(board.graded.run.titles.get(assignment, ""), 200),
        rows=tuple(rows),
        open=sum(row.open for row in rows),
        done=sum(row.done for row in rows),
        students=tuple(_student(board, report) for report in finals),
        faults=tuple(
            (f"{one_line(i.student, 80)}, {i.problem}: {one_line(i.text, 160)}", where.item(i))
            for i in faults
        ),
    )


def _row(board: Board, key: tuple[str, str], queue: Sequence[Item]) -> ProblemRow:
    open_ = [i for i in queue if board.is_open(i)]
    report = board.report(queue[0])
    problem = next(p for p in report.problems if p.number == key[1])
    kinds = Counter(i.kind for i in queue)
    where = Where("open" if open_ else "done", *key)
    return ProblemRow(
        name=one_line(f"{problem.number} {problem.title or problem.topic}", 160),
        kinds=", ".join(f"{count} {_plural(kind, count)}" for kind, count in kinds.items()),
        open=len(open_),
        done=len(queue) - len(open_),
        url=where.item((open_ or queue)[0]),
    )


def _plural(kind: str, count: int) -> str:
    name = {
        "rubric": "rubric line",
        "writeup": "write-up",
        "total": "override",
        "check": "check",
        "step": "step",
    }[kind]
    return name if count == 1 else f"{name}s"


def _student(board: Board, final: Report) -> tuple[str, str, str, str]:
    url = "/student?" + Where("", final.assignment).query(s=final.student)
    old = len(board.outdated(board.graded.by_student[final.assignment, final.student]))
    remark = "grader fault" if final.faulty else "" if final.complete else "waits"
    if old:
        remark = f"{remark}, {old} decided on an earlier hand-in".removeprefix(", ")
    return (
        one_line(final.student, 120) or "(no name)",
        url,
        f"{number(final.score)}/{number(final.max_score)}",
        remark,
    )


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item on a student's page."""

    title: str
    url: str
    verdict: str
    score: str
    said: str
    open: bool


@dataclass(frozen=True, slots=True)
class StudentView:
    """One hand-in with all that can be decided."""

    student: str
    assignment: str
    total: str
    problems: tuple[tuple[str, str, tuple[ItemRow, ...]], ...]
    """Title, score, items."""
    earlier: tuple[Line, ...]
    """Decisions that count no more."""


def student_page(board: Board, report: Report) -> StudentView:
    """One hand-in: every check, step and problem, to be decided or overruled."""
    final = board.final(report)
    items = [
        i for i in board.graded.items if (i.assignment, i.student) == (report.assignment, report.student)
    ]
    scores = {c.id: c.score for c in final.checks}
    problems = []
    for problem in final.problems:
        rows = tuple(_item_row(board, i, scores) for i in items if i.problem == problem.number)
        name = one_line(f"{problem.number} {problem.title or problem.topic}", 200)
        problems.append((name, f"{number(problem.score)}/{number(problem.max_score)}", rows))
    return StudentView(
        student=one_line(report.student, 120) or "(no name)",
        assignment=one_line(report.assignment, 80),
        total=f"{number(final.score)}/{number(final.max_score)}",
        problems=tuple(problems),
        earlier=tuple(line_of(d, (), "") for d in board.outdated(report)),
    )


def _item_row(board: Board, item: Item, scores: dict[str, float]) -> ItemRow:
    title = {"total": "The problem as a whole", "step": f"Step: {item.text}"}.get(item.kind, item.text)
    score = ""
    if item.id in scores:
        score = f"{'–' if board.is_open(item) else number(scores[item.id])}/{number(item.max_score)}"
    where = Where("open", item.assignment, item.problem)
    held = board.held.get(item.name)
    by = f"{said(held, item)}, {one_line(held.author, 60)}" if held else ""
    return ItemRow(
        one_line(title, 300), where.item(item), verdict_words(item), score, by, board.is_open(item)
    )
