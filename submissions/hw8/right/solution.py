"""Homework 8, all problems."""

import numpy as np
import sympy as sp
import torch
from torch import nn
from torch.distributions import Normal

# Problem 1


class Flow1d(nn.Module):
    def __init__(self, n_components):
        super().__init__()
        self.mu = nn.Parameter(torch.randn(n_components))
        self.log_sigma = nn.Parameter(torch.zeros(n_components))
        self.log_weight = nn.Parameter(torch.zeros(n_components))

    def forward(self, x):
        x = x.view(-1, 1)
        kernels = Normal(self.mu, self.log_sigma.exp())
        weights = self.log_weight.exp()
        z = (weights * (kernels.cdf(x) - 0.5)).sum(dim=1)
        dz_dx = (weights * kernels.log_prob(x).exp()).sum(dim=1)
        return z, dz_dx


def negative_log_likelihood(z, dz_dx):
    return -(Normal(0.0, 1.0).log_prob(z) + dz_dx.log()).mean()


def sample(flow, n, rng):
    z = torch.tensor(rng.standard_normal(n), dtype=torch.float32)
    low, high = torch.full((n,), -50.0), torch.full((n,), 50.0)
    with torch.no_grad():
        for _ in range(50):
            middle = (low + high) / 2
            below = flow(middle)[0] < z
            low[below] = middle[below]
            high[~below] = middle[~below]
    return (low + high) / 2


# Problem 2

def maximizers_of_f(g):
    f = g.max(axis=1)
    return [int(i) for i in np.flatnonzero(f == f.max())]


# Problem 3

def inverse_permutation(sigma):
    inverse = [0] * len(sigma)
    for i, value in enumerate(sigma):
        inverse[value - 1] = i + 1
    return inverse


# Problem 4

def permutation_matrix(sigma):
    return np.eye(len(sigma))[np.array(sigma) - 1]


# Problem 5

def coupling(x, omega, s, t):
    inside = np.zeros(len(x), dtype=bool)
    inside[np.array(omega) - 1] = True
    z = x.copy()
    z[~inside] = np.exp(s(x[inside])) * x[~inside] + t(x[inside])
    return z, np.sum(s(x[inside]))


def log_abs_det_formula(s_values):
    return sum(s_values)


# Problem 6

def log_likelihood_ratio(x, p, q):
    x = np.asarray(x, dtype=float)
    return np.sum(x * np.log(p / q) + (1 - x) * np.log((1 - p) / (1 - q)))


def win_probability(n_sims, n_games, p, q, start, goal, rng):
    total = 0.0
    for _ in range(n_sims):
        wins = rng.random(n_games) < q
        balance = start + np.cumsum(np.where(wins, 1, -1))
        ends = np.flatnonzero((balance <= 0) | (balance >= goal))
        if len(ends) and balance[ends[0]] >= goal:
            total += np.exp(log_likelihood_ratio(wins[: ends[0] + 1], p, q))
    return total / n_sims


# Problem 7: minimize E[X sin X] + (mu - 1)^2 / 2 + sigma - log sigma with sigma = exp(tau)

def score_formula(x, mu, tau):
    z = (x - mu) / sp.exp(tau)
    return z / sp.exp(tau), z**2 - 1


def grad_log_derivative(mu, tau, x):
    sigma = np.exp(tau)
    f = x * np.sin(x)
    return np.array(
        [np.mean(f * (x - mu)) / sigma**2 + mu - 1, np.mean(f * (((x - mu) / sigma) ** 2 - 1)) + sigma - 1]
    )


def grad_reparameterization(mu, tau, z):
    sigma = np.exp(tau)
    x = mu + sigma * z
    slope = np.sin(x) + x * np.cos(x)
    return np.array([np.mean(slope) + mu - 1, np.mean(slope * sigma * z) + sigma - 1])


def sgd_log_derivative(mu0, tau0, lr, batch_size, n_steps, rng):
    theta = np.array([mu0, tau0])
    for _ in range(n_steps):
        x = rng.normal(theta[0], np.exp(theta[1]), size=batch_size)
        theta = theta - lr * grad_log_derivative(*theta, x)
    return theta[0], np.exp(theta[1])


def sgd_reparameterization(mu0, tau0, lr, batch_size, n_steps, rng):
    theta = np.array([mu0, tau0])
    for _ in range(n_steps):
        theta = theta - lr * grad_reparameterization(*theta, rng.standard_normal(batch_size))
    return theta[0], np.exp(theta[1])


# Problem 8

def score_gradient(score, log_h, log_q):
    return np.mean(score * (log_h - log_q)[:, None], axis=0)
