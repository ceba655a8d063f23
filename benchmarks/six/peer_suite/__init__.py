"""The tests that other harnesses run on the class of benchmarks/six: the same properties, drawn by Hypothesis.

One test for each of our checks, with as many examples. It needs a course's `reference/` on the path.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ._values import Test, load, name_of, outcome, pair, plain, same, seeded, work_of

__all__ = ["TESTS", "Test", "load", "name_of", "outcome", "work_of"]

reals = st.integers(-64, 64).map(lambda k: k / 16)
nonzero = st.integers(1, 64).flatmap(lambda k: st.sampled_from([k / 16, -k / 16]))
probabilities = st.integers(1, 63).map(lambda k: k / 64)
GAME, SIMS = (4, 0.4, 0.55, 2, 4), 2000


def due(topic: str) -> Any:
    """The reference of a topic."""
    return importlib.import_module(f"reference.{topic}")


def drawn(test: Callable[..., None], **strategies: Any) -> None:
    """Sixty examples, the same in every run."""
    settings(max_examples=60, deadline=None, database=None, derandomize=True)(given(**strategies)(test))()


def arrays(*shape: int, of: Any = reals) -> Any:
    """Arrays of this shape."""
    size = math.prod(shape)
    return st.lists(of, min_size=size, max_size=size).map(lambda row: np.array(row).reshape(shape))


def examples(work: Any) -> None:
    """Above, beside and below the segment."""
    for y, a in (([0.0, 2.0], 1.0), ([3.0, 0.5], -2.0), ([1.0, -2.0], 0.0)):
        same(work.project(np.array(y), a), due("projection").project(np.array(y), a))


def closest(work: Any) -> None:
    """The result is the closest point."""

    def test(y: Any, a: float) -> None:
        same(work.project(y, a), due("projection").project(y, a))

    drawn(test, y=arrays(2), a=reals)


def diagonal(work: Any) -> None:
    """Diagonal matrices."""
    for s in ([2.0, -0.5], [-3.0], [1.0, 1.0, 4.0]):
        C = len(s)
        same(work.plu_log_abs_det(np.eye(C), np.eye(C), np.zeros((C, C)), np.array(s)), np.log(np.abs(s)).sum())


@st.composite
def factors(draw: Any) -> tuple[Any, ...]:
    """P, L, U, s of one size."""
    C = draw(st.integers(1, 4))
    P = np.eye(C)[draw(st.permutations(range(C)))]
    L, U = draw(arrays(C, C)), draw(arrays(C, C))
    return P, np.tril(L, -1) + np.eye(C), np.triu(U, 1), draw(arrays(C, of=nonzero))


def log_abs_det(work: Any) -> None:
    """The logarithm is that of the matrix."""

    def test(values: tuple[Any, ...]) -> None:
        same(work.plu_log_abs_det(*values), due("log_determinant").plu_log_abs_det(*values))

    drawn(test, values=factors())


def ratio(work: Any) -> None:
    """The log-likelihood ratio."""

    def test(x: list[int], p: float, q: float) -> None:
        row = np.array(x, dtype=np.float64)
        same(work.log_likelihood_ratio(row, p, q), due("ruin").log_likelihood_ratio(row, p, q))

    drawn(test, x=st.lists(st.integers(0, 1), min_size=1, max_size=40), p=probabilities, q=probabilities)


def estimate(work: Any) -> None:
    """An estimate from 2,000 simulations is near the exact probability."""
    n_games, p, _, start, goal = GAME
    exact = due("ruin").exact_win_probability(n_games, p, start, goal)
    found = float(plain(work.win_probability(SIMS, *GAME, seeded())))
    assert abs(found - exact) <= 7 * math.sqrt(exact / SIMS)


def few_steps(work: Any) -> None:
    """Two equations, up to two steps."""
    A, b, x = np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([1.0, -1.0]), np.array([0.5, 0.25])
    orders: tuple[list[int], ...] = ([0], [1, 0], [])
    for order in orders:
        same(work.sgd(A, b, order, x.copy(), 0.25), due("sgd").sgd(A, b, order, x, 0.25))


@st.composite
def problems(draw: Any) -> tuple[Any, ...]:
    """A, b, order, x, lr."""
    n, d = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    order = draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=8))
    lr = draw(st.sampled_from([0.125, 0.5, 0.03125]))
    return draw(arrays(n, d)), draw(arrays(n)), order, draw(arrays(d)), lr


def steps(work: Any) -> None:
    """Any number of steps."""

    def test(values: tuple[Any, ...]) -> None:
        same(work.sgd(*values), due("sgd").sgd(*values))

    drawn(test, values=problems())


def three(work: Any) -> None:
    """Three permutations."""
    for sigma in ([2, 1], [2, 3, 1], [1, 4, 6, 5, 3, 2]):
        same(work.inverse_permutation(sigma), due("permutation").inverse_permutation(sigma))


def inverse(work: Any) -> None:
    """The inverse is right."""

    def test(sigma: list[int]) -> None:
        same(work.inverse_permutation(sigma), due("permutation").inverse_permutation(sigma))

    drawn(test, sigma=st.integers(1, 9).flatmap(lambda n: st.permutations(range(1, n + 1)).map(list)))


def _same_layer(work: Any, values: tuple[Any, ...]) -> None:
    expected = due("coupling").coupling(*values)
    for one, other in zip(pair(work.coupling(*values)), expected, strict=True):
        same(one, other.numpy())


def two_columns(work: Any) -> None:
    """Two columns."""
    w, v = torch.tensor([[0.5]], dtype=torch.float64), torch.tensor([[-1.0]], dtype=torch.float64)
    for x in ([[0.0, 1.0]], [[1.0, -2.0], [-0.5, 0.5]], [[2.0, 0.0]]):
        _same_layer(work, (torch.tensor(x, dtype=torch.float64), w, v))


@st.composite
def layers(draw: Any) -> tuple[Any, ...]:
    """x, w, v in double precision."""
    n, d = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    small = st.integers(-32, 32).map(lambda k: k / 16)
    shapes = ((n, 2 * d), (d, d), (d, d))
    return tuple(torch.from_numpy(draw(arrays(*shape, of=small))) for shape in shapes)


def layer(work: Any) -> None:
    """z and its log-determinant."""

    def test(values: tuple[Any, ...]) -> None:
        _same_layer(work, values)

    drawn(test, values=layers())


TESTS: dict[str, Test] = {
    name_of(topic, test): test
    for topic, tests in (
        ("projection", (examples, closest)),
        ("log_determinant", (diagonal, log_abs_det)),
        ("ruin", (ratio, estimate)),
        ("sgd", (few_steps, steps)),
        ("permutation", (three, inverse)),
        ("coupling", (two_columns, layer)),
    )
    for test in tests
}
"""By `topic::test`. Each takes the functions of one hand-in as attributes and raises where they are wrong."""
