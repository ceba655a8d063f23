"""Known right and wrong versions of `invertible`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy
import torch
from scipy import optimize, special

from grader import right, slip


@right("left or right of the kink, by the sign of b", of="relu_witness")
def witness_by_sign(a: Any, b: Any, c: Any) -> Any:
    if b > 0:
        return [-c / b, -c / b - 1]
    return np.array([-c / b, -c / b + 1]) if b < 0 else (1, -1)


@right("a list of 0-d tensors in single precision", of="relu_witness")
def witness_by_torch(a: Any, b: Any, c: Any) -> Any:
    edge = torch.tensor(-c / b) if b else torch.tensor(0.0)
    away = torch.tensor(-1.0 if b > 0 else 1.0)
    return [edge + away, edge + 2 * away]


@right("far out on the flat side, or anywhere where a is 0", of="relu_witness")
def witness_far_out(a: Any, b: Any, c: Any) -> Any:
    side = 1 if b < 0 else -1
    return {"z1": side * 1e6, "z2": side * 2e6} if a else (3, 4)


@slip("-c/b and a smaller number, whatever the sign of b", of="relu_witness")
def witness_b_positive(a: Any, b: Any, c: Any) -> Any:
    return (-c / b, -c / b - 1) if b else (0, 1)


@slip("divides by b where b is 0", of="relu_witness")
def witness_divides(a: Any, b: Any, c: Any) -> Any:
    return -(c + 1) / b, -(c + 2) / b


@slip("twice the same number", of="relu_witness")
def witness_same(a: Any, b: Any, c: Any) -> Any:
    return (-c / b, -c / b) if b else (0, 0)


@slip("one number on each side of the kink", of="relu_witness")
def witness_both_sides(a: Any, b: Any, c: Any) -> Any:
    return (-c / b - 1, -c / b + 1) if b else (-1, 1)


@slip("the kink at c/b instead of -c/b", of="relu_witness")
def witness_kink_sign(a: Any, b: Any, c: Any) -> Any:
    return (c / b - np.sign(b), c / b - 2 * np.sign(b)) if b else (0, 1)


@right("logaddexp in a loop", of="log_odds_mixture")
def odds_by_logaddexp(z: Any, w: Any, a: Any, b: Any) -> Any:
    up = down = -math.inf
    for wi, ai, bi in zip(w, a, b, strict=True):
        up = np.logaddexp(up, math.log(wi) - np.logaddexp(0, -(ai * z + bi)))
        down = np.logaddexp(down, math.log(wi) - np.logaddexp(0, ai * z + bi))
    return up - down


@right("torch in single precision", of="log_odds_mixture")
def odds_by_torch(z: Any, w: Any, a: Any, b: Any) -> Any:
    w, t = torch.as_tensor(w).float(), (torch.as_tensor(a) * z + torch.as_tensor(b)).float()
    up = torch.logsumexp(w.log() + torch.nn.functional.logsigmoid(t), 0)
    return up - torch.logsumexp(w.log() + torch.nn.functional.logsigmoid(-t), 0)


@slip("overflows: f rounds to 0 or 1", of="log_odds_mixture")
def odds_naive(z: Any, w: Any, a: Any, b: Any) -> Any:
    f = np.sum(w / (1 + np.exp(-(a * z + b))))
    return np.log(f / (1 - f))


@slip("the mixture itself, without its log-odds", of="log_odds_mixture")
def odds_mixture(z: Any, w: Any, a: Any, b: Any) -> Any:
    return np.sum(w * special.expit(a * z + b))


@slip("the mixture of the log-odds instead of the log-odds of the mixture", of="log_odds_mixture")
def odds_linear(z: Any, w: Any, a: Any, b: Any) -> Any:
    return np.sum(w * (a * z + b))


@slip("log f without the logarithm of 1 - f", of="log_odds_mixture")
def odds_log(z: Any, w: Any, a: Any, b: Any) -> Any:
    return special.logsumexp(special.log_expit(a * z + b), b=w)


@slip("the weights are ignored", of="log_odds_mixture")
def odds_no_weights(z: Any, w: Any, a: Any, b: Any) -> Any:
    t = a * z + b
    return special.logsumexp(special.log_expit(t)) - special.logsumexp(special.log_expit(-t))


@slip("upside down: log((1 - f) / f)", of="log_odds_mixture")
def odds_sign(z: Any, w: Any, a: Any, b: Any) -> Any:
    return -odds_by_logaddexp(z, w, a, b)


@slip("works in place on its arguments: a becomes a z + b", of="log_odds_mixture")
def odds_in_place(z: Any, w: Any, a: Any, b: Any) -> Any:
    np.add(a * z, b, out=a)
    return special.logsumexp(special.log_expit(a), b=w) - special.logsumexp(special.log_expit(-a), b=w)


@right("autograd", of="log_odds_mixture_derivative")
def slope_by_autograd(z: Any, w: Any, a: Any, b: Any) -> Any:
    x = torch.tensor(float(z), dtype=torch.float64, requires_grad=True)
    w, t = torch.as_tensor(w), torch.as_tensor(a) * x + torch.as_tensor(b)
    up = torch.logsumexp(w.log() + torch.nn.functional.logsigmoid(t), 0)
    return torch.autograd.grad(up - torch.logsumexp(w.log() + torch.nn.functional.logsigmoid(-t), 0), x)[0]


@right("means of a under the parts' shares", of="log_odds_mixture_derivative")
def slope_by_shares(z: Any, w: Any, a: Any, b: Any) -> Any:
    t = a * z + b
    up = special.softmax(np.log(w) + special.log_expit(t))
    down = special.softmax(np.log(w) + special.log_expit(-t))
    return np.array([up @ (a * special.expit(-t)) + down @ (a * special.expit(t))])


@slip("overflows: f rounds to 0 or 1", of="log_odds_mixture_derivative")
def slope_naive(z: Any, w: Any, a: Any, b: Any) -> Any:
    s = 1 / (1 + np.exp(-(a * z + b)))
    f = np.sum(w * s)
    return np.sum(w * a * s * (1 - s)) / (f * (1 - f))


@slip("the derivative of the mixture, without that of the log-odds", of="log_odds_mixture_derivative")
def slope_mixture(z: Any, w: Any, a: Any, b: Any) -> Any:
    s = special.expit(a * z + b)
    return np.sum(w * a * s * (1 - s))


@slip("the factor a_i is missing", of="log_odds_mixture_derivative")
def slope_no_chain(z: Any, w: Any, a: Any, b: Any) -> Any:
    return slope_by_shares(z, w, np.ones_like(a), b + (a - 1) * z)


@slip("the derivative of f / (1 - f), without that of the logarithm", of="log_odds_mixture_derivative")
def slope_odds(z: Any, w: Any, a: Any, b: Any) -> Any:
    s = special.expit(a * z + b)
    return np.sum(w * a * s * (1 - s)) / (1 - np.sum(w * s)) ** 2


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
