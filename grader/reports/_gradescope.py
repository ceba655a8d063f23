"""`results.json`, which Gradescope reads from an autograder."""

from __future__ import annotations

import json
from collections.abc import Iterator

from grader.records import CheckResult, Derivation, ProblemResult, Report, Verdict
from grader.reports._message import message_block, note_text
from grader.reports._safe import one_line
from grader.reports._settlement import account_lines
from grader.reports._stamp import isolation_warning
from grader.reports._steps import derivation_view
from grader.reports._view import check_view


def gradescope_json(report: Report) -> str:
    """One report in the fields of Gradescope's autograder specification; scores and times are numbers.

    A hidden check appears after grades are published, and then with title and verdict only. Raises ValueError for a
    report with a fault: without a file Gradescope shows a failed autograder, and nobody gets a zero for it.
    """
    if report.faulty:
        raise ValueError("the grader itself failed on a part")
    env = report.environment
    document = {
        "score": round(report.score, 6),
        "execution_time": round(report.duration_s, 3),
        "output": "\n".join(_said(report)),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [test for problem in report.problems for test in _tests(problem)],
        "extra_data": {
            "report": report.id,
            "assignment": report.assignment,
            "complete": report.complete,
            "max_score": report.max_score,
            "isolation": env.isolation,
            "seed": env.seed,
            "grader": env.grader,
        },
    }
    # ASCII: whatever the machine's locale is, no character is lost on the way.
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def gradescope_fault() -> str:
    """What students read where the grader itself failed: no score at all, so that nobody has a zero."""
    said = "The autograder itself failed. This says nothing about your answer: nothing was marked. Tell your instructor."
    document = {"output": said, "output_format": "text", "visibility": "visible", "stdout_visibility": "hidden", "tests": []}
    return json.dumps(document, indent=1) + "\n"


def _said(report: Report) -> Iterator[str]:
    warning = isolation_warning(report.environment.isolation)
    if warning:
        yield warning
    if not report.complete:
        yield "The score is provisional: a part waits for a person."
    yield from account_lines(report)
    yield from (note_text(note) for note in report.remarks[:50])


def _tests(problem: ProblemResult) -> Iterator[dict[str, object]]:
    place = one_line(problem.number, 20)
    for index, check in enumerate(problem.checks, 1):
        yield _test(check, f"{place}.{index}")
    if problem.derivation is not None:
        yield _derivation(problem.derivation, f"{place}.{len(problem.checks) + 1}")


def _test(check: CheckResult, place: str) -> dict[str, object]:
    view = check_view(check)
    test: dict[str, object] = {
        "score": round(check.score, 6),
        "max_score": round(check.max_score, 6),
        "name": view.title,
        "number": place,
        "output": message_block(check),
        "output_format": "text",
        "tags": [str(check.verdict), str(check.kind)],
        "visibility": "after_published" if view.hidden else "visible",
    }
    if check.verdict is not Verdict.REVIEW:
        test["status"] = "passed" if view.passed else "failed"
    return test


def _derivation(derivation: Derivation, place: str) -> dict[str, object]:
    view = derivation_view(derivation)
    lines = [f"{s.glyph} {s.place}  {s.verdict}" + (f": {s.reason}" if s.reason else "") for s in view.steps]
    # Without a score it is feedback, and the top-level score stands.
    scored = {} if derivation.score is None else {"score": round(derivation.score, 6)}
    return scored | {
        "name": view.heading,
        "number": place,
        "output": "\n".join([*lines, view.goal]),
        "output_format": "text",
        "tags": ["derivation"],
        "visibility": "visible",
    }
