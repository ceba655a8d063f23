"""The coupling's log-determinant against SymPy's Jacobian with unknown networks, and by central differences."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
import sympy

from reference.affine_coupling import coupling, log_abs_det_formula

SETS = [(n, omega) for n in (2, 3, 4) for k in range(1, n) for omega in combinations(range(1, n + 1), k)]


@pytest.mark.parametrize(("n", "omega"), SETS)
def test_the_jacobian_with_unknown_networks(n: int, omega: tuple[int, ...]) -> None:
    x = sympy.symbols(f"x1:{n + 1}", real=True)
    inside, others = [x[i - 1] for i in omega], [i for i in range(1, n + 1) if i not in omega]
    scale = {i: sympy.Function(f"s{i}", real=True)(*inside) for i in others}
    shift = {i: sympy.Function(f"t{i}", real=True)(*inside) for i in others}
    z = [sympy.exp(scale[i]) * x[i - 1] + shift[i] if i in others else x[i - 1] for i in range(1, n + 1)]
    determinant = sympy.Matrix(z).jacobian(list(x)).det(method="berkowitz")
    expected = sympy.exp(log_abs_det_formula(list(scale.values())))
    assert sympy.simplify(determinant / expected) == 1


@pytest.mark.parametrize(("n", "omega"), [*SETS, (6, (2, 3, 6))])
def test_numbers_by_central_differences(n: int, omega: tuple[int, ...]) -> None:
    rng = np.random.default_rng(n)
    weights = rng.uniform(-1, 1, (2, n - len(omega), len(omega)))

    def map_and_det(x: Any) -> tuple[Any, float]:
        return coupling(x, omega, lambda v: np.tanh(weights[0] @ v), lambda v: np.sin(weights[1] @ v))

    x, step = rng.uniform(-2, 2, n), 1e-5
    z, log_det = map_and_det(x)
    columns = [(map_and_det(x + step * e)[0] - map_and_det(x - step * e)[0]) / (2 * step) for e in np.eye(n)]
    assert log_det == pytest.approx(np.linalg.slogdet(np.stack(columns, axis=1))[1], abs=1e-8)
    kept = [i - 1 for i in omega]
    assert z[kept].tolist() == x[kept].tolist()


def test_a_layer_by_hand() -> None:
    x = np.array([3.0, 5.0, 7.0])
    z, log_det = coupling(x, (2,), lambda v: np.array([np.log(2.0), 0.0]), lambda v: np.array([v[0], -1.0]))
    assert z == pytest.approx([2 * 3 + 5, 5, 7 - 1])
    assert log_det == pytest.approx(np.log(2))
    assert x.tolist() == [3.0, 5.0, 7.0]
