"""A new instructor's first commands: from nothing to a graded, exported class."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader.bank import new_course
from tests.cli.test_commands import grader

GUIDE = Path(__file__).parents[2] / "docs" / "instructors.md"
CLASS = {"doejane_7_100_solution.py": "right", "roejohn_LATE_8_101_solution.py": "wrong"}
SHEET = """Student,ID,SIS Login ID,Section,Homework 1 (77)
    Points Possible,,,,20
"Doe, Jane",7,jane,A,
"Roe, John",8,john,A,
"Poe, Ann",9,ann,A,
"""


def lines_of_the_guide() -> list[str]:
    """The commands of the walk from nothing to a graded class, as an instructor reads them."""
    text = GUIDE.read_text(encoding="utf-8")
    block = text.partition("<!-- a course from nothing -->\n")[2].partition("<!-- end -->")[0]
    return [line.strip() for line in block.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("instructor")
    (place / "gradebook.csv").write_text(SHEET)
    new_course(place / "samples")
    samples = place / "samples/submissions/hw1"
    with zipfile.ZipFile(place / "download.zip", "w") as archive:
        for name, sample in CLASS.items():
            archive.writestr(name, (samples / sample / "solution.py").read_text())
    return place / "mine"


def test_the_guide_leads_from_nothing_to_a_graded_class_in_less_than_ten_commands(course: Path) -> None:
    lines = lines_of_the_guide()
    assert 0 < len(lines) < 10
    assert {line.split()[1] for line in lines if line.startswith("grader")} >= {
        "new",
        "collect",
        "run",
        "export",
    }
    shell = ["set -eu", f'grader() {{ "{sys.executable}" -m grader "$@"; }}', *lines]
    done = subprocess.run(
        ["bash", "-c", "\n".join(shell)],
        cwd=course.parent,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    right, wrong = (
        json.loads((course / f"results/hw1/{name}.json").read_text()) for name in ("doejane_7", "roejohn_8")
    )
    assert [p["score"] for p in right["problems"]] == [10, 0]
    slips = {c["slip"] for p in wrong["problems"] for c in p["checks"] if c["slip"]}
    assert slips == {"overflows for large entries", "the sum of the logarithms"}
    rows = {
        row["ID"]: row["Homework 1 (77)"] for row in csv.DictReader((course.parent / "gradebook.csv").open())
    }
    assert (rows["7"], rows["9"]) == ("10", "")
    assert 0 < float(rows["8"]) < 5
    assert (course / "results/report.html").is_file()


def test_nothing_is_overwritten_and_names_are_checked(course: Path) -> None:
    for arguments, words in (
        (("course", "."), "not empty"),
        (("topic", "log_sum_exp"), "there already"),
        (("topic", "Two Words"), "take a name like"),
        (("topic", "numpy"), "module of this name"),
        (("topic", "fine", "-a", "hw9"), "no assignment 'hw9'"),
    ):
        refused = grader("new", *arguments, cwd=course)
        assert (refused.returncode, words in refused.stderr) == (2, True), refused.stderr
    assert not (course / "checks/fine.py").exists()
