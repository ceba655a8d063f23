"""Log-likelihoods whose maxima are known. Public: they run beside submitted code."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray


class Gaussian:
    """log p(x) = -(x - center)^T A (x - center) / 2 for x (B, D), as (B,): a quadratic that couples the pixels."""

    def __init__(self, center: NDArray[np.float64], A: NDArray[np.float64]) -> None:
        """center (D,), A (D, D) symmetric and positive."""
        self.center = torch.tensor(np.asarray(center), dtype=torch.float64)
        self.A = torch.tensor(np.asarray(A), dtype=torch.float64)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """The values (B,); raises ValueError where x is no tensor (B, D)."""
        if x.dim() != 2 or x.shape[1] != len(self.center):
            raise ValueError(
                f"the log-likelihood takes a tensor (B, {len(self.center)}), not {tuple(x.shape)}: reshape the image"
            )
        apart = x - self.center.to(x.dtype)
        return -((apart @ self.A.to(x.dtype)) * apart).sum(dim=1) / 2
