"""A tiny course for tests: one topic, three functions, checks of several kinds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

CHECKS = '''
from grader import RNG, Topic, agree, cases, check, forall, holds, unchanged
from grader.strategies import reals, vectors

topic = Topic("square", source="a test", functions={
    "square(x)": "x squared, a number.",
    "double_all(v)": "2 v for v (n,).",
    "coin(rng)": "0 or 1, each with probability 1/2.",
})


@check(points=2)
@cases(dict(x=3.0), dict(x=-2.0))
def check_example(student, x):
    """Squares two numbers."""
    agree(student.square(x), x * x)


@check(points=3)
@forall(x=reals())
def check_square(student, reference, x):
    """The square of every number."""
    agree(student.square(x), reference.square)


@check(points=2)
@forall(v=vectors(3))
def check_double(student, reference, v):
    """Doubles every entry."""
    agree(student.double_all(v), reference.double_all)


@check(kind="input")
@forall(v=vectors(2), examples=5)
def check_unchanged(student, v):
    """Leaves its input alone."""
    unchanged(student.double_all(v))


@check(kind="statistical")
def check_coin(student):
    """The coin is fair."""
    values = [a.scalar() for a in student.coin.repeat(400, RNG)]
    student.record(samples=400, false_reject=1e-9)
    holds(set(values) <= {0.0, 1.0}, "a coin shows 0 or 1")
    holds(139 <= sum(values) <= 261, f"{sum(values):g} of 400 throws were 1")


@check(hidden=True, requires="square")
@forall(x=reals(8, 12), examples=10)
def check_large(student, reference, x):
    """Larger numbers too."""
    agree(student.square(x), reference.square)
'''

REFERENCE = '''
"""The square."""
import numpy as np


def square(x):
    """x squared."""
    return x * x


def double_all(v):
    """Twice v."""
    return 2.0 * np.asarray(v)


def coin(rng):
    """A fair coin."""
    return float(rng.integers(0, 2))
'''

VARIANTS = """
from grader import right, slip


@slip("doubles instead of squaring", of="square")
def doubled(x):
    return 2 * x


@slip("forgets the last entry", of="double_all")
def all_but_last(v):
    return [2 * a for a in v[:-1]] + [v[-1]]


@right("as a power", of="square")
def power(x):
    return float(x) ** 2
"""

SHEET = """
title = "A test sheet"
[[problem]]
number = "1"
topic = "square"
title = "Squares"
points = 10
"""


def write_course(root: Path) -> Path:
    """Write the course into an empty folder and give it back."""
    for name, text in (
        ("checks/square.py", CHECKS),
        ("checks/variants/square.py", VARIANTS),
        ("checks/assignments/hw1.toml", SHEET),
        ("reference/square.py", REFERENCE),
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def write_handins(root: Path, handins: dict[str, str | bytes | dict[str, str]]) -> Path:
    """Write `submissions/hw1/<name>/solution.py` (or the files given) for each hand-in."""
    folder = root / "submissions" / "hw1"
    for name, content in handins.items():
        files = content if isinstance(content, dict) else {"solution.py": content}
        for file, text in files.items():
            path = folder / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_files(root: Path, files: Mapping[str, str]) -> None:
    """Write texts below a folder, by their paths there."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
