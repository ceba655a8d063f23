"""A small decoder, and the gradients of a bound that is computed with it. Public: it runs beside submitted code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

NOT_A_TENSOR = "the result is no torch tensor"
NOT_ONE = "the result is not one number"
NO_GRADIENT = "the result depends on none of its arguments, as torch sees it"


class Decoder:
    """f(z) = tanh(z A^T) B^T + c for z (n, k), as (n, d); differentiable in z and in its parameters A, B, c."""

    def __init__(self, A: NDArray[np.float64], B: NDArray[np.float64], c: NDArray[np.float64]) -> None:
        """A (h, k), B (d, h), c (d,)."""
        self.parameters = [
            torch.tensor(np.asarray(w), dtype=torch.float64).requires_grad_() for w in (A, B, c)
        ]

    def __call__(self, z: torch.Tensor) -> torch.Tensor:
        """The means (n, d) of x for latent variables z (n, k), in the precision of z."""
        A, B, c = (w.to(z.dtype) for w in self.parameters)
        return torch.tanh(z @ A.T) @ B.T + c


def vlb_gradients(
    function: Callable[..., Any],
    x: torch.Tensor,
    mu: torch.Tensor,
    var: torch.Tensor,
    decoder: Decoder,
    sigma: float,
    prior_mean: torch.Tensor,
    prior_var: torch.Tensor,
    eps: torch.Tensor,
) -> torch.Tensor | str:
    """Gradients of `function`'s value in mu, var, prior_mean, prior_var and the decoder's parameters, one after another.

    Zero where the value does not depend on something; a sentence where it cannot be differentiated at all.
    """
    leaves = [tensor.detach().clone().requires_grad_() for tensor in (mu, var, prior_mean, prior_var)]
    value = function(x, *leaves[:2], decoder, sigma, *leaves[2:], eps)
    if not isinstance(value, torch.Tensor):
        return NOT_A_TENSOR
    if value.numel() != 1:
        return NOT_ONE
    if not value.requires_grad:
        return NO_GRADIENT
    wanted = [*leaves, *decoder.parameters]
    found = torch.autograd.grad(value.sum(), wanted, allow_unused=True)
    filled = [torch.zeros_like(w) if g is None else g for w, g in zip(wanted, found, strict=True)]
    return torch.cat([g.reshape(-1).to(mu.dtype) for g in filled])
