"""`report`, `diff` and `export` as users type them, on results that are there already; `run --github`."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from grader.cli import main
from grader.records import Report, Store, Verdict, from_json
from tests.reports import samples
from tests.support.course import REFERENCE, write_course, write_handins


class Said(NamedTuple):
    code: int
    out: str
    err: str


Call = Callable[..., Said]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """`grader ARGUMENTS` in this process."""

    def called(*arguments: str | Path) -> Said:
        monkeypatch.setattr(sys, "argv", ["grader", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Said(int(ended.value.code or 0), *capsys.readouterr())

    return called


def _store(folder: Path, reports: Sequence[Report], **changes: object) -> Path:
    with Store(folder / "results.sqlite") as store:
        for report in reports:
            store.save(report, cache_key="key", run_id="r-7d1c")
        store.save_run(samples.run(**changes))
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return _store(tmp_path / "out", samples.class_of_hw10())


def test_report_renders_everything_again_from_the_store(call: Call, out: Path) -> None:
    said = call("report", "-o", out)
    assert said.code == 0 and "alder" in said.out and f"report: {out / 'report.html'}" in said.out
    made = {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*.*") if p.suffix != ".sqlite"}
    assert {"report.html", "gradebook.csv", "hw10/alder.html", "hw10/alder.md", "hw10/alder.json"} <= set(
        made
    )
    assert b"Homework 10: flows and gradients" in made["report.html"]
    assert from_json(Report, made["hw10/alder.json"].decode()) == samples.class_of_hw10()[0]
    assert call("report", "-o", out, "--format", "html").code == 0
    assert made == {
        p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*.*") if p.suffix != ".sqlite"
    }


@pytest.mark.parametrize(
    ("format_", "begins"),
    [("table", "hw10"), ("text", "hw10 · alder"), ("markdown", "# `hw10`: `alder`"), ("summary", "## Homework 10"),
     ("csv", "assignment,student"), ("json", '{\n "schema_version": 1'), ("junit", "<?xml")],
)  # fmt: skip
def test_each_format_goes_to_standard_output_or_a_file(
    call: Call, out: Path, tmp_path: Path, format_: str, begins: str
) -> None:
    said = call("report", "-o", out, "--format", format_)
    assert said.code == 0 and said.out.startswith(begins) and said.err == ""
    file = tmp_path / "deep" / "file"
    assert call("report", "-o", out, "--format", format_, "--into", file) == (0, "", "")
    assert file.read_bytes().decode().replace("\r\n", "\n") == said.out.replace("\r\n", "\n")


def test_what_was_killed_before_its_end_can_be_shown(call: Call, tmp_path: Path) -> None:
    with Store(tmp_path / "results.sqlite") as store:
        store.save(samples.class_of_hw10()[0], cache_key="key", run_id="x")
    assert call("report", "-o", tmp_path).code == 0 and (tmp_path / "hw10/alder.html").is_file()


def test_titles_of_earlier_runs_stay(call: Call, out: Path) -> None:
    other = replace(samples.class_of_hw10()[0], assignment="hw8")
    _store(
        out,
        [other],
        id="later",
        started="2025-01-01T00:00:00+00:00",
        assignments=("hw8",),
        titles={"hw8": "Eight"},
    )
    said = call("report", "-o", out, "--format", "summary")
    assert "## Eight" in said.out and "## Homework 10: flows and gradients" in said.out
    assert "## Eight" not in call("report", "-o", out, "--format", "summary", "-a", "hw10").out


def test_plain_is_ascii_and_so_is_a_terminal_that_has_nothing_else(call: Call, out: Path) -> None:
    said = call("report", "-o", out, "--format", "text", "--plain", "--student", "alder")
    assert said.out.isascii() and "x" in said.out and "\x1b" not in said.out
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "grader", "report", "-o", str(out), "--format", "text"]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=120, check=True)
    assert b"alder" in done.stdout and b"?" not in done.stdout.replace(b"? ", b"")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["report", "-o", "nowhere"], "there are no results in nowhere; `grader run` makes them"),
        (
            ["report", "-o", "OUT", "--student", "nobody", "--format", "text"],
            "no result for 'nobody' in OUT (there are: alder, ash",
        ),
        (["report", "-o", "OUT", "-a", "hw11", "--format", "csv"], "no result for 'hw11'"),
        (["report", "-o", "OUT", "--student", "alder"], "choose another --format"),
        (["report", "-o", "OUT", "--format", "github"], "give --submissions PATH"),
        (["diff", "nowhere", "OUT"], "there are no results in nowhere"),
        (["diff", "bad.json", "OUT"], "bad.json holds no results"),
        (["export", "canvas", "-o", "OUT"], "give --into SHEET.csv"),
        (["export", "moodle", "-o", "OUT", "--into", "missing.csv"], "cannot read missing.csv"),
        (["export", "gradescope", "-o", "OUT"], "give --student, or --into FOLDER"),
    ],
)
def test_wrong_use_is_one_line_that_says_what_to_do(
    call: Call, out: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    monkeypatch.chdir(out.parent)
    Path("bad.json").write_text('{"schema_version": 1}')
    code, shown, err = call(*[out.name if a == "OUT" else a for a in arguments])
    assert (code, shown) == (2, "") and says.replace("OUT", out.name) in err and err.count("\n") == 1


def test_names_of_hand_ins_are_harmless_in_error_lines(call: Call, tmp_path: Path) -> None:
    passed = samples.problem(samples.check(Verdict.PASSED))
    fault = samples.problem(samples.check(Verdict.FAULT))
    names = ["\x1b]0;title\x07", "\x1b[2J \u202e", "a\n::error::forged"]
    _store(
        tmp_path,
        [
            samples.report(problem, student=name)
            for name, problem in zip(names, (passed, passed, fault), strict=True)
        ],
    )
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("Student,ID,Section,Homework 10 (5)\nx,1,,\n")
    said = [
        call("report", "-o", tmp_path, "--student", "nobody", "--format", "text"),
        call("export", "canvas", "-o", tmp_path, "--into", sheet),
        call("export", "gradescope", "-o", tmp_path, "--into", tmp_path / "all"),
        call("diff", tmp_path, tmp_path),
    ]
    assert [each.code for each in said] == [2, 1, 3, 0]
    for each in said:
        text = each.out + each.err
        assert (
            "\x1b" not in text
            and "\u202e" not in text
            and not any(t.lstrip().startswith("::") for t in text.splitlines())
        )
    assert said[1].err.count("\n") == 3 and said[2].err.count("\n") == 1


def test_reading_results_makes_no_store(call: Call, tmp_path: Path) -> None:
    call("report", "-o", tmp_path / "new")
    call("diff", tmp_path / "new", tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_diff_reads_folders_stores_and_json(call: Call, out: Path, tmp_path: Path) -> None:
    document = tmp_path / "old.json"
    assert call("report", "-o", out, "--format", "json", "--into", document).code == 0
    better = replace(samples.class_of_hw10()[0], problems=(), score=20.0)
    _store(out, [better])
    said = call("diff", document, out)
    assert said.code == 0 and "hw10 · alder  18.6/20 -> 20/20  (+1.4)" in said.out
    assert call("diff", document, out / "results.sqlite").out == said.out
    changed = json.loads(call("diff", document, out, "--json", "-").out)["changed"]
    assert [change["student"] for change in changed] == ["alder"]
    assert call("diff", document, out, "--student", "ash").out == "0 changed, 1 as before.\n"


def test_diff_compares_the_runs_of_one_folder(call: Call, tmp_path: Path) -> None:
    good = samples.report(
        samples.problem(samples.check(Verdict.PASSED)),
        samples.problem(samples.check(Verdict.PASSED), number="2"),
    )
    bad = samples.report(
        samples.problem(samples.check(Verdict.FAILED)),
        samples.problem(samples.check(Verdict.PASSED), number="2"),
    )
    fault = replace(bad, problems=(samples.problem(samples.check(Verdict.FAULT)), bad.problems[1]))
    part = replace(bad, problems=bad.problems[:1], score=0.0)
    with Store(tmp_path / "results.sqlite") as store:
        for number, made in enumerate([good, bad, fault, part, None, good]):
            if made is not None:
                store.save(made, cache_key=str(number), run_id=f"run{number}")
            store.save_run(samples.run(id=f"run{number}", started=f"2025-01-0{number + 1}T00:00:00+00:00"))
    said = {
        pair: call("diff", *pair, "-o", tmp_path).out.splitlines()[0]
        for pair in (
            ("run0", "run1"),
            ("run1", "run2"),
            ("run1", "run4"),
            ("previous", "last"),
            ("run0", "last"),
        )
    }
    assert said["run0", "run1"] == "hw10 · alder  2/2 -> 1/2  (−1)"
    assert said["previous", "last"] == "hw10 · alder  1/2 -> 2/2  (+1)"
    same = [pair for pair, line in said.items() if line == "0 changed, 1 as before."]
    assert same == [("run1", "run2"), ("run1", "run4"), ("run0", "last")]
    assert call("diff", "run9", "last", "-o", tmp_path).err.startswith("grader: there are no results in run9")
    assert call("diff", "previous", "last", "-o", _store(tmp_path / "one", [good])).code == 2


def test_export_writes_gradebook_and_junit_as_run_does(call: Call, out: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(call("export", "csv", "-o", out).out)))
    assert [row["student"] for row in rows] == sorted(samples.STUDENTS)
    assert call("export", "junit", "-o", out, "--into", out / "j.xml").code == 0
    assert (out / "j.xml").read_text() == call("report", "-o", out, "--format", "junit").out


def test_export_gradescope_makes_one_file_a_student_and_none_after_a_fault(
    call: Call, out: Path, tmp_path: Path
) -> None:
    said = call("export", "gradescope", "-o", out, "--student", "alder")
    assert said.code == 0 and json.loads(said.out)["score"] == pytest.approx(18.6)
    said = call("export", "gradescope", "-o", out, "--into", tmp_path / "all")
    files = {p.stem for p in (tmp_path / "all/hw10").glob("*.json")}
    assert (
        said.code == 3
        and files == set(samples.STUDENTS) - {"chestnut"}
        and "'chestnut' is left out" in said.err
    )


def test_export_fills_the_sheet_that_was_downloaded(call: Call, out: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "grades.csv"
    sheet.write_text(
        "Student,ID,SIS Login ID,Section,Homework 10 (5)\n    Points Possible,,,,20\n"
        '"Alder, A",1,alder,S,\n"Ash, B",2,ash,S,3\n"Yew, C",3,yew,S,\n'
    )
    code, said, err = call("export", "canvas", "-o", out, "--into", sheet)
    rows = list(csv.reader(sheet.open(newline="")))
    assert [row[4] for row in rows[2:]] == ["18.6", "18.67", ""]
    assert code == 1 and "2 grades filled in, 1 students without a hand-in" in said
    assert "not in the sheet: aspen: is in no row" in err and err.count("not in the sheet") == 18
    code, _, err = call("export", "canvas", "-o", out, "--into", sheet, "--student", "alder")
    assert (code, err) == (0, "") and list(csv.reader(sheet.open(newline=""))) == rows


def test_a_sheet_that_cannot_be_filled_is_as_it_was(call: Call, out: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "grades.csv"
    sheet.write_text("Student,ID,Section,Quiz 1 (5),Quiz 2 (6)\nx,1,,,\n")
    before = sheet.read_bytes()
    assert call("export", "canvas", "-o", out, "--into", sheet).code == 2 and sheet.read_bytes() == before


def test_github_gets_annotations_at_the_function_a_summary_and_no_command_of_a_hand_in(
    tmp_path: Path,
) -> None:
    course = write_course(tmp_path / "course")
    wrong = "# one\nprint('::error::forged')\n\n" + REFERENCE.replace("return x * x", "return 2 * x")
    handins = write_handins(tmp_path / "class", {"ann": REFERENCE, "::error::bob": wrong})
    (tmp_path / "class/.git").mkdir()
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    environment = {
        **os.environ,
        "NO_COLOR": "1",
        "GITHUB_WORKSPACE": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    command = [
        sys.executable,
        "-m",
        "grader",
        "run",
        str(handins),
        "--course",
        str(course),
        "--github",
        "--fail-under",
        "60",
    ]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 1, done.stderr
    log, _, _ = done.stdout.rpartition("\n::")
    token = re.match(r"::stop-commands::(\w+)\n", log)
    assert token is not None and f"\n::{token[1]}::\n" in done.stdout
    after = done.stdout.split(f"\n::{token[1]}::\n")[1].splitlines()
    line = wrong.splitlines().index("def square(x):") + 1
    assert after and all(command.startswith("::error file=") for command in after)
    assert f"::error file=submissions/hw1/%3A%3Aerror%3A%3Abob/solution.py,line={line},title=" in after[0]
    text = summary.read_text()
    assert text.startswith("before\n## A test sheet") and "| ann |" in text
    assert not any(row.lstrip().startswith("::") for row in text.splitlines())
    assert Verdict.FAILED in text
