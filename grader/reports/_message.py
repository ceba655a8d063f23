"""The message of one check and the text of one report, for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.cells import cell_len

from grader.records import CheckResult, Derivation, ProblemResult, Report, Visibility
from grader.reports._format import fraction, number
from grader.reports._safe import one_line, without_commands
from grader.reports._settlement import account, handed_in_text
from grader.reports._stamp import isolation_warning
from grader.reports._steps import DerivationView, derivation_view
from grader.reports._view import CheckView, check_view, points, tally, waits

WIDTH = 96
MIN_WIDTH = 30
"""Below this, lines are left to the terminal to break."""
_LABEL = 11
_CODES = {"good": "32", "bad": "31", "warn": "33", "quiet": "2", "bold": "1"}


def message_block(check: CheckResult, *, color: bool = False, width: int = WIDTH, replay_id: str = "") -> str:
    """What a student reads of one check: mark, id, title, score, then You, Expected, Why, Replay, Certainty, notes.

    Of a hidden check: mark, title and verdict. `replay_id` is the id for `grader replay`, by default the check's. The
    Replay line is never broken, so that it can be copied. Layout: ORACLES, "What a student sees".
    """
    return without_commands(
        "\n".join(_block(check_view(check), max(width, MIN_WIDTH), color, replay_id or check.result_id))
    )


def student_text(
    report: Report, *, width: int = WIDTH, color: bool = False, visible_only: bool = False
) -> str:
    """A report as `grader check` prints it: problem by problem, passes on one line, the rest as blocks.

    With `visible_only`, hidden checks and their points are left out altogether, and so are sums that contain them.
    """
    width = max(width, MIN_WIDTH)
    problems = report.problems
    shown = [c for c in report.checks if not visible_only or c.visibility is Visibility.VISIBLE]
    total = _total(report, shown, visible_only)
    name = f"{one_line(report.assignment, 80)} · {one_line(report.student, 80)}"
    lines = _header(paint(name, "bold", color), cell_len(name), total, width)
    warning = isolation_warning(report.environment.isolation)
    if warning:
        lines += [paint(line, "warn", color) for line in fold(warning, width)]
    for problem in problems:
        lines += ["", *problem_lines(problem, width, color, visible_only)]
    lines += ["", *fold(f"{len(shown)} checks: {tally(shown) or 'none'}.", width), *_remarks(report, width, rules=not visible_only)]
    return without_commands("\n".join(lines) + "\n")


def problem_text(problem: ProblemResult, *, width: int = WIDTH, color: bool = False) -> str:
    """One problem as `grader check` prints it as soon as it is done: visible checks only, an empty line below."""
    lines = problem_lines(problem, max(width, MIN_WIDTH), color, visible_only=True)
    return without_commands("\n".join(lines) + "\n\n")


def closing_text(report: Report, *, width: int = WIDTH, color: bool = False) -> str:
    """What `grader check` prints below the problems: visible points, how many checks passed, notes."""
    width = max(width, MIN_WIDTH)
    shown = [c for c in report.checks if c.visibility is Visibility.VISIBLE]
    name = f"{one_line(report.assignment, 80)} · {one_line(report.student, 80)}"
    lines = _header(paint(name, "bold", color), cell_len(name), _sum(shown), width)
    warning = isolation_warning(report.environment.isolation)
    if warning:
        lines += [paint(line, "warn", color) for line in fold(warning, width)]
    lines += [*fold(f"{len(shown)} checks: {tally(shown) or 'none'}.", width), *_remarks(report, width)]
    return without_commands("\n".join(lines) + "\n")


def _remarks(report: Report, width: int, *, rules: bool = False) -> list[str]:
    lines: list[str] = []
    if not report.complete:
        text = "The grader failed on a part." if report.faulty else "A part waits for a person."
        lines += fold(f"The score is provisional. {text}", width)
    if rules:
        lines += _account(report, width)
    for note in report.remarks[:50]:
        lines += _hanging("note  ", note_text(note), width)
    return lines


def problem_lines(problem: ProblemResult, width: int, color: bool, visible_only: bool = False) -> list[str]:
    """One problem as lines of terminal text: heading, its checks, its derivation."""
    checks = [c for c in problem.checks if not visible_only or c.visibility is Visibility.VISIBLE]
    score = _sum(checks) if visible_only else points(problem)
    name = f"{one_line(problem.number, 20)}  {one_line(problem.title or problem.topic, 200)}"
    head, *rest = fold(name, max(width - len(score) - 2, 10))
    lines = _header(paint(head, "bold", color), cell_len(head), score, width)
    lines += [paint("   " + line, "bold", color) for line in rest]
    for check in checks:
        view = check_view(check)
        block = (
            _short(view, width - 2, color) if view.passed else _block(view, width - 2, color, check.result_id)
        )
        lines += ["  " + line for line in block]
    if not checks:
        lines.append("  no checks here")
    if problem.derivation is not None:
        lines += ["  " + line for line in _derivation(derivation_view(problem.derivation), width - 2, color)]
    elif waits(problem):
        lines += ["  " + line for line in fold("A person will decide the open part.", width - 2)]
    return lines


def derivation_text(derivation: Derivation, *, width: int = WIDTH, color: bool = False) -> str:
    """One derivation as `grader derivation` prints it: the problem, the first wrong step, every step, the goals."""
    head = paint(f"Problem {one_line(derivation.problem, 40)}", "bold", color)
    lines = [head, *_derivation(derivation_view(derivation), max(width, MIN_WIDTH), color)]
    return without_commands("\n".join(lines) + "\n")


def fold(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, broken at blanks where there are any; wide characters count double."""
    if len(text) <= width and text.isascii() and text.isprintable():  # nearly always
        return [text.rstrip()]
    from rich.console import Console  # slow to load
    from rich.text import Text

    console = Console(width=width, _environ={}, force_jupyter=False)
    return [line.plain.rstrip() for line in Text(text, tab_size=4).wrap(console, max(width, 10))] or [""]


