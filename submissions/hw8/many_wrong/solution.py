"""Homework 8, with a mistake in every problem."""

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
        self.logits = nn.Parameter(torch.zeros(n_components))

    def forward(self, x):
        x = x.view(-1, 1)
        kernels = Normal(self.mu, self.log_sigma.exp())
        weights = self.logits.softmax(0)
        z = (weights * (kernels.cdf(x) - 0.5)).sum(dim=1)
        dz_dx = (weights * kernels.log_prob(x).exp()).sum(dim=1)
        return z, dz_dx


def negative_log_likelihood(z, dz_dx):
    return -(Normal(0.0, 1.0).log_prob(z) - dz_dx.log()).mean()


def sample(flow, n, rng):
    return torch.randn(n)


# Problem 2

def maximizers_of_f(g):
    return [int(np.argmax(g.max(axis=1)))]


# Problem 3

def inverse_permutation(sigma):
    return [sigma.index(i) if i in sigma else 0 for i in range(1, len(sigma) + 1)]


# Problem 4

def permutation_matrix(sigma):
    return np.eye(len(sigma))[:, np.array(sigma) - 1]


# Problem 5

def coupling(x, omega, s, t):
    k = len(omega)
    return np.concatenate([x[:k], np.exp(s(x[:k])) * x[k:] + t(x[:k])]), s(x[:k]).sum()


def log_abs_det_formula(s_values):
    return -sum(s_values)


# Problem 6

def log_likelihood_ratio(x, p, q):
    return np.sum(x) * np.log(q / p) + (len(x) - np.sum(x)) * np.log((1 - q) / (1 - p))


def win_probability(n_sims, n_games, p, q, start, goal, rng):
    wins = 0
    for _ in range(n_sims):
        balance = start + np.cumsum(np.where(rng.random(n_games) < q, 1, -1))
        wins += balance[-1] >= goal
    return wins / n_sims


# Problem 7

def score_formula(x, mu, tau):
    z = (x - mu) / sp.exp(tau)
    return z / sp.exp(tau), (z**2 - 1) / sp.exp(tau)


def grad_log_derivative(mu, tau, x):
    sigma = np.exp(tau)
    f = x * np.sin(x)
    return np.array([np.mean(f * (x - mu)) / sigma**2, np.mean(f * (((x - mu) / sigma) ** 2 - 1))])


def grad_reparameterization(mu, tau, z):
    x = mu + np.exp(tau) * z
    slope = np.sin(x) + x * np.cos(x)
    return np.array([np.mean(slope) + mu - 1, np.mean(slope * z) + np.exp(tau) - 1])


def sgd_log_derivative(mu0, tau0, lr, batch_size, n_steps, rng):
    theta = np.array([mu0, tau0])
    for _ in range(n_steps):
        theta = theta + lr * grad_log_derivative(*theta, rng.normal(theta[0], np.exp(theta[1]), batch_size))
    return theta[0], np.exp(theta[1])


def sgd_reparameterization(mu0, tau0, lr, batch_size, n_steps, rng):
    theta = np.array([mu0, tau0])
    for _ in range(n_steps):
        theta = theta - lr * grad_reparameterization(*theta, rng.standard_normal(batch_size))
    return theta[0], theta[1]


# Problem 8

def score_gradient(score, log_h, log_q):
    return np.mean(score * (log_q - log_h)[:, None], axis=0)
