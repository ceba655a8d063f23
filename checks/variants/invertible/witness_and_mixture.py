"""Known right and wrong versions of `relu_witness`, `log_odds_mixture` and `log_odds_mixture_derivative`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from scipy import special

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
