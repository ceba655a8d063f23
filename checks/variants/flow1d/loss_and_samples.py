"""Known right and wrong versions of `negative_log_likelihood` and `sample`."""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch.distributions import Normal

from grader import right, slip


@right("torch's normal law", of="negative_log_likelihood")
def loss_normal(z: Any, dz_dx: Any) -> Any:
    return -(Normal(0.0, 1.0).log_prob(z) + torch.log(dz_dx)).mean()


@right("a loop, with the absolute value", of="negative_log_likelihood")
def loss_loop(z: Any, dz_dx: Any) -> Any:
    total = torch.zeros(1)
    for a, b in zip(z, dz_dx, strict=True):
        total = total - torch.log(torch.exp(-(a**2) / 2) / math.sqrt(2 * math.pi) * torch.abs(b))
    return total / len(z)


@right("in double precision, term by term", of="negative_log_likelihood")
def loss_double(z: Any, dz_dx: Any) -> Any:
    z, dz_dx = z.double(), dz_dx.double()
    return 0.5 * math.log(2 * math.pi) + z.square().mean() / 2 - dz_dx.abs().log().sum() / dz_dx.shape[0]


@slip("+ log dz/dx instead of - log dz/dx", of="negative_log_likelihood")
def loss_plus_log(z: Any, dz_dx: Any) -> Any:
    return (z**2 / 2 + 0.5 * math.log(2 * math.pi) + dz_dx.log()).mean()


@slip("log dz/dx missing", of="negative_log_likelihood")
def loss_no_jacobian(z: Any, dz_dx: Any) -> Any:
    return -Normal(0.0, 1.0).log_prob(z).mean()


@slip("log missing: dz/dx itself is subtracted", of="negative_log_likelihood")
def loss_no_log(z: Any, dz_dx: Any) -> Any:
    return -(Normal(0.0, 1.0).log_prob(z) + dz_dx).mean()


@slip("the log-likelihood itself, not its negative", of="negative_log_likelihood")
def loss_positive(z: Any, dz_dx: Any) -> Any:
    return (Normal(0.0, 1.0).log_prob(z) + dz_dx.log()).mean()


@slip("sum over the batch instead of the mean", of="negative_log_likelihood")
def loss_sum(z: Any, dz_dx: Any) -> Any:
    return -(Normal(0.0, 1.0).log_prob(z) + dz_dx.log()).sum()


@slip("one value for each sample instead of their mean", of="negative_log_likelihood")
def loss_not_reduced(z: Any, dz_dx: Any) -> Any:
    return -(Normal(0.0, 1.0).log_prob(z) + dz_dx.log())


@slip("the constant log(2 pi) / 2 is missing", of="negative_log_likelihood")
def loss_no_constant(z: Any, dz_dx: Any) -> Any:
    return (z**2 / 2 - dz_dx.log()).mean()


@slip("z^2 instead of z^2 / 2", of="negative_log_likelihood")
def loss_no_half(z: Any, dz_dx: Any) -> Any:
    return (z**2 + 0.5 * math.log(2 * math.pi) - dz_dx.log()).mean()


@slip("the density times log dz/dx instead of its logarithm plus that", of="negative_log_likelihood")
def loss_product(z: Any, dz_dx: Any) -> Any:
    return -(Normal(0.0, 1.0).log_prob(z) * dz_dx.log()).mean()


@slip("the logarithm of the mean instead of the mean of logarithms", of="negative_log_likelihood")
def loss_log_mean(z: Any, dz_dx: Any) -> Any:
    return -torch.log((Normal(0.0, 1.0).log_prob(z).exp() * dz_dx).mean())


@slip("a number without gradient is returned (item or detach)", of="negative_log_likelihood")
def loss_item(z: Any, dz_dx: Any) -> Any:
    return -(Normal(0.0, 1.0).log_prob(z) + dz_dx.log()).mean().item()


@right("bisection in torch, bracket from -20 to 20", of="sample")
def sample_bisection(flow: Any, n: int, rng: Any) -> Any:
    z, low, high = torch.randn(n), torch.full((n,), -20.0), torch.full((n,), 20.0)
    for _ in range(60):
        middle = (low + high) / 2
        f, _ = flow(middle)
        low[f < z] = middle[f < z]
        high[f >= z] = middle[f >= z]
    return middle


