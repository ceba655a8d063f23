"""The zip for Gradescope, unpacked and run in a tree like the one there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.kit.test_kit import grader
from tests.support.course import REFERENCE, write_course

FORGED = '{"score": 10, "output": "all right"}'
FORGER = (
    f"open('results.json', 'w').write('{FORGED}')\n"
    "import glob\nfor name in glob.glob('/autograder/results/*') + ['../results/results.json']:\n"
    f"    try: open(name, 'w').write('{FORGED}')\n    except OSError: pass\n"
)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = write_course(tmp_path_factory.mktemp("course"))
    made = grader("package", "gradescope", "-a", "hw1", "-o", "out/autograder.zip", cwd=course)
    assert made.returncode == 0, made.stderr
    return course / "out" / "autograder.zip"


@pytest.fixture
def autograder(package: Path, tmp_path: Path) -> Path:
    """`/autograder` as it is before a submission is graded; the root is told by an environment variable."""
    with zipfile.ZipFile(package) as archive:
        archive.extractall(tmp_path / "source")
    shutil.copy(tmp_path / "source" / "run_autograder", tmp_path / "run_autograder")
    (tmp_path / "submission").mkdir()
    (tmp_path / "results").mkdir()
    return tmp_path


def graded(root: Path, **environment: str) -> tuple[int, dict[str, Any]]:
    settings = {
        **os.environ,
        "AUTOGRADER_ROOT": str(root),
        "AUTOGRADER_PYTHON": sys.executable,
        **environment,
    }
    command = ["bash", str(root / "run_autograder")]
    run = subprocess.run(
        command, env=settings, cwd="/", capture_output=True, text=True, timeout=240, check=False
    )
    return run.returncode, json.loads((root / "results" / "results.json").read_text())


def test_a_right_submission_gets_all_points_and_a_wrong_one_its_own(autograder: Path) -> None:
    (autograder / "submission" / "solution.py").write_text(REFERENCE)
    code, results = graded(autograder)
    assert code == 0 and results["score"] == 10
    (autograder / "submission" / "solution.py").write_text(REFERENCE.replace("return x * x", "return 2 * x"))
    code, results = graded(autograder)
    assert code == 0 and 0 < results["score"] < 10
    hidden = [t for t in results["tests"] if t["visibility"] == "after_published"]
    assert len(hidden) == 1 and all("->" not in t["output"] for t in hidden)


def test_a_submission_cannot_write_its_own_results(autograder: Path) -> None:
    (autograder / "submission" / "solution.py").write_text(
        FORGER + REFERENCE.replace("return x * x", "return 1")
    )
    (autograder / "submission" / "results.json").write_text(FORGED)
    (autograder / "submission" / "results").symlink_to(autograder / "results")
    (autograder / "submission" / "grader.py").write_text("raise SystemExit(0)")
    (autograder / "submission" / "course").symlink_to(autograder / "source" / "course")
    _, results = graded(autograder)
    assert results["score"] < 10 and results["output"] != "all right"


def test_results_of_another_time_or_a_link_in_their_place_are_not_left(autograder: Path) -> None:
    elsewhere = autograder / "elsewhere.json"
    elsewhere.write_text("mine")
    (autograder / "results" / "results.json").symlink_to(elsewhere)
    (autograder / "submission" / "solution.py").write_text(REFERENCE)
    code, results = graded(autograder)
    assert code == 0 and results["score"] == 10
    assert elsewhere.read_text() == "mine"


def test_an_empty_submission_is_zero_and_says_why(autograder: Path) -> None:
    code, results = graded(autograder)
    assert code == 0 and results["score"] == 0
    assert all(t["status"] == "failed" for t in results["tests"])


@pytest.mark.parametrize("how", ["broken check", "no python", "no isolation"])
def test_a_failure_of_the_grader_is_no_zero(autograder: Path, how: str) -> None:
    (autograder / "submission" / "solution.py").write_text(REFERENCE)
    extra = {}
    if how == "broken check":
        file = autograder / "source" / "course" / "checks" / "square.py"
        file.write_text(file.read_text() + "\nraise RuntimeError\n")
    elif how == "no python":
        extra = {"AUTOGRADER_PYTHON": str(autograder / "venv" / "bin" / "python")}
    else:
        script = autograder / "run_autograder"
        script.write_text(script.read_text().replace("--results", "--isolation L9 --results"))
    code, results = graded(autograder, **extra)
    assert code == 3
    assert "score" not in results and results["tests"] == [] and "nothing was marked" in results["output"]


def test_the_zip_is_the_same_twice_and_names_its_parts(package: Path) -> None:
    course = package.parents[1]
    assert grader("package", "gradescope", "-a", "hw1", "-o", "out/b.zip", cwd=course).returncode == 0
    assert (package.parent / "b.zip").read_bytes() == package.read_bytes()
    with zipfile.ZipFile(package) as archive:
        names = set(archive.namelist())
        assert {"setup.sh", "run_autograder", "constraints.txt", "requirements.txt"} <= names
        assert {"course/checks/square.py", "course/reference/square.py", "lib/grader/__init__.py"} <= names
        scripts = [archive.getinfo(name) for name in ("setup.sh", "run_autograder")]
        assert all(entry.external_attr >> 16 & 0o111 for entry in scripts)
        pins = archive.read("constraints.txt").decode()
        assert "torch==" in pins and "+" not in pins
    for script in ("setup.sh", "run_autograder"):
        with zipfile.ZipFile(package) as archive:
            subprocess.run(["bash", "-n"], input=archive.read(script), check=True)


def test_an_isolation_that_does_not_exist_is_refused_when_packing(package: Path) -> None:
    course = package.parents[1]
    refused = grader("package", "gradescope", "-a", "hw1", "-o", "x.zip", "--isolation", "L7", cwd=course)
    assert refused.returncode == 2 and "L7" in refused.stderr and not (course / "x.zip").exists()


def test_lateness_is_left_to_gradescope_and_other_rules_hold(tmp_path: Path) -> None:
    """Files there are as old as their unpacking, so that everybody would be late."""
    course = write_course(tmp_path / "course")
    sheet = course / "checks" / "assignments" / "hw1.toml"
    rules = '[policy]\ndue = 2020-01-01T00:00:00Z\nlate = { per_day = "10%" }\ncap = "50%"\n'
    sheet.write_text(sheet.read_text() + rules)
    (tmp_path / "handed").mkdir()
    (tmp_path / "handed" / "solution.py").write_text(REFERENCE)
    asked = ("autograde", "handed", "--course", course, "-a", "hw1", "--results", "results.json")
    assert grader(*asked, cwd=tmp_path).returncode == 0
    assert json.loads((tmp_path / "results.json").read_text())["score"] == 5
