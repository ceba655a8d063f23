"""Kits for students: nothing that is hidden gets in, and what is in gives the verdicts that the course gives."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.bank import Course, public_sheet
from grader.records import Visibility
from tests.support.course import CHECKS, REFERENCE, SHEET, write_course

ROOT = Path(__file__).parents[2]
WRONG = REFERENCE.replace("return x * x", "return 2 * x")
NEEDS_MORE = '''
@check()
@forall(x=reals())
def check_own_answer(student, reference, x):
    """The square root of the square."""
    reference.square(student.square(x).scalar())


def hidden_helper():
    return "the secret of the helper"


# what stands above the hidden one
@check(hidden=True)
def check_secret(student, reference):
    """The title that nobody may read."""
    agree(student.square(SECRET), reference.square)


SECRET = 77.5  # only there
'''


def grader(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader", *map(str, arguments)]
    settings = {
        k: v for k, v in os.environ.items() if k not in ("GRADER_COURSE", "PYTHONDONTWRITEBYTECODE")
    } | {
        "NO_COLOR": "1",
        **environment,
    }
    return subprocess.run(
        command, cwd=cwd, env=settings, capture_output=True, text=True, timeout=240, check=False
    )


def checked(kit_or_course: Path, solution: Path, *more: str) -> dict[str, dict[str, Any]]:
    run = grader("check", solution, "--course", kit_or_course, "--json", "-", *more, cwd=solution.parent)
    assert run.stdout, run.stderr
    problems = json.loads(run.stdout)["reports"][0]["problems"]
    return {check["id"]: check for problem in problems for check in problem["checks"]}


def texts(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        yield path, path.read_bytes()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_course(tmp_path_factory.mktemp("course"))
    (root / "checks" / "square.py").write_text(CHECKS + NEEDS_MORE)
    return root


@pytest.fixture(scope="module")
def made(course: Path) -> subprocess.CompletedProcess[str]:
    return grader("kit", "-a", "hw1", "-o", course / "kit", cwd=course)


@pytest.fixture(scope="module")
def kit(course: Path, made: subprocess.CompletedProcess[str]) -> Path:
    assert made.returncode == 0, made.stderr
    return course / "kit"


def test_hidden_checks_and_what_only_they_use_are_not_in_it(kit: Path) -> None:
    forbidden = ["check_large", "Larger numbers", "check_secret", "nobody may read", "SECRET", "77.5"]
    forbidden += ["hidden_helper", "stands above", "doubles instead of squaring", "hidden=True"]
    found = [
        (word, path.name) for path, content in texts(kit) for word in forbidden if word.encode() in content
    ]
    assert found == []
    assert not (kit / "reference").exists() and not (kit / "checks" / "variants").exists()


def test_a_check_that_asks_about_the_student_s_own_answer_is_left_out_and_said(
    made: subprocess.CompletedProcess[str], kit: Path
) -> None:
    assert re.search(r"not in the kit.*square::own_answer.*student's code answers", made.stdout)
    assert "check_own_answer" not in (kit / "checks" / "square.py").read_text()
    assert "Further checks run at grading: 3" in (kit / "README.md").read_text()


def test_the_rest_of_the_checks_file_stands_line_by_line(kit: Path, course: Path) -> None:
    before, after = ((root / "checks" / "square.py").read_text() for root in (course, kit))
    visible = before[: before.index("@check(hidden=True, requires")].rstrip()
    assert after.rstrip() == visible


def test_the_starter_is_not_checked_right_and_the_solution_is(kit: Path, tmp_path: Path) -> None:
    starter = checked(kit, kit / "solution.py")
    assert {c["verdict"] for c in starter.values()} == {"missing"}
    (tmp_path / "solution.py").write_text(REFERENCE)
    right = checked(kit, tmp_path / "solution.py")
    assert {c["verdict"] for c in right.values()} == {"passed"}


def test_a_wrong_answer_gets_the_verdict_of_the_course_with_an_input_of_the_corpus(
    kit: Path, course: Path, tmp_path: Path
) -> None:
    (tmp_path / "solution.py").write_text(WRONG)
    there, here = (
        checked(course, tmp_path / "solution.py", "-a", "hw1"),
        checked(kit, tmp_path / "solution.py"),
    )
    assert set(here) == set(there) - {"square::own_answer"}
    assert {k: c["verdict"] for k, c in here.items()} == {k: there[k]["verdict"] for k in here}
    assert here["square::square"]["counterexample"]["expected"] != ""
    assert "slip" not in here["square::square"]["message"]


def test_single_precision_and_lists_are_right_in_the_kit_too(kit: Path, tmp_path: Path) -> None:
    solution = REFERENCE.replace("return x * x", "return np.float32(x) ** 2")
    solution = solution.replace("return 2.0 * np.asarray(v)", "return [2 * float(a) for a in v]")
    (tmp_path / "solution.py").write_text(solution)
    assert {c["verdict"] for c in checked(kit, tmp_path / "solution.py").values()} == {"passed"}


def test_the_report_says_which_kit_it_was(kit: Path, tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(REFERENCE)
    run = grader("check", "solution.py", "--course", kit, "--json", "-", cwd=tmp_path)
    version = json.loads((kit / "kit.json").read_text())["version"]
    assert any(version in note for note in json.loads(run.stdout)["reports"][0]["notes"])


def test_an_old_kit_and_a_changed_one_are_told(tmp_path: Path) -> None:
    course = write_course(tmp_path / "course")
    assert grader("kit", "-a", "hw1", "-o", "kit", cwd=course).returncode == 0
    assert grader("kit", "--verify", "kit", cwd=course).returncode == 0
    sheet = course / "kit" / "checks" / "square.py"
    sheet.write_text(sheet.read_text() + "\n")
    changed = grader("kit", "--verify", "kit", cwd=course)
    assert changed.returncode == 1 and "changed since it was made: checks/square.py" in changed.stdout
    (course / "kit" / "solution.py").write_text("# mine\n")
    (course / "reference" / "square.py").write_text(REFERENCE + "\n")
    old = grader("kit", "--verify", "kit", cwd=course)
    assert old.returncode == 1 and "is old" in old.stdout
    assert grader("kit", "-a", "hw1", "-o", "kit", cwd=course).returncode == 2
    again = grader("kit", "-a", "hw1", "-o", "kit", "--force", cwd=course)
    assert again.returncode == 0 and "solution.py was there already" in again.stdout
    assert (course / "kit" / "solution.py").read_text() == "# mine\n"
    assert grader("kit", "--verify", "kit", cwd=course).returncode == 0


def test_a_folder_that_is_no_kit_is_never_replaced(course: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    refused = grader("kit", "-a", "hw1", "-o", tmp_path, "--force", cwd=course)
    assert refused.returncode == 2 and "not empty" in refused.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("content", ["{", '{"schema": 99, "assignment": "hw1", "grader": "9.9"}'])
def test_a_kit_that_this_grader_cannot_use_says_so_in_one_line(
    kit: Path, tmp_path: Path, content: str
) -> None:
    for path, data in texts(kit):
        target = tmp_path / path.relative_to(kit)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    (tmp_path / "kit.json").write_text(content)
    run = grader("check", "solution.py", cwd=tmp_path)
    assert run.returncode == 2 and len(run.stderr.strip().splitlines()) == 1 and "kit" in run.stderr


def test_a_damaged_record_is_a_clear_line_and_no_wrong_answer(kit: Path, tmp_path: Path) -> None:
    for path, data in texts(kit):
        target = tmp_path / path.relative_to(kit)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data[:40] if path.suffix == ".msgpack" else data)
    run = grader("check", "solution.py", cwd=tmp_path)
    assert run.returncode in (2, 3) and "get the kit again" in run.stderr


def test_what_a_sheet_grants_to_whom_is_not_in_it() -> None:
    rules = (
        '[policy]\ndue = 2030-01-01T00:00:00Z\nextra = { ann = 2 }\nrounding = 0.5\n'
        '[policy.extensions]\nbob = "2d"\n[policy.excused]\ncem = true\n[policy.handed_in]\ndee = 2030-01-01T00:00:00Z\n'
    )
    told = public_sheet(SHEET + rules)
    assert "rounding" in told and "due" in told
    assert not [name for name in ("ann", "bob", "cem", "dee") if name in told]


def code_lines(path: Path) -> set[str]:
    """Lines inside functions, without the spaces around, that are long enough to be told from others."""
    tree, lines = ast.parse(path.read_text()), path.read_text().splitlines()
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    bodies = {
        i
        for f in functions
        for node in f.body
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for i in range(node.lineno - 1, node.end_lineno or 0)
    }
    return {line for line in ("".join(lines[i].split()) for i in bodies) if len(line) > 25}


@pytest.fixture(scope="module")
def hw11(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hw11") / "kit"
    made = grader("kit", "-a", "hw11", "-o", folder, cwd=ROOT)
    assert made.returncode == 0, made.stderr
    return folder


def test_a_kit_of_the_bank_has_no_line_of_the_solution_and_nothing_hidden(hw11: Path) -> None:
    course = Course(ROOT)
    topics = course.assignment("hw11").topics
    joined = {path: "".join(content.decode("utf-8", "replace").split()) for path, content in texts(hw11)}
    lines = set[str]().union(*(code_lines(ROOT / "reference" / f"{topic}.py") for topic in topics))
    assert len(lines) > 30
    assert [(line, path.name) for path, text in joined.items() for line in lines if line in text] == []
    hidden = [c for t in topics for c in course.checks(t) if c.visibility is Visibility.HIDDEN]
    words = [w for c in hidden for w in (f"check_{c.name}", c.title)]
    rubrics = [line.text for p in course.assignment("hw11").problems for line in p.rubric]
    plain = {path: content.decode("utf-8", "replace") for path, content in texts(hw11)}
    assert [(w, p.name) for p, text in plain.items() for w in [*words, *rubrics] if w in text] == []
    goals = [p for p, text in plain.items() if "goals" in text and p.suffix == ".toml"]
    assert goals == []


def test_the_reference_cannot_be_imported_from_a_kit(hw11: Path) -> None:
    script = "import reference.minimax"
    run = subprocess.run(
        [sys.executable, "-I", "-c", script], cwd=hw11, capture_output=True, text=True, check=False
    )
    assert "ModuleNotFoundError" in run.stderr
    assert list(hw11.rglob("*.pyc")) == [] and list(hw11.rglob("reference*")) == []


def test_a_sample_of_the_bank_gets_the_course_s_verdicts_from_the_kit(hw11: Path) -> None:
    sample = ROOT / "submissions" / "hw11" / "mistakes"
    there, here = checked(ROOT, sample, "-a", "hw11"), checked(hw11, sample, "-a", "hw11")
    assert len(here) > 20
    assert {k: c["verdict"] for k, c in here.items()} == {k: there[k]["verdict"] for k in here}
