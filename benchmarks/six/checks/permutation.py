"""Checks for `permutation`."""

from __future__ import annotations

from types import ModuleType

from hypothesis import strategies as st

from grader import Student, Topic, agree, cases, check, forall
from grader.strategies import permutations

topic = Topic(
    "permutation",
    source="benchmarks",
    functions={"inverse_permutation(sigma)": "The inverse of a permutation of 1..n, both as lists of values from 1."},
)
orders = permutations(st.integers(1, 9)).map(lambda order: [int(i) + 1 for i in order])


@check(points=1)
@cases({"sigma": [2, 1]}, {"sigma": [2, 3, 1]}, {"sigma": [1, 4, 6, 5, 3, 2]})
def check_examples(student: Student, reference: ModuleType, sigma: list[int]) -> None:
    """Three permutations"""
    agree(student.inverse_permutation(sigma), reference.inverse_permutation)


@check(points=2)
@forall(sigma=orders)
def check_inverse(student: Student, reference: ModuleType, sigma: list[int]) -> None:
    """The inverse is right"""
    agree(student.inverse_permutation(sigma), reference.inverse_permutation)
