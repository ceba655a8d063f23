"""What the pages show, as harmless text: one record per page, filled from the board, drawn by a template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from grader.records import CheckResult, Decision, Item, Report, Visibility
from grader.reports import CheckView, StepView, check_view, derivation_view, one_line, printable
from grader.review._board import FILTERS, Board, neighbours
from grader.review._saving import needs_reason
from grader.review._words import Line, line_of, lines, quick_points, said, typed

NEAR = 2
"""Steps that are shown before and after the one in question."""
RULINGS = (("right", "Right", "r"), ("wrong", "Wrong", "w"), ("uncounted", "Not counted", "n"))
_FILTER_NAMES = {
    "open": "Open",
    "done": "Decided",
    "mine": "Mine",
    "all": "Both",
    "feedback": "Feedback only",
}


@dataclass(frozen=True, slots=True)
class Where:
    """What is being worked through: a filter, and a problem (assignment, number) or all."""

    show: str = "open"
    assignment: str = ""
    problem: str = ""

    @property
    def of(self) -> tuple[str, str] | None:
        """The problem, if it is one."""
        return (self.assignment, self.problem) if self.problem else None

    def query(self, **more: str) -> str:
        """The address of a page, after its `?`."""
        fields = {"show": self.show, "a": self.assignment, "p": self.problem, **more}
        return urlencode({key: value for key, value in fields.items() if value})

    def item(self, item: Item, **more: str) -> str:
        """Address of an item's page."""
        return f"/item?{self.query(i=item.name, **more)}"


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the fields."""

    points: str = ""
    ruling: str = ""
    comment: str = ""
    because: str = ""
    """Where that comes from, if not from this item's own decision."""


@dataclass(frozen=True, slots=True)
class Other:
    """Another student's item with the same text."""

    student: str
    url: str
    token: str
    """Version, digest and name, for the form."""
    said: str
    """What was decided about it, or empty."""


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Everything on the page of one item."""

    item: Item
    student: str
    title: str
    problem: str
    check: CheckView | None
    steps: tuple[tuple[StepView, bool], ...]
    goal: str
    shown: tuple[tuple[str, tuple[tuple[int, str, bool], ...]], ...]
    remarks: tuple[str, ...]
    form: Form
    quick: tuple[str, ...]
    version: int
    alike: tuple[Other, ...]
    agreed: tuple[Other, ...]
    history: tuple[Line, ...]
    earlier: tuple[Line, ...]
    standing: Decision | None
    said: str
    reason_due: bool
    next_url: str
    previous_url: str
    done: int
    total: int


def item_page(board: Board, item: Item, where: Where, author: str, form: Form | None = None) -> ItemPage:
    """The page of one item; `form` is what a person typed who has to look again."""
    report = board.report(item)
    final = board.final(report)
    problem = next(p for p in report.problems if p.number == item.problem)
    check = next((c for c in problem.checks if c.id == item.id), None)
    before, after = neighbours(board.queue(where.show, author, where.of), board.graded.items, item.name)
    done, total = progress(board, where.of)
    alike = board.alike(item)
    agreed = [other(board, o, where) for o in alike if o.name in board.held]
    return ItemPage(
        item=item,
        student=one_line(item.student, 120) or "(no name)",
        title=printable(item.text, 600),
        problem=one_line(f"{problem.number} {problem.title or problem.topic}", 200),
        check=None if check is None or item.kind == "rubric" else check_view(_open_to_us(check)),
        steps=_steps(final, item),
        goal=_goal(final, item),
        shown=_shown(board, item, report),
        remarks=tuple(one_line(r, 400) for r in board.shown(item).remarks),
        form=form or _filled(board, item, agreed, alike),
        quick=() if item.kind == "step" else quick_points(item.max_score),
        version=board.version(item),
        alike=tuple(other(board, o, where) for o in alike if board.is_open(o)),
        agreed=tuple(agreed),
        history=lines(board, item),
        earlier=tuple(line_of(d, (), "") for d in board.earlier(item)),
        standing=board.held.get(item.name),
        said=said(board.held.get(item.name), item),
        reason_due=needs_reason(item),
        next_url=where.item(after) if after else "",
        previous_url=where.item(before) if before else "",
        done=done,
        total=total,
    )


def progress(board: Board, problem: tuple[str, str] | None) -> tuple[int, int]:
    """How many items of a problem, or of all, are decided, and how many there are to decide."""
    queue = board.queue("all", "", problem)
    return sum(not board.is_open(i) for i in queue), len(queue)


def filters(board: Board, where: Where, author: str) -> list[tuple[str, str, int, bool]]:
    """Name, address, count and whether it is the present one, of each filter."""
    rows = []
    for show in FILTERS:
        queue = board.queue(show, author, where.of)
        target = replace(where, show=show)
        url = target.item(queue[0]) if queue else f"/?{target.query()}"
        rows.append((_FILTER_NAMES[show], url, len(queue), show == where.show))
    return [row for row in rows if row[2] or row[3] or row[0] in ("Open", "Decided")]


def other(board: Board, item: Item, where: Where) -> Other:
    """Another item, for a list."""
    decision = board.held.get(item.name)
    text = said(decision, item)
    if decision is not None and decision.comment:
        text += f": {one_line(decision.comment, 200)}"
    token = f"{board.version(item)} {item.digest} {item.name}"
    return Other(one_line(item.student, 120), where.item(item), token, text)


def _filled(board: Board, item: Item, agreed: Sequence[Other], alike: Sequence[Item]) -> Form:
    """The item's own decision; else that of an equal text, or of an earlier hand-in; else what its steps suggest."""
    own = board.held.get(item.name)
    if own is not None:
        return _form_of(own, "")
    if agreed:
        twin = next(i for i in alike if i.name in board.held)
        return _form_of(board.held[twin.name], f"as for {agreed[0].student}, who wrote exactly this")
    old = [d for d in board.earlier(item) if d.item == item.id]
    if old:
        return _form_of(old[-1], f"as {one_line(old[-1].author, 80)} decided on an earlier hand-in")
    written = item.kind == "writeup" and any(
        i.kind == "step" and i.waits and (i.student, i.problem) == (item.student, item.problem)
        for i in board.graded.items if i.assignment == item.assignment
    )  # fmt: skip
    if written and not any(board.is_open(i) for i in board.graded.items if _is_step_of(i, item)):
        return Form(typed(item.max_score), because="since every open step was looked at, and none is wrong")
    return Form()


