"""Checks for `permutations`: inverses and matrices of all small permutations, and of some large ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from types import ModuleType

import numpy as np
from hypothesis import strategies as st

from grader import Answer, Student, Topic, WrongAnswer, agree, cases, check, forall, holds, unchanged
from grader.strategies import permutations as orders

topic = Topic(
    "permutations",
    source="Homework 8 (2021), problems 3 and 4",
    functions={
        "inverse_permutation(sigma)": (
            "Problem 3: the inverse of a permutation of 1..n, both as lists [sigma(1), ..., sigma(n)] with values from 1."
        ),
        "permutation_matrix(sigma)": (
            "Problem 4: the matrix (n, n) whose rows are e_sigma(1)^T, ..., e_sigma(n)^T, for the list sigma with "
            "values from 1."
        ),
    },
)

LARGEST = 200
CYCLE = (2, 3, 4, 1)
"""No involution, so that it differs from its inverse."""
one_based = orders(st.integers(1, 9)).map(lambda order: [i + 1 for i in order])


def every_permutation() -> Iterator[list[int]]:
    """All permutations of 1..n for n = 1 to 5, shortest first: 153 of them."""
    for n in range(1, 6):
        yield from (list(p) for p in permutations(range(1, n + 1)))


def large_permutations() -> list[list[int]]:
    """Some with 17 to 200 entries, the same in every run."""
    generator = np.random.default_rng(2021)
    return [[int(k) + 1 for k in generator.permutation(n)] for n in (17, 64, 199, LARGEST)]


@check(points=1, part="inverse")
@cases({"sigma": [2, 1]}, {"sigma": [2, 3, 1]}, {"sigma": [1, 4, 6, 5, 3, 2]})
def check_inverse_examples(student: Student, reference: ModuleType, sigma: list[int]) -> None:
    """The inverses of three permutations"""
    agree(student.inverse_permutation(sigma), reference.inverse_permutation)


@check(points=3, part="inverse")
def check_inverse_all_small(student: Student, reference: ModuleType) -> None:
    """The inverse is right for all permutations of up to five numbers"""
    for answer in student.inverse_permutation.rows([(sigma,) for sigma in every_permutation()]):
        agree(answer, reference.inverse_permutation)


@check(points=1, part="inverse")
def check_inverse_large(student: Student, reference: ModuleType) -> None:
    """The inverse is right for permutations of up to 200 numbers"""
    for answer in student.inverse_permutation.rows([(sigma,) for sigma in large_permutations()]):
        agree(answer, reference.inverse_permutation)


@check(points=2, part="inverse", requires="inverse_examples")
@forall(sigma=one_based, examples=30)
def check_inverse_undoes(student: Student, sigma: list[int]) -> None:
    """Sigma after its inverse is the identity, and so is the inverse after sigma"""
    answer = student.inverse_permutation(sigma)
    inverse = whole(answer, len(sigma))
    holds(
        all(sigma[k - 1] == i for i, k in enumerate(inverse, start=1)),
        "sigma(inverse(i)) is not i for every i",
        answer=answer,
    )
    again = student.inverse_permutation(inverse)
    holds(
        whole(again, len(sigma)) == sigma,
        "the inverse of the inverse is not sigma",
        answer=again,
        expected=sigma,
    )


def whole(answer: Answer, n: int) -> list[int]:
    """The answer as a list of n numbers from 1 to n. Raises WrongAnswer when it is none."""
    entries = answer.array(n).tolist()
    in_range = all(float(k).is_integer() and 1 <= k <= n for k in entries)
    holds(in_range, f"the entries are not all whole numbers from 1 to {n}", answer=answer)
    return [int(k) for k in entries]


def with_numbers(answer: Answer, n: int) -> Answer:
    """The same with 0 and 1 for truth values (n, n): `sigma[:, None] == arange` is a matrix of zeros and ones as well."""
    try:
        answer.array(n, n)
    except WrongAnswer:
        try:
            entries = answer.boolean_array(n, n)
        except WrongAnswer:
            return answer
        answer.student.note("truth values were taken as 0 and 1")
        return replace(answer, value=entries.astype(np.float64))
    return answer


@check(points=1, part="matrix")
@cases({"sigma": [2, 1]}, {"sigma": [2, 3, 1]}, {"sigma": [1, 4, 6, 5, 3, 2]})
def check_matrix_examples(student: Student, reference: ModuleType, sigma: list[int]) -> None:
    """The matrices of three permutations"""
    agree(with_numbers(student.permutation_matrix(sigma), len(sigma)), reference.permutation_matrix)


@check(points=3, part="matrix")
def check_matrix_all_small(student: Student, reference: ModuleType) -> None:
    """The matrix is right for all permutations of up to five numbers"""
    sigmas = list(every_permutation())
    for sigma, answer in zip(sigmas, student.permutation_matrix.rows([(sigma,) for sigma in sigmas]), strict=True):
        agree(with_numbers(answer, len(sigma)), reference.permutation_matrix)


@check(points=1, part="matrix")
def check_matrix_large(student: Student, reference: ModuleType) -> None:
    """The matrix is right for permutations of up to 200 numbers"""
    sigmas = large_permutations()
    for sigma, answer in zip(sigmas, student.permutation_matrix.rows([(sigma,) for sigma in sigmas]), strict=True):
        agree(with_numbers(answer, len(sigma)), reference.permutation_matrix)


@check(points=2, part="matrix", requires="matrix_examples")
@forall(sigma=one_based, examples=30)
def check_matrix_theorem(student: Student, sigma: list[int]) -> None:
    """P of sigma inverse is the transpose and the inverse of P, and |det P| = 1"""
    n = len(sigma)
    inverse = [int(i) + 1 for i in np.argsort(sigma)]
    answer, other = student.permutation_matrix.rows([(sigma,), (inverse,)])
    P, Q = (with_numbers(part, n).array(n, n) for part in (answer, other))
    holds(
        np.array_equal(P @ Q, np.eye(n)),
        "P of sigma times P of its inverse is not the identity",
        answer=answer,
    )
    holds(np.array_equal(Q, P.T), "P of the inverse is not the transpose of P", answer=answer, expected=Q.T)
    holds(abs(abs(np.linalg.det(P)) - 1) < 0.5, "|det P| is not 1", answer=answer)


@check(points=1, part="matrix", requires="matrix_examples")
@forall(sigma=one_based, examples=20)
def check_matrix_acts(student: Student, sigma: list[int]) -> None:
    """P times the vector (x_1, ..., x_n) is (x_sigma(1), ..., x_sigma(n))"""
    answer = student.permutation_matrix(sigma)
    # With x_i = i the product is sigma itself.
    n = len(sigma)
    product = with_numbers(answer, n).array(n, n) @ np.arange(1.0, n + 1)
    holds(product.tolist() == sigma, f"P (1, ..., n) is {product.tolist()}, not sigma", answer=answer)


@check(points=1, part="inverse", kind="input")
@cases({"sigma": [2, 1]}, {"sigma": list(CYCLE)})
def check_inverse_input_unchanged(student: Student, sigma: list[int]) -> None:
    """Inverting leaves sigma as it was"""
    unchanged(student.inverse_permutation(sigma))


@check(points=1, part="matrix", kind="input")
@cases({"sigma": [2, 1]}, {"sigma": list(CYCLE)})
def check_matrix_input_unchanged(student: Student, sigma: list[int]) -> None:
    """Making the matrix leaves sigma as it was"""
    unchanged(student.permutation_matrix(sigma))
