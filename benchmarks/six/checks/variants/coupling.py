"""Known right and wrong versions of `coupling`."""

from __future__ import annotations

from typing import Any

import torch

from grader import right, slip


@right("by slices", of="coupling")
def by_slices(x: Any, w: Any, v: Any) -> Any:
    d = x.shape[1] // 2
    z, s = x.clone(), torch.tanh(x[:, :d] @ w)
    z[:, d:] = x[:, d:] * torch.exp(s) + x[:, :d] @ v
    return z, s.sum(1)


@slip("the mean of the log-scales", of="coupling")
def mean(x: Any, w: Any, v: Any) -> Any:
    d = x.shape[1] // 2
    s = torch.tanh(x[:, :d] @ w)
    return torch.cat([x[:, :d], x[:, d:] * torch.exp(s) + x[:, :d] @ v], 1), s.mean(1)


@slip("divided by the scale", of="coupling")
def divided(x: Any, w: Any, v: Any) -> Any:
    d = x.shape[1] // 2
    s = torch.tanh(x[:, :d] @ w)
    return torch.cat([x[:, :d], x[:, d:] / torch.exp(s) + x[:, :d] @ v], 1), s.sum(1)
