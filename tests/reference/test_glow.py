"""Glow's reference against determinants that SymPy expands: the symbolic claims of problem 4, case by case."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
import sympy
from numpy.typing import NDArray

from reference.glow import (
    conv1x1,
    conv1x1_log_abs_det_formula,
    coupling,
    plu_log_abs_det,
    plu_log_abs_det_formula,
    reorder_jacobian,
)

Array = NDArray[Any]


def symbols(name: str, *shape: int) -> Array:
    """An object array of distinct real symbols."""
    found = [sympy.Symbol(f"{name}{'_'.join(map(str, index))}", real=True) for index in np.ndindex(*shape)]
    return np.array(found, dtype=object).reshape(shape)


def factors(order: tuple[int, ...]) -> tuple[Array, Array, Array, Array]:
    """Symbolic P, L, U, s of all C (C - 1) + C free entries, for one permutation."""
    C = len(order)
    P = np.eye(C, dtype=int)[list(order)].astype(object)
    L = np.tril(symbols("l", C, C), -1) + np.eye(C, dtype=int)
    return P, L, np.triu(symbols("u", C, C), 1), symbols("s", C)


def square(matrix: Array) -> sympy.Matrix:
    return sympy.Matrix(matrix.tolist())


@pytest.mark.parametrize("order", [p for C in (2, 3, 4) for p in permutations(range(C))], ids=str)
def test_a_the_determinant_is_the_product_of_s_up_to_the_sign_of_the_permutation(
    order: tuple[int, ...],
) -> None:
    P, L, U, s = factors(order)
    A = square(P @ L @ (U + np.diag(s)))
    sign = sympy.combinatorics.Permutation(order).signature()
    assert sympy.expand(A.det(method="berkowitz")) == sign * sympy.prod(s)
    formula = plu_log_abs_det_formula(list(s))
    assert sympy.expand(sympy.exp(2 * formula)) == sympy.prod(s) ** 2


@pytest.mark.parametrize("order", [p for n in (3, 4) for p in permutations(range(n))], ids=str)
def test_b_the_reordered_jacobian_is_that_of_the_map_and_keeps_the_determinant(
    order: tuple[int, ...],
) -> None:
    n = len(order)
    J, w = symbols("j", n, n), symbols("w", n)
    v: dict[int, Any] = {component: w[place] for place, component in enumerate(order)}
    image = J @ np.array([v[component] for component in range(n)], dtype=object)
    mapped = sympy.Matrix([image[component] for component in order])
    reordered = square(reorder_jacobian(J, list(order)))
    assert mapped.jacobian(list(w)) == reordered
    assert sympy.expand(reordered.det(method="berkowitz") - square(J).det(method="berkowitz")) == 0


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_c_the_jacobian_of_the_convolution_is_one_block_per_pixel(order: tuple[int, ...]) -> None:
    P, L, U, s = factors(order)
    x = symbols("x", 3, 2, 2)
    jacobian = sympy.Matrix(conv1x1(x, P, L, U, s).ravel().tolist()).jacobian(list(x.ravel()))
    blocks = np.kron(P @ L @ (U + np.diag(s)), np.eye(4, dtype=int))
    assert (jacobian - square(blocks)).applyfunc(sympy.expand).is_zero_matrix


@pytest.mark.parametrize("order", list(permutations(range(2))), ids=str)
@pytest.mark.parametrize("shape", [(1, 3), (3, 1)])
def test_c_the_determinant_for_two_channels_and_three_pixels(
    order: tuple[int, ...], shape: tuple[int, int]
) -> None:
    P, L, U, s = factors(order)
    x = symbols("x", 2, *shape)
    jacobian = sympy.Matrix(conv1x1(x, P, L, U, s).ravel().tolist()).jacobian(list(x.ravel()))
    assert sympy.expand(jacobian.det(method="berkowitz") ** 2 - sympy.prod(s) ** 6) == 0
    formula = conv1x1_log_abs_det_formula(list(s), *shape)
    assert sympy.expand(sympy.exp(2 * formula)) == sympy.prod(s) ** 6


@pytest.mark.parametrize("order", list(permutations(range(2))), ids=str)
@pytest.mark.parametrize("shape", [(1, 2), (2, 1)])
def test_d_the_jacobian_where_l_u_s_are_unknown_functions_of_every_pixel(
    order: tuple[int, ...], shape: tuple[int, int]
) -> None:
    P, *_ = factors(order)
    x = symbols("x", 4, *shape)
    first, second = x[:2], x[2:]
    lower, upper, *scale = (sympy.Function(name)(*first.ravel()) for name in ("l", "u", "s0", "s1"))
    L, U = np.array([[1, 0], [lower, 1]]), np.array([[0, upper], [0, 0]])
    z = np.concatenate([first, conv1x1(second, P, L, U, np.array(scale))])
    jacobian = sympy.Matrix(z.ravel().tolist()).jacobian(list(x.ravel()))
    assert jacobian[:4, :4] == sympy.eye(4)
    assert jacobian[:4, 4:].is_zero_matrix
    assert not jacobian[4:, :4].is_zero_matrix
    block = sympy.expand(jacobian[4:, 4:].det(method="berkowitz"))
    assert sympy.expand(block**2 - (scale[0] * scale[1]) ** 4) == 0


def numbers(rng: np.random.Generator, C: int) -> tuple[Array, Array, Array, Array]:
    """Random P, L, U, s of both signs."""
    P = np.eye(C)[rng.permutation(C)]
    L = np.tril(rng.uniform(-1, 1, (C, C)), -1) + np.eye(C)
    return P, L, np.triu(rng.uniform(-1, 1, (C, C)), 1), rng.uniform(0.5, 2, C) * rng.choice([-1.0, 1.0], C)


@pytest.mark.parametrize("seed", range(6))
def test_the_numbers_agree_with_a_determinant_of_the_matrix(seed: int) -> None:
    rng = np.random.default_rng(seed)
    P, L, U, s = numbers(rng, 1 + seed)
    assert plu_log_abs_det(P, L, U, s) == pytest.approx(
        np.linalg.slogdet(P @ L @ (U + np.diag(s)))[1], abs=1e-12
    )


@pytest.mark.parametrize(("C", "m", "n"), [(1, 1, 2), (2, 2, 3), (3, 1, 2)])
def test_d_the_log_determinant_is_that_of_the_jacobian_by_central_differences(C: int, m: int, n: int) -> None:
    rng = np.random.default_rng(C)
    P, L0, U0, s0 = numbers(rng, C)
    weights = rng.uniform(-0.5, 0.5, (3, C * m * n))

    def read(k: int, first: Array) -> float:
        return float(np.tanh(weights[k] @ first.ravel()))

    def map_and_det(x: Array) -> tuple[Array, float]:
        return coupling(
            x,
            P,
            lambda first: L0 + np.tril(np.full((C, C), read(0, first)), -1),
            lambda first: U0 * (1 + read(1, first)),
            lambda first: s0 * (1 + 0.3 * read(2, first)),
        )

    x, step = rng.uniform(-1, 1, (2 * C, m, n)), 1e-5
    columns = []
    for unit in np.eye(x.size).reshape(-1, *x.shape):
        columns.append(
            (map_and_det(x + step * unit)[0] - map_and_det(x - step * unit)[0]).ravel() / (2 * step)
        )
    assert map_and_det(x)[1] == pytest.approx(np.linalg.slogdet(np.stack(columns, axis=1))[1], abs=1e-7)
