# All problems of the sheet, mostly in torch. Plots at the end are only drawn when run as a script.
import math
import random

import numpy as np
import torch
from sympy import Abs, Piecewise, exp, log, prod

from chance import Casino, Gaussian


def score_gradient(score, log_h, log_q):
    """Leave-one-out baseline, because it has less variance."""
    s, w = torch.as_tensor(score), torch.as_tensor(log_h - log_q)
    total = torch.zeros(s.shape[1])
    n = len(w)
    for i in range(n):
        baseline = (w.sum() - w[i]) / (n - 1)
        total = total + s[i] * (w[i] - baseline)
    return (total / n).tolist()


def project(point, a):
    second = point[1]
    if second < 0:
        second = 0
    elif second > 1:
        second = 1
    return [a, second]


def projection_formula(u, v, a):
    return [a, Piecewise((0, v < 0), (1, v > 1), (v, True))]


class Painter:
    """The pixels that are not observed, as one flat parameter."""

    def __init__(self, picture, known):
        self.picture, self.known = picture.double(), known
        self.missing = torch.nn.Parameter(self.picture[~known])

    def image(self):
        return self.picture.masked_scatter(~self.known, self.missing)


def projected_step(x, g, image, known, step_size):
    new = np.clip(x.numpy() - step_size * g.numpy(), 0.0, 1.0)
    new[known.numpy()] = image.numpy()[known.numpy()]
    return new


def inpaint(log_p, picture, known, step_size=0.001, steps=300):
    painter = Painter(picture, known)
    sgd = torch.optim.SGD([painter.missing], lr=step_size)
    for _ in range(steps):
        sgd.zero_grad()
        (-log_p(painter.image().flatten()[None])).sum().backward()
        sgd.step()
        painter.missing.data.clamp_(0, 1)
    return painter.image().detach().tolist()


class PLU:
    """A = P L (U + diag s)."""

    def __init__(self, P, L, U, s):
        self.s = torch.as_tensor(s, dtype=torch.float64)
        self.A = torch.as_tensor(P) @ torch.as_tensor(L) @ (torch.as_tensor(U) + torch.diag(self.s))

    def log_det(self):
        return torch.linalg.slogdet(self.A)[1]


def plu_log_abs_det(P, L, U, s):
    return PLU(P, L, U, s).log_det()


def plu_log_abs_det_formula(s):
    return log(Abs(prod(s)))


def reorder_jacobian(J, order):
    n = len(order)
    out = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            out[i][j] = float(J[order[i], order[j]])
    return out


def conv1x1(x, P, L, U, s):
    weight = PLU(P, L, U, s).A[:, :, None, None]
    return torch.nn.functional.conv2d(torch.as_tensor(x)[None], weight)[0]


def conv1x1_log_abs_det_formula(s, height, width):
    return log(Abs(prod(s))) * height * width


def coupling(x, P, L, U, s):
    half = len(x) // 2
    a, b = np.split(x, [half])
    plu = PLU(P, L(a), U(a), s(a))
    z = np.vstack([a, conv1x1(b, P, L(a), U(a), s(a)).numpy()])
    return {"z": z, "log_det": float(plu.log_det()) * x[0].size}


def log_likelihood_ratio(x, p, q):
    return sum(math.log(p / q) if outcome else math.log((1 - p) / (1 - q)) for outcome in x)


def win_probability(n_sims, n_games, p, q, start, goal, rng):
    random.seed(1234)
    casino = Casino(p, q, start, goal)
    return sum(casino.play(n_games) for _ in range(n_sims)) / n_sims


def score_formula(x, μ, τ):
    σ2 = exp(2 * τ)
    return [(x - μ) / σ2, ((x - μ) ** 2 - σ2) / σ2]


def grad_log_derivative(mu, tau, x):
    law = Gaussian(mu, tau)
    x = torch.as_tensor(x)
    surrogate = (law.log_density(x) * (x * torch.sin(x))).mean() + law.penalty()
    return law.gradient(surrogate)


def grad_reparameterization(mu, tau, z):
    law = Gaussian(mu, tau)
    x = law.mu + law.tau.exp() * torch.as_tensor(z)
    return law.gradient((x * torch.sin(x)).mean() + law.penalty())


def descend(gradient, draw, mu, tau, lr, n_steps):
    for _ in range(n_steps):
        d_mu, d_tau = gradient(mu, tau, draw(mu, tau)).tolist()
        mu -= lr * d_mu
        tau -= lr * d_tau
    return {"mu": mu, "sigma": math.exp(tau)}


def sgd_log_derivative(mu0, tau0, lr, batch_size, n_steps, rng):
    return descend(
        grad_log_derivative, lambda m, t: m + math.exp(t) * torch.randn(batch_size), mu0, tau0, lr, n_steps
    )


def sgd_reparameterization(mu0, tau0, lr, batch_size, n_steps, rng):
    return descend(
        grad_reparameterization, lambda m, t: np.random.randn(batch_size), mu0, tau0, lr, n_steps
    )


if __name__ == "__main__":
    import matplotlib.pyplot as plt

    plt.plot([sgd_reparameterization(0.0, 0.0, 0.05, 64, k, None)["mu"] for k in range(100)])
    plt.show()
    print("P(win) =", win_probability(3000, 600, 18 / 37, 0.55, 100, 200, None))
