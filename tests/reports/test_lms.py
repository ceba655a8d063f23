"""Grades into the sheets of Canvas and Moodle, and back out of them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from grader.records import Report, UserError, Verdict
from grader.reports import fill_canvas, fill_moodle

from . import samples

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Homework 9 (71),Homework 10 (72),Final Score,Final Grade\r\n"
    "    Points Possible,,,,,10,20,(read only),(read only)\r\n"
    '"Müller, Änne",101,s-101,amueller,"A, morning",9,,45.00,F\r\n'
    '"O\'Neil ""Pat"", Lee",102,s-102,poneil,B,8.5,,43.00,F\r\n'
    '"=cmd, Eve",103,s-103,eve@uni.edu,B,,,0,F\r\n'
    '"Ash, Kim",104,s-104,kash,B,7,3,35.00,F\r\n'
    '"Excused, Ann",105,s-105,aexc,B,7,EX,35.00,F\r\n'
    '"Student, Test",106,,f00d,B,,,,\r\n'
).encode()
MOODLE = (
    "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    "Participant 2001,Änne Müller,,anne@uni.edu,Submitted for grading,,20.00,Yes,"
    '"Monday, 4 November 2024, 10:00 AM",-,\n'
    'Participant 2002,"Lee ""Pat"" O\'Neil",,lee@uni.edu,Submitted for grading,,20.00,Yes,-,-,\n'
    "Participant 2003,=Eve,,eve@uni.edu,No submission,,20.00,Yes,-,-,\n"
    "Participant 2004,Kim Ash,,kim@uni.edu,No submission,,20.00,Yes,-,-,\n"
).encode("utf-8-sig")


def _graded(*students: str) -> list[Report]:
    wrong = replace(samples.check(Verdict.FAILED, slip="sum <for> mean"), max_score=1.0)
    problem = samples.problem(samples.check(Verdict.PASSED), wrong, number="2", title="A & B")
    return [replace(samples.report(problem, student=s), score=7.5, max_score=20.0) for s in students]


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "students",
    [
        ["101", "102", "103"],
        ["s-101", "s-102", "s-103"],
        ["amueller", "poneil", "eve"],
        ["mülleränne_101_9001_solution", "oneil_LATE_102_9002_hw.ipynb", "cmdeve_103_9003_solution"],
        ["Müller, Änne", 'O\'Neil "Pat", Lee', "=cmd, Eve"],
        ["anne muller", "Lee O'Neil Pat", "eve cmd"],
        ["mueller_aenne", "ONeil Pat Lee", "cmd-eve"],
    ],
)
def test_canvas_students_are_found_by_whatever_names_them(students: list[str]) -> None:
    filled = fill_canvas(CANVAS, _graded(*students))
    rows = _rows(filled.content)
    assert [row["Homework 10 (72)"] for row in rows] == ["20", "7.5", "7.5", "7.5", "3", "EX", ""]
    assert (filled.filled, filled.absent, filled.left_out) == (3, 3, ())


def test_the_canvas_sheet_is_otherwise_as_it_was() -> None:
    filled = fill_canvas(CANVAS, _graded("101", "102", "103"))
    before, after = _rows(CANVAS), _rows(filled.content)
    for old, new in zip(before, after, strict=True):
        new.pop("Homework 10 (72)")
        old.pop("Homework 10 (72)")
        old["Student"] = old["Student"].replace("=cmd", "'=cmd")
        assert new == old
    assert filled.content.split(b"\r\n")[0] == CANVAS.split(b"\r\n")[0]
    again = fill_canvas(filled.content, _graded("101", "102", "=cmd, Eve"))
    assert again.content == filled.content


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_the_shape_of_a_sheet_is_kept(delimiter: str, encoding: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(csv.reader(io.StringIO(CANVAS.decode(), newline="")))
    content = fill_canvas(out.getvalue().encode(encoding), _graded("101")).content
    rows = list(csv.reader(io.StringIO(content.decode(encoding), newline=""), delimiter=delimiter))
    assert rows[2][0] == "Müller, Änne" and rows[2][6] == "7.5"
    assert content.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")


def test_nobody_gets_the_grade_of_a_namesake() -> None:
    twins = CANVAS + b'"Ash, Kim",107,s-107,kash2,B,7,,35.00,F\r\n'
    filled = fill_canvas(twins, _graded("Kim Ash", "107"))
    assert [row["Homework 10 (72)"] for row in _rows(filled.content)][4:] == ["7.5", "EX", "", "7.5"]
    filled = fill_canvas(twins, _graded("Kim Ash"))
    assert [row["Homework 10 (72)"] for row in _rows(filled.content)][4] == "3"
    assert filled.left_out == ("Kim Ash: fits several rows",)
    filled = fill_canvas(CANVAS, _graded("Kim Ash", "ash_kim"))
    assert filled.filled == 0 and all("shares its row" in line for line in filled.left_out)


def test_what_is_not_in_the_sheet_is_said_and_what_failed_is_no_zero() -> None:
    fault = replace(samples.report(samples.problem(samples.check(Verdict.FAULT)), student="104"), score=0.0)
    filled = fill_canvas(CANVAS, [*_graded("101", "stranger", "105"), fault])
    cells = {row["ID"]: row["Homework 10 (72)"] for row in _rows(filled.content)}
    assert cells["104"] == "3" and cells["105"] == "EX" and cells["101"] == "7.5"
    assert [line.partition(":")[0] for line in filled.left_out] == ["104", "105", "stranger"]


def test_the_canvas_column_is_named_found_or_asked_for() -> None:
    reports = _graded("101")
    named = {
        fill_canvas(CANVAS, reports, column=c).content for c in ("72", "homework 10", "Homework 10 (72)")
    }
    titles = ("Homework 10", "homework 10 (2024): flows", "")  # the assignment is called hw10
    assert named == {fill_canvas(CANVAS, reports, title=title).content for title in titles}
    reports = [replace(reports[0], assignment="flows")]
    with pytest.raises(
        UserError, match=r"--column \(assignments there: Homework 9 \(71\); Homework 10 \(72\)\)"
    ):
        fill_canvas(CANVAS, reports)
    with pytest.raises(UserError, match="no column for this assignment"):
        fill_canvas(CANVAS, reports, column="Homework 11")


def test_a_sheet_of_other_points_is_remarked_and_not_scaled() -> None:
    hundred = CANVAS.replace(b",,,,,10,20,", b",,,,,10,100,")
    filled = fill_canvas(hundred, _graded("101"), column="72")
    assert any("100 points" in remark and "out of 20" in remark for remark in filled.remarks)
    assert _rows(filled.content)[1]["Homework 10 (72)"] == "7.5"
    assert fill_canvas(CANVAS, _graded("101"), column="72").remarks == ()


@pytest.mark.parametrize(
    "students",
    [
        ["Änne Müller_2001_assignsubmission_file", "Lee O'Neil_2002_assignsubmission_file_", "x_2003"],
        ["Änne Müller", "Lee Pat O'Neil", "=Eve"],
        ["anne@uni.edu", "lee", "Participant 2003"],
        ["Müller, Änne", "lee@uni.edu", "Eve"],
    ],
)
def test_moodle_students_are_found_and_get_grade_and_feedback(students: list[str]) -> None:
    filled = fill_moodle(MOODLE, _graded(*students))
    rows = _rows(filled.content)
    assert [row["Grade"] for row in rows] == ["7.5", "7.5", "7.5", ""]
    assert [row["Full name"] for row in rows][2] == "'=Eve"
    assert rows[0]["Feedback comments"] == "Score 7.5/20<br>2 A &amp; B: 1/2 (sum &lt;for&gt; mean)"
    assert rows[3]["Feedback comments"] == ""
    assert rows[0]["Last modified (submission)"] == "Monday, 4 November 2024, 10:00 AM"
    assert filled.content.startswith(b"\xef\xbb\xbf") and b"\r\n" not in filled.content
    assert (filled.filled, filled.absent, filled.left_out) == (3, 1, ())


def test_moodle_in_german_has_german_headers_and_commas() -> None:
    sheet = (
        "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,Bewertung kann geändert werden,"
        "Zuletzt geändert (Abgabe),Zuletzt geändert (Bewertung),Feedback als Kommentar\n"
        'Teilnehmer/in 2001,Änne Müller,anne@uni.edu,Zur Bewertung abgegeben,,"20,00",Ja,-,-,\n'
    ).encode()
    row = _rows(fill_moodle(sheet, _graded("Änne Müller")).content)[0]
    assert row["Bewertung"] == "7,5" and row["Feedback als Kommentar"].startswith("Score 7.5/20")


def test_moodle_in_any_language_with_its_columns_named() -> None:
    sheet = b"Identifier,Arvosana,Palaute\nOsallistuja 2001,,\n"
    filled = fill_moodle(
        sheet, _graded("x_2001_assignsubmission_file"), column="Arvosana", feedback="Palaute"
    )
    assert _rows(filled.content)[0]["Arvosana"] == "7.5" and _rows(filled.content)[0]["Palaute"]
    with pytest.raises(UserError, match=r"--column.*Arvosana; Palaute"):
        fill_moodle(sheet, _graded("x"))


def test_feedback_holds_no_word_of_the_submission() -> None:
    filled = fill_moodle(MOODLE, [replace(samples.one_of_each(), student="2001"), samples.hostile()])
    feedback = _rows(filled.content)[0]["Feedback comments"]
    assert samples.SECRET not in feedback and "because of" not in feedback and "provisional" in feedback


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"hello\n", b"a,b\n", b'a,b\n"open', b"a,b\n1,2\n"])
def test_what_is_no_sheet_is_refused_in_one_line(content: bytes) -> None:
    for fill in (fill_canvas, fill_moodle):
        with pytest.raises(UserError) as caught:
            fill(content, _graded("101"))
        assert "\n" not in str(caught.value)


def _changed_lines(before: bytes, after: bytes) -> list[tuple[bytes, bytes]]:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    assert len(old) == len(new)
    return [(a, b) for a, b in zip(old, new, strict=True) if a != b]


@pytest.mark.parametrize(
    "sheet",
    [
        CANVAS.replace("ü".encode(), b"\xfc").replace("Ä".encode(), b"\xc4").replace(b"A, morning", b"A, \x81\x9d"),
        CANVAS.replace(b"\r\n", b"\n").replace(b"Ash, Kim", b"Ash,\r\n Kim"),
        CANVAS.replace(b"\r\n", b"\r"),
        CANVAS.replace(b"B,7,3,35.00,F", b"-,7,3,-1.5E+10,F"),
        CANVAS.replace(b"    Points", b",,,,,Manual Posting,Manual Posting,,\r\n    Points"),
    ],
    ids=["bytes of no encoding", "line break in a cell", "carriage returns", "signs and numbers", "manual posting"],
)  # fmt: skip
def test_of_an_odd_sheet_only_the_line_of_the_student_changes(sheet: bytes) -> None:
    sheet = sheet.replace(b"=cmd", b"cmd")
    ((old, new),) = _changed_lines(sheet, fill_canvas(sheet, _graded("101")).content)
    assert new == old.replace(b",9,,45", b",9,7.5,45")


def test_a_sheet_that_a_spreadsheet_saved_as_unicode_text_is_filled() -> None:
    sheet = CANVAS.decode().replace("=cmd", "cmd").encode("utf-16")
    filled = fill_canvas(sheet, _graded("101")).content
    assert filled.decode("utf-16") == sheet.decode("utf-16").replace(",9,,45", ",9,7.5,45")


def test_canvas_shows_names_in_two_columns_too() -> None:
    sheet = "LastName,FirstName,ID,Section,Homework 10 (72)\r\n    Points Possible,,,,20\r\nMüller,Änne,1,x,\r\nNg,Bo,2,x,\r\n"
    filled = fill_canvas(sheet.encode(), _graded("Müller, Änne", "Bo Ng"))
    assert (filled.filled, filled.remarks) == (2, ())
    assert filled.content.decode() == sheet.replace(",x,", ",x,7.5")


def test_moodle_sheets_of_an_unknown_language_are_known_by_their_first_column() -> None:
    sheet = "Bezeichner;Name;Bewertung;Zuletzt\nTeilnehmer/in2001;Änne;;-\nTeilnehmer/in2002;Bo;;-\n".encode()
    filled = fill_moodle(sheet, _graded("Änne Müller_2001"))
    assert filled.content == sheet.replace("Änne;;".encode(), "Änne;7.5;".encode())
    with pytest.raises(UserError, match="no column for identifiers"):
        fill_moodle(sheet.replace(b"in2001", b""), _graded("Änne Müller_2001"))
