"""Inverse permutations."""

from __future__ import annotations


def inverse_permutation(sigma: list[int]) -> list[int]:
    """The inverse of a permutation of 1..n, both as lists of values from 1."""
    inverse = [0] * len(sigma)
    for i, k in enumerate(sigma, start=1):
        inverse[k - 1] = i
    return inverse
