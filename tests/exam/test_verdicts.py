"""A submission in, a record out: every way to be right, wrong, broken or hostile gets its own verdict."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.bank import Course, find_course
from grader.engine import Options, run_handins
from grader.intake import discover
from grader.records import CheckResult, Report, Verdict, to_json
from grader.sandbox import Limits
from tests.support.course import REFERENCE, write_course, write_files, write_handins

RIGHT = REFERENCE
TAIL = RIGHT[RIGHT.index("def double_all") :]
HEAD = "import numpy as np\n"


def square(body: str) -> str:
    """A hand-in whose `square` has this body, right otherwise."""
    return f"{HEAD}def square(x):\n    {body}\n\n{TAIL}"


def double(body: str) -> str:
    """A hand-in whose `double_all` has this body, right otherwise."""
    return f"{HEAD}def double_all(v):\n    {body}\n\n{RIGHT.replace('def double_all', 'def _unused')}"


ACCEPTED: dict[str, str | bytes | dict[str, str]] = {
    "right": RIGHT,
    "list": double("return [2 * float(a) for a in v]"),
    "tuple": double("return tuple(2 * a for a in v)"),
    "float32": double("return (2 * v).astype(np.float32)"),
    "single_precision_as_double": double("return [float(np.float32(a) * np.float32(1 / 3)) * 6 for a in v]"),
    "tensor": double("import torch; return torch.tensor(v, requires_grad=True) * 2"),
    "column": double("return (2 * v)[:, None]"),
    "fortran": double("return np.asfortranarray(2 * v)[::-1][::-1]"),
    "zero_d": square("return np.array(x * x)"),
    "one_element": square("return np.array([x * x])"),
    "integer_when_whole": square("return int(x * x) if x * x == int(x * x) else x * x"),
    "fraction": square("from fractions import Fraction; return Fraction(x) ** 2"),
    "complex_without_imaginary_part": square("return complex(x * x)"),
    "prints": square("print('hello ' * 1000); return x * x"),
    "warns": square("import warnings; warnings.warn('look'); return x * x"),
    "global_rng": RIGHT.replace("float(rng.integers(0, 2))", "float(np.random.randint(2))"),
    "own_rng": RIGHT.replace("float(rng.integers(0, 2))", "float(np.random.default_rng().integers(0, 2))"),
    "seeds_itself": RIGHT.replace("return float(rng", "np.random.seed(0); return float(np.random.randint(2)) + 0 * float(rng"),
    "stdlib_rng": RIGHT.replace("float(rng.integers(0, 2))", "float(__import__('random').random() < 0.5)"),
    "main_block": RIGHT + "\nif __name__ == '__main__':\n    raise SystemExit('not reached')\n",
    "other_file_name": {"my homework (1).py": RIGHT},
    "helper_module": {"solution.py": "from helper import *\n", "helper.py": RIGHT},
    "two_files": {"b.py": RIGHT, "a.py": HEAD + "def square(x):\n    return x ** 2\n"},
    "subclass": double("class Mine(np.ndarray): pass\n    return (2 * v).view(Mine)"),
    "byte_order_mark": b"\xef\xbb\xbf" + RIGHT.encode(),
    "carriage_returns": RIGHT.replace("\n", "\r\n").encode(),
    "reads_its_own_data": {"solution.py": square("return x * x * float(open('one.txt').read())"), "one.txt": "1"},
    "list_of_whole_numbers": double("return [int(2 * a) if 2 * a == int(2 * a) else 2 * a for a in v]"),
    "single_precision_tensor_with_gradient": double(
        "import torch; return 2 * torch.tensor(v, dtype=torch.float32, requires_grad=True)"
    ),
    "list_of_tensors": double("import torch; return [torch.tensor(2 * a) for a in v]"),
    "numpy_scalar": square("return np.float64(x) ** 2"),
    "row": double("return (2 * v)[None, :]"),
    "rows_of_one": double("return [[2 * a] for a in v]"),
    "read_only": double("r = 2 * v; r.setflags(write=False); return r"),
    "object_array": double("return np.array([2 * float(a) for a in v], dtype=object)"),
    "dictionary": double("return {i: 2 * a for i, a in enumerate(v)}"),
    "decimal": square("from decimal import Decimal; return Decimal(x) * Decimal(x)"),
    "modifies_a_copy": double("v = v.copy(); v *= 2; return v"),
    "greek_names": double("λ = 2; return λ * v"),
    "a_class_of_its_own": "class Doubler:\n    def __call__(self, v):\n        return 2 * v\n\n" + double("return Doubler()(v)"),
    "seeds_everything_globally": RIGHT + "\nimport random, torch\nrandom.seed(0); np.random.seed(0); torch.manual_seed(0)\n",
    "plots_left_in": RIGHT + "\nimport matplotlib.pyplot as plt\nplt.plot([double_all([1.0, 2.0])[0], 2]); plt.show()\n",
    "cached": square("c = square.__dict__.setdefault('c', {}); return c.setdefault(x, x * x)"),
}

REFUSED: dict[str, tuple[str | bytes | dict[str, str], str, Verdict, str]] = {
    "doubles": (square("return 2 * x"), "square", Verdict.FAILED, "doubles instead of squaring"),
    "right_for_the_visible_examples": (
        square("return {3.0: 9.0, -2.0: 4.0}.get(x, 0.0)"), "square", Verdict.FAILED, "differs",
    ),
    "right_for_positive_values": (square("return abs(x) * x"), "square", Verdict.FAILED, "differs"),
    "off_by_rounding_to_integers": (double("return np.rint(2 * v)"), "double", Verdict.FAILED, "entry"),
    "too_long": (double("return list(2 * v) + [0.0]"), "double", Verdict.FAILED, "shape (4,)"),
    "broadcastable": (double("return 2 * v[0]"), "double", Verdict.FAILED, "a single number"),
    "square_matrix": (double("return np.outer(v, np.full(3, 2.0))"), "double", Verdict.FAILED, "shape (3, 3)"),
    "negative": (square("return -x * x"), "square", Verdict.FAILED, ""),
    "nothing": (square("pass; y = x * x"), "square", Verdict.FAILED, "None"),
    "text": (square("return str(x * x)"), "square", Verdict.FAILED, "str"),
    "truth": (square("return True"), "example", Verdict.FAILED, "truth"),
    "not_a_number": (square("return float('nan')"), "square", Verdict.FAILED, ""),
    "infinity": (square("return float('inf')"), "square", Verdict.FAILED, ""),
    "generator": (double("return (2 * a for a in v)"), "double", Verdict.FAILED, "generator"),
    "too_short": (double("return 2 * v[:-1]"), "double", Verdict.FAILED, "shape"),
    "scalar_that_broadcasts": (double("return 0.0"), "double", Verdict.FAILED, ""),
    "empty": (double("return []"), "double", Verdict.FAILED, ""),
    "signaling": (square("from decimal import Decimal; return Decimal('-sNaN123')"), "square", Verdict.FAILED, "NaN"),
    "raises": (square("return 1 / 0"), "square", Verdict.ERROR, "ZeroDivisionError"),
    "raises_sometimes": (square("return x * x if x < 1 else [][0]"), "square", Verdict.ERROR, "IndexError"),
    "recursion": (square("return square(x)"), "square", Verdict.ERROR, "RecursionError"),
    "loop": (square("\n    while True: pass"), "square", Verdict.TIMEOUT, ""),
    "sleep": (square("import time; time.sleep(1000)"), "square", Verdict.TIMEOUT, ""),
    "exit": (square("import os; os._exit(0)"), "square", Verdict.CRASHED, ""),
    "exit_3": (square("import os; os._exit(3)"), "square", Verdict.CRASHED, ""),
    "segfault": (square("import ctypes; ctypes.string_at(0)"), "square", Verdict.CRASHED, ""),
    "memory": (square("return len(bytearray(1 << 40))"), "square", Verdict.MEMORY, ""),
    "memory_hog": (square("a = []\n    while True: a.append(bytearray(1 << 28))"), "square", Verdict.MEMORY, ""),
    "socket": (square("import socket; socket.socket(); return x * x"), "square", Verdict.FORBIDDEN, ""),
    "process": (square("import subprocess; subprocess.run(['true']); return x * x"), "square", Verdict.FORBIDDEN, ""),
    "unfair": (RIGHT.replace("float(rng.integers(0, 2))", "float(rng.random() < 0.8)"), "coin", Verdict.FAILED, "400"),
    "modifies": (double("v *= 2; return v"), "unchanged", Verdict.FAILED, "changed its argument v"),
    "remembers": (
        square("n = square.__dict__['n'] = square.__dict__.get('n', 0) + 1; return x * x + (n > 9)"),
        "square", Verdict.FAILED, "earlier calls",
    ),
    "remembers_from_the_first_call": (
        square("n = square.__dict__['n'] = square.__dict__.get('n', 0) + 1; return x * x + (n > 1)"),
        "example", Verdict.FAILED, "in a fresh process the same call",
    ),
    "wrong_where_others_called_before": (
        double("double_all.__dict__.setdefault('seen', []).append(1); return 2 * v + (len(double_all.seen) > 3)"),
        "double", Verdict.FAILED, "depends on earlier calls",
    ),
    "random": (
        square("import os; return x * x + (1 + os.urandom(1)[0] if x else 0)"),
        "square", Verdict.FAILED, "nondeterministic: the same call gave",
    ),
    "raises_at_times": (
        square("n = square.__dict__['n'] = square.__dict__.get('n', 0) + 1; return x * x / (n < 9)"),
        "square", Verdict.ERROR, "in a fresh process the same call is right",
    ),
    "lacks_one": (RIGHT.replace("def square", "def sqare"), "square", Verdict.MISSING, "sqare"),
    "placeholder": (square('"""Square it."""\n    raise NotImplementedError'), "square", Verdict.MISSING, "placeholder"),
}

BROKEN: dict[str, tuple[str | bytes | dict[str, str], Verdict, str]] = {
    "syntax": ("def square(x:\n", Verdict.ERROR, "SyntaxError"),
    "import_fails": ("import numpyy\n" + RIGHT, Verdict.ERROR, "numpyy"),
    "raises_at_import": (RIGHT + "\n1 / 0\n", Verdict.ERROR, "ZeroDivisionError"),
    "exits_at_import": ("import sys; sys.exit(0)\n" + RIGHT, Verdict.ERROR, "SystemExit"),
    "dies_at_import": ("import os; os._exit(0)\n" + RIGHT, Verdict.CRASHED, ""),
    "loops_at_import": ("while True: pass\n" + RIGHT, Verdict.TIMEOUT, ""),
    "empty_file": ("", Verdict.MISSING, "no function"),
    "null_bytes": (b"x = 1\x00\n", Verdict.ERROR, ""),
    "nothing_handed_in": ({}, Verdict.MISSING, "nothing was handed in"),
    "no_python": ({"essay.txt": "Sorry."}, Verdict.MISSING, "no Python file"),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Report]]:
    root = write_course(tmp_path_factory.mktemp("course"))
    handins = {**ACCEPTED, **{n: c[0] for n, c in REFUSED.items()}, **{n: c[0] for n, c in BROKEN.items()}}
    folder = write_handins(root, handins)
    (folder / "nothing_handed_in").mkdir()
    course = find_course(folder)
    limits = Limits(call_s=4.0, topic_s=16.0, load_s=5.0, memory_mb=2048)
    found = discover(folder, course.assignments)
    outcome = run_handins(course, found.handins, Options(limits=limits, jobs=2))
    assert outcome.fault == ""
    yield {r.student: r for r in outcome.reports}


def _check(report: Report, name: str) -> CheckResult:
    return next(c for c in report.checks if c.id == f"square::{name}")


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_right_answer_gets_full_marks(graded: dict[str, Report], name: str) -> None:
    report = graded[name]
    assert [(c.id, c.verdict, c.message) for c in report.checks if c.verdict != Verdict.PASSED] == []
    assert report.score == report.max_score == 10


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("column", "shape (3, 1) was taken for (3,)"),
        ("rows_of_one", "shape (3, 1) was taken for (3,)"),
        ("row", "shape (1, 3) was taken for (3,)"),
        ("dictionary", "taken for its values"),
        ("object_array", "object array"),
        ("single_precision_as_double", "single precision only"),
    ],
)
def test_what_was_converted_is_said_and_costs_nothing(graded: dict[str, Report], name: str, said: str) -> None:
    assert any(said in note for note in _check(graded[name], "double").notes)


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_answer_gets_its_verdict_and_its_cause(graded: dict[str, Report], name: str) -> None:
    _, check, verdict, said = REFUSED[name]
    result = _check(graded[name], check)
    assert (result.verdict, said in result.message) == (verdict, True), result.message
    assert result.score == 0


@pytest.mark.parametrize("name", sorted(set(REFUSED) - {"lacks_one", "placeholder", "unfair"}))
def test_a_wrong_function_costs_nothing_elsewhere(graded: dict[str, Report], name: str) -> None:
    touched = {"square": {"example", "square", "large"}, "double": {"double", "unchanged"}}
    mine = next((group for group in touched.values() if REFUSED[name][1] in group), set())
    others = [c for c in graded[name].checks if c.id.partition("::")[2] not in mine]
    late = {Verdict.TIMEOUT} if REFUSED[name][2] is Verdict.TIMEOUT else set()
    assert {c.verdict for c in others} <= {Verdict.PASSED} | late


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_hand_in_is_a_result_with_one_message(graded: dict[str, Report], name: str) -> None:
    _, verdict, said = BROKEN[name]
    report = graded[name]
    results = [c for c in report.checks if c.verdict is not Verdict.SKIPPED]
    assert {c.verdict for c in results} == {verdict}, results[0].message
    assert said in results[0].message
    assert report.score == 0


def test_a_counterexample_is_the_smallest_and_can_be_replayed(graded: dict[str, Report]) -> None:
    example = _check(graded["doubles"], "square").counterexample
    assert example is not None
    assert example.arguments == {"x": "0.0625"}
    assert example.replay == "python -c \"from solution import square; print(square(0.0625))\""


def test_an_answer_that_comes_and_goes_is_shown_with_both_outputs(graded: dict[str, Report]) -> None:
    example = _check(graded["random"], "square").counterexample
    assert example is not None
    first, _, second = example.got.partition("; in a fresh process ")
    assert float(first) != float(second)


def test_the_output_of_a_fresh_process_is_shown_beside_the_wrong_one(graded: dict[str, Report]) -> None:
    example = _check(graded["wrong_where_others_called_before"], "double").counterexample
    assert example is not None
    got, fresh = (json.loads(text) for text in example.got.split("; in a fresh process "))
    assert [a - b for a, b in zip(got, fresh, strict=True)] == [1.0, 1.0, 1.0]


def test_a_check_whose_requirement_failed_is_skipped(graded: dict[str, Report]) -> None:
    result = _check(graded["doubles"], "large")
    assert (result.verdict, result.score) == (Verdict.SKIPPED, 0)


def test_no_fault_anywhere_and_no_address_in_any_record(graded: dict[str, Report]) -> None:
    for report in graded.values():
        assert not report.faulty
        assert " at 0x" not in to_json(report)


def test_points_are_shared_by_weight(graded: dict[str, Report]) -> None:
    assert [c.max_score for c in graded["right"].checks] == [2, 3, 2, 1, 1, 1]
    assert graded["modifies"].score == 9


ROWS = '''
from grader import Topic, agree, check

topic = Topic("rows", source="a test", functions={"f(x)": "x + 1.", "g(x)": "x + 2."})


@check()
def check_f(student, reference):
    """Many calls at once."""
    for answer in student.f.rows([[float(i)] for i in range(6)]):
        agree(answer, reference.f)


@check()
def check_g(student, reference):
    """Another function."""
    agree(student.g(1.0), reference.g)
'''


@pytest.mark.parametrize("then", ["os._exit(0)", "time.sleep(3600)", "os.close(0)", "[0] * 10**12"])
def test_a_worker_that_dies_of_calls_after_the_first_failure_is_replaced(tmp_path: Path, then: str) -> None:
    right = "def f(x):\n    return x + 1\n\n\ndef g(x):\n    return x + 2\n"
    sheet = 'title = "T"\n[[problem]]\nnumber = "1"\ntopic = "rows"\ntitle = "T"\npoints = 2\n'
    write_files(
        tmp_path,
        {"checks/rows.py": ROWS, "reference/rows.py": right, "checks/assignments/hw1.toml": sheet},
    )
    text = f"import os, time\n\n{right}".replace("return x + 1", f"return 1 / x if x < 1 else {then}")
    course = Course(tmp_path)
    folder = write_handins(tmp_path, {"a": text})
    report = run_handins(course, discover(folder, course.assignments).handins, Options(jobs=1)).reports[0]
    assert [c.verdict for p in report.problems for c in p.checks] == [Verdict.ERROR, Verdict.PASSED]
