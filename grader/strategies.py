"""Strategies for `@forall`; any Hypothesis strategy works as well."""

from grader.bank._strategies import (
    arrays,
    bits,
    nonzero,
    permutation_matrices,
    permutations,
    positive,
    probabilities,
    reals,
    vectors,
)

__all__ = [
    "arrays",
    "bits",
    "nonzero",
    "permutation_matrices",
    "permutations",
    "positive",
    "probabilities",
    "reals",
    "vectors",
]
