"""Known right and wrong versions of `permutations`."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
import torch

from grader import right, slip


@right("argsort", of="inverse_permutation")
def inverse_argsort(sigma: Any) -> Any:
    return np.argsort(sigma) + 1


@right("positions in the list", of="inverse_permutation")
def inverse_index(sigma: Any) -> Any:
    return [sigma.index(k) + 1 for k in range(1, len(sigma) + 1)]


@right("a dictionary of preimages, read in order, as a tuple", of="inverse_permutation")
def inverse_dict(sigma: Any) -> Any:
    preimage = {value: place for place, value in enumerate(sigma, 1)}
    return tuple(preimage[k] for k in sorted(preimage))


@right("torch", of="inverse_permutation")
def inverse_torch(sigma: Any) -> Any:
    inverse = torch.empty(len(sigma))
    inverse[torch.tensor(sigma) - 1] = torch.arange(1.0, len(sigma) + 1)
    return inverse


@right("sorted pairs", of="inverse_permutation")
def inverse_pairs(sigma: Any) -> Any:
    return [place for _, place in sorted(zip(sigma, range(1, len(sigma) + 1), strict=True))]


@right("the matrix, transposed, times 1..n", of="inverse_permutation")
def inverse_matrix(sigma: Any) -> Any:
    P = np.eye(len(sigma))[np.array(sigma) - 1]
    return P.T @ np.arange(1, len(sigma) + 1)


@right("along the cycles", of="inverse_permutation")
def inverse_cycles(sigma: Any) -> Any:
    found = np.zeros(len(sigma), dtype=np.int32)
    for start in range(1, len(sigma) + 1):
        place = start
        while found[sigma[place - 1] - 1] == 0:
            found[sigma[place - 1] - 1] = place
            place = sigma[place - 1]
    return found[:, None]


@right("SymPy's permutations", of="inverse_permutation")
def inverse_sympy(sigma: Any) -> Any:
    return [k + 1 for k in (~sympy.combinatorics.Permutation([k - 1 for k in sigma])).array_form]


@slip("sigma itself is returned", of="inverse_permutation")
def inverse_same(sigma: Any) -> Any:
    return list(sigma)


@slip("values from 0: 1 is missing in every entry", of="inverse_permutation")
def inverse_from_zero(sigma: Any) -> Any:
    return np.argsort(sigma)


@slip("counts positions from 0 and values from 1", of="inverse_permutation")
def inverse_mixed(sigma: Any) -> Any:
    inverse = [0] * len(sigma)
    for i, value in enumerate(sigma):
        inverse[value - 1] = i
    return [k + 2 for k in inverse]


@slip("one place off: entry sigma(i) + 1 instead of sigma(i)", of="inverse_permutation")
def inverse_shifted(sigma: Any) -> Any:
    inverse = [0] * len(sigma)
    for i, value in enumerate(sigma):
        inverse[value % len(sigma)] = i + 1
    return inverse


@slip("the list backwards", of="inverse_permutation")
def inverse_backwards(sigma: Any) -> Any:
    return list(reversed(sigma))


@slip("sigma applied twice", of="inverse_permutation")
def inverse_square(sigma: Any) -> Any:
    return [sigma[k - 1] for k in sigma]


@slip("the identity", of="inverse_permutation")
def inverse_identity(sigma: Any) -> Any:
    return list(range(1, len(sigma) + 1))


@slip("n + 1 - sigma(i)", of="inverse_permutation")
def inverse_complement(sigma: Any) -> Any:
    return [len(sigma) + 1 - k for k in sigma]


@slip("reciprocals 1 / sigma(i)", of="inverse_permutation")
def inverse_reciprocals(sigma: Any) -> Any:
    return [1 / k for k in sigma]


@slip("indexes sigma with 1-based values as if they were 0-based", of="inverse_permutation")
def inverse_raw_index(sigma: Any) -> Any:
    n = len(sigma)
    return [sigma.index(k % n + 1) + 1 for k in range(1, n + 1)]


@slip("the permutation matrix instead of the list", of="inverse_permutation")
def inverse_as_matrix(sigma: Any) -> Any:
    return np.eye(len(sigma))[:, np.array(sigma) - 1]


@right("rows of the identity", of="permutation_matrix")
def matrix_rows(sigma: Any) -> Any:
    return np.eye(len(sigma))[np.array(sigma) - 1]


@right("lists of integers", of="permutation_matrix")
def matrix_lists(sigma: Any) -> Any:
    n = len(sigma)
    return [[1 if sigma[i] == j + 1 else 0 for j in range(n)] for i in range(n)]


@right("a comparison, as integers", of="permutation_matrix")
def matrix_compare(sigma: Any) -> Any:
    return (np.array(sigma)[:, None] == np.arange(1, len(sigma) + 1)).astype(int)


@right("a comparison, as truth values", of="permutation_matrix")
def matrix_truth_values(sigma: Any) -> Any:
    return np.array(sigma)[:, None] == np.arange(1, len(sigma) + 1)


@right("one-hot in torch", of="permutation_matrix")
def matrix_one_hot(sigma: Any) -> Any:
    return torch.nn.functional.one_hot(torch.tensor(sigma) - 1, len(sigma)).float()


@right("the transpose of columns", of="permutation_matrix")
def matrix_columns(sigma: Any) -> Any:
    P = np.zeros((len(sigma), len(sigma)), dtype=np.float32)
    for i, value in enumerate(sigma):
        P[value - 1, i] = 1
    return P.T


@right("columns of the inverse", of="permutation_matrix")
def matrix_from_inverse(sigma: Any) -> Any:
    return np.eye(len(sigma))[:, np.argsort(sigma)]


@right("swaps of rows, starting from the identity", of="permutation_matrix")
def matrix_swaps(sigma: Any) -> Any:
    P, at = np.eye(len(sigma)), list(range(1, len(sigma) + 1))
    for i, value in enumerate(sigma):
        j = at.index(value)
        at[i], at[j] = at[j], at[i]
        P[[i, j]] = P[[j, i]]
    return P


@right("a SymPy matrix", of="permutation_matrix")
def matrix_sympy(sigma: Any) -> Any:
    n = len(sigma)
    return sympy.Matrix(n, n, lambda i, j: int(sigma[i] == j + 1))


@slip("P transposed: columns e_sigma(i) instead of rows", of="permutation_matrix")
def matrix_transposed(sigma: Any) -> Any:
    return np.eye(len(sigma))[:, np.array(sigma) - 1]


@slip("values taken as 0-based: every 1 is one column too far", of="permutation_matrix")
def matrix_off_by_one(sigma: Any) -> Any:
    return np.eye(len(sigma))[np.array(sigma) % len(sigma)]


@slip("the identity", of="permutation_matrix")
def matrix_identity(sigma: Any) -> Any:
    return np.eye(len(sigma))


@slip("sigma itself is returned", of="permutation_matrix")
def matrix_same(sigma: Any) -> Any:
    return list(sigma)


@slip("sigma on the diagonal", of="permutation_matrix")
def matrix_diagonal(sigma: Any) -> Any:
    return np.diag(sigma).astype(float)


@slip("rows in the reverse order", of="permutation_matrix")
def matrix_upside_down(sigma: Any) -> Any:
    return np.eye(len(sigma))[np.array(sigma) - 1][::-1]


@slip("columns in the reverse order", of="permutation_matrix")
def matrix_mirrored(sigma: Any) -> Any:
    return np.eye(len(sigma))[np.array(sigma) - 1][:, ::-1]


@slip("sigma(i) instead of 1 as the entries", of="permutation_matrix")
def matrix_values(sigma: Any) -> Any:
    return np.eye(len(sigma))[np.array(sigma) - 1] * np.array(sigma)[:, None]


@slip("a symmetric matrix: a 1 at (i, sigma(i)) and at (sigma(i), i)", of="permutation_matrix")
def matrix_symmetric(sigma: Any) -> Any:
    P = np.eye(len(sigma))[np.array(sigma) - 1]
    return np.maximum(P, P.T)


@slip("the sign of the permutation in every entry", of="permutation_matrix")
def matrix_signed(sigma: Any) -> Any:
    P = np.eye(len(sigma))[np.array(sigma) - 1]
    return P * round(np.linalg.det(P))
