"""A wrong matrix comes with what one looks at rather than reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grader.bank import find_course
from grader.engine import Options, run_handins
from grader.intake import discover
from grader.records import CheckResult, plain
from grader.reports import student_html
from tests.support.course import write_course, write_handins

CHECKS = '''
from grader import Topic, agree, cases, check

topic = Topic("square", source="a test", functions={"square(n)": "n by n."})


@check()
@cases(dict(n=6))
def check_large(student, reference, n):
    """A large one."""
    agree(student.square(n), reference.square)


@check()
@cases(dict(n=3))
def check_small(student, reference, n):
    """A small one."""
    agree(student.square(n), reference.square)


@check(hidden=True)
@cases(dict(n=7))
def check_hidden(student, reference, n):
    """A hidden one."""
    agree(student.square(n), reference.square)
'''
SOLUTION = "import numpy as np\n\n\ndef square(n):\n    return np.eye(n)[None] > 0\n"


def test_a_wrong_matrix_too_large_to_read_is_kept_as_a_picture(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    (root / "checks/square.py").write_text(CHECKS)
    (root / "checks/variants/square.py").unlink()
    (root / "reference/square.py").write_text(SOLUTION)
    wrong = SOLUTION.replace("np.eye(n)", "np.eye(n)[::-1]")
    folder = write_handins(root, {"ann": wrong, "bob": wrong.replace("[None]", "[:, 1:]")})
    course = find_course(folder)
    outcome = run_handins(course, discover(folder, course.assignments).handins, Options(jobs=1))
    ann, bob = outcome.reports
    found: dict[str, CheckResult] = {check.id: check for check in ann.checks}
    picture: Any = plain(found["square::large"].evidence["picture"])
    assert picture["images"]["expected"] == [[float(i == j) for j in range(6)] for i in range(6)]
    assert picture["images"]["yours"] == picture["images"]["expected"][::-1]
    assert "picture" not in found["square::small"].evidence
    page = student_html(ann, "x")
    assert 'aria-label="expected: 6 by 6"' in page and "7 by 7" not in page
    # Another shape than the one expected is no picture of the same thing.
    assert not any("picture" in check.evidence for check in bob.checks)
