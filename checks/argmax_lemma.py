"""Checks for `argmax_lemma`: the maximisers of f on finite tables of g, where every tie is exact."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from grader import Answer, Student, Topic, WrongAnswer, cases, check, forall, unchanged
from grader.strategies import arrays, nonzero, reals

topic = Topic(
    "argmax_lemma",
    source="Homework 8 (2021), problem 2",
    functions={
        "maximizers_of_f(g)": "The sorted list of all 0-based indices theta that maximise f, where "
        "f(theta) = g[theta, phi] + h[theta, phi] for all phi, h >= 0 and the minimum of h over phi is 0 for every "
        "theta; g (T, F) is given, h is not. Ties are exact equality.",
    },
)

Array = NDArray[np.float64]
NEAR = 2.0**-18
"""Two numbers of size 1 that differ by this are different in single precision, but `isclose` takes them for equal."""

TINY = 2.0**-60
"""Exact in single precision as well, and below any tolerance with which numbers are compared."""


@st.composite
def tables(draw: Any) -> Array:
    """g (T, F) of any signs, with few different values, so that ties within and between rows are common."""
    T, F = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    values = draw(
        st.sampled_from(
            [
                st.sampled_from([0.0, 1.0, 2.0]),
                st.sampled_from([-3.0, -2.0, -1.0]),
                st.sampled_from([-1.0, 1.0, 0.5]),
                reals(),
            ]
        )
    )
    table: Array = draw(arrays((T, F), values))
    return table


def indices(answer: Answer, count: int) -> Array:
    """The listed indices; where there are `count`, also in the shapes that `np.where` and `np.argwhere` give."""
    try:
        return answer.array(count)
    except WrongAnswer:
        return answer.array(None)


def judge(answer: Answer, reference: ModuleType, g: Array) -> None:
    """The answer lists exactly the maximisers, each once, in order."""
    due = reference.maximizers_of_f(g)
    came = indices(answer, len(due))
    if came.tolist() == due:
        return
    T, listed = len(g), set(came.tolist())
    best, f = float(np.max(g)), np.max(g, axis=1)
    strange = sorted(k for k in listed if not (k.is_integer() and 0 <= k < T))
    missing = [k for k in due if k not in listed]
    if strange:
        why = f"{strange[0]:g} is not the index of a row of g: rows are numbered 0 to {T - 1}"
    elif missing:
        why = f"theta = {missing[0]} is missing: f({missing[0]}) = max over phi of g = {best:g} is the maximum of f"
    elif extra := sorted(listed - set(due)):
        k = int(extra[0])
        why = f"theta = {k} does not maximise f: f({k}) = {f[k]:.8g} is below {best:.8g}"
    else:
        why = "an index is listed twice" if len(listed) < len(came) else "the list is not sorted"
    raise WrongAnswer(why, answer=answer, expected=due)


@check(points=2)
@cases(
    {"g": [[1.0, 3.0], [2.0, 2.5]]},
    {"g": [[0.0, 2.0], [2.0, -1.0], [1.0, 1.0]]},
    {"g": [[-3.0, -1.0, -2.0], [-1.5, -4.0, -1.75]]},
)
def check_examples(student: Student, reference: ModuleType, g: list[list[float]]) -> None:
    """The maximisers of three small tables: a single one, a tie, only negative values"""
    judge(student.maximizers_of_f(np.array(g)), reference, np.array(g))


@check(points=4)
@forall(g=tables(), examples=80)
def check_maximizers(student: Student, reference: ModuleType, g: Array) -> None:
    """Exactly the maximisers of f are listed, for tables of any size and sign, with and without ties"""
    judge(student.maximizers_of_f(g), reference, g)


@check(points=1)
@cases(
    {"g": [[2.0]]},
    {"g": [[-1.0, -2.0, -1.0]]},
    {"g": [[1.0], [3.0], [3.0]]},
    {"g": [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]},
    {"g": [[-1.0, -0.0], [0.0, -1.0]]},
)
def check_edges(student: Student, reference: ModuleType, g: list[list[float]]) -> None:
    """One row, one column, a constant table and the two zeros are no special cases"""
    judge(student.maximizers_of_f(np.array(g)), reference, np.array(g))


@check(points=1)
@cases(
    {"g": [[1.0 + NEAR, 0.0], [1.0, 1.0]]},
    {"g": [[-1.0, -2.0], [-3.0, -1.0 + NEAR], [-1.0 - NEAR, -5.0]]},
    {"g": [[0.0, -1.0], [TINY, 0.0]]},
    {"g": [[-2.0, -TINY], [-1.0, 0.0], [-2 * TINY, -TINY]]},
)
def check_near_ties(student: Student, reference: ModuleType, g: list[list[float]]) -> None:
    """Values that differ only a little are no tie"""
    judge(student.maximizers_of_f(np.array(g)), reference, np.array(g))


@check(points=2, requires="examples")
@forall(g=tables(), drop=st.integers(0, 4), by=nonzero(2.0).map(abs), examples=40)
def check_lemma(student: Student, reference: ModuleType, g: Array, drop: int, by: float) -> None:
    """A theta is listed exactly if it maximises f = g + h, for an h that fulfils the assumptions"""
    # Lowering g where it is not the maximum of its row raises h there and leaves f as it was.
    lower, row = g.copy(), drop % len(g)
    lower[row] -= np.where(lower[row] < lower[row].max(), by, 0.0)
    first, second = student.maximizers_of_f.rows([(g,), (lower,)])
    count = len(reference.maximizers_of_f(g))
    if indices(first, count).tolist() != indices(second, count).tolist():
        raise WrongAnswer(
            f"f stays the same when row {row} of g is lowered away from its maximum, but the answer changes",
            answer=second,
            expected=first.value,
        )


@check(points=1, kind="input")
@cases({"g": [[1.0, 3.0], [2.0, 2.5]]}, {"g": [[-1.0, -1.0], [-1.0, -2.0]]})
def check_input_unchanged(student: Student, g: list[list[float]]) -> None:
    """The call leaves g as it was"""
    unchanged(student.maximizers_of_f(np.array(g)))
