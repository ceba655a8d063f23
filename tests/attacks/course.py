"""The course under attack: four topics, each an assignment of its own, and its honest hand-ins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

NUMBERS = '''
from grader import Topic, agree, cases, check, forall, unchanged
from grader.strategies import reals

topic = Topic("numbers", source="a test", functions={
    "square(x)": "x squared, a number.",
    "double_all(v)": "2 v for v (n,).",
})


@check(points=1)
@cases(dict(x=3.0), dict(x=-2.0))
def check_example(student, x):
    """Squares two numbers."""
    agree(student.square(x), x * x)


@check(points=3)
@forall(x=reals(1, 8), examples=12)
def check_square(student, reference, x):
    """The square of every number."""
    agree(student.square(x), reference.square)


@check(points=2)
@cases(dict(v=[1.0, 2.0, 3.0]), dict(v=[0.5, -0.25, 8.0]))
def check_double(student, v):
    """Doubles every entry."""
    import numpy as np
    agree(student.double_all(np.array(v)), 2.0 * np.array(v))


@check(points=1, kind="input")
@cases(dict(v=[1.0, 2.0]))
def check_unchanged(student, v):
    """Leaves its input alone."""
    import numpy as np
    unchanged(student.double_all(np.array(v)))


@check(points=3, hidden=True)
@cases(dict(x=771.3125), dict(x=-904.6875))
def check_hidden(student, reference, x):
    """Larger numbers too."""
    agree(student.square(x), reference.square)
'''

FORMULA = '''
import sympy
from grader import Topic, check, proves

topic = Topic("formula", source="a test", functions={"slope(x)": "The derivative of x**3, for a real symbol x."})


@check(points=10, kind="symbolic")
def check_slope(student):
    """The slope of the cube."""
    x = sympy.Symbol("x", real=True)
    proves(student.slope(x), 3 * x**2)
'''

REMOTE = '''
import numpy as np
from grader import Topic, agree, cases, check

topic = Topic("remote", source="a test", functions={
    "twice(f, x)": "f applied twice to x.",
    "gradient(v)": "The gradient of the sum of the cubes of v (n,).",
})


def plus_three(x):
    """x + 3 for a number x."""
    return float(x) + 3.0


@check(points=5)
@cases(dict(x=1.0), dict(x=-7.5))
def check_twice(student, x):
    """Applies a function twice."""
    agree(student.twice(plus_three, x), x + 6.0)


@check(points=5)
@cases(dict(v=[1.0, -2.0]), dict(v=[0.5, 3.0]))
def check_gradient(student, v):
    """The gradient by differences."""
    at, step = np.array(v), 1e-6
    rows = [(np.sum((at + step * e) ** 3) - np.sum((at - step * e) ** 3)) / (2 * step) for e in np.eye(len(at))]
    agree(student.gradient(at), np.array(rows), tolerance=1e-6)
'''

CHANCE = '''
from grader import RNG, Topic, check, holds

topic = Topic("chance", source="a test", functions={"coin(rng)": "0 or 1, each with probability 1/2."})


@check(points=10, kind="statistical")
def check_coin(student):
    """The coin is fair, and one throw says nothing about the next."""
    values = [a.scalar() for a in student.coin.repeat(400, RNG)]
    student.record(samples=400, false_reject=1e-9)
    holds(set(values) <= {0.0, 1.0}, "a coin shows 0 or 1")
    holds(139 <= sum(values) <= 261, f"{sum(values):g} of 400 throws were 1")
    changes = sum(a != b for a, b in zip(values, values[1:]))
    holds(139 <= changes <= 261, f"{changes} of 399 throws differ from the one before")
'''

TOPICS = {"numbers": NUMBERS, "formula": FORMULA, "remote": REMOTE, "chance": CHANCE}

REFERENCE = '''
def square(x):
    return x * x
'''

PARTS = {
    "square": "square(x)",
    "double_all": "double_all(v)",
    "slope": "slope(x)",
    "twice": "twice(f, x)",
    "gradient": "gradient(v)",
    "coin": "coin(rng)",
}
"""Signature of every function of every topic."""

RIGHT = {
    "square": "x * x",
    "double_all": "2 * v",
    "slope": "3 * x**2",
    "twice": "f(f(x))",
    "gradient": "3 * v**2",
    "coin": "float(rng.integers(0, 2))",
}
"""The right answer of each."""

TOPIC_OF = {
    "square": "numbers",
    "double_all": "numbers",
    "slope": "formula",
    "twice": "remote",
    "gradient": "remote",
    "coin": "chance",
}


def hand_in(own: Mapping[str, str]) -> str:
    """Source with every function right but for those given in full."""
    texts = [own.get(name) or f"def {PARTS[name]}:\n    return {RIGHT[name]}\n" for name in PARTS]
    return "\n\n".join(texts)


def write_course(root: Path) -> None:
    """Write checks, reference and an assignment of the same name for each topic."""
    for topic, text in TOPICS.items():
        sheet = f'title = "Sheet {topic}"\n[[problem]]\nnumber = "1"\ntopic = "{topic}"\ntitle = "{topic}"\npoints = 10\n'
        for name, content in (
            (f"checks/{topic}.py", text),
            (f"checks/assignments/{topic}.toml", sheet),
            (f"reference/{topic}.py", REFERENCE),
        ):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
