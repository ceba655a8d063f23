"""Assignment 3, with the slips that a first reading of the sheet invites."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import log_expit, logsumexp


# Question 1

def mask(kind):
    M = np.zeros((3, 3))
    M[2] = 1
    M[1, 0] = 1
    if kind == "B":
        M[1, 1] = 1
    return M


def receptive_field(masks, pixel, shape):
    H, W = shape
    seen = np.zeros(shape, dtype=bool)
    seen[pixel] = True
    for M in reversed(masks):
        before = np.zeros(shape, dtype=bool)
        for i, j in np.argwhere(seen):
            for di, dj in np.argwhere(M) - 1:
                if 0 <= i + di < H and 0 <= j + dj < W:
                    before[i + di, j + dj] = True
        seen = before
    return seen


# Question 2

def diagonal_log_density(y, mu, sigma):
    z = (y - mu) / sigma
    return -0.5 * np.sum(z**2) - np.sum(np.log(sigma)) - len(y) / 2 * np.log(2 * np.pi)


def affine_log_density(y, mu, S):
    # q(y) = exp(-(y - mu)^T (S S^T)^-1 (y - mu) / 2) / sqrt((2 pi)^K |S|)
    quadratic = (y - mu) @ np.linalg.inv(S @ S.T) @ (y - mu)
    return -0.5 * quadratic - 0.5 * np.log((2 * np.pi) ** len(y) * abs(np.linalg.det(S)))


def jacobian_cost(structure):
    # Both determinants are products of the K diagonal entries.
    return "O(K)"


# Question 3

def elbo(joint, q):
    total = 0.0
    for p, w in zip(joint, q):
        if w == 0:
            continue
        if p == 0:
            return -np.inf
        total += w * np.log(p / w)
    return total


def posterior_gap(joint, q):
    return np.log(np.sum(joint)) - elbo(joint, q)


def larger_gap():
    return "amortized"


# Question 4

def refined_proposal(joint, q, K):
    # K w_1 = w_1 + ... + w_K, so the mean weight is w_1 = p / q, and p over it is q.
    weight = joint / q
    return joint / weight


# Question 5

def relu_witness(a, b, c):
    if b == 0:
        return 0.0, 1.0
    kink = -c / b
    side = -np.sign(b)
    return kink + side, kink + 2 * side


def log_odds_mixture(z, w, a, b):
    t = a * z + b
    return logsumexp(np.log(w) + log_expit(t)) - logsumexp(np.log(w) + log_expit(-t))


def log_odds_mixture_derivative(z, w, a, b):
    t = a * z + b
    log_f, log_rest = logsumexp(np.log(w) + log_expit(t)), logsumexp(np.log(w) + log_expit(-t))
    return np.sum(np.exp(np.log(w * a) + log_expit(t) + log_expit(-t) - log_f - log_rest))


def residual_inverse(f, y):
    def g(z):
        return z + f(z) - y

    low, high = y - 1, y + 1
    while g(low) > 0:
        low -= 2 * (high - low)
    while g(high) < 0:
        high += 2 * (high - low)
    return brentq(g, low, high)


def radial_inverse(y, z0, alpha, beta):
    rho = np.linalg.norm(y - z0)
    p = alpha + beta - rho
    r = (-p + np.sqrt(p**2 + 4 * alpha * rho)) / 2
    return z0 + (y - z0) / (1 + beta / (alpha + r))


def radius_derivative_formula(r, alpha, beta):
    return (1 + beta * alpha) / (alpha + r) ** 2


# Question 6

def update_matrix(lr):
    return np.array([[1, lr], [-lr, 1]])


def stationary_point():
    return np.array([0.0, 0.0])


def eigenvalues(lr):
    return np.linalg.eigvals(update_matrix(lr))


def radius(k, lr, d0, g0):
    # d and g are multiples of cos and sin: a circle around (0, 0).
    return np.sqrt(d0**2 + g0**2)


def long_run():
    return "cycles"
