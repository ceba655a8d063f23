# Problems 2 to 8. Problem 1 is in flow.py.
import math
import random

import numpy as np
import torch
from sympy import Matrix, eye, exp, log


# 2
def maximizers_of_f(table):
    rows = [max(row) for row in table.tolist()]
    best = max(rows)
    return tuple(k for k in range(len(rows)) if rows[k] == best)


# 3
def inverse_permutation(perm):
    where = {value: place for place, value in enumerate(perm, start=1)}
    return np.array([where[k] for k in range(1, len(perm) + 1)], dtype=np.int32)


# 4
def permutation_matrix(perm):
    return torch.nn.functional.one_hot(torch.tensor(perm) - 1, num_classes=len(perm)).to(torch.float32)


# 5
class Coupling:
    """With the coordinates of omega first, the Jacobian is lower triangular."""

    def __init__(self, x, omega, s, t):
        first = [k - 1 for k in omega]
        last = [k for k in range(len(x)) if k not in first]
        self.P = torch.eye(len(x), dtype=torch.float64)[first + last]
        sorted_x = self.P @ torch.tensor(x)
        top, bottom = sorted_x[: len(first)], sorted_x[len(first) :]
        self.s = torch.as_tensor(s(top.numpy()))
        self.z = self.P.T @ torch.cat([top, self.s.exp() * bottom + torch.as_tensor(t(top.numpy()))])

    def log_det(self):
        return torch.linalg.slogdet(torch.diag(self.s.exp()))[1]


def coupling(x, omega, s, t):
    layer = Coupling(x, omega, s, t)
    return {"z": layer.z, "log_det": layer.log_det()}


def log_abs_det_formula(values):
    block = eye(len(values) + 1)
    for k, v in enumerate(values):
        block[k + 1, k + 1] = exp(v)
    return log(Matrix(block).det())


# 6
def log_likelihood_ratio(x, p, q):
    return sum(math.log(p / q) if game else math.log((1 - p) / (1 - q)) for game in x)


def evening(n_games, p, q, money, goal):
    """What one evening contributes; all games are played, whether the money is made or not."""
    weight, won, broke = 1.0, False, False
    for _ in range(n_games):
        if random.random() < q:
            money, weight = money + 1, weight * p / q
        else:
            money, weight = money - 1, weight * (1 - p) / (1 - q)
        broke = broke or (money == 0 and not won)
        won = won or (money == goal and not broke)
    return weight if won else 0.0


def win_probability(n_sims, n_games, p, q, start, goal, rng):
    return sum(evening(n_games, p, q, start, goal) for _ in range(n_sims)) / n_sims


# 7
def score_formula(x, m, tau):
    return [(x - m) * exp(-2 * tau), ((x - m) ** 2 - exp(2 * tau)) / exp(2 * tau)]


def gradient(mu, tau, surrogate):
    mu = torch.tensor(float(mu), dtype=torch.float64, requires_grad=True)
    tau = torch.tensor(float(tau), dtype=torch.float64, requires_grad=True)
    loss = surrogate(mu, tau) + (mu - 1) ** 2 / 2 + torch.exp(tau) - tau
    return torch.stack(torch.autograd.grad(loss, [mu, tau]))


def grad_log_derivative(mu, tau, x):
    x = torch.as_tensor(x)
    return gradient(
        mu, tau, lambda m, t: (torch.distributions.Normal(m, t.exp()).log_prob(x) * x * x.sin()).mean()
    )


def grad_reparameterization(mu, tau, z):
    def mean(m, t):
        x = m + t.exp() * torch.as_tensor(z)
        return (x * torch.sin(x)).mean()

    return gradient(mu, tau, mean)


def descend(estimate, draw, mu, tau, lr, steps):
    for _ in range(steps):
        by_mu, by_tau = estimate(mu, tau, draw(mu, tau)).tolist()
        mu, tau = mu - lr * by_mu, tau - lr * by_tau
    return {"mu": mu, "sigma": math.exp(tau)}


def sgd_log_derivative(mu, tau, lr, batch, steps, rng):
    return descend(grad_log_derivative, lambda m, t: m + math.exp(t) * torch.randn(batch), mu, tau, lr, steps)


def sgd_reparameterization(mu, tau, lr, batch, steps, rng):
    return descend(grad_reparameterization, lambda m, t: np.random.randn(batch), mu, tau, lr, steps)


# 8
def score_gradient(score, log_h, log_q):
    """With the mean of the other samples as a baseline."""
    weight, n = [float(w) for w in log_h - log_q], len(log_h)
    total = np.zeros(len(score[0]))
    for i in range(n):
        total += score[i] * (weight[i] - (sum(weight) - weight[i]) / (n - 1))
    return list(total / n)


if __name__ == "__main__":
    import matplotlib.pyplot as plt
    from flow import Flow1d, sample

    plt.hist(sample(Flow1d(), 500, None), bins=40)
    plt.show()
