"""`agree` where infinities or imaginary parts are due, and where they are not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sympy

from grader.bank import find_course
from grader.engine import Options, run_handins
from grader.exam import _numbers
from grader.exam._unwalled import UnwalledBench
from grader.intake import discover
from grader.records import CheckResult, Verdict
from grader.sandbox import Expression, ExpressionMatrix, to_tree
from tests.support.course import write_files, write_handins

CHECKS = '''
from grader import Topic, agree, check

topic = Topic("ends", source="a test", functions={"bound(x)": "log x.", "roots(b)": "The roots of z^2 + b^2, b > 0.", "unit(n)": "The unit matrix (n, n).", "both(x)": "x and 2 x."})


@check()
def check_infinite(student, reference):
    """log 0 is minus infinity."""
    agree(student.bound(0.0), reference.bound)


@check()
def check_finite(student, reference):
    """log 1 is a number."""
    agree(student.bound(1.0), reference.bound)


@check()
def check_complex(student, reference):
    """The roots, the upper one first."""
    agree(student.roots(0.5), reference.roots)


@check()
def check_large(student, reference):
    """Ten thousand entries and more."""
    agree(student.unit(101), reference.unit)


@check()
def check_part(student, reference):
    """The second of two results."""
    agree(student.both(0.1).parts(2)[1], reference.both, part=1)
'''
SLIPS = """
import numpy as np

from grader import right, slip


@right("by log2", of="bound")
def by_log2(x):
    return np.log2(x) * np.log(2.0)


@slip("to base 10", of="bound")
def to_base_ten(x):
    return np.log10(x)


@slip("the roots of z^2 + b", of="roots")
def of_b(b):
    return [1j * b**0.5, -1j * b**0.5]
"""
REFERENCE = """
import numpy as np


def bound(x):
    return float(np.log(x)) if x > 0 else -np.inf


def roots(b):
    return np.array([1j * b, -1j * b])


def unit(n):
    return np.eye(n)


def both(x):
    return x, 2.0 * x
"""
SHEET = """
[[problem]]
number = "1"
topic = "ends"
"""
HEAD = "import numpy as np, sympy, torch\nunit = np.eye\ndef both(x):\n    return None, np.float32(2) * x\n"
LOG = "def bound(x):\n    return np.log(x)\n"
ROOTS = "def roots(b):\n    return np.roots([1, 0, b * b])\n"
HANDINS: dict[str, str | bytes | dict[str, str]] = {
    "numpy": HEAD + LOG + ROOTS,
    "torch": HEAD
    + "def bound(x):\n    return torch.tensor(x).log()\n"
    + "def roots(b):\n    return torch.tensor([1j * b, -1j * b])\n",
    "sympy": HEAD
    + "def bound(x):\n    return -sympy.oo if x == 0 else sympy.log(x)\n"
    + "def roots(b):\n    return [sympy.I / 2, -sympy.I / 2]\n"
    + "unit = sympy.eye\n",
    "never_infinite": HEAD + "def bound(x):\n    return np.log(x + 1e-300)\n" + ROOTS,
    "always_infinite": HEAD + "def bound(x):\n    return -np.inf\n" + ROOTS,
    "complex_logarithm": HEAD + "def bound(x):\n    return 1j if x else -np.inf\n" + ROOTS,
    "moduli": HEAD + LOG + "def roots(b):\n    return [b, b]\n",
    "inexact": HEAD + "def bound(x):\n    return np.log(x) + 4e-6\n" + ROOTS,
    "other_part": HEAD + LOG + ROOTS + "def both(x):\n    return 2 * x, x\n",
    "other_roots": HEAD + LOG + "def roots(b):\n    return 1j * np.sqrt([b, b]) * [1, -1]\n",
}
WRONG = {
    "never_infinite": "infinite",
    "always_infinite": "finite",
    "complex_logarithm": "finite",
    "moduli": "complex",
    "inexact": "finite",
    "other_part": "part",
    "other_roots": "complex",
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[CheckResult, ...]]]:
    root = tmp_path_factory.mktemp("course")
    files = {"checks/ends.py": CHECKS, "checks/variants/ends.py": SLIPS, "reference/ends.py": REFERENCE}
    write_files(root, files | {"checks/assignments/hw1.toml": SHEET})
    folder = write_handins(root, HANDINS)
    course = find_course(folder)
    outcome = run_handins(course, discover(folder, course.assignments).handins, Options(jobs=1))
    assert outcome.fault == ""
    yield {r.student: tuple(r.checks) for r in outcome.reports}


@pytest.mark.parametrize("name", HANDINS)
def test_only_what_is_wrong_fails(graded: dict[str, tuple[CheckResult, ...]], name: str) -> None:
    failed = {c.id.partition("::")[2]: c.message for c in graded[name] if c.verdict is not Verdict.PASSED}
    assert list(failed) == ([WRONG[name]] if name in WRONG else []), failed


def test_a_slip_with_complex_values_is_named(graded: dict[str, tuple[CheckResult, ...]]) -> None:
    assert next(c for c in graded["other_roots"] if c.id == "ends::complex").slip == "the roots of z^2 + b"


def test_a_slip_that_is_right_wherever_it_was_asked_is_not_named(graded: dict[str, tuple[CheckResult, ...]]) -> None:
    assert next(c for c in graded["inexact"] if c.id == "ends::finite").slip == ""


def test_rational_numbers_of_sympy_need_no_process_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_numbers, "killable", None)
    numbers = sympy.Matrix([[1, sympy.Rational(-1, 3)], [0, 2**80]])
    trees = tuple(map(to_tree, numbers))
    found = _numbers.as_numbers((ExpressionMatrix(2, 2, trees), [Expression(trees[1])]), UnwalledBench.of({}))
    assert found == [[[1.0, -1 / 3], [0.0, 2.0**80]], [-1 / 3]]
