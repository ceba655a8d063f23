"""Write-ups as part of a run: read in a process of their own, shown with the problem, and counted only where asked."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.derivation import ReaderLimits, WriteupReader
from tests.support.course import REFERENCE, write_course

SHEET = """
problem = "1"
title = "A square"
models = 6

[variables.x]
names = ["x"]

[variables.y]
names = ["y"]

[[goals]]
name = "the square of a sum"
statement = '(x + y)^2 = x^2 + 2 x y + y^2'
"""
RIGHT = r"""## Problem 1
$$(x+y)^2 = (x+y)(x+y) = x(x+y) + y(x+y) = x^2 + 2xy + y^2$$
"""
WRONG = RIGHT.replace("2xy", "3xy")
OPEN = RIGHT.replace("x(x+y) + y(x+y)", r"\mathfrak{Q}(x+y)")
CLAIM = "## Problem 1\n$$(x+y)^2 = x^2 + 2 x y + y^2$$\n"
HEAVY = "## Problem 1\n" + r"$$\sum_{i=1}^{40}\sum_{j=1}^{40}\sum_{k=1}^{40} (i+j+k)\sin(x) = 0$$" * 40
HOMELESS = "$$x + x = 2x$$\n"
ASSIGNMENT = (
    'title = "Homework 1"\n[[problem]]\nnumber = "1"\ntopic = "square"\ntitle = "Squares"\npoints = 10\n'
)
CLASS: dict[str, dict[str, str]] = {
    "right": {"writeup.md": RIGHT},
    "wrong": {"writeup.tex": "\\section*{Problem 1}\n" + WRONG.partition("\n")[2]},
    "open": {"writeup.md": OPEN},
    "claim": {"writeup.md": CLAIM},
    "homeless": {"writeup.md": HOMELESS},
    "broken": {"writeup.ipynb": "{"},
    "none": {},
    "elsewhere": {"writeup.md": RIGHT + "\n## Problem 12\n$$x = x$$\n"},
    "notebook": {
        "writeup.ipynb": json.dumps({"cells": [{"cell_type": "markdown", "source": [RIGHT]}], "nbformat": 4})
    },
    "both": {"a.md": RIGHT, "b.md": WRONG},
}


def _course(root: Path, writeup: str = "") -> Path:
    write_course(root)
    (root / "checks" / "assignments" / "hw1.toml").write_text(ASSIGNMENT + writeup)
    (root / "checks" / "notation" / "hw1").mkdir(parents=True)
    for number in ("1", "2"):
        sheet = SHEET.replace('problem = "1"', f'problem = "{number}"')
        (root / "checks" / "notation" / "hw1" / f"{number}.toml").write_text(sheet)
    for name, files in CLASS.items():
        folder = root / "submissions" / "hw1" / name
        folder.mkdir(parents=True)
        for file, text in {"solution.py": REFERENCE, **files}.items():
            (folder / file).write_text(text)
    return root


def _run(root: Path, *extra: str) -> dict[str, dict[str, Any]]:
    command = [sys.executable, "-m", "grader", "run", "submissions", "-q", "--json", "-", *extra]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return {r["student"]: r for r in json.loads(done.stdout)["reports"]}


@pytest.fixture(scope="module")
def feedback(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, Any]]]:
    root = _course(tmp_path_factory.mktemp("feedback"))
    return root, _run(root)


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, Any]]]:
    root = _course(tmp_path_factory.mktemp("counted"), "writeup = 4\n")
    return root, _run(root)


def test_without_points_a_write_up_is_feedback(feedback: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    _, reports = feedback
    assert {(r["score"], r["max_score"], r["complete"]) for r in reports.values()} == {(10, 10, True)}
    shown = {name: r["problems"][0]["derivation"] for name, r in reports.items()}
    assert shown["none"] is None and shown["homeless"] is None and shown["broken"] is None
    assert [s["verdict"] for s in shown["right"]["steps"]] == ["supported"] * 3
    assert shown["right"]["goal_reached"] is True and shown["right"]["score"] is None
    assert [s["verdict"] for s in shown["wrong"]["steps"]] == ["supported", "supported", "refuted"]
    assert shown["notebook"]["steps"][0]["cell"] == 0
    assert (
        "no heading" in reports["homeless"]["notes"][0] and "not a notebook" in reports["broken"]["notes"][0]
    )


def test_a_heading_that_fits_no_problem_is_said(feedback: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    notes = {name: " ".join(report["notes"]) for name, report in feedback[1].items()}
    assert (
        "writeup.md: a heading names problem 12, which is not on this sheet (there are: 1)"
        in notes["elsewhere"]
    )
    assert all("a heading names" not in text for name, text in notes.items() if name != "elsewhere")


def test_the_pages_begin_with_the_first_wrong_step(feedback: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    out = feedback[0] / "grader-out" / "hw1"
    for suffix in ("html", "md"):
        text = (out / f"wrong.{suffix}").read_text()
        assert "First wrong step: line 2" in text and "Would hold" in text
        assert text.index("First wrong step") < text.index("2 supported, 1 refuted") or suffix == "md"
    assert "<math" in (out / "wrong.html").read_text()


def test_with_points_each_outcome_earns_what_it_should(
    counted: tuple[Path, dict[str, dict[str, Any]]],
) -> None:
    _, reports = counted
    found = {}
    for name, report in reports.items():
        check = report["problems"][0]["checks"][-1]
        assert (check["id"], check["max_score"], report["max_score"]) == ("1::writeup", 4, 14)
        assert report["complete"] is (check["verdict"] != "review")
        found[name] = (check["verdict"], report["score"])
    assert found == {
        "right": ("passed", 14),
        "notebook": ("passed", 14),
        "elsewhere": ("passed", 14),
        "wrong": ("failed", 10),
        "open": ("review", 10),
        "claim": ("review", 10),
        "homeless": ("review", 10),
        "broken": ("review", 10),
        "none": ("missing", 10),
        "both": ("review", 10),
    }
    message = reports["wrong"]["problems"][0]["checks"][-1]["message"]
    assert "writeup.tex, line 2" in message and "left side" in message and "would be right" in message


def test_a_changed_write_up_or_sheet_is_graded_again_and_an_unchanged_one_is_not(
    counted: tuple[Path, dict[str, dict[str, Any]]],
) -> None:
    root, before = counted
    (root / "submissions" / "hw1" / "none" / "late.md").write_text(RIGHT)
    after = _run(root)
    assert {name for name in before if before[name]["id"] != after[name]["id"]} == {"none"}
    assert after["none"]["score"] == 14
    sheet = root / "checks" / "notation" / "hw1" / "1.toml"
    sheet.write_text(SHEET.replace("models = 6", "models = 8"))
    again = _run(root)
    assert all(after[name]["id"] != again[name]["id"] for name in after)
    assert [r["score"] for r in again.values()] == [r["score"] for r in after.values()]


def test_points_without_a_notation_sheet_are_refused(tmp_path: Path) -> None:
    root = _course(tmp_path, "writeup = 4\n")
    (root / "checks" / "notation" / "hw1" / "1.toml").unlink()
    command = [sys.executable, "-m", "grader", "run", "submissions"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2 and "needs a notation sheet" in done.stderr and "Traceback" not in done.stderr


def test_parts_belong_to_the_problem_that_is_marked(tmp_path: Path) -> None:
    """Sheets of 1a and 1b under a problem 1: both are shown there, and points ask for both."""
    root = _course(tmp_path, "writeup = 4\n")
    notation = root / "checks" / "notation" / "hw1"
    for old, new in (("1", "1a"), ("2", "1b")):
        (notation / f"{old}.toml").rename(notation / f"{new}.toml")
        text = (notation / f"{new}.toml").read_text()
        (notation / f"{new}.toml").write_text(text.replace(f'problem = "{old}"', f'problem = "{new}"'))
    for name in CLASS:
        if name not in ("right", "open", "wrong"):
            shutil.rmtree(root / "submissions" / "hw1" / name)
    for file in (root / "submissions" / "hw1").glob("*/writeup.*"):
        file.unlink()
    part = RIGHT.replace("Problem 1", "1{}")
    wrong = part.replace("2xy", "3xy")
    texts = {
        "right": part.format("a") + part.format("b"),
        "open": part.format("a"),
        "wrong": part.format("a") + wrong.format("b"),
    }
    for name, text in texts.items():
        (root / "submissions" / "hw1" / name / "w.md").write_text(text)
    reports = _run(root)
    found = {name: (r["problems"][0]["checks"][-1]["verdict"], r["score"]) for name, r in reports.items()}
    assert found == {"right": ("passed", 14), "open": ("review", 10), "wrong": ("failed", 10)}
    assert reports["right"]["problems"][0]["derivation"]["problem"] == "1a, 1b"


@pytest.mark.parametrize("limits", [ReaderLimits(cpu_s=1), ReaderLimits(memory_mb=1)], ids=["time", "memory"])
def test_a_reader_that_dies_costs_only_the_file_it_died_on(tmp_path: Path, limits: ReaderLimits) -> None:
    (tmp_path / "1.toml").write_text(SHEET)
    reader = WriteupReader(tmp_path, limits=limits)
    heavy, light = ({"file": f"{n}.md", "kind": "md", "text": t} for n, t in enumerate((HEAVY, RIGHT)))
    checked = reader.check([heavy, light] if limits.memory_mb > 1 else [light])
    assert checked[0].trouble and not checked[0].derivations
    if limits.memory_mb > 1:
        assert checked[1].derivations[0].goal_reached is True
