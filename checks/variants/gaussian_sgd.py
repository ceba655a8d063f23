"""Right and wrong ways to write the functions of `gaussian_sgd`."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy
import torch
from numpy.typing import NDArray

from grader import right, slip

Floats = NDArray[np.float64]
Rng = np.random.Generator


@right("derivatives taken by SymPy, as a Matrix", of="score_formula")
def score_by_sympy(x: Any, mu: Any, tau: Any) -> Any:
    log_density = -sympy.log(2 * sympy.pi) / 2 - tau - (x - mu) ** 2 / (2 * sympy.exp(tau) ** 2)
    return sympy.Matrix([sympy.diff(log_density, mu), sympy.diff(log_density, tau)])


@slip("(x - mu)^2/sigma^2 - 1/sigma^2 by tau", of="score_formula")
def score_minus_precision(x: Any, mu: Any, tau: Any) -> Any:
    return (x - mu) / sympy.exp(2 * tau), (x - mu) ** 2 / sympy.exp(2 * tau) - 1 / sympy.exp(2 * tau)


@slip("derivative by sigma instead of tau (no chain rule)", of="score_formula")
def score_by_sigma(x: Any, mu: Any, tau: Any) -> Any:
    return (x - mu) / sympy.exp(2 * tau), (x - mu) ** 2 / sympy.exp(3 * tau) - sympy.exp(-tau)


@slip("sign of both derivatives", of="score_formula")
def score_sign(x: Any, mu: Any, tau: Any) -> Any:
    return (mu - x) / sympy.exp(2 * tau), 1 - (x - mu) ** 2 / sympy.exp(2 * tau)


@slip("sigma where sigma squared is due", of="score_formula")
def score_sigma(x: Any, mu: Any, tau: Any) -> Any:
    return (x - mu) / sympy.exp(tau), (x - mu) ** 2 / sympy.exp(tau) - 1


@right("torch autograd of log_prob, single precision", of="grad_log_derivative")
def score_autograd(mu: float, tau: float, x: Floats) -> Any:
    theta = torch.tensor([mu, tau], requires_grad=True)
    samples = torch.tensor(x, dtype=torch.float32)
    normal: Any = torch.distributions.Normal(theta[0], torch.exp(theta[1]))
    rest = (theta[0] - 1) ** 2 / 2 + torch.exp(theta[1]) - theta[1]
    return torch.autograd.grad(
        (normal.log_prob(samples) * samples * torch.sin(samples)).mean() + rest, theta
    )[0]


@right("constant baseline, as a list", of="grad_log_derivative")
def score_baseline(mu: float, tau: float, x: Floats) -> Any:
    return _by_score(mu, tau, x, x * np.sin(x) - mu * math.sin(mu)).tolist()


@right("leave-one-out baseline", of="grad_log_derivative")
def score_leave_one_out(mu: float, tau: float, x: Floats) -> Any:
    value = x * np.sin(x)
    return _by_score(mu, tau, x, value - (value.sum() - value) / (len(x) - 1))


@right("torch autograd through the sample", of="grad_reparameterization")
def path_autograd(mu: float, tau: float, z: Floats) -> Any:
    theta = torch.tensor([mu, tau], dtype=torch.float64, requires_grad=True)
    x = theta[0] + torch.exp(theta[1]) * torch.as_tensor(z)
    loss: Any = (x * torch.sin(x)).mean() + (theta[0] - 1) ** 2 / 2 + torch.exp(theta[1]) - theta[1]
    loss.backward()
    return theta.grad


@right("sum over a loop, as a tuple", of="grad_reparameterization")
def path_loop(mu: float, tau: float, z: Floats) -> Any:
    sigma, first, second = math.exp(tau), 0.0, 0.0
    for draw in z:
        x = mu + sigma * draw
        first += math.sin(x) + x * math.cos(x)
        second += sigma * draw * (math.sin(x) + x * math.cos(x))
    return first / len(z) + mu - 1, second / len(z) + sigma - 1


def _by_score(mu: float, tau: float, x: Floats, value: Floats | None = None, **wrong: Any) -> Floats:
    """The log-derivative estimate; the options are ways to get it wrong."""
    sigma = wrong.get("sigma", math.exp(tau))
    value = x * np.sin(x) if value is None else value
    by_tau = ((x - mu) ** 2 / sigma**2 - wrong.get("one", 1.0)) * wrong.get("chain", 1.0)
    score = np.stack([(x - mu) / sigma**2, by_tau])
    expected = wrong.get("sign", 1.0) * np.sum(value * score, axis=1) / wrong.get("divisor", len(x))
    return np.asarray(expected + np.array(wrong.get("rest", (mu - 1, math.exp(tau) - 1))))


def _by_path(mu: float, tau: float, z: Floats, **wrong: Any) -> Floats:
    """The reparameterization estimate; the options are ways to get it wrong."""
    sigma = wrong.get("sigma", math.exp(tau))
    x = mu + sigma * z
    slope = x * np.cos(x) + np.sin(x) * wrong.get("product", 1.0)
    by_tau = sigma * z * slope * wrong.get("chain", 1.0)
    expected = (
        wrong.get("sign", 1.0) * np.sum(np.stack([slope, by_tau]), axis=1) / wrong.get("divisor", len(z))
    )
    return np.asarray(expected + np.array(wrong.get("rest", (mu - 1, math.exp(tau) - 1))))


@slip("(x - mu)^2/sigma^2 - 1/sigma^2 by tau", of="grad_log_derivative")
def score_precision(mu: float, tau: float, x: Floats) -> Any:
    return _by_score(mu, tau, x, one=math.exp(-2 * tau))


@slip("divides by the batch size twice", of="grad_log_derivative")
def score_divided_twice(mu: float, tau: float, x: Floats) -> Any:
    return _by_score(mu, tau, x, divisor=len(x) ** 2)


@slip("sum over the batch instead of mean", of="grad_log_derivative")
def score_sum(mu: float, tau: float, x: Floats) -> Any:
    return _by_score(mu, tau, x, divisor=1)


@slip("derivative by sigma instead of tau (no chain rule)", of="grad_log_derivative")
def score_no_chain(mu: float, tau: float, x: Floats) -> Any:
    return _by_score(mu, tau, x, chain=math.exp(-tau), rest=(mu - 1, 1 - math.exp(-tau)))


@slip("tau taken for sigma", of="grad_log_derivative")
def score_tau(mu: float, tau: float, x: Floats) -> Any:
    return _by_score(mu, tau, x, sigma=tau or 1e-300)


@slip("sign of the expectation's gradient", of="grad_log_derivative")
def score_negative(mu: float, tau: float, x: Floats) -> Any:
    return _by_score(mu, tau, x, sign=-1.0)


@slip("the gradient of -log sigma is missing", of="grad_log_derivative")
def score_no_log(mu: float, tau: float, x: Floats) -> Any:
    return _by_score(mu, tau, x, rest=(mu - 1, math.exp(tau)))


@slip("the expectation alone, not the whole objective", of="grad_log_derivative")
def score_only(mu: float, tau: float, x: Floats) -> Any:
    return _by_score(mu, tau, x, rest=(0.0, 0.0))


@slip("the mean of the same batch as baseline: biased by (n-1)/n", of="grad_log_derivative")
def score_batch_baseline(mu: float, tau: float, x: Floats) -> Any:
    return _by_score(mu, tau, x, x * np.sin(x) - np.mean(x * np.sin(x)))


@slip("the reparameterization trick instead of the log-derivative trick", of="grad_log_derivative")
def score_by_path(mu: float, tau: float, x: Floats) -> Any:
    return _by_path(mu, tau, (x - mu) / math.exp(tau))


@slip("derivative by sigma instead of tau (no chain rule)", of="grad_reparameterization")
def path_no_chain(mu: float, tau: float, z: Floats) -> Any:
    return _by_path(mu, tau, z, chain=math.exp(-tau), rest=(mu - 1, 1 - math.exp(-tau)))


@slip("x cos x alone: the product rule's sin x is missing", of="grad_reparameterization")
def path_product(mu: float, tau: float, z: Floats) -> Any:
    return _by_path(mu, tau, z, product=0.0)


@slip("the log-derivative trick instead of the reparameterization trick", of="grad_reparameterization")
def path_by_score(mu: float, tau: float, z: Floats) -> Any:
    return _by_score(mu, tau, mu + math.exp(tau) * z)


def _descend(
    gradient: Callable[..., Any],
    mu: float,
    tau: float,
    lr: float,
    batch: int,
    steps: int,
    rng: Rng,
    **wrong: Any,
) -> tuple[float, float]:
    """SGD with an estimate that takes standard normal samples; the options are ways to get it wrong."""
    velocity = np.zeros(2)
    draws = rng.standard_normal((1 if "reused" in wrong else steps, batch))
    for step in range(steps):
        z = draws[step % len(draws)] * wrong.get("scale", lambda tau: 1.0)(tau)
        velocity = wrong.get("momentum", 0.0) * velocity + gradient(mu, tau, z)
        mu, tau = mu - lr * float(velocity[0]), tau - lr * float(velocity[1])
    return mu, math.exp(tau)


def _score_at(mu: float, tau: float, z: Floats, **wrong: Any) -> Any:
    return _by_score(mu, tau, mu + math.exp(tau) * z, **wrong)


@right("torch loop with torch.optim.SGD", of="sgd_log_derivative")
def sgd_score_optimizer(mu0: float, tau0: float, lr: float, batch: int, steps: int, rng: Rng) -> Any:
    theta = torch.tensor([mu0, tau0], requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=lr)
    for _ in range(steps):
        normal: Any = torch.distributions.Normal(theta[0], torch.exp(theta[1]))
        x = normal.sample((batch,))
        loss = (normal.log_prob(x) * x * torch.sin(x)).mean() + (theta[0] - 1) ** 2 / 2
        optimizer.zero_grad()
        (loss + torch.exp(theta[1]) - theta[1]).backward()
        optimizer.step()
    return theta[0], torch.exp(theta[1])


@right("global NumPy generator, leave-one-out baseline, as an array", of="sgd_log_derivative")
def sgd_score_global(mu0: float, tau0: float, lr: float, batch: int, steps: int, rng: Rng) -> Any:
    theta = np.array([mu0, tau0])
    for _ in range(steps):
        x = np.random.normal(theta[0], np.exp(theta[1]), size=batch)
        theta = theta - lr * (score_leave_one_out if batch > 1 else _by_score)(theta[0], theta[1], x)
    return np.array([theta[0], np.exp(theta[1])])


@right("seeds itself, loops over samples, as a dictionary", of="sgd_reparameterization")
def sgd_path_seeded(mu0: float, tau0: float, lr: float, batch: int, steps: int, rng: Rng) -> Any:
    random.seed(1)
    mu, tau = mu0, tau0
    for _ in range(steps):
        by_mu, by_tau = path_loop(mu, tau, np.array([random.gauss(0, 1) for _ in range(batch)]))
        mu, tau = mu - lr * by_mu, tau - lr * by_tau
    return {"mu": mu, "sigma": math.exp(tau)}


@right("a generator of its own", of="sgd_reparameterization")
def sgd_path_own(mu0: float, tau0: float, lr: float, batch: int, steps: int, rng: Rng) -> Any:
    return _descend(_by_path, mu0, tau0, lr, batch, steps, np.random.default_rng())


@slip("steps by lr * g / B although g is already a mean", of="sgd_log_derivative")
def sgd_score_over_batch(mu0: float, tau0: float, lr: float, batch: int, steps: int, rng: Rng) -> Any:
    return _descend(_score_at, mu0, tau0, lr / batch, batch, steps, rng)


@slip("steps by lr * g / B although g is already a mean", of="sgd_reparameterization")
def sgd_path_over_batch(mu0: float, tau0: float, lr: float, batch: int, steps: int, rng: Rng) -> Any:
    return _descend(_by_path, mu0, tau0, lr / batch, batch, steps, rng)


@slip("returns tau for sigma", of="sgd_log_derivative")
def sgd_score_returns_tau(mu0: float, tau0: float, lr: float, batch: int, steps: int, rng: Rng) -> Any:
    return (lambda end: (end[0], math.log(end[1])))(_descend(_score_at, mu0, tau0, lr, batch, steps, rng))


@slip("returns tau for sigma", of="sgd_reparameterization")
def sgd_path_returns_tau(mu0: float, tau0: float, lr: float, batch: int, steps: int, rng: Rng) -> Any:
    return (lambda end: (end[0], math.log(end[1])))(_descend(_by_path, mu0, tau0, lr, batch, steps, rng))


@slip("one step too many", of="sgd_log_derivative")
def sgd_score_longer(mu0: float, tau0: float, lr: float, batch: int, steps: int, rng: Rng) -> Any:
    return _descend(_score_at, mu0, tau0, lr, batch, steps + 1, rng)


@slip("one step too few", of="sgd_reparameterization")
def sgd_path_shorter(mu0: float, tau0: float, lr: float, batch: int, steps: int, rng: Rng) -> Any:
    return _descend(_by_path, mu0, tau0, lr, batch, steps - 1, rng)


@slip("climbs instead of descending", of="sgd_log_derivative")
def sgd_score_ascent(mu0: float, tau0: float, lr: float, batch: int, steps: int, rng: Rng) -> Any:
    return _descend(_score_at, mu0, tau0, -lr, batch, steps, rng)


@slip("with momentum", of="sgd_reparameterization")
def sgd_path_momentum(mu0: float, tau0: float, lr: float, batch: int, steps: int, rng: Rng) -> Any:
    return _descend(_by_path, mu0, tau0, lr, batch, steps, rng, momentum=0.9)


@slip("derivative by sigma instead of tau (no chain rule)", of="sgd_reparameterization")
def sgd_path_no_chain(mu0: float, tau0: float, lr: float, batch: int, steps: int, rng: Rng) -> Any:
    return _descend(path_no_chain, mu0, tau0, lr, batch, steps, rng)


@slip("samples with sigma squared as standard deviation", of="sgd_reparameterization")
def sgd_path_variance(mu0: float, tau0: float, lr: float, batch: int, steps: int, rng: Rng) -> Any:
    return _descend(_by_path, mu0, tau0, lr, batch, steps, rng, scale=math.exp)


@slip("the reparameterization trick instead of the log-derivative trick", of="sgd_log_derivative")
def sgd_score_by_path(mu0: float, tau0: float, lr: float, batch: int, steps: int, rng: Rng) -> Any:
    return _descend(_by_path, mu0, tau0, lr, batch, steps, rng)


@slip("samples are drawn once, before the loop", of="sgd_reparameterization")
def sgd_path_reused(mu0: float, tau0: float, lr: float, batch: int, steps: int, rng: Rng) -> Any:
    return _descend(_by_path, mu0, tau0, lr, batch, steps, rng, reused=True)