def paint(text: str, style: str, color: bool) -> str:
    """Text in an ANSI style, if wanted."""
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if color and text else text


def note_text(note: str) -> str:
    """A report's note on one line."""
    return one_line(note, 500)


def _total(report: Report, shown: list[CheckResult], visible_only: bool) -> str:
    if visible_only:
        return _sum(shown)
    return f"–/{number(report.max_score)}" if report.faulty else fraction(report.score, report.max_score)


def _account(report: Report, width: int) -> list[str]:
    """When the hand-in came, and what the rules of the sheet made of its points."""
    lines = fold(text, width) if (text := handed_in_text(report)) else []
    for change in account(report):
        head, *rest = fold(change.text, max(width - _LABEL - len(change.points) - 4, 10))
        lines += _header(f"  {change.rule.ljust(_LABEL)}{head}", 2 + _LABEL + cell_len(head), change.points, width)
        lines += [" " * (2 + _LABEL) + line for line in rest]
    return lines


def _sum(checks: Iterable[CheckResult]) -> str:
    checks = list(checks)
    return fraction(sum(c.score for c in checks), sum(c.max_score for c in checks))


def _header(left: str, cells: int, right: str, width: int) -> list[str]:
    return [left + " " * max(2, width - cells - len(right)) + right] if right else [left]


def _title_lines(view: CheckView, width: int, color: bool) -> list[str]:
    mark = paint(view.mark.glyph, view.mark.tone, color) + " "
    if view.hidden:
        verdict = f"hidden check: {view.verdict}"
        head, *rest = fold(f"{view.title}  ({verdict})", width - 2)
        return [mark + head, *("  " + line for line in rest)]
    room = width - 4 - cell_len(view.id) - len(view.score) - 2
    if room >= 24:
        head, *rest = fold(view.title, room)
        start = f"{paint(view.id, 'bold', color)}  {head}"
        cells, indent = 4 + cell_len(view.id) + cell_len(head), 4 + cell_len(view.id)
    else:
        start, rest, cells, indent = (
            paint(view.id, "bold", color),
            fold(view.title, width - 4),
            2 + cell_len(view.id),
            4,
        )
    return [*_header(mark + start, cells, view.score, width), *(" " * indent + line for line in rest)]


def _short(view: CheckView, width: int, color: bool) -> list[str]:
    lines = _title_lines(view, width, color)
    for note in view.notes:
        lines += _hanging("    note  ", one_line(note, 500), width)
    return lines


def _block(view: CheckView, width: int, color: bool, replay_id: str = "") -> list[str]:
    lines = _title_lines(view, width, color)
    for row in view.rows:
        label = "  " + row.label.ljust(_LABEL)
        if row.label == "Replay":
            prefix = f"grader replay {one_line(replay_id, 80)} -> " if replay_id else ""
            lines.append(paint(label, "quiet", color) + prefix + row.text)
        else:
            lines += _hanging(label, row.text, width, color)
    for note in view.notes:
        lines += _hanging("  " + "Note".ljust(_LABEL), note, width, color)
    return lines


def _hanging(label: str, text: str, width: int, color: bool = False) -> list[str]:
    indent = len(label) if width - len(label) >= 20 else 4
    body = [part for line in text.split("\n") for part in fold(line, width - indent)]
    if indent != len(label):
        return [paint(label.rstrip(), "quiet", color), *(" " * indent + part for part in body)]
    return [paint(label, "quiet", color) + body[0], *(" " * indent + part for part in body[1:])]


def _derivation(view: DerivationView, width: int, color: bool) -> list[str]:
    lines = fold(f"{view.heading}: {view.summary or 'no steps'}", width)
    if view.wrong is not None:
        place = fold(f"{view.wrong.glyph} First wrong step: {view.wrong.place}", width - 2)
        lines += ["  " + paint(line, view.wrong.tone, color) for line in place]
        lines += _hanging("    Typed       ", view.wrong.source, width, color)
        if view.wrong.reading:
            lines += _hanging("    Read as     ", view.wrong.reading, width, color)
        if view.wrong.reason:
            lines += _hanging("    Why         ", view.wrong.reason, width, color)
        for said in view.wrong.witness:
            lines += _hanging("    " + said.label.ljust(11) + " ", said.text, width, color)
    for step in view.steps:
        head = f"{step.place.ljust(9)}  {step.verdict.ljust(10)}"
        room = width - cell_len(head) - 6
        source = [one_line(step.source, room)] if room >= 20 else []
        first, *rest = (
            ["  ".join([head, *source])] if source else fold(f"{step.place} {step.verdict}", width - 4)
        )
        lines.append(f"  {paint(step.glyph, step.tone, color)} {first}")
        lines += ["    " + line for line in rest]
        if step.tone != "good" and step is not view.wrong:
            lines += ["      " + line for line in fold(step.reason, width - 6) if line]
    return [re.sub(r"\s+$", "", line) for line in [*lines, *fold("  " + view.goal, width)]]
