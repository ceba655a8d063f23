"""Inpainting by constrained maximum likelihood (Homework 10 (2024), problem 3).

Minimised is -log p(X) over the images X with values in [0, 1] that agree with `image` where `mask` is true, by the
projected gradient method. Images are float tensors (H, W), masks boolean tensors of the same shape.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

LogLikelihood = Callable[[torch.Tensor], torch.Tensor]
"""(B, H*W) to (B,), differentiable."""


def projected_step(
    x: torch.Tensor, grad: torch.Tensor, image: torch.Tensor, mask: torch.Tensor, lr: float
) -> torch.Tensor:
    """x - lr * grad, projected: the observed pixels are those of `image`, the others are clamped to [0, 1]."""
    return torch.where(mask, image, (x - lr * grad).clamp(0.0, 1.0))


def inpaint(
    log_likelihood: LogLikelihood,
    image: torch.Tensor,
    mask: torch.Tensor,
    lr: float = 1e-3,
    n_steps: int = 300,
) -> torch.Tensor:
    """The image (H, W) after n_steps projected gradient steps from `image`."""
    x = image.clone()
    for _ in range(n_steps):
        leaf = x.detach().requires_grad_()
        loss = -log_likelihood(leaf.reshape(1, -1)).sum()
        (grad,) = torch.autograd.grad(loss, leaf)
        x = projected_step(leaf.detach(), grad, image, mask, lr)
    return x
