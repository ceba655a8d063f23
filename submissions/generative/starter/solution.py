"""generative: Assignment 3 (2020): autoregressive models, variational inference, flows, adversarial training

Fill in the bodies; keep the names and the order of the arguments.
"""

import numpy as np
import sympy


# receptive_field: Assignment 3 (2020), question 1


def mask(kind):
    """The mask (3, 3) of type "A" or "B": ones in row 3, and in row 2 left of the centre (A) or up
    to it (B)."""
    raise NotImplementedError


def receptive_field(masks, pixel, shape):
    """The input pixels, as a bool array (H, W) = shape, that can influence the output pixel (row,
    column), 0-based, of a convolutional network with these masks (a list of arrays (3, 3) of 0
    and 1, first layer first), padding 1 with zeros and no kernel flipping."""
    raise NotImplementedError


# reparameterization: Assignment 3 (2020), question 2


def diagonal_log_density(y, mu, sigma):
    """2.1: the log-density at y (K,) of mu + sigma * z0 with z0 ~ N(0, I), mu (K,) and sigma (K,)
    positive; a number."""
    raise NotImplementedError


def affine_log_density(y, mu, S):
    """2.3: the log-density at y (K,) of mu + S z0 with z0 ~ N(0, I), mu (K,) and S (K, K) any non-
    singular matrix; a number."""
    raise NotImplementedError


def jacobian_cost(structure):
    """2.2, 2.4: the time that |det| of a Jacobian (K, K) takes when its structure is "diagonal" or
    "triangular", as text in big-O notation, such as "O(K^3)"."""
    raise NotImplementedError


# elbo: Assignment 3 (2020), question 3


def elbo(joint, q):
    """3.1: E_q log(p(x, z) / q(z)) for joint (m,), the p(x, z) of one x and all z, and a law q
    (m,); a number, or -inf. Both may have zeros: 0 log 0 is 0."""
    raise NotImplementedError


def posterior_gap(joint, q):
    """3.2: KL(q || p(z|x)) for the same tables; a number, or +inf."""
    raise NotImplementedError


def larger_gap():
    """3.2, 3.3a: whose gap is at least as large at the optimum, "amortized" (one encoder for all
    x) or "per_instance" (a law for each x)."""
    raise NotImplementedError


# iwae_refined: Assignment 3 (2020), question 4


def refined_proposal(joint, q, K):
    """The law q_K (m,) of z, exactly: for joint (m,), the p(x, z) > 0 of one x and all z, and a
    law q (m,) > 0, the expectation over independent z_2..z_K ~ q of p(x, z) / ((w(z) + w(z_2) +
    ... + w(z_K)) / K), where w(z) = p(x, z) / q(z). m^(K-1) stays below 5,000."""
    raise NotImplementedError


# invertible: Assignment 3 (2020), question 5


def relu_witness(a, b, c):
    """5.1: two different numbers z1, z2 with the same g(z) = a * max(0, b z + c), for any a, b, c."""
    raise NotImplementedError


def log_odds_mixture(z, w, a, b):
    """5.2: the number g(z) = log(f / (1 - f)) with f = sum_i w_i sigmoid(a_i z + b_i), for a
    number z, w (N,) positive of sum 1, a (N,) positive, b (N,); also where z is 700 or -700."""
    raise NotImplementedError


def log_odds_mixture_derivative(z, w, a, b):
    """5.2: the number g'(z), for the same arguments."""
    raise NotImplementedError


def residual_inverse(f, y):
    """5.3: the number z with z + f(z) = y, for a function f of one float whose slope stays above
    -0.95."""
    raise NotImplementedError


def radial_inverse(y, z0, alpha, beta):
    """5.4: the z (D,) with z + beta (z - z0) / (alpha + r) = y (D,), where r = |z - z0|, alpha > 0
    and beta > -alpha."""
    raise NotImplementedError


def radius_derivative_formula(r, alpha, beta):
    """5.4: the derivative by r of |y - z0| for SymPy symbols; an expression."""
    raise NotImplementedError


# gan_dynamics: Assignment 3 (2020), question 6


def update_matrix(lr):
    """6.1: the matrix A (2, 2) of a simultaneous step on V(d, g) = d g, in which d ascends and g
    descends with learning rate lr: (d, g) becomes A (d, g). lr may be a SymPy symbol."""
    raise NotImplementedError


def stationary_point():
    """6.2: the (d, g) at which the steps stay, as an array (2,)."""
    raise NotImplementedError


def eigenvalues(lr):
    """6.3: both eigenvalues (2,) of A, complex, in any order."""
    raise NotImplementedError


def radius(k, lr, d0, g0):
    """6.3: the distance of (d, g) from the stationary point after k steps from (d0, g0); a number."""
    raise NotImplementedError


def long_run():
    """6.3: "diverges", "converges" or "cycles": what (d, g) does as the number of steps grows."""
    raise NotImplementedError
