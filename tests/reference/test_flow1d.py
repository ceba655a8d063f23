"""The flow's reference against autograd, SciPy's laws and quadrature."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats
from torch.distributions import Normal

from checks.support.flow_curves import Mixture, cross_entropy
from reference.flow1d import Flow1d, negative_log_likelihood, sample

DOCUMENT = Mixture((-1.0, 0.2, 1.5), (0.25, 0.25, 0.25), (0.25, 0.25, 0.5))
APART = Mixture((-8.0, 0.0, 7.0), (1.0, 0.5, 0.25), (5.5, 1.0, 5.5))


def flow_of(mixture: Mixture) -> Flow1d:
    """A module with these components, in double precision."""
    flow = Flow1d(len(mixture.means)).double()
    with torch.no_grad():
        flow.means.copy_(torch.tensor(mixture.means))
        flow.log_deviations.copy_(torch.tensor(mixture.deviations).log())
        flow.log_weights.copy_(torch.tensor(mixture.weights).log())
    return flow


@pytest.mark.parametrize("n", [1, 2, 5])
def test_the_derivative_is_that_of_autograd(n: int) -> None:
    torch.manual_seed(n)
    flow = Flow1d(n).double()
    with torch.no_grad():
        for parameter in flow.parameters():
            parameter += torch.randn(n, dtype=torch.float64)
    x = torch.linspace(-4, 4, 41, dtype=torch.float64, requires_grad=True)
    z, dz_dx = flow(x)
    (expected,) = torch.autograd.grad(z.sum(), x)
    assert torch.allclose(dz_dx, expected, rtol=1e-12, atol=1e-14)


def test_the_flow_and_the_plain_functions_are_the_same() -> None:
    x = np.linspace(-10, 10, 101)
    z, dz_dx = flow_of(APART)(torch.tensor(x))
    assert z.detach().numpy() == pytest.approx(APART.latent(x), abs=1e-5)
    assert dz_dx.detach().numpy() == pytest.approx(APART.density(x), abs=1e-5)
    ends = APART.latent(np.array([-1e6, 1e6]))
    assert ends == pytest.approx([-6, 6])


def test_the_likelihood_is_that_of_torch_s_normal() -> None:
    z, dz_dx = torch.tensor([0.5, -1.25, 2.0]), torch.tensor([0.25, 1.0, 3.0])
    expected = -(Normal(0.0, 1.0).log_prob(z) + dz_dx.log()).mean()
    assert float(negative_log_likelihood(z, dz_dx)) == pytest.approx(float(expected), rel=1e-6)


def test_the_flow_s_density_integrates_to_one_but_for_the_missing_mass() -> None:
    narrow = Mixture((0.0, 1.0), (1.0, 0.5), (1.0, 1.5))

    def density(x: float) -> float:
        at = np.array(x)
        return float(stats.norm.pdf(narrow.latent(at)) * narrow.density(at))

    mass, _ = integrate.quad(density, -12, 12, points=[0, 1])
    assert mass == pytest.approx(1 - 2 * stats.norm.sf(1.25), abs=1e-9)


@pytest.mark.parametrize("mixture", [APART, Mixture((0.5,), (2.0,), (10.0,))])
def test_samples_have_the_flow_s_law(mixture: Mixture) -> None:
    x = sample(flow_of(mixture), 4000, np.random.default_rng(1))
    assert x.shape == (4000,)
    assert stats.kstest(x, lambda at: stats.norm.cdf(mixture.latent(at))).pvalue > 1e-4


def test_the_fit_of_a_gaussian_and_the_cross_entropy_against_samples() -> None:
    data = DOCUMENT.draw(200_000, np.random.default_rng(2))
    fitted = stats.norm(data.mean(), data.std())
    assert DOCUMENT.gaussian_fit() == pytest.approx(-fitted.logpdf(data).mean(), abs=5e-3)
    x = np.linspace(-4, 4, 4001)
    z, dz_dx = APART.latent(x), APART.density(x)
    loss = -stats.norm.logpdf(APART.latent(data)) - np.log(APART.density(data))
    assert cross_entropy(DOCUMENT, x, z, dz_dx) == pytest.approx(loss.mean(), rel=1e-2)


def test_a_trained_flow_beats_the_fit_of_a_gaussian_and_softmax_weights_do_not() -> None:
    """Why the handout's weights are exponentials: with softmax the range is 1 and z reaches mass 0.383 only."""
    data = torch.tensor(DOCUMENT.draw(400, np.random.default_rng(3)), dtype=torch.float32)
    losses = {}
    for name in ("exp", "softmax"):
        torch.manual_seed(0)
        flow = Flow1d(5)
        optimizer = torch.optim.Adam(flow.parameters(), lr=0.05)
        for _ in range(120):
            z, dz_dx = flow(data)
            total = flow.log_weights.exp().sum() if name == "softmax" else 1.0
            loss = negative_log_likelihood(z / total, dz_dx / total)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        losses[name] = loss.item()
    assert losses["exp"] < DOCUMENT.gaussian_fit() - 0.2 < losses["softmax"]
    assert losses["softmax"] > DOCUMENT.gaussian_fit()
    assert 2 * stats.norm.cdf(0.5) - 1 == pytest.approx(0.383, abs=5e-4)
    assert math.isclose(DOCUMENT.gaussian_fit(), 1.487, abs_tol=5e-4)
