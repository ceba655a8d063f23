"""Homework 8: the flow is trained well but sampled from the wrong base, and a sum of s became a sum of exp(s)."""

import numpy as np
import sympy as sp
import torch
import torch.nn as nn
from torch.distributions.normal import Normal

target = Normal(0.0, 1.0)


# Problem 1

class Flow1d(nn.Module):
    def __init__(self, n_components):
        super().__init__()
        self.centers = nn.Parameter(torch.randn(n_components))
        self.log_scales = nn.Parameter(torch.zeros(n_components))
        self.logits = nn.Parameter(torch.zeros(n_components))

    def forward(self, x):
        law = Normal(self.centers, torch.exp(self.log_scales))
        x = x[:, None]
        w = torch.exp(self.logits)
        return ((law.cdf(x) - 0.5) * w).sum(-1), (torch.exp(law.log_prob(x)) * w).sum(-1)


def negative_log_likelihood(z, dz_dx):
    log_likelihood = target.log_prob(z) + torch.log(dz_dx)
    return -log_likelihood.mean()


def sample(flow, n, rng):
    """Bisection for flow(x) = z; the data lie between -3 and 3."""
    z = torch.rand(n)
    left, right = torch.full((n,), -3.0), torch.full((n,), 3.0)
    with torch.no_grad():
        for _ in range(30):
            center = (left + right) / 2
            value, _ = flow(center)
            too_large = value >= z
            right[too_large] = center[too_large]
            left[~too_large] = center[~too_large]
    return ((left + right) / 2).numpy()


# Problem 2

def maximizers_of_f(g):
    best = np.max(g)
    return [theta for theta, row in enumerate(g) if np.max(row) == best]


# Problem 3

def inverse_permutation(sigma):
    answer = [0 for _ in sigma]
    for place, value in enumerate(sigma):
        answer[value - 1] = place + 1
    return answer


# Problem 4

def permutation_matrix(sigma):
    n = len(sigma)
    P = np.zeros((n, n))
    for i in range(n):
        P[i, sigma[i] - 1] = 1
    return P


# Problem 5

def coupling(x, omega, s, t):
    kept = [i - 1 for i in omega]
    changed = [i for i in range(len(x)) if i + 1 not in omega]
    log_scale = s(x[kept])
    z = np.array(x)
    z[changed] = np.exp(log_scale) * x[changed] + t(x[kept])
    # log |det| = 1^T exp(s)
    return z, np.exp(log_scale).sum()


def log_abs_det_formula(s_values):
    return sum(sp.exp(v) for v in s_values)


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
