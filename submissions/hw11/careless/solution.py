"""Homework 11 (not tested)."""

import numpy as np
import torch


def iwae_bounds(log_w):
    return np.log(np.exp(log_w).mean(axis=1))


def vlb_gradients(score_phi, grad_theta_log_p, grad_lambda_log_r, log_p, log_r, log_q):
    log_p -= log_q
    return np.sum(score_phi * (log_p + log_r)[:, None], axis=0)


def kl_diag_gaussians(mu, var, prior_mean, prior_var):
    q = torch.distributions.MultivariateNormal(mu, np.diag(var))
    r = torch.distributions.MultivariateNormal(prior_mean, np.diag(prior_var))
    return torch.distributions.kl_divergence(q, r)


def vlb_reparameterized(x, mu, var, decoder, sigma, prior_mean, prior_var, eps):
    with torch.no_grad():
        z = mu + var * eps
        error = (x - decoder(z)).pow(2).mean()
    return float(error) / sigma


def anomaly_threshold(log_likelihoods):
    print("threshold:", log_likelihoods.mean() + 3 * log_likelihoods.std())


def type1_error(log_likelihoods, threshold):
    return f"{100 * (log_likelihoods < threshold).float().mean():.0f} %"


def type2_error(log_likelihoods, threshold):
    return (log_likelihoods < threshold).float().mean()


def payoff_matrix():
    return np.array([[0, 1], [1, 0]])


def expected_payoff(p_a, p_b):
    return 0


def best_response(p_a):
    return int(np.argmax(p_a))


def exploitability(p_a):
    return 1 / 0


def solve():
    return np.array([1, 0, 0])
