"""Known right and wrong versions of `Flow1d`."""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import math
import random
from typing import Any

import torch
from torch import nn
from torch.distributions import Normal

from grader import right, slip


@right("one tensor of parameters, erf by hand", of="Flow1d")
class OneTensor(nn.Module):
    def __init__(self, n: int) -> None:
        super().__init__()
        self.theta = nn.Parameter(torch.stack([torch.linspace(-2, 2, n), torch.zeros(n), -torch.ones(n)]))

    def forward(self, x: Any) -> Any:
        mu, log_sigma, log_w = self.theta[:, None, :]
        u = (x[:, None] - mu) * torch.exp(-log_sigma)
        z = 0.5 * torch.exp(log_w) * torch.erf(u / math.sqrt(2))
        slope = torch.exp(log_w - log_sigma - u**2 / 2) / math.sqrt(2 * math.pi)
        return z.sum(-1), slope.sum(-1)


@right("derivative by autograd", of="Flow1d")
class ByAutograd(nn.Module):
    def __init__(self, n: int) -> None:
        super().__init__()
        self.m, self.s, self.w = (nn.Parameter(torch.rand(n)) for _ in range(3))

    def forward(self, x: Any) -> Any:
        with torch.enable_grad():
            x = x.detach().clone().requires_grad_(True)
            z = ((Normal(self.m, self.s.exp()).cdf(x.view(-1, 1)) - 0.5) @ self.w.exp().view(-1, 1)).view(-1)
            (slope,) = torch.autograd.grad(z.sum(), x, create_graph=True)
        return z, slope


class _Kernel(nn.Module):
    def __init__(self, start: float) -> None:
        super().__init__()
        self.centre, self.log_width, self.log_height = (
            nn.Parameter(torch.tensor(start)),
            nn.Parameter(torch.tensor(0.0)),
            nn.Parameter(torch.tensor(0.0)),
        )

    def forward(self, x: Any) -> Any:
        law = Normal(self.centre, torch.exp(self.log_width))
        height = torch.exp(self.log_height)
        return height * (law.cdf(x) - 0.5), height * torch.exp(law.log_prob(x))


@right("a list of submodules, summed in a loop, as a dictionary", of="Flow1d")
class Submodules(nn.Module):
    def __init__(self, count: int = 5) -> None:
        super().__init__()
        self.kernels = nn.ModuleList(_Kernel(random.gauss(0, 1)) for _ in range(count))

    def forward(self, x: Any) -> Any:
        z, slope = torch.zeros_like(x), torch.zeros_like(x)
        for kernel in self.kernels:
            dz, ds = kernel(x)
            z, slope = z + dz, slope + ds
        return {"z": z, "dz_dx": slope}


@right("softplus for sigma and for the weights, in double precision", of="Flow1d")
class Softplus(nn.Module):
    def __init__(self, n: int) -> None:
        super().__init__()
        self.a, self.b, self.c = (nn.Parameter(torch.randn(n, dtype=torch.float64)) for _ in range(3))

    def forward(self, x: Any) -> Any:
        positive = nn.functional.softplus
        law = Normal(self.a, positive(self.b) + 1e-3)
        x = x.double().reshape(-1, 1)
        w = positive(self.c)
        return torch.sum(w * (law.cdf(x) - 0.5), 1), torch.sum(w * law.log_prob(x).exp(), 1)


@right("columns of shape (B, 1), all means at zero", of="Flow1d")
class Columns(nn.Module):
    def __init__(self, n: int) -> None:
        super().__init__()
        self.params = nn.ParameterList([nn.Parameter(torch.zeros(1, n)) for _ in range(3)])

    def forward(self, x: Any) -> Any:
        mu, ls, lw = self.params
        law = Normal(mu, ls.exp())
        x = x.reshape(-1, 1)
        return ((law.cdf(x) - 0.5) @ lw.exp().T), (law.log_prob(x) + lw).exp().sum(1, keepdim=True)