@right("interpolation on a grid", of="sample")
def sample_grid(flow: Any, n: int, rng: Any) -> Any:
    x = torch.linspace(-50, 50, 40001)
    with torch.no_grad():
        z = flow(x)[0].numpy()
    return np.interp(np.random.standard_normal(n), z, x.numpy()).tolist()


@right("one by one, with a bracket that grows", of="sample")
def sample_loop(flow: Any, n: int, rng: Any) -> Any:
    def f(x: float) -> float:
        return float(flow(torch.tensor([x]))[0].detach())

    drawn = []
    for z in rng.normal(size=n):
        low, high = -1.0, 1.0
        while f(low) > z:
            low *= 2
        while f(high) < z:
            high *= 2
        for _ in range(26):
            middle = (low + high) / 2
            low, high = (middle, high) if f(middle) < z else (low, middle)
        drawn.append(low)
    return np.array(drawn)


@right("rejection from uniform proposals, by the density", of="sample")
def sample_rejection(flow: Any, n: int, rng: Any) -> Any:
    x = torch.linspace(-40, 40, 80001)
    z, slope = flow(x)
    top = float((torch.exp(-(z**2) / 2) * slope).detach().max()) * 1.01
    kept: list[float] = []
    while len(kept) < n:
        x = torch.rand(20000) * 80 - 40
        z, slope = flow(x)
        take = torch.rand(20000) * top < torch.exp(-(z**2) / 2) * slope
        kept.extend(x[take].tolist())
    return torch.tensor(kept[:n])[:, None]


@slip("uniform base samples from (0, 1) instead of N(0, 1)", of="sample")
def sample_uniform(flow: Any, n: int, rng: Any) -> Any:
    return _bisect(flow, torch.rand(n), 20.0)


@slip("uniform base samples from (-1, 1) instead of N(0, 1)", of="sample")
def sample_uniform_both(flow: Any, n: int, rng: Any) -> Any:
    return _bisect(flow, 2 * torch.rand(n) - 1, 20.0)


@slip("the bracket of the bisection ends at -3 and 3 and clips the law", of="sample")
def sample_clipped(flow: Any, n: int, rng: Any) -> Any:
    return _bisect(flow, torch.randn(n), 3.0)


@slip("uniform base samples and a bracket from -3 to 3", of="sample")
def sample_uniform_clipped(flow: Any, n: int, rng: Any) -> Any:
    return _bisect(flow, torch.rand(n), 3.0)


@slip("the base samples z are returned", of="sample")
def sample_base(flow: Any, n: int, rng: Any) -> Any:
    return torch.randn(n)


@slip("z(Z) instead of its inverse: the flow is applied forwards", of="sample")
def sample_forwards(flow: Any, n: int, rng: Any) -> Any:
    return flow(torch.randn(n))[0]


@slip("Z / (dz/dx) as if the flow were linear", of="sample")
def sample_linear(flow: Any, n: int, rng: Any) -> Any:
    z = torch.randn(n)
    return z / flow(torch.zeros(n))[1]


@slip("half-normal base samples: |Z| instead of Z", of="sample")
def sample_half(flow: Any, n: int, rng: Any) -> Any:
    return _bisect(flow, torch.randn(n).abs(), 20.0)


@slip("the bisection goes to the wrong side", of="sample")
def sample_wrong_side(flow: Any, n: int, rng: Any) -> Any:
    z, low, high = torch.randn(n), torch.full((n,), -20.0), torch.full((n,), 20.0)
    for _ in range(40):
        middle = (low + high) / 2
        below = flow(middle)[0] < z
        low, high = torch.where(below, low, middle), torch.where(below, middle, high)
    return (low + high) / 2


@slip("the bracket of the bisection begins at 0: no x is negative", of="sample")
def sample_positive(flow: Any, n: int, rng: Any) -> Any:
    return _bisect(flow, torch.randn(n), 20.0).clamp(min=0.0)


@slip("the bisection stops after a few steps", of="sample")
def sample_coarse(flow: Any, n: int, rng: Any) -> Any:
    return _bisect(flow, torch.randn(n), 20.0, steps=3)


def _bisect(flow: Any, z: Any, end: float, steps: int = 40) -> Any:
    low, high = torch.full((len(z),), -end), torch.full((len(z),), end)
    for _ in range(steps):
        middle = (low + high) / 2
        below = flow(middle)[0] < z
        low, high = torch.where(below, middle, low), torch.where(below, high, middle)
    return (low + high) / 2
