"""The reference of `reparameterization` against SymPy for two components, autograd's Jacobian and mpmath."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import sympy
import torch

from reference.reparameterization import affine_log_density, diagonal_log_density, jacobian_cost


def test_for_two_components_the_density_is_that_of_a_normal_law_with_covariance_s_s_transposed() -> None:
    S = sympy.Matrix(2, 2, sympy.symbols("s1:5", real=True))
    d = sympy.Matrix(sympy.symbols("d1:3", real=True))
    by_map = (S.inv() * d).dot(S.inv() * d)
    by_covariance = (d.T * (S * S.T).inv() * d)[0]
    assert sympy.simplify(by_map - by_covariance) == 0
    assert sympy.expand((S * S.T).det() - S.det() ** 2) == 0
    swapped = (d.T * (S.T * S).inv() * d)[0]
    assert sympy.simplify(by_map - swapped) != 0


@pytest.mark.parametrize(("s1", "s2", "s3", "s4"), [(1, 2, -1, 1), (0, 1, 1, 0), (-2, 0, 1, 3)])
def test_for_two_components_the_number_is_sympys(s1: int, s2: int, s3: int, s4: int) -> None:
    S, y, mu = sympy.Matrix([[s1, s2], [s3, s4]]), sympy.Matrix([1, -2]), sympy.Matrix([0, 1])
    z = S.inv() * (y - mu)
    due = -z.dot(z) / 2 - sympy.log(2 * sympy.pi) - sympy.log(abs(S.det()))
    got = affine_log_density(np.array([1.0, -2.0]), np.array([0.0, 1.0]), np.array(S.tolist(), dtype=float))
    assert got == pytest.approx(float(due), abs=1e-13)


@pytest.mark.parametrize("seed", range(6))
def test_the_change_of_variables_with_the_jacobian_that_autograd_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    K = 1 + seed % 4
    S, mu, z0 = rng.normal(size=(K, K)), rng.normal(size=K), rng.normal(size=K)
    matrix, shift = torch.as_tensor(S), torch.as_tensor(mu)
    jacobian = torch.autograd.functional.jacobian(lambda z: shift + matrix @ z, torch.as_tensor(z0))
    base = torch.distributions.Normal(0.0, 1.0).log_prob(torch.as_tensor(z0)).sum()
    due = float(base - torch.linalg.slogdet(jacobian)[1])
    assert affine_log_density(mu + S @ z0, mu, S) == pytest.approx(due, abs=1e-9)


def test_a_diagonal_map_is_an_affine_one_and_agrees_with_fifty_digits() -> None:
    y, mu, sigma = np.array([1.5, -2.0, 0.25]), np.array([0.5, 1.0, 0.0]), np.array([0.5, 3.0, 1.25])
    got = diagonal_log_density(y, mu, sigma)
    assert got == pytest.approx(affine_log_density(y, mu, np.diag(sigma)), abs=1e-14)
    with mpmath.workdps(50):
        due = mpmath.fsum(
            mpmath.log(mpmath.npdf(mpmath.mpf(v), m, s)) for v, m, s in zip(y, mu, sigma, strict=True)
        )
    assert got == pytest.approx(float(due), abs=1e-13)


def test_the_density_integrates_to_one() -> None:
    grid = np.linspace(-12, 12, 4001)
    density = [np.exp(affine_log_density(np.array([v]), np.array([0.5]), np.array([[-1.5]]))) for v in grid]
    assert np.trapezoid(density, grid) == pytest.approx(1.0, abs=1e-9)


def test_both_structures_cost_k_factors() -> None:
    assert (jacobian_cost("diagonal"), jacobian_cost("triangular")) == ("O(K)", "O(K)")
