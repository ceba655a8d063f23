"""Assignment 3, with a mistake in each question."""

from itertools import product

import numpy as np
from scipy.special import log_expit, logsumexp


# Question 1

def mask(kind):
    M = np.zeros((3, 3))
    M[0] = 1
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
            for di, dj in 1 - np.argwhere(M):
                if 0 <= i + di < H and 0 <= j + dj < W:
                    before[i + di, j + dj] = True
        seen = before
    return seen


# Question 2

def diagonal_log_density(y, mu, sigma):
    z = (y - mu) / sigma
    return -0.5 * np.sum(z**2) - np.sum(np.log(sigma**2)) - len(y) / 2 * np.log(2 * np.pi)


def affine_log_density(y, mu, S):
    z = np.linalg.solve(S, y - mu)
    return -0.5 * np.sum(z**2) - np.linalg.slogdet(S)[1] - len(y) / 2 * np.log(2 * np.pi)


def jacobian_cost(structure):
    return "O(K)" if structure == "diagonal" else "O(K^2)"


# Question 3

def elbo(joint, q):
    return np.sum(q * np.log(joint / q))


def posterior_gap(joint, q):
    return np.log(np.sum(joint)) - elbo(joint, q)


def larger_gap():
    return "per_instance"


# Question 4

def refined_proposal(joint, q, K):
    w = joint / q
    result = np.zeros(len(q))
    for others in product(range(len(q)), repeat=K - 1):
        others = list(others)
        result += np.prod(q[others]) * joint / (w + np.sum(w[others]))
    return result


# Question 5

def relu_witness(a, b, c):
    kink = -c / b
    return kink - 1, kink - 2


def log_odds_mixture(z, w, a, b):
    f = np.sum(w / (1 + np.exp(-(a * z + b))))
    return np.log(f / (1 - f))


def log_odds_mixture_derivative(z, w, a, b):
    t = a * z + b
    log_f, log_rest = logsumexp(np.log(w) + log_expit(t)), logsumexp(np.log(w) + log_expit(-t))
    return np.sum(np.exp(np.log(w * a) + log_expit(t) + log_expit(-t) - log_f - log_rest))


def residual_inverse(f, y):
    z = y
    for _ in range(100):
        z = y - f(z)
    return z


def radial_inverse(y, z0, alpha, beta):
    rho = np.linalg.norm(y - z0)
    p = alpha + beta - rho
    r = (-p - np.sqrt(p**2 + 4 * alpha * rho)) / 2
    return z0 + (y - z0) / (1 + beta / (alpha + r))


def radius_derivative_formula(r, alpha, beta):
    return 1 + alpha * beta / (alpha + r) ** 2


# Question 6

def update_matrix(lr):
    return np.array([[1, lr], [-lr, 1 - lr**2]])


def stationary_point():
    return np.array([0.0, 0.0])


def eigenvalues(lr):
    return np.array([1 + lr, 1 - lr])


def radius(k, lr, d0, g0):
    return np.sqrt(d0**2 + g0**2) * (1 + lr**2) ** (k / 2)


def long_run():
    return "diverges"
