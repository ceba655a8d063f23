"""Known right and wrong versions of `residual_inverse`, `radial_inverse` and `radius_derivative_formula`."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
import torch
from scipy import optimize

from grader import right, slip


@right("Brent's method in a growing bracket", of="residual_inverse")
def residual_by_brent(f: Any, y: Any) -> Any:
    low, high = y - 1.0, y + 1.0
    while low + f(low) > y:
        low -= high - low
    while high + f(high) < y:
        high += high - low
    return optimize.brentq(lambda z: z + f(z) - y, low, high)


@right("bisection until z is known to six digits", of="residual_inverse")
def residual_by_bisection(f: Any, y: Any) -> Any:
    low, high = -1e6, 1e6
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if middle + f(middle) < y else (low, middle)
    return np.float64(low)


@right("SciPy's fsolve from a grid of starts, a one-element array", of="residual_inverse")
def residual_by_fsolve(f: Any, y: Any) -> Any:
    starts = sorted(np.linspace(y - 500, y + 500, 101), key=lambda z: abs(z + f(z) - y))
    return optimize.root(lambda z: z + f(z) - y, [starts[0]], method="hybr").x


@slip("fixed-point iteration, which needs |f'| < 1", of="residual_inverse")
def residual_by_iteration(f: Any, y: Any) -> Any:
    z = y
    for _ in range(100):
        z = y - f(z)
    return z


@slip("one step of the iteration: y - f(y)", of="residual_inverse")
def residual_one_step(f: Any, y: Any) -> Any:
    return y - f(y)


@slip("y + f(y): the map instead of its inverse", of="residual_inverse")
def residual_forwards(f: Any, y: Any) -> Any:
    return y + f(y)


@slip("bisection between -10 and 10 only", of="residual_inverse")
def residual_short_bracket(f: Any, y: Any) -> Any:
    low, high = -10.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if middle + f(middle) < y else (low, middle)
    return low


@slip("Newton's method from 0, which leaps to and fro where f is steep elsewhere", of="residual_inverse")
def residual_by_newton(f: Any, y: Any) -> Any:
    z = 0.0
    for _ in range(200):
        slope = 1 + (f(z + 1e-6) - f(z - 1e-6)) / 2e-6
        z -= (z + f(z) - y) / slope
    return z


def radial(y: Any, z0: Any, alpha: Any, beta: Any, sign: int = 1) -> Any:
    """rho and the root r of r^2 + (alpha + beta - rho) r - alpha rho = 0 with this sign of the root."""
    rho = np.linalg.norm(y - z0)
    p = alpha + beta - rho
    return rho, (-p + sign * np.sqrt(p**2 + 4 * alpha * rho)) / 2


@right("the unit vector times r, z0 by itself", of="radial_inverse")
def radial_by_unit(y: Any, z0: Any, alpha: Any, beta: Any) -> Any:
    rho, r = radial(y, z0, alpha, beta)
    return z0.copy() if rho == 0 else (z0 + r * (y - z0) / rho).tolist()


@right("torch in single precision", of="radial_inverse")
def radial_by_torch(y: Any, z0: Any, alpha: Any, beta: Any) -> Any:
    y, z0 = torch.as_tensor(y).float(), torch.as_tensor(z0).float()
    p = alpha + beta - (y - z0).norm()
    r = (-p + (p**2 + 4 * alpha * (y - z0).norm()).sqrt()) / 2
    return z0 + (y - z0) / (1 + beta / (alpha + r))


@right("bisection for r", of="radial_inverse")
def radial_by_bisection(y: Any, z0: Any, alpha: Any, beta: Any) -> Any:
    low, high = 0.0, 1e4
    for _ in range(100):
        r = (low + high) / 2
        low, high = (r, high) if r + beta * r / (alpha + r) < np.linalg.norm(y - z0) else (low, r)
    return z0 + (y - z0) * ((alpha + low) / (alpha + low + beta))


@slip("the quadratic equation's other root", of="radial_inverse")
def radial_other_root(y: Any, z0: Any, alpha: Any, beta: Any) -> Any:
    r = radial(y, z0, alpha, beta, -1)[1]
    return z0 + (y - z0) / (1 + beta / (alpha + r))


@slip("r times y - z0, which is no unit vector", of="radial_inverse")
def radial_not_unit(y: Any, z0: Any, alpha: Any, beta: Any) -> Any:
    return z0 + radial(y, z0, alpha, beta)[1] * (y - z0)


@slip("|y - z0| taken for r", of="radial_inverse")
def radial_no_solution(y: Any, z0: Any, alpha: Any, beta: Any) -> Any:
    return z0 + (y - z0) / (1 + beta / (alpha + np.linalg.norm(y - z0)))


@slip("0 / 0 where y is z0", of="radial_inverse")
def radial_undefined(y: Any, z0: Any, alpha: Any, beta: Any) -> Any:
    rho, r = radial(y, z0, alpha, beta)
    return z0 + r * (y - z0) / rho


@slip("z0 wherever y is near it", of="radial_inverse")
def radial_near(y: Any, z0: Any, alpha: Any, beta: Any) -> Any:
    rho, r = radial(y, z0, alpha, beta)
    return z0.copy() if rho < 1e-3 else z0 + r * (y - z0) / rho


@slip("the map instead of its inverse", of="radial_inverse")
def radial_forwards(y: Any, z0: Any, alpha: Any, beta: Any) -> Any:
    return y + beta / (alpha + np.linalg.norm(y - z0)) * (y - z0)


@slip("works in place on its arguments: z0 is subtracted from y", of="radial_inverse")
def radial_in_place(y: Any, z0: Any, alpha: Any, beta: Any) -> Any:
    y -= z0
    return z0 + y / (1 + beta / (alpha + radial(y, 0.0, alpha, beta)[1]))


@right("the derivative by SymPy", of="radius_derivative_formula")
def formula_by_sympy(r: Any, alpha: Any, beta: Any) -> Any:
    return sympy.diff(r + beta * r / (alpha + r), r)


@right("over a common denominator", of="radius_derivative_formula")
def formula_over_one(r: Any, alpha: Any, beta: Any) -> Any:
    return (r**2 + 2 * alpha * r + alpha**2 + alpha * beta) / (r + alpha) ** 2


@slip("(1 + alpha beta) / (alpha + r)^2: the 1 drawn into the fraction", of="radius_derivative_formula")
def formula_drawn_in(r: Any, alpha: Any, beta: Any) -> Any:
    return (1 + alpha * beta) / (alpha + r) ** 2


@slip("the 1 of dr/dr is missing", of="radius_derivative_formula")
def formula_no_one(r: Any, alpha: Any, beta: Any) -> Any:
    return alpha * beta / (alpha + r) ** 2


@slip("the derivative of 1 / (alpha + r) is missing", of="radius_derivative_formula")
def formula_half(r: Any, alpha: Any, beta: Any) -> Any:
    return 1 + beta / (alpha + r)


@slip("the square is missing", of="radius_derivative_formula")
def formula_no_square(r: Any, alpha: Any, beta: Any) -> Any:
    return 1 + alpha * beta / (alpha + r)