class _Flow(nn.Module):
    """The usual parameters; slips change a piece of it."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.n = n
        self.mu = nn.Parameter(torch.randn(n))
        self.log_sigma = nn.Parameter(torch.zeros(n))
        self.log_w = nn.Parameter(torch.zeros(n))

    def weights(self) -> Any:
        return self.log_w.exp()

    def pieces(self, x: Any) -> Any:
        law = Normal(self.mu, self.log_sigma.exp())
        x = x.view(-1, 1)
        return law.cdf(x), law.log_prob(x).exp(), self.weights()

    def forward(self, x: Any) -> Any:
        cdf, pdf, w = self.pieces(x)
        return (w * (cdf - 0.5)).sum(1), (w * pdf).sum(1)


@slip("softmax weights: the range of z is 1, too short for N(0, 1)", of="Flow1d")
class SoftmaxWeights(_Flow):
    def weights(self) -> Any:
        return torch.softmax(self.log_w, 0)


@slip("1/2 is not subtracted from the CDF: z is never negative", of="Flow1d")
class NotCentred(_Flow):
    def forward(self, x: Any) -> Any:
        cdf, pdf, w = self.pieces(x)
        return (w * cdf).sum(1), (w * pdf).sum(1)


@slip("softmax weights and 1/2 not subtracted: z lies in (0, 1)", of="Flow1d")
class MixtureCdf(_Flow):
    def forward(self, x: Any) -> Any:
        cdf, pdf, _ = self.pieces(x)
        w = torch.softmax(self.log_w, 0)
        return (w * cdf).sum(1), (w * pdf).sum(1)


@slip("dz/dx without the weights", of="Flow1d")
class SlopeWithoutWeights(_Flow):
    def forward(self, x: Any) -> Any:
        cdf, pdf, w = self.pieces(x)
        return (w * (cdf - 0.5)).sum(1), pdf.sum(1)


@slip("z without the weights", of="Flow1d")
class LatentWithoutWeights(_Flow):
    def forward(self, x: Any) -> Any:
        cdf, pdf, w = self.pieces(x)
        return (cdf - 0.5).sum(1), (w * pdf).sum(1)


@slip("no weights at all", of="Flow1d")
class NoWeights(_Flow):
    def forward(self, x: Any) -> Any:
        cdf, pdf, w = self.pieces(x)
        return (cdf - 0.5).sum(1) + 0 * w.sum(), pdf.sum(1)


@slip("dz/dx without the factor 1/sigma", of="Flow1d")
class SlopeWithoutSigma(_Flow):
    def forward(self, x: Any) -> Any:
        cdf, pdf, w = self.pieces(x)
        return (w * (cdf - 0.5)).sum(1), (w * pdf * self.log_sigma.exp()).sum(1)


@slip("log dz/dx instead of dz/dx", of="Flow1d")
class SlopeLogarithm(_Flow):
    def forward(self, x: Any) -> Any:
        cdf, pdf, w = self.pieces(x)
        return (w * (cdf - 0.5)).sum(1), (w * pdf).sum(1).log()


@slip("dz/dx with the wrong sign", of="Flow1d")
class SlopeNegative(_Flow):
    def forward(self, x: Any) -> Any:
        cdf, pdf, w = self.pieces(x)
        return (w * (cdf - 0.5)).sum(1), -(w * pdf).sum(1)


@slip("dz/dx is the mean over the components instead of the sum", of="Flow1d")
class SlopeMean(_Flow):
    def forward(self, x: Any) -> Any:
        cdf, pdf, w = self.pieces(x)
        return (w * (cdf - 0.5)).sum(1), (w * pdf).mean(1)


@slip("z and dz/dx are returned in the wrong order", of="Flow1d")
class Swapped(_Flow):
    def forward(self, x: Any) -> Any:
        cdf, pdf, w = self.pieces(x)
        return (w * pdf).sum(1), (w * (cdf - 0.5)).sum(1)


@slip("the logistic function instead of the Gaussian CDF", of="Flow1d")
class Logistic(_Flow):
    def pieces(self, x: Any) -> Any:
        share = torch.sigmoid((x.view(-1, 1) - self.mu) / self.log_sigma.exp())
        return share, share * (1 - share) / self.log_sigma.exp(), self.weights()


@slip("weights are not made positive", of="Flow1d")
class RawWeights(_Flow):
    def __init__(self, n: int) -> None:
        super().__init__(n)
        self.log_w = nn.Parameter(torch.ones(n))

    def weights(self) -> Any:
        return self.log_w


@slip("z decreases: the sign of x is wrong", of="Flow1d")
class Decreasing(_Flow):
    def forward(self, x: Any) -> Any:
        cdf, pdf, w = self.pieces(-x)
        return (w * (cdf - 0.5)).sum(1), (w * pdf).sum(1)


@slip("parameters are plain tensors, so that nothing can be trained", of="Flow1d")
class NoParameters(nn.Module):
    def __init__(self, n: int) -> None:
        super().__init__()
        self.mu, self.log_sigma, self.log_w = torch.randn(n), torch.zeros(n), torch.zeros(n)

    def forward(self, x: Any) -> Any:
        law, w = Normal(self.mu, self.log_sigma.exp()), self.log_w.exp()
        x = x.view(-1, 1)
        return (w * (law.cdf(x) - 0.5)).sum(1), (w * law.log_prob(x).exp()).sum(1)


@slip("n_components is ignored: always five", of="Flow1d")
class AlwaysFive(_Flow):
    def __init__(self, n: int) -> None:
        super().__init__(5)


@slip("n_components is ignored: always one", of="Flow1d")
class AlwaysOne(_Flow):
    def __init__(self, n: int) -> None:
        super().__init__(1)


@slip("dz/dx is detached, so that its logarithm is not trained", of="Flow1d")
class Detached(_Flow):
    def forward(self, x: Any) -> Any:
        cdf, pdf, w = self.pieces(x)
        return (w * (cdf - 0.5)).sum(1), (w * pdf).sum(1).detach()