def _is_step_of(step: Item, item: Item) -> bool:
    same = (step.assignment, step.student, step.problem) == (item.assignment, item.student, item.problem)
    return step.kind == "step" and same


def _form_of(decision: Decision, because: str) -> Form:
    points = "" if decision.points is None else typed(decision.points)
    return Form(points, str(decision.ruling or ""), decision.comment, because)


def _open_to_us(check: CheckResult) -> CheckResult:
    """A hidden check is hidden from students only."""
    return replace(check, visibility=Visibility.VISIBLE)


def _steps(report: Report, item: Item) -> tuple[tuple[StepView, bool], ...]:
    problem = next(p for p in report.problems if p.number == item.problem)
    if problem.derivation is None or item.kind not in ("step", "writeup"):
        return ()
    views = derivation_view(problem.derivation).steps
    if item.step is None:
        return tuple((view, False) for view in views)
    first = max(0, item.step - NEAR)
    near = enumerate(views[first : item.step + NEAR + 1], first)
    return tuple((view, position == item.step) for position, view in near)


def _goal(report: Report, item: Item) -> str:
    problem = next(p for p in report.problems if p.number == item.problem)
    return "" if problem.derivation is None else derivation_view(problem.derivation).goal


def _shown(
    board: Board, item: Item, report: Report
) -> tuple[tuple[str, tuple[tuple[int, str, bool], ...]], ...]:
    """The student's text, the line of the step in question marked."""
    problem = next(p for p in report.problems if p.number == item.problem)
    step = problem.derivation.steps[item.step] if problem.derivation and item.step is not None else None
    marked = None
    if step is not None and problem.derivation is not None:
        tail = "" if step.cell is None else f", cell {step.cell}"
        marked = {f"{name}{tail}" for name in problem.derivation.file.split(", ")}
    return tuple(
        (
            one_line(part.title, 200),
            tuple(
                (
                    n,
                    printable(line, 4000),
                    step is not None and part.title in (marked or ()) and n == step.line,
                )
                for n, line in part.lines
            ),
        )
        for part in board.shown(item).parts
    )
