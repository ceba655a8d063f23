"""Annotations and the step summary of GitHub Actions."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from grader.records import CheckResult, Report, Run, Verdict
from grader.reports._format import percent
from grader.reports._markdown import escaped, student_markdown
from grader.reports._safe import one_line, printable, without_commands
from grader.reports._sheet import final_status, score_of, sheets
from grader.reports._stamp import isolation_warning
from grader.reports._view import check_view

MAX_ERRORS = 10
"""GitHub shows no more of one step."""
SUMMARY_BYTES = 1 << 20
"""GitHub takes no more of one step."""
_PASSED = frozenset({Verdict.PASSED, Verdict.SKIPPED, Verdict.REVIEW})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a function stands in the repository."""

    path: str
    """Relative to the repository, with forward slashes."""
    line: int
    """Of its `def`, from 1."""


Locate = Callable[[Report, str], Place | None]
"""Where a hand-in defines a function; the name may be empty: where the hand-in begins. None if it is not to be found."""


def annotation_lines(reports: Iterable[Report], locate: Locate) -> str:
    """Workflow commands, one line each: an error per check that did not pass, at the `def` of its function.

    At most ten, then how many more there are. A hidden check stands where the hand-in begins, with title and
    verdict. The grader's own failure is a warning: it is nobody's error.
    """
    errors, lines = [], []
    for report in reports:
        for check in report.checks:
            if check.verdict is Verdict.FAULT:
                lines.append(
                    _command(
                        "warning",
                        None,
                        f"{report.student}: not judged",
                        f"the grader itself failed on {check.title}",
                    )
                )
            elif check.verdict not in _PASSED:
                errors.append(_error(report, check, locate))
    shown = errors[: MAX_ERRORS - 1] if len(errors) > MAX_ERRORS else errors
    if len(errors) > len(shown):
        more = f"{len(errors) - len(shown)} more checks did not pass; the summary of this step has all"
        shown.append(_command("error", None, "grader", more))
    return "".join(line + "\n" for line in [*shown, *lines[:MAX_ERRORS]])


def quiet_commands(text: str) -> str:
    """Text between marks that keep GitHub from obeying anything in it; the mark cannot be guessed."""
    token = secrets.token_hex(16)
    return f"::stop-commands::{token}\n{text.rstrip()}\n::{token}::\n"


def step_summary(run: Run, reports: Sequence[Report]) -> str:
    """Markdown for `$GITHUB_STEP_SUMMARY`: the class as a table, then each hand-in that lost points, while there is room."""
    lines = [
        f"> **{escaped(text)}**\n"
        for text in {isolation_warning(r.environment.isolation) for r in reports}
        if text
    ]
    for sheet in sheets(run, reports):
        lines += [f"## {escaped(sheet.title or sheet.assignment)}", "", _row("Hand-in", *(c.number for c in sheet.columns), "Total", ""),
                  "|:--|" + "--:|" * (len(sheet.columns) + 1) + ":--|"]  # fmt: skip
        for line in sheet.lines:
            cells = ["" if cell is None else cell.score for cell in line.cells]
            state = {"fault": "grader fault", "review": "provisional"}.get(line.status, "")
            lines.append(
                _row(line.student, *cells, score_of(line), " · ".join(filter(None, (state, line.hints))))
            )
        lines += ["", f"Mean {percent(sheet.mean)}, median {percent(sheet.median)}.", ""]
    if not reports:
        lines.append("No hand-in was graded.")
    lines += [f"Not graded: {escaped(one_line(path, 300))}\n" for path in run.missing[:50]]
    return _with_details(
        "\n".join(lines) + "\n", [r for r in reports if r.score < r.max_score or final_status(r)]
    )


def _with_details(text: str, reports: Sequence[Report]) -> str:
    """As many whole reports as fit."""
    text = text.encode()[: SUMMARY_BYTES - 2000].decode(errors="ignore")
    size = len(text.encode()) + 200
    for index, report in enumerate(reports):
        # Headings of a report stand below those of the class.
        body = "\n" + student_markdown(report, level=3)
        size += len(body.encode())
        if size > SUMMARY_BYTES:
            return text + f"\n{len(reports) - index} more reports did not fit here.\n"
        text += body
    return text


def _row(*cells: str) -> str:
    return "| " + " | ".join(escaped(cell) for cell in cells) + " |"


def _error(report: Report, check: CheckResult, locate: Locate) -> str:
    view = check_view(check)
    title = f"{one_line(report.student, 60)}: {view.title}"
    if view.hidden:
        return _command("error", locate(report, ""), title, f"hidden check: {view.verdict}")
    said = [
        f"{row.label}: {row.text}" for row in view.rows if row.label in ("You", "Expected", "Why", "Remark")
    ]
    return _command("error", locate(report, function_of(check)), title, "\n".join(said) or view.mark.sentence)


def function_of(check: CheckResult) -> str:
    """The function that a check called, or that it missed; empty if the record does not tell."""
    shown = check.counterexample
    name = shown.call.partition("(")[0] if shown is not None else check.message.partition(" ")[0]
    return name.strip() if name.strip().isidentifier() else ""


def _command(kind: str, place: Place | None, title: str, message: str) -> str:
    properties = {} if place is None else {"file": place.path, "line": str(place.line)}
    properties["title"] = one_line(title, 200)
    head = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{kind} {head}::{_data(without_commands(printable(message, 4000)))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
