"""Which slip a failure is said to be: one that agrees with all that the hand-in answered, the right answers included."""

from __future__ import annotations

import pytest

from grader.bank import find_course
from grader.engine import Options, run_handins
from grader.intake import discover
from grader.records import Report, Verdict
from tests.support.course import write_files, write_handins

CHECKS = '''
import numpy as np

from grader import Topic, agree, cases, check, unchanged

topic = Topic("logs", source="a test", functions={"bound(x)": "log x.", "total(v)": "The sum of v (n,).",
    "ramp(x)": "max(0, x)."})


@check()
@cases({"x": 2.0}, {"x": 0.5})
def check_bound(student, reference, x):
    """The logarithm of a number."""
    agree(student.bound(x), reference.bound)


@check()
def check_infinite(student, reference):
    """log 0 is minus infinity."""
    agree(student.bound(0.0), reference.bound)


@check()
@cases({"v": [1.0, 2.0]})
def check_total(student, reference, v):
    """The sum."""
    agree(student.total(np.array(v)), reference.total)


@check()
@cases({"x": 3.0})
def check_early(student, reference, x):
    """The ramp at one point."""
    agree(student.ramp(x), reference.ramp)


@check()
@cases({"x": -3.0}, {"x": 2.0})
def check_late(student, reference, x):
    """The ramp at others."""
    agree(student.ramp(x), reference.ramp)


@check()
def check_both(student, reference):
    """Two functions at once."""
    agree(student.ramp(0.0), reference.ramp)
    agree(student.total(np.array([7.0, 0.0])), reference.total)


@check(kind="input")
@cases({"v": [3.0]}, {"v": [1.0, 5.0, 2.0]})
def check_unchanged(student, v):
    """The argument stays as it was."""
    unchanged(student.total(np.array(v)))
'''
SLIPS = """
import numpy as np

from grader import slip


@slip("the sign", of="bound")
def other_sign(x):
    return -np.log(x)


@slip("the mean", of="total")
def mean(v):
    return v.mean()


@slip("the other half", of="ramp")
def other_half(x):
    return min(0.0, x)


@slip("always 0", of="ramp")
def zero(x):
    return 0.0


@slip("works in place: running sums", of="total")
def running(v):
    for i in range(1, len(v)):
        v[i] += v[i - 1]
    return v[-1]
"""
REFERENCE = """
import numpy as np


def bound(x):
    return float(np.log(x)) if x > 0 else -np.inf


def total(v):
    return float(v.sum())


def ramp(x):
    return max(0.0, x)
"""
SHEET = """
[[problem]]
number = "1"
topic = "logs"
"""
HEAD = "import numpy as np\n"
RAMP = "def ramp(x):\n    return max(0, x)\n"
BOUND = RAMP + "def bound(x):\n    return np.log(x)\n"
TOTAL = "def total(v):\n    return v.sum()\n"
HANDINS: dict[str, str | bytes | dict[str, str]] = {
    "sign": HEAD + RAMP + TOTAL + "def bound(x):\n    return -np.log(x)\n",
    "sign_of_infinity": HEAD + RAMP + TOTAL + "def bound(x):\n    return np.log(x) if x else np.inf\n",
    "zero": HEAD + BOUND + TOTAL + "def ramp(x):\n    return 0\n",
    "mean_of_few": HEAD + BOUND + "def total(v):\n    return v.mean() if len(v) < 3 else 5.0\n",
    "last_digits": HEAD + BOUND + "def total(v):\n    return v.sum() * (1 + 8e-6)\n",
    "in_place": HEAD + BOUND + "def total(v):\n    v.cumsum(out=v)\n    return v[-1]\n",
    "mean_in_place": HEAD + BOUND + "def total(v):\n    v /= len(v)\n    return v.sum()\n",
}
NAMED = {
    "sign": {"bound": "the sign", "infinite": "the sign"},
    "sign_of_infinity": {"infinite": ""},
    "zero": {"early": "always 0", "late": "always 0"},
    "mean_of_few": {"total": "the mean", "both": "the mean"},
    "last_digits": {"total": "", "both": ""},
    "in_place": {"unchanged": "works in place: running sums"},
    "mean_in_place": {"total": "the mean", "both": "the mean", "unchanged": ""},
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    root = tmp_path_factory.mktemp("course")
    files = {"checks/logs.py": CHECKS, "checks/variants/logs.py": SLIPS, "reference/logs.py": REFERENCE}
    write_files(root, files | {"checks/assignments/hw1.toml": SHEET})
    folder = write_handins(root, HANDINS)
    course = find_course(folder)
    outcome = run_handins(course, discover(folder, course.assignments).handins, Options(jobs=1))
    assert outcome.fault == ""
    return {r.student: r for r in outcome.reports}


@pytest.mark.parametrize("name", HANDINS)
def test_a_slip_is_named_where_it_explains_everything(graded: dict[str, Report], name: str) -> None:
    failed = {c.id.partition("::")[2]: c.slip for c in graded[name].checks if c.verdict is not Verdict.PASSED}
    assert failed == NAMED[name]
