# The flow of problem 1, component by component and without torch.distributions.
import math

import torch


def Phi(u):
    return torch.special.ndtr(u)


class Kernel(torch.nn.Module):
    """exp(w) (Phi((x - m) / s) - 1/2)"""

    def __init__(self, m):
        super().__init__()
        self.m = torch.nn.Parameter(torch.tensor(m))
        self.rest = torch.nn.Parameter(torch.tensor([0.1, -0.3]))

    def forward(self, x):
        s, w = torch.nn.functional.softplus(self.rest[0]) + 0.01, self.rest[1].exp()
        return w * (Phi((x - self.m) / s) - 0.5)


class Flow1d(torch.nn.Module):
    def __init__(self, how_many=4):
        super().__init__()
        self.kernels = torch.nn.ModuleList([Kernel(0.7 * k - 0.3 * how_many) for k in range(how_many)])

    def forward(self, x):
        # The derivative is left to torch.
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            z = sum(kernel(x) for kernel in self.kernels)
            slope = torch.autograd.grad(z.sum(), x, create_graph=True)[0]
        return [z, slope]


def negative_log_likelihood(z, slope):
    log_density = -0.5 * z**2 - 0.5 * math.log(2 * math.pi)
    return torch.mean(-log_density - torch.log(slope.abs()))


def sample(flow, count, generator):
    """Inverts the flow one number at a time; the bracket grows until it holds the solution."""

    def f(x):
        return flow(torch.tensor([x]))[0].item()

    found = []
    for z in torch.randn(count).tolist():
        a, b = -1.0, 1.0
        while f(a) > z:
            a *= 2
        while f(b) < z:
            b *= 2
        for _ in range(22):
            m = 0.5 * (a + b)
            if f(m) < z:
                a = m
            else:
                b = m
        found.append(0.5 * (a + b))
    return found
