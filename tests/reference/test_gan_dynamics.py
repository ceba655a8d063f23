"""The reference of `gan_dynamics` against SymPy's eigenvalues and against simultaneous steps by autograd."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
import torch

from reference.gan_dynamics import eigenvalues, long_run, radius, stationary_point, update_matrix


def step(d: float, g: float, lr: float) -> tuple[float, float]:
    """One simultaneous step on V = d g with the derivatives that autograd finds."""
    point = torch.tensor([d, g], dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(point[0] * point[1], point)
    return d + lr * float(slope[0]), g - lr * float(slope[1])


@pytest.mark.parametrize("lr", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("point", [(1.0, 0.0), (0.0, 1.0), (-2.0, 0.5)])
def test_the_matrix_is_a_simultaneous_step(point: tuple[float, float], lr: float) -> None:
    assert update_matrix(lr) @ np.array(point) == pytest.approx(np.array(step(*point, lr)), abs=1e-15)


def test_only_the_stationary_point_stays() -> None:
    lr = sympy.Symbol("lr", positive=True)
    assert (sympy.Matrix(update_matrix(lr).tolist()) - sympy.eye(2)).nullspace() == []
    assert step(*stationary_point(), 0.5) == (0.0, 0.0)


def test_the_eigenvalues_are_those_that_sympy_finds() -> None:
    lr = sympy.Symbol("lr", positive=True)
    found = sympy.Matrix(update_matrix(lr).tolist()).eigenvals()
    assert found == {1 + sympy.I * lr: 1, 1 - sympy.I * lr: 1}
    assert set(eigenvalues(0.5)) == {1 + 0.5j, 1 - 0.5j}
    assert np.all(eigenvalues(0.0).imag == 0)


def test_each_step_multiplies_the_squared_radius_by_one_plus_lr_squared() -> None:
    lr, d, g = sympy.symbols("lr d g", real=True)
    moved = sympy.Matrix(update_matrix(lr).tolist()) * sympy.Matrix([d, g])
    assert sympy.expand(moved.dot(moved) - (1 + lr**2) * (d**2 + g**2)) == 0


@pytest.mark.parametrize(("k", "lr"), [(0, 0.5), (1, 0.5), (7, 0.25), (40, 1.0)])
def test_the_radius_is_that_of_simulated_steps(k: int, lr: float) -> None:
    d, g = 1.5, -0.75
    for _ in range(k):
        d, g = step(d, g, lr)
    assert radius(k, lr, 1.5, -0.75) == pytest.approx(float(np.hypot(d, g)), rel=1e-13)


def test_the_radius_grows_without_bound() -> None:
    assert long_run() == "diverges"
    assert radius(150_000, 0.0625, 1e-6, 0.0) > 1e100
