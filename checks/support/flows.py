"""One-dimensional flows beside submitted code: some with known components, and drivers for a submitted Flow1d.

Public: this runs in the process of the hand-in. A driver is called with the submitted class first.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class MixtureFlow(nn.Module):
    """z = sum w (Phi((x - m) / s) - 1/2) and dz/dx, both (B,), of x (B,), for lists of given m, s and w."""

    def __init__(self, means: list[float], deviations: list[float], weights: list[float]) -> None:
        super().__init__()
        rows = (torch.tensor(row) for row in (means, deviations, weights))
        self.components = nn.ParameterList(nn.Parameter(row, requires_grad=False) for row in rows)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The latent z (B,) and its derivative by x (B,)."""
        m, s, w = self.components
        u = (torch.as_tensor(x).reshape(-1, 1) - m) / s
        slope = w / s * torch.exp(-(u**2) / 2) / (2 * torch.pi) ** 0.5
        return (w * (torch.special.ndtr(u) - 0.5)).sum(1), slope.sum(1)


def moved(Flow1d: Any, n_components: int, spread: float) -> tuple[Any, list[Any]]:
    """A flow each of whose parameters was moved at random by up to `spread`, and these."""
    flow = Flow1d(n_components)
    parameters = list(flow.parameters())
    with torch.no_grad():
        for parameter in parameters:
            parameter.add_(spread * (2 * torch.rand_like(parameter) - 1))
    return flow, parameters


def parts(out: Any) -> Any:
    """z and dz/dx, also from a dictionary."""
    return out.values() if isinstance(out, dict) else out


class Drawn:
    """Driver: flow(x) of a moved flow, the number of its parameters, and which outputs torch can differentiate."""

    def __init__(self, spread: float, x: Any) -> None:
        self.spread = spread
        self.x = x

    def __call__(self, Flow1d: Any, n_components: int) -> tuple[Any, int, list[bool]]:
        """((z, dz/dx), number, [bool, bool]) for x in the precision of the parameters."""
        flow, parameters = moved(Flow1d, n_components, self.spread)
        out = flow(torch.as_tensor(self.x, dtype=parameters[0].dtype if parameters else torch.float32))
        graphs = [bool(getattr(part, "requires_grad", False)) for part in parts(out)]
        return out, sum(p.numel() for p in parameters), graphs


class Trained:
    """Driver: flow(x) after training on data, the best of three starts or the first whose loss is below `target`."""

    def __init__(self, data: Any, target: float, x: Any) -> None:
        self.data = data
        self.target = target
        self.x = x

    def __call__(self, Flow1d: Any, n_components: int) -> Any:
        """(z, dz/dx) at x."""
        ends: list[tuple[float, int, Any, Any]] = []
        for _ in range(3):
            flow, parameters = moved(Flow1d, n_components, 1.0)
            loss = self._descend(flow, parameters)
            ends.append((loss, len(ends), flow, parameters[0].dtype))
            if loss < self.target:
                break
        _, _, flow, dtype = min(ends, key=lambda end: (end[0] != end[0], *end[:2]))  # NaN last
        return flow(torch.as_tensor(self.x, dtype=dtype))

    def _descend(self, flow: Any, parameters: list[Any]) -> float:
        """250 steps of Adam on the mean of -log p(data); the last loss."""
        batch = torch.as_tensor(self.data, dtype=parameters[0].dtype)
        optimizer = torch.optim.Adam(parameters, lr=0.05)
        loss = torch.tensor(torch.inf)
        for _ in range(250):
            z, dz_dx = parts(flow(batch))
            loss = (z**2 / 2 + 0.9189385 - dz_dx.log()).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return loss.item()


def kept(Flow1d: Any, n_components: int) -> bool:
    """Driver: whether flow(x) leaves x as it was."""
    x = torch.tensor([0.5, -1.0, 2.0])
    before = x.clone()
    Flow1d(n_components)(x)
    return torch.equal(before, x)


class Outputs:
    """Driver: flow(x) of a flow as it was made."""

    def __init__(self, x: list[float]) -> None:
        self.x = x

    def __call__(self, Flow1d: Any, n_components: int) -> Any:
        """(z, dz/dx) at x."""
        return Flow1d(n_components)(torch.tensor(self.x))


def gradients(negative_log_likelihood: Any, z: Tensor, dz_dx: Tensor) -> list[Tensor] | str:
    """Driver: gradients of the loss by z and by dz_dx (B,), zero where it does not depend on one; or what forbids them."""
    leaves = [a.detach().clone().requires_grad_() for a in (z, dz_dx)]
    loss = negative_log_likelihood(*leaves)
    if not isinstance(loss, Tensor):
        return "the result is no tensor, so that it cannot be differentiated"
    if not loss.requires_grad:
        return "the result is detached from z and dz_dx, so that it cannot be differentiated"
    loss.sum().backward()  # type: ignore[no-untyped-call]
    return [torch.zeros_like(leaf) if leaf.grad is None else leaf.grad for leaf in leaves]
