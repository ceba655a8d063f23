"""The same answer to the same row is judged once for all hand-ins, and no record shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.course import write_files, write_handins
from tests.support.graded import problems

pytestmark = pytest.mark.usefixtures("one_processor")
CHECKS = '''
from grader import Topic, agree, check, forall, unchanged
from grader.strategies import arrays, reals, vectors

topic = Topic("more", source="a test", functions={"f(x)": "x + 1.", "g(v)": "2 v for v (n,).", "h(v)": "v + 1 (n,)."})


@check()
@forall(x=reals())
def check_counted(student, reference, x):
    """One more."""
    answer = student.f(x)
    open(TALLY, "a").write("x")
    agree(answer, reference.f)


@check()
@forall(x=reals())
def check_remarks(student, reference, x):
    """One more, and a remark."""
    agree(student.f(x), reference.f)
    if x > 2:
        student.note("larger than 2")
        student.certainty("certain")


@check()
@forall(x=reals(0, 1))
def check_special(student, reference, x):
    """One more, where a slip is right, too."""
    agree(student.f(x), reference.f)


@check()
@forall(v=vectors(3))
def check_in_place(student, reference, v):
    """The argument stays, and its double is due."""
    answer = student.g(v)
    unchanged(answer)
    agree(answer, reference.g)


@check()
@forall(v=arrays((2,), reals(0, 1)))
def check_small(student, reference, v):
    """One more, of small numbers."""
    agree(student.h(v), reference.h)


@check()
@forall(v=arrays((2,), reals(3, 4)))
def check_large(student, reference, v):
    """One more, of large numbers."""
    agree(student.h(v), reference.h)


@check(kind="property")
@forall(v=arrays((2,), reals(5, 6)))
def check_untouched(student, v):
    """The argument stays, and nothing else counts."""
    unchanged(student.h(v))
'''
REFERENCE = """
import numpy as np


def f(x):
    return x + 1


def g(v):
    return 2.0 * np.asarray(v)


def h(v):
    return np.asarray(v) + 1
"""
SLIPS = """
from grader import slip


@slip("one more, of numbers up to 1", of="f")
def cut(x):
    return min(x, 1.0) + 1


@slip("one more, of positive numbers", of="f")
def positive(x):
    return max(x, 0.0) + 1


@slip("in place", of="g")
def in_place(v):
    v *= 2
    return v


@slip("doubled", of="h")
def doubled(v):
    return 2.0 * v


@slip("doubled where large", of="h")
def doubled_where_large(v):
    return 2.0 * v if v.max() > 2 else v + 1
"""
WAYS = {
    "right": "x + 1",
    "cut": "min(x, 1.0) + 1",
    "positive": "max(x, 0.0) + 1",
    "single": "np.float32(x + 1)",
    "elsewhere": "x + 1 + (x > 3)",
    "nothing": "None",
}


def _course(root: Path) -> Path:
    tally = root / "tally"
    sheet = 'title = "T"\n[[problem]]\nnumber = "1"\ntopic = "more"\ntitle = "T"\npoints = 7\n'
    write_files(
        root,
        {
            "checks/more.py": CHECKS.replace("TALLY", repr(str(tally))),
            "checks/variants/more.py": SLIPS,
            "reference/more.py": REFERENCE,
            "checks/assignments/hw1.toml": sheet,
        },
    )
    return tally


def test_each_hand_in_after_the_first_few_is_judged_where_it_differs_only(tmp_path: Path) -> None:
    tally = _course(tmp_path)
    write_handins(tmp_path, {f"a{i:02}": REFERENCE for i in range(12)})
    alone = problems(tmp_path, ["a00"])["a00"]
    once = tally.stat().st_size
    tally.unlink()
    together = problems(tmp_path)
    assert all(found == alone for found in together.values())
    assert once <= tally.stat().st_size < 9 * once
    other = REFERENCE.replace("return x + 1", "return x + 1 + (x == 3)")
    write_handins(tmp_path, {"z": other})
    assert "failed" in str(problems(tmp_path)["z"])


def test_records_are_as_where_each_hand_in_is_the_only_one(tmp_path: Path) -> None:
    """Remarks are said again, arguments that were changed are seen, and causes know of right answers that nobody read."""
    _course(tmp_path)
    ways = {name: REFERENCE.replace("return x + 1", f"return {text}") for name, text in WAYS.items()}
    ways["in_place"] = REFERENCE.replace("return 2.0 * np.asarray(v)", "v *= 2; return v")
    ways["large"] = REFERENCE.replace("return np.asarray(v) + 1", "return (1 + (v.max() < 4.5)) * v if v.max() > 2 else v + 1")
    alone = dict[str, Any]()
    for name, text in ways.items():
        write_handins(tmp_path, {name: text})
        alone |= problems(tmp_path, [name])
    copies = {f"b{i}_{name}": text for i in range(3) for name, text in ways.items()}
    write_handins(tmp_path, {**{f"a{i}": REFERENCE for i in range(5)}, **copies})
    together = problems(tmp_path, [f"a{i}" for i in range(5)] + list(copies))
    assert {n: together[n] for n in copies} == {n: alone[n[3:]] for n in copies}
    assert "the known slip \"one more, of numbers up to 1\"" in str(alone["cut"])
    assert "the known slip \"one more, of positive numbers\"" in str(alone["positive"])
    assert "the known slip \"doubled where large\"" in str(alone["large"])
    assert "larger than 2" in str(alone["right"])
