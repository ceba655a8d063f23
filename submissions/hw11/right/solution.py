"""Homework 11, all problems."""

import numpy as np
import torch


# Problem 1

def iwae_bound(log_w):
    top = np.max(log_w, axis=1, keepdims=True)
    return (top + np.log(np.mean(np.exp(log_w - top), axis=1, keepdims=True))).ravel()


# Problem 2

def vlb_gradients(score_phi, grad_theta_log_p, grad_lambda_log_r, log_p, log_r, log_q):
    weight = log_p + log_r - log_q
    g_phi = np.mean(score_phi * weight[:, None], axis=0)
    # theta and lambda are no parameters of the distribution that Z is drawn from.
    return g_phi, np.mean(grad_theta_log_p, axis=0), np.mean(grad_lambda_log_r, axis=0)


def kl_diag_gaussians(mu, var, prior_mean, prior_var):
    terms = var / prior_var + (prior_mean - mu) ** 2 / prior_var - 1 + np.log(prior_var / var)
    return 0.5 * float(np.sum(terms))


def vlb_reparameterized(x, mu, var, decoder, sigma, prior_mean, prior_var, eps):
    z = mu + torch.sqrt(var) * eps
    likelihood = -((x - decoder(z)) ** 2).sum(dim=1).mean() / (2 * sigma**2)
    terms = var / prior_var + (prior_mean - mu) ** 2 / prior_var - 1 + torch.log(prior_var / var)
    return likelihood - 0.5 * terms.sum()


# Problem 3

def anomaly_threshold(log_likelihoods):
    return log_likelihoods.mean() - 3 * log_likelihoods.std()


def type1_error(log_likelihoods, threshold):
    return (log_likelihoods < threshold).sum().item() / len(log_likelihoods)


def type2_error(log_likelihoods, threshold):
    return (log_likelihoods >= threshold).sum().item() / len(log_likelihoods)


# Problem 4: points for B

def payoff_matrix():
    return np.array([[0, 1, -1], [-1, 0, 1], [1, -1, 0]])


def expected_payoff(p_a, p_b):
    return p_a @ payoff_matrix() @ p_b


def best_response(p_a):
    p_b = np.zeros(3)
    p_b[np.argmax(p_a @ payoff_matrix())] = 1
    return p_b


def exploitability(p_a):
    return expected_payoff(p_a, best_response(p_a))


def solve():
    return np.ones(3) / 3, np.ones(3) / 3
