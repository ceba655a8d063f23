"""hw10: Homework 10 (2024): flows, importance sampling, stochastic gradients

Fill in the bodies; keep the names and the order of the arguments.
"""

import numpy as np
import sympy


# log_derivative: Homework 10 (2024), problem 1


def score_gradient(score, log_h, log_q):
    """Monte Carlo estimate (p,) of the gradient of E log(h(Z)/q(Z)), Z ~ q, from n samples: score
    (n, p) holds the gradients of log q at the samples, log_h and log_q (n,) the values there. n
    is at least 2."""
    raise NotImplementedError


# projection: Homework 10 (2024), problem 2


def project(y, a):
    """The point of C = {x : x1 = a, 0 <= x2 <= 1} closest to y (2,), as an array (2,)."""
    raise NotImplementedError


def projection_formula(y1, y2, a):
    """The same for SymPy symbols: two expressions."""
    raise NotImplementedError


# inpainting: Homework 10 (2024), problem 3


def projected_step(x, grad, image, mask, lr):
    """One step of the projected gradient method on -log p, whose gradient at x is grad: all torch
    tensors (H, W), mask boolean and true where image is observed, lr a number. Returns the new
    x (H, W): equal to image where observed, within [0, 1] elsewhere."""
    raise NotImplementedError


def inpaint(log_likelihood, image, mask, lr=1e-3, n_steps=300):
    """The image (H, W) after n_steps such steps from image, a torch tensor (H, W) with values in
    [0, 1]. log_likelihood maps a tensor (B, H*W) to (B,) and can be differentiated; mask (H, W)
    is true where image is observed."""
    raise NotImplementedError


# glow: Homework 10 (2024), problem 4


def plu_log_abs_det(P, L, U, s):
    """4a: log |det A| for A = P L (U + diag s); P, L, U (C, C), L with its unit diagonal, s (C,)
    nonzero."""
    raise NotImplementedError


def plu_log_abs_det_formula(s):
    """4a: the same for a list s of nonzero real SymPy symbols; an expression."""
    raise NotImplementedError


def reorder_jacobian(J, order):
    """4b: J (n, n) is the Jacobian for one vectorisation v; return it (n, n) for w[i] =
    v[order[i]] (0-based)."""
    raise NotImplementedError


def conv1x1(x, P, L, U, s):
    """4c: the 1x1 convolution of x (C, m, n) with A = P L (U + diag s); (C, m, n)."""
    raise NotImplementedError


def conv1x1_log_abs_det_formula(s, m, n):
    """4c: log |det| of its Jacobian for a list s of nonzero real SymPy symbols; m, n may be
    symbols as well."""
    raise NotImplementedError


def coupling(x, P, L, U, s):
    """4d: x (2C, m, n); L, U, s are functions of x[:C]. Returns z (2C, m, n) and log |dz/dx|."""
    raise NotImplementedError


# ruin: Homework 10 (2024), problem 5; Homework 8 (2021), problem 6


def log_likelihood_ratio(x, p, q):
    """log(p-law / q-law) of a sequence x (n,) of independent 0 and 1, each 1 with probability p or
    q; a number."""
    raise NotImplementedError


def win_probability(n_sims, n_games, p, q, start, goal, rng):
    """Importance-sampling estimate, from n_sims simulations with winning probability q, of the
    probability to go from start to goal dollars before 0 within n_games games that are won with
    probability p; a number."""
    raise NotImplementedError


# gaussian_sgd: Homework 10 (2024), problem 6; Homework 8 (2021), problem 7


def score_formula(x, mu, tau):
    """6a: derivatives by mu and by tau of the log-density at x of N(mu, sigma^2), sigma =
    exp(tau); two SymPy expressions."""
    raise NotImplementedError


def grad_log_derivative(mu, tau, x):
    """6a: estimate (2,) of the gradient by (mu, tau) of the whole objective E[X sin X] + (mu -
    1)^2 / 2 + sigma - log sigma, from samples x (B,) of N(mu, sigma^2), by the log-derivative
    trick."""
    raise NotImplementedError


def grad_reparameterization(mu, tau, z):
    """6b: the same by the reparameterization trick, from z (B,) of N(0, 1)."""
    raise NotImplementedError


def sgd_log_derivative(mu0, tau0, lr, batch_size, n_steps, rng):
    """6a: (mu, sigma) after n_steps of SGD on (mu, tau) from (mu0, tau0), with batch_size samples
    a step and the gradient of the log-derivative trick."""
    raise NotImplementedError


def sgd_reparameterization(mu0, tau0, lr, batch_size, n_steps, rng):
    """6b: the same with the gradient of the reparameterization trick."""
    raise NotImplementedError
