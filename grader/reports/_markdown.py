"""One report as Markdown, for pull requests and step summaries."""

from __future__ import annotations

import re

from grader.records import Report
from grader.reports._message import note_text, problem_lines
from grader.reports._safe import one_line, without_commands
from grader.reports._settlement import account, handed_in_text
from grader.reports._sheet import total
from grader.reports._stamp import isolation_warning
from grader.reports._view import points, tally

TEXT_WIDTH = 88


def student_markdown(report: Report, *, level: int = 1) -> str:
    """A table of scores by problem, then each problem's checks as a fenced block of plain text.

    `level` is that of its heading. CommonMark with tables. Text from the submission stands in code spans and fences longer than any in it.
    """
    env = report.environment
    lines = [
        f"{'#' * level} {_span(report.assignment, 80)}: {_span(report.student, 120)}",
        "",
        f"**Score {total(report)}**",
    ]
    if not report.complete:
        reason = "the grader itself failed on a part" if report.faulty else "a part waits for a person"
        lines += ["", f"The score is provisional: {reason}."]
    warning = isolation_warning(env.isolation)
    if warning:
        lines += ["", f"> **{escaped(warning)}**"]
    lines += ["", "| Problem | Score | Checks |", "|:--|--:|:--|"]
    for problem in report.problems:
        name = escaped(f"{one_line(problem.number, 20)} {one_line(problem.title or problem.topic, 200)}")
        lines.append(f"| {name} | {points(problem)} | {tally(problem.checks) or '–'} |")
    lines += _account(report)
    for problem in report.problems:
        heading = escaped(one_line(f"{problem.number} {problem.title or problem.topic}"))
        body = problem_lines(problem, TEXT_WIDTH, color=False)
        lines += ["", f"{'#' * (level + 1)} {heading}", "", *_fenced("\n".join(body))]
    if report.remarks:
        lines += [
            "",
            f"{'#' * (level + 1)} Notes",
            "",
            *_fenced("\n".join(note_text(note) for note in report.remarks[:50])),
        ]
    facts = f"grader {env.grader}, isolation {env.isolation}, seed {env.seed}, report {report.id}"
    return without_commands("\n".join([*lines, "", _span(facts, 300)]) + "\n")


def _account(report: Report) -> list[str]:
    """When the hand-in came, and what the rules of the sheet made of its points."""
    lines = ["", escaped(text)] if (text := handed_in_text(report)) else []
    changes = account(report)
    if changes:
        rows = [f"| {escaped(c.rule)} | {escaped(c.text)} | {c.points} |" for c in changes]
        lines += ["", "| Rule | What it says | Points |", "|:--|:--|--:|", *rows]
    return lines


def _fenced(text: str) -> list[str]:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return [fence + "text", text, fence]


def _span(text: str, limit: int) -> str:
    """A code span: no markup, no mention, no link."""
    text = one_line(text, limit).replace("|", "¦") or " "
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def escaped(text: str) -> str:
    """Text on one line that Markdown and the HTML in it take as text: no markup, no mention, no cell's end."""
    text = re.sub(r"([\\`*_{}\[\]()#+!|~$])", r"\\\1", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
