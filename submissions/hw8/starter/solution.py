"""hw8: Homework 8 (2021): one-dimensional flows, permutations, couplings, stochastic gradients

Fill in the bodies; keep the names and the order of the arguments.
"""

import numpy as np
import sympy


# flow1d: Homework 8 (2021), problem 1


class Flow1d:
    """Flow1d(n_components) is a torch.nn.Module; its forward takes x (B,) and returns z (B,) and
    dz/dx (B,), where z is the sum over n_components of exp(w) (Phi((x - mu) / sigma) - 1/2)
    with trainable mu, w and sigma > 0 (Phi: the CDF of N(0, 1)). Names and initial values are
    free."""


def negative_log_likelihood(z, dz_dx):
    """Mean over the batch of -log p(x) as a tensor to be minimised, for z and dz_dx (B,) of a flow
    to N(0, 1)."""
    raise NotImplementedError


def sample(flow, n, rng):
    """n samples (n,) of x from any trained flow; the only thing it may use is flow(x)."""
    raise NotImplementedError


# argmax_lemma: Homework 8 (2021), problem 2


def maximizers_of_f(g):
    """The sorted list of all 0-based indices theta that maximise f, where f(theta) = g[theta, phi]
    + h[theta, phi] for all phi, h >= 0 and the minimum of h over phi is 0 for every theta; g
    (T, F) is given, h is not. Ties are exact equality."""
    raise NotImplementedError


# permutations: Homework 8 (2021), problems 3 and 4


def inverse_permutation(sigma):
    """Problem 3: the inverse of a permutation of 1..n, both as lists [sigma(1), ..., sigma(n)]
    with values from 1."""
    raise NotImplementedError


def permutation_matrix(sigma):
    """Problem 4: the matrix (n, n) whose rows are e_sigma(1)^T, ..., e_sigma(n)^T, for the list
    sigma with values from 1."""
    raise NotImplementedError


# affine_coupling: Homework 8 (2021), problem 5


def coupling(x, omega, s, t):
    """z (n,) and log |det dz/dx| of the coupling layer that keeps x (n,) on omega and has z =
    exp(s(x_omega)) * x + t(x_omega) on the other coordinates, in ascending order; omega is an
    ascending tuple of k indices from 1 to n, 0 < k < n; s and t take and return arrays, (k,) ->
    (n-k,)."""
    raise NotImplementedError


def log_abs_det_formula(s_values):
    """log |det dz/dx| for a list of n-k real SymPy symbols, the values of s(x_omega); an
    expression."""
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


# log_derivative: Homework 10 (2024), problem 1


def score_gradient(score, log_h, log_q):
    """Monte Carlo estimate (p,) of the gradient of E log(h(Z)/q(Z)), Z ~ q, from n samples: score
    (n, p) holds the gradients of log q at the samples, log_h and log_q (n,) the values there. n
    is at least 2."""
    raise NotImplementedError
