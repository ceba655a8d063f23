"""NICE: a flow of additive couplings and a scaling, with independent logistic noise (Dinh, Krueger and Bengio, 2014).

Public: it runs beside submitted code, and students may use it. Imports NumPy and torch only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn


class Nice(nn.Module):
    """x (B, D) to z (B, D), D even: couplings that shift one half by a function of the other, then z = h exp(scale)."""

    def __init__(self, dim: int, hidden: int = 128, couplings: int = 4, depth: int = 2) -> None:
        """dim: D. hidden: width of each coupling's network; depth: its hidden layers."""
        super().__init__()
        self.dim = dim
        self.shifts = nn.ModuleList(_network(dim // 2, hidden, depth) for _ in range(couplings))
        self.scale = nn.Parameter(torch.zeros(dim))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """z (B, D) and log |det dz/dx| (B,), the same for all x."""
        first, second = x[:, 0::2], x[:, 1::2]
        for shift in self.shifts:
            first, second = second + shift(first), first
        z = torch.cat([first, second], dim=1) * torch.exp(self.scale)
        return z, self.scale.sum().expand(len(x))

    def inverse(self, z: torch.Tensor) -> torch.Tensor:
        """x (B, D) with forward(x) = z (B, D)."""
        first, second = (z * torch.exp(-self.scale)).chunk(2, dim=1)
        for shift in reversed(self.shifts):
            first, second = second, first - shift(second)
        return torch.stack([first, second], dim=2).reshape(len(z), self.dim)

    def log_prob(self, x: torch.Tensor) -> torch.Tensor:
        """log p(x) (B,): z has independent standard logistic entries."""
        z, log_det = self(x)
        found: torch.Tensor = log_det - (nn.functional.softplus(z) + nn.functional.softplus(-z)).sum(dim=1)
        return found


def _network(width: int, hidden: int, depth: int) -> nn.Sequential:
    layers: list[nn.Module] = [nn.Linear(width, hidden), nn.SiLU()]
    for _ in range(depth - 1):
        layers += [nn.Linear(hidden, hidden), nn.SiLU()]
    return nn.Sequential(*layers, nn.Linear(hidden, width))


def from_arrays(arrays: Mapping[str, Any]) -> Nice:
    """The model whose parameters these are (its `state_dict` as arrays); its sizes follow from theirs."""
    couplings = {name.split(".")[1] for name in arrays if name.startswith("shifts.")}
    weights = [name for name in arrays if name.startswith("shifts.0.") and name.endswith(".weight")]
    model = Nice(len(arrays["scale"]), len(arrays["shifts.0.0.weight"]), len(couplings), len(weights) - 1)
    model.load_state_dict({name: torch.as_tensor(array) for name, array in arrays.items()})
    return model.requires_grad_(False)


class LogLikelihood:
    """log p of a trained model as a function: x (B, D) to (B,), differentiable in x, in the precision of the model."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        """arrays: the model's parameters."""
        self.model = from_arrays(arrays)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """log p(x) (B,)."""
        return self.model.log_prob(x.to(self.model.scale.dtype))
