"""JUnit XML, which CI systems read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from xml.etree import ElementTree

from grader.records import CheckResult, Report, Run, Verdict
from grader.reports._format import number
from grader.reports._message import message_block
from grader.reports._safe import one_line
from grader.reports._sheet import ordered
from grader.reports._view import check_view

OUTCOMES: Mapping[Verdict, str] = MappingProxyType(
    {Verdict.PASSED: "", Verdict.SKIPPED: "skipped", Verdict.REVIEW: "skipped", Verdict.FAULT: "error"}
)
"""Any other verdict is the submission's doing, and so a `failure`."""


def junit_xml(run: Run, reports: Iterable[Report]) -> str:
    """One `testsuite` per report, one `testcase` per check.

    A wrong answer is a `failure`, the grader's own failure an `error`; skipped checks and those that wait for a
    person are `skipped`. CI logs are read by students too: a hidden check shows its title and verdict only.
    """
    reports = ordered(reports)
    root = ElementTree.Element("testsuites", name="grader", time=_seconds(run.duration_s))
    totals = [_suite(root, report) for report in reports]
    for name, total in zip(("tests", "failures", "errors", "skipped"), _added(totals), strict=True):
        root.set(name, str(total))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _added(rows: list[list[int]]) -> list[int]:
    return [sum(column) for column in zip(*rows, strict=True)] if rows else [0, 0, 0, 0]


def _suite(root: ElementTree.Element, report: Report) -> list[int]:
    name = f"{one_line(report.assignment, 80)}/{one_line(report.student, 120)}"
    outcomes = [_outcome(check) for check in report.checks]
    counts = [len(outcomes), *(outcomes.count(kind) for kind in ("failure", "error", "skipped"))]
    numbers = zip(("tests", "failures", "errors", "skipped"), map(str, counts), strict=True)
    suite = ElementTree.SubElement(root, "testsuite", {"name": name, **dict(numbers)})
    suite.set("time", _seconds(report.duration_s))
    suite.set("timestamp", one_line(report.started, 40))
    properties = ElementTree.SubElement(suite, "properties")
    environment = report.environment
    facts = {
        "report": report.id,
        "score": "" if report.faulty else number(report.score),
        "max_score": number(report.max_score),
        "complete": str(report.complete).lower(),
        "isolation": environment.isolation,
        "seed": str(environment.seed),
        "grader": environment.grader,
    }
    for key, value in facts.items():
        ElementTree.SubElement(properties, "property", name=key, value=one_line(value, 200))
    for problem in report.problems:
        place = f"{name}.{one_line(problem.number, 20)}.{one_line(problem.topic, 80)}"
        for check in problem.checks:
            _case(suite, check, place)
    return counts


def _case(suite: ElementTree.Element, check: CheckResult, place: str) -> None:
    view = check_view(check)
    case = ElementTree.SubElement(
        suite, "testcase", classname=place, name=view.id or view.title, time=_seconds(check.duration_s)
    )
    kind = _outcome(check)
    if kind:
        why = next((row.text for row in view.rows if row.label == "Why"), view.mark.sentence)
        said = f"hidden check: {view.verdict}" if view.hidden else one_line(why)
        element = ElementTree.SubElement(case, kind, type=str(view.verdict), message=said)
        element.text = message_block(check)


def _outcome(check: CheckResult) -> str:
    return OUTCOMES.get(check.verdict, "failure")


def _seconds(value: float) -> str:
    return f"{value:.3f}" if 0 <= value < 1e9 else "0.000"
