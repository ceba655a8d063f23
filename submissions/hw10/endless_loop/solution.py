"""Homework 10; the projection never ends."""

import numpy as np
import sympy as sp
import torch


# Problem 1

def score_gradient(score, log_h, log_q):
    return np.mean(score * (log_h - log_q)[:, None], axis=0)


# Problem 2

def project(y, a):
    x2 = y[1]
    while not 0 <= x2 <= 1 or True:
        x2 = min(max(x2, 0), 1)
    return np.array([a, x2])


def projection_formula(y1, y2, a):
    return a, sp.Min(sp.Max(y2, 0), 1)


# Problem 3

def projected_step(x, grad, image, mask, lr):
    x_new = (x - lr * grad).clamp(0, 1)
    return torch.where(mask, image, x_new)


def inpaint(log_likelihood, image, mask, lr=1e-3, n_steps=300):
    X = image.clone().requires_grad_(True)
    for _ in range(n_steps):
        loss = -log_likelihood(X.reshape(1, -1)).mean()
        X.grad = None
        loss.backward()
        X.data = projected_step(X.data, X.grad, image, mask, lr)
    return X.detach()


# Problem 4

def plu_log_abs_det(P, L, U, s):
    return np.log(np.abs(s)).sum()


def plu_log_abs_det_formula(s):
    return sum(sp.log(sp.Abs(si)) for si in s)


def reorder_jacobian(J, order):
    return J[order][:, order]


def conv1x1(x, P, L, U, s):
    A = P @ L @ (U + np.diag(s))
    return np.einsum("ij,jab->iab", A, x)


def conv1x1_log_abs_det_formula(s, m, n):
    return m * n * plu_log_abs_det_formula(s)


def coupling(x, P, L, U, s):
    C = x.shape[0] // 2
    top, bottom = x[:C], x[C:]
    scale = s(top)
    new_bottom = conv1x1(bottom, P, L(top), U(top), scale)
    m, n = x.shape[1:]
    return np.concatenate([top, new_bottom]), m * n * np.log(np.abs(scale)).sum()


# Problem 5

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


# Problem 6: minimize E[X sin X] + (mu - 1)^2 / 2 + sigma - log sigma with sigma = exp(tau)

def score_formula(x, mu, tau):
    z = (x - mu) / sp.exp(tau)
    return z / sp.exp(tau), z**2 - 1


def grad_log_derivative(mu, tau, x):
    sigma = np.exp(tau)
    f = x * np.sin(x)
    d_mu = np.mean(f * (x - mu)) / sigma**2 + mu - 1
    d_tau = np.mean(f * (((x - mu) / sigma) ** 2 - 1)) + sigma - 1
    return np.array([d_mu, d_tau])


def grad_reparameterization(mu, tau, z):
    sigma = np.exp(tau)
    x = mu + sigma * z
    slope = np.sin(x) + x * np.cos(x)
    return np.array([np.mean(slope) + mu - 1, np.mean(slope * sigma * z) + sigma - 1])


def sgd_log_derivative(mu0, tau0, lr, batch_size, n_steps, rng):
    mu, tau = mu0, tau0
    for _ in range(n_steps):
        x = rng.normal(mu, np.exp(tau), size=batch_size)
        g = grad_log_derivative(mu, tau, x)
        mu, tau = mu - lr * g[0], tau - lr * g[1]
    return mu, np.exp(tau)


def sgd_reparameterization(mu0, tau0, lr, batch_size, n_steps, rng):
    mu, tau = mu0, tau0
    for _ in range(n_steps):
        g = grad_reparameterization(mu, tau, rng.standard_normal(batch_size))
        mu, tau = mu - lr * g[0], tau - lr * g[1]
    return mu, np.exp(tau)
