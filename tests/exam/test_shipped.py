"""Checks that ship public source: functions torch can differentiate, drivers, and arrays or tensors as one likes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.bank import find_course
from grader.engine import Options, run_handins
from grader.intake import discover
from grader.records import CheckResult, Report, Verdict
from grader.sandbox import Limits
from tests.support.course import write_handins

CHECKS = '''
import numpy as np
import torch

from grader import Topic, agree, cases, check, support

topic = Topic("energy", source="a test", functions={
    "energy(x, f)": "The sum of f(x) for a tensor x (n,), a torch scalar.",
    "norm(v)": "The Euclidean norm of v (n,).",
})


@check()
@cases(dict(x=[1.0, 2.0]), dict(x=[-0.5, 3.0]))
def check_gradient(student, x):
    """The energy has the right gradient."""
    curves = support(__file__, "curves")
    answer = student.energy.through(curves.ship("gradient"), torch.tensor(x), curves.ship("Cubic", 2.0))
    agree(answer, lambda x, f: 6.0 * np.asarray(x) ** 2)


@check()
@cases(dict(v=[3.0, 4.0]))
def check_norm(student, reference, v):
    """The norm is right."""
    agree(student.norm.either(np.array(v)), reference.norm)
'''
CURVES = """
import torch


class Cubic:
    def __init__(self, scale):
        self.scale = scale

    def __call__(self, x):
        return self.scale * x**3


def gradient(function, x, f):
    leaf = x.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(function(leaf, f), leaf)
    return slope
"""
REFERENCE = """
import numpy as np


def norm(v):
    return float(np.sqrt(np.sum(np.asarray(v) ** 2)))
"""
VARIANTS = """
from grader import slip


@slip("the mean instead of the sum", of="energy")
def mean(x, f):
    return f(x).mean()
"""
SHEET = "[[problem]]\nnumber = '1'\ntopic = 'energy'\npoints = 2\n"
RIGHT = "def energy(x, f):\n    return f(x).sum()\n\n"
BY_NUMPY = "import numpy as np\n\n\ndef norm(v):\n    return np.linalg.norm(v)\n"
HANDINS: dict[str, str | bytes | dict[str, str]] = {
    "by_numpy": RIGHT + BY_NUMPY,
    "by_torch": RIGHT + "import torch\n\n\ndef norm(v):\n    return torch.norm(v)\n",
    "mean": "def energy(x, f):\n    return f(x).mean()\n\n" + BY_NUMPY,
    "raises": RIGHT + "def norm(v):\n    return v.length()\n",
    "detached": "def energy(x, f):\n    return f(x.detach()).sum()\n",
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Report]]:
    root = tmp_path_factory.mktemp("course")
    for name, text in (
        ("checks/energy.py", CHECKS),
        ("checks/support/curves.py", CURVES),
        ("checks/variants/energy.py", VARIANTS),
        ("checks/assignments/hw1.toml", SHEET),
        ("reference/energy.py", REFERENCE),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    folder = write_handins(root, HANDINS)
    course = find_course(folder)
    found = discover(folder, course.assignments)
    outcome = run_handins(course, found.handins, Options(limits=Limits(call_s=5.0), jobs=2))
    yield {r.student: r for r in outcome.reports}


def _check(report: Report, name: str) -> CheckResult:
    return next(c for c in report.checks if c.id == f"energy::{name}")


def test_torch_sees_through_a_shipped_function(graded: dict[str, Report]) -> None:
    assert _check(graded["by_numpy"], "gradient").verdict is Verdict.PASSED


def test_a_slip_is_recognised_by_what_the_driver_makes_of_it(graded: dict[str, Report]) -> None:
    result = _check(graded["mean"], "gradient")
    assert (result.verdict, result.slip) == (Verdict.FAILED, "the mean instead of the sum")
    assert result.counterexample is not None
    assert result.counterexample.call == "energy(tensor([1.0, 2.0]), Cubic)"


@pytest.mark.parametrize("name", ["by_numpy", "by_torch"])
def test_arrays_and_tensors_are_both_taken(graded: dict[str, Report], name: str) -> None:
    result = _check(graded[name], "norm")
    assert result.verdict is Verdict.PASSED
    assert bool(result.notes) == (name == "by_torch")


def test_what_raises_for_both_is_an_error_with_the_first_message(graded: dict[str, Report]) -> None:
    result = _check(graded["raises"], "norm")
    assert result.verdict is Verdict.ERROR
    assert "numpy.ndarray" in result.message


def test_a_driver_s_failure_is_the_hand_in_s_not_ours(graded: dict[str, Report]) -> None:
    assert _check(graded["detached"], "gradient").verdict is Verdict.ERROR
