"""Writing reports into a folder."""

from __future__ import annotations

import os
import time
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from grader.records import Report, UserError, Verdict, from_json
from grader.reports import (
    gradebook_csv,
    page_names,
    student_html,
    student_markdown,
    write_all,
    write_atomically,
)

from . import samples


def _named(*students: str, assignment: str = "hw10") -> list[Report]:
    passed = samples.problem(samples.check(Verdict.PASSED))
    return [samples.report(passed, student=student, assignment=assignment) for student in students]


def test_a_run_leaves_the_promised_files(tmp_path: Path) -> None:
    reports = samples.class_of_hw10()
    written = write_all(tmp_path, samples.run(), reports)
    expected = {"report.html", "gradebook.csv"} | {
        f"hw10/{s}{x}" for s in samples.STUDENTS for x in (".html", ".json", ".md")
    }
    assert {str(path.relative_to(tmp_path)) for path in written} == expected
    assert {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()} == expected
    title = samples.run().titles["hw10"]
    assert (tmp_path / "hw10/alder.html").read_text() == student_html(reports[0], title)
    assert (tmp_path / "hw10/alder.md").read_text() == student_markdown(reports[0])
    assert (tmp_path / "gradebook.csv").read_bytes().decode() == gradebook_csv(reports)
    assert from_json(Report, (tmp_path / "hw10/alder.json").read_text()) == reports[0]


def test_the_json_keeps_what_students_do_not_see(tmp_path: Path) -> None:
    write_all(tmp_path, samples.run(), [samples.report(samples.problem(samples.secretive()))])
    assert samples.SECRET in (tmp_path / "hw10/alder.json").read_text()
    for suffix in (".html", ".md"):
        assert samples.SECRET not in (tmp_path / f"hw10/alder{suffix}").read_text()


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    contents = []
    for _ in range(2):
        paths = write_all(tmp_path, samples.run(), samples.class_of_hw10())
        contents.append([path.read_bytes() for path in paths])
    assert contents[0] == contents[1]


def test_plain_names_stay_as_they_are() -> None:
    names = ["alder", "Lee_Oak_123_456", "Zoë Ash", "李四", "a.b-c@uni.edu", "o'elm"]
    assert page_names(_named(*names)) == {("hw10", n): f"hw10/{n}" for n in names}


def test_hostile_names_stay_below_the_folder(tmp_path: Path) -> None:
    names = ["../../etc/passwd", "..", ".", "", "/abs", "a/b", "a\\b", "a\0b", "~", "CON", "nul.txt", "x" * 4000, "-rf", " ",
             "\ud800", ".hidden", "trailing.", "report.html", samples.HOSTILE]  # fmt: skip
    reports = (
        _named(*names) + _named("alder", assignment="../../up") + _named("alder", assignment="report.html")
    )
    written = write_all(tmp_path, samples.run(), reports)
    assert len(set(written)) == 2 + 3 * len(reports)
    for path in written:
        assert path.resolve().is_relative_to(tmp_path.resolve()) and path.is_file()
        assert len(path.relative_to(tmp_path).parts) <= 2 and not path.name.startswith((".", "-"))
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == len(written)


def test_no_two_students_share_a_file_on_any_file_system() -> None:
    names = [
        "oak",
        "Oak",
        "OAK",
        "a/b",
        "a_b",
        "a\\b",
        "é",
        "e\u0301",
        "ﬁr",
        "fir",
        "x" * 130,
        "x" * 131,
        "straße",
        "STRASSE",
    ]
    found = page_names(_named(*names))
    folded = {unicodedata.normalize("NFKC", name).casefold() for name in found.values()}
    assert len(found) == len(names) == len(folded)


def test_a_name_made_safe_cannot_be_taken_by_choosing_it() -> None:
    made = page_names(_named("a/b"))["hw10", "a/b"].removeprefix("hw10/")
    both = page_names(_named("a/b", made))
    assert len(set(both.values())) == 2 and both["hw10", "a/b"] == f"hw10/{made}"


def test_two_reports_of_one_student_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two reports"):
        write_all(tmp_path, samples.run(), _named("oak", "oak"))


def test_a_file_is_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    write_atomically(path, "old")

    def broken(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(UserError, match=r"cannot write .*report\.html \(No space left on device\)"):
        write_atomically(path, "new")
    assert path.read_text() == "old" and [*tmp_path.iterdir()] == [path]


def test_a_place_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError) as caught:
        write_atomically(tmp_path / "file" / "report.html", "text")
    assert "\n" not in str(caught.value) and "-o" in str(caught.value)


def test_files_follow_the_umask_and_line_ends_stay(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_atomically(tmp_path / "a.csv", "x\r\ny\n")
    finally:
        os.umask(old)
    assert (tmp_path / "a.csv").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "a.csv").read_bytes() == b"x\r\ny\n"


def test_half_a_surrogate_pair_does_not_stop_the_run(tmp_path: Path) -> None:
    odd = replace(_named("oak")[0], notes=("\ud83d",))
    write_all(tmp_path, samples.run(), [odd])
    assert from_json(Report, (tmp_path / "hw10/oak.json").read_text()) == odd


def test_what_would_come_out_the_same_is_left_as_it_is(tmp_path: Path) -> None:
    reports = samples.class_of_hw10()
    paths = [p for p in write_all(tmp_path, samples.run(), reports) if p.parent != tmp_path]
    contents, files = [p.read_bytes() for p in paths], [p.stat().st_ino for p in paths]
    assert [p for p in write_all(tmp_path, samples.run(), reports, anew=False) if p.parent != tmp_path] == paths
    assert [p.stat().st_ino for p in paths] == files
    changed = [paths[0], paths[4], paths[8]]
    changed[0].write_text(changed[0].read_text().replace("<body", "<body hidden", 1))
    changed[1].unlink()
    changed[2].write_bytes(b"\xff")
    os.utime(changed[2], (time.time() + 60,) * 2)
    assert [p.suffix for p in changed] == [".html", ".json", ".md"]
    write_all(tmp_path, samples.run(), reports, anew=False)
    assert [p.read_bytes() for p in paths] == contents
    assert [p.stat().st_ino for p in paths[9:]] == files[9:]


def test_a_changed_record_or_title_is_drawn_again(tmp_path: Path) -> None:
    (report,) = _named("oak")
    page = write_all(tmp_path, samples.run(), [report])[2]
    before = page.read_text()
    write_all(tmp_path, samples.run(), [replace(report, notes=("one more",))], anew=False)
    assert "one more" in page.read_text()
    write_all(tmp_path, samples.run(), [report], anew=False)
    assert page.read_text() == before
    write_all(tmp_path, replace(samples.run(), titles={"hw10": "Another title"}), [report], anew=False)
    assert "Another title" in page.read_text()
