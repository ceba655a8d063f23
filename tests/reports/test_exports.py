"""Gradebook, JUnit XML and Markdown."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.records import Report, Verdict
from grader.reports import gradebook_csv, junit_xml, student_html, student_markdown, student_text

from . import samples


def _rows(reports: list[Report]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(gradebook_csv(reports), newline="")))


def test_the_gradebook_reads_back_as_it_was_written() -> None:
    reports = samples.class_of_hw10()
    rows = _rows(reports[::-1])
    assert [row["student"] for row in rows] == sorted(samples.STUDENTS)
    for row, report in zip(rows, reports, strict=True):
        if not report.faulty:
            assert float(row["score"]) == pytest.approx(report.score, abs=0.0051)
            assert float(row["percent"]) == pytest.approx(100 * report.score / report.max_score, abs=0.0051)
        assert float(row["max_score"]) == 20
        assert row["status"] == ("fault" if report.faulty else "final" if report.complete else "review")


def test_a_fault_leaves_its_cells_empty_and_the_others_alone() -> None:
    row = next(row for row in _rows(samples.class_of_hw10()) if row["student"] == "chestnut")
    assert row["status"] == "fault"
    assert row["score"] == row["percent"] == row["problem 5"] == ""
    assert row["problem 1"] == "4"


def test_names_with_commas_quotes_and_line_breaks_stay_one_cell() -> None:
    name = 'last, "first"\nsecond'
    (row,) = _rows([samples.report(samples.problem(samples.check(Verdict.PASSED)), student=name)])
    assert row["student"] == 'last, "first" second' and row["score"] == "1"


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\x1b[0m=1", "\u200b=1", "＝1"]
)
def test_no_name_is_a_formula(name: str) -> None:
    (row,) = _rows(
        [samples.report(samples.problem(samples.check(Verdict.PASSED)), student=name, assignment=name)]
    )
    for cell in (row["student"], row["assignment"]):
        assert cell[0] in "'�"


def test_a_negative_score_stays_a_number() -> None:
    taken = replace(samples.check(Verdict.FAILED), score=-0.5)
    (row,) = _rows([samples.report(samples.problem(taken))])
    assert row["score"] == row["problem 1"] == "-0.5"


def test_no_name_passes_for_another() -> None:
    passed = samples.problem(samples.check(Verdict.PASSED))
    names = ["oak", "oak\x1b[0m", "oak ", "o\x1b[1mak"]
    rows = _rows([samples.report(passed, student=name) for name in names])
    cells = [row["student"] for row in rows]
    assert len(set(cells)) == 4 and "oak" in cells


def test_problems_come_in_the_order_of_the_fullest_report() -> None:
    passed = samples.check(Verdict.PASSED)
    short = samples.report(samples.problem(passed, number="2"), student="ash")
    full = samples.report(samples.problem(passed), samples.problem(passed, number="2"), student="oak")
    header = gradebook_csv([short, full]).splitlines()[0].split(",")
    assert header[-2:] == ["problem 1", "problem 2"]
    assert _rows([short, full])[0]["problem 1"] == ""


def _cases(xml: str) -> dict[str, ElementTree.Element]:
    return {case.get("name", ""): case for case in ElementTree.fromstring(xml).iter("testcase")}


def test_junit_tells_wrong_answers_from_our_own_failures() -> None:
    checks = [samples.check(verdict, name=f"topic::{verdict}") for verdict in Verdict]
    xml = junit_xml(samples.run(), [samples.report(samples.problem(*checks))])
    children = {name: [child.tag for child in case] for name, case in _cases(xml).items()}
    ours = {"passed": [], "fault": ["error"], "skipped": ["skipped"], "review": ["skipped"]}
    assert children == {f"topic::{verdict}": ours.get(verdict, ["failure"]) for verdict in Verdict}
    (suite,) = ElementTree.fromstring(xml)
    counts = [suite.get(key) for key in ("tests", "failures", "errors", "skipped")]
    assert counts == ["11", "7", "1", "2"]
    assert [
        ElementTree.fromstring(xml).get(key) for key in ("tests", "failures", "errors", "skipped")
    ] == counts


def test_junit_carries_the_message_and_keeps_hidden_checks_hidden() -> None:
    xml = junit_xml(samples.run(), [samples.one_of_each()])
    failure = _cases(xml)["projection::closest"].find("failure")
    assert failure is not None and failure.get("type") == "failed"
    assert "Expected   [1.0, 1.0]" in (failure.text or "") and "the result leaves C" in failure.get(
        "message", ""
    )
    assert (
        samples.SECRET not in xml and "7.25" not in xml and "Holds for matrices of any shape" in _cases(xml)
    )


def test_junit_of_an_empty_run_is_xml() -> None:
    assert ElementTree.fromstring(junit_xml(samples.run(), [])).get("tests") == "0"


def test_markdown_keeps_hidden_checks_hidden_and_shows_the_rest() -> None:
    text = student_markdown(samples.one_of_each())
    assert samples.SECRET not in text and "7.25" not in text and "Holds for matrices of any shape" in text
    assert "| 2 Projection onto a segment | 1/10.25 | 1 passed, 2 failed |" in text
    assert "**Score 2/20.25**" in text and "Expected   [1.0, 1.0]" in text


def _outside_code(markdown: str) -> str:
    """The Markdown without fenced blocks and code spans, as CommonMark delimits them."""
    kept, fence = [], ""
    for line in markdown.splitlines():
        if fence:
            fence = "" if re.fullmatch(f" {{0,3}}{fence}`*\\s*", line) else fence
        elif match := re.match(r"(`{3,})text$", line):
            fence = match[1]
        else:
            kept.append(re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", line))
    assert not fence
    return "\n".join(kept)


def test_hostile_text_is_no_markdown() -> None:
    text = student_markdown(samples.hostile())
    prose = _outside_code(text)
    assert "<script" not in prose and "<img" not in prose and "](b)" not in prose.replace("\\]", "")
    assert not re.search(r"(?<!\\)\*\*bold", prose)
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)


def test_no_text_ends_its_fence() -> None:
    fences = ("```", "~~~~", "`````", "# a heading")
    text = student_markdown(replace(samples.one_of_each(), notes=fences))
    assert "# a heading" not in _outside_code(text) and "# a heading" in text


def test_hostile_text_is_no_xml() -> None:
    root = ElementTree.fromstring(junit_xml(samples.run(), [samples.hostile()]))
    assert {element.tag for element in root.iter()} == {
        "testsuites", "testsuite", "properties", "property", "testcase", "failure"
    }  # fmt: skip
    assert "<script>alert(1)</script>" in "".join(root.itertext())


@settings(derandomize=True, database=None, deadline=None, max_examples=60)
@given(st.text(st.characters(), max_size=60))
def test_any_text_anywhere_leaves_every_format_readable(text: str) -> None:
    check = replace(samples.CLOSEST, message=text, title=text, notes=(text,), certainty=text, slip=text)
    report = samples.report(samples.problem(check, title=text, number=text), student=text, notes=(text,))
    ElementTree.fromstring(junit_xml(samples.run(), [report]))
    (row,) = _rows([report])
    assert row["score"] == "0" and not row["student"].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert "<script" not in student_html(report, text)
    for line in student_text(report).splitlines() + student_markdown(report).splitlines():
        assert not line.lstrip().startswith("::") and "\x1b" not in line
