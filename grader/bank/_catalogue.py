"""What a course asks, as a page: problems, functions, checks and points, read from the files that grade."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from grader.bank._assignment import Assignment, Problem
from grader.bank._check import CheckSpec
from grader.bank._course import Course
from grader.records import Visibility


def problems_page(course: Course) -> str:
    """Markdown with a section an assignment. Raises UserError where a file of the course cannot be read."""
    lines = ["# Problems", "", "Made by `grader problems`; a hidden check is marked with *.", ""]
    for assignment in course.assignments.values():
        lines += _assignment(course, assignment)
    return "\n".join(lines).rstrip() + "\n"


def _assignment(course: Course, assignment: Assignment) -> Iterator[str]:
    yield f"## {assignment.id}: {_cell(assignment.title)}"
    yield ""
    yield f"{len(assignment.problems)} problems, {_number(assignment.max_score)} points."
    yield ""
    for problem in assignment.problems:
        yield f"### {problem.number} {_cell(problem.title)} ({_number(problem.max_score)} points)"
        yield ""
        yield from _problem(course, problem)


def _problem(course: Course, problem: Problem) -> Iterator[str]:
    if problem.topic:
        topic = course.topic(problem.topic)
        checks = [c for c in course.checks(problem.topic) if not problem.parts or c.part in problem.parts]
        yield f"Topic `{problem.topic}` ({_cell(topic.source)})."
        yield ""
        yield from (f"- `{f.signature}`: {_cell(f.summary)}" for f in topic.functions.values())
        yield ""
        yield "| check | kind | points |"
        yield "|:--|:--|--:|"
        total = sum((Fraction(c.points) for c in checks), Fraction(0)) or Fraction(1)
        yield from (_row(c, float(Fraction(problem.points) * Fraction(c.points) / total)) for c in checks)
        yield ""
    if problem.writeup:
        yield f"Written derivation: {_number(problem.writeup)} points."
        yield ""
    if problem.rubric:
        yield "A person marks:"
        yield ""
        yield from (f"- {_cell(c.text)} ({_number(c.points)})" for c in problem.rubric)
        yield ""


def _row(check: CheckSpec, points: float) -> str:
    mark = " *" if check.visibility is Visibility.HIDDEN else ""
    return f"| {_cell(check.title)}{mark} | {check.kind} | {_number(points)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _number(value: float) -> str:
    return f"{round(value, 2):g}"
