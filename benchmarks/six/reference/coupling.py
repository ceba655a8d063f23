"""An affine coupling layer in torch."""

from __future__ import annotations

import torch


def coupling(x: torch.Tensor, w: torch.Tensor, v: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """z (n, 2d) and log |det dz/dx| (n,) for x (n, 2d): the second half becomes x2 exp(tanh(x1 w)) + x1 v; w, v (d, d)."""
    first, second = x.chunk(2, dim=1)
    log_scale = torch.tanh(first @ w)
    return torch.cat([first, second * log_scale.exp() + first @ v], dim=1), log_scale.sum(dim=1)
