"""A flow in one dimension, a mixture of Gaussian CDFs: Homework 8 (2021), problem 1.

z = sum_i w_i (Phi((x - mu_i) / sigma_i) - 1/2) with w_i, sigma_i > 0 maps data x to a latent z ~ N(0, 1). Its
range is (-sum w / 2, sum w / 2), and what N(0, 1) has outside is mass that the flow misses.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Floats = NDArray[np.float64]


class Flow1d(nn.Module):
    """z and dz/dx, both (B,), of x (B,), with `n_components` means, log standard deviations and log weights."""

    def __init__(self, n_components: int) -> None:
        super().__init__()
        self.means = nn.Parameter(torch.randn(n_components))
        self.log_deviations = nn.Parameter(torch.zeros(n_components))
        self.log_weights = nn.Parameter(torch.zeros(n_components))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The latent z (B,) and its derivative by x (B,)."""
        components = torch.distributions.Normal(self.means, self.log_deviations.exp())
        weights, column = self.log_weights.exp(), x.unsqueeze(1)
        z = (weights * (components.cdf(column) - 0.5)).sum(1)  # type: ignore[no-untyped-call]
        return z, (weights * components.log_prob(column).exp()).sum(1)  # type: ignore[no-untyped-call]


def negative_log_likelihood(z: Tensor, dz_dx: Tensor) -> Tensor:
    """Mean over a batch (B,) of -log p(x), where z ~ N(0, 1) and p(x) = p(z) dz/dx."""
    return (z**2 / 2 + math.log(2 * math.pi) / 2 - dz_dx.log()).mean()


def sample(flow: nn.Module, n: int, rng: np.random.Generator) -> Floats:
    """n samples (n,) of x = z^-1(Z), Z ~ N(0, 1), by interpolation of z^-1; Z outside its range goes to the end of it.

    The grid is fine near 0 and reaches to 8e4, with steps of 6e-4 in size 1 and of 6e-4 |x| further out.
    """
    x = torch.sinh(torch.linspace(-12.0, 12.0, 40001, dtype=torch.float64))
    with torch.no_grad():
        z, _ = flow(x)
    drawn: Floats = np.interp(rng.standard_normal(n), z.numpy(), x.numpy())
    return drawn
