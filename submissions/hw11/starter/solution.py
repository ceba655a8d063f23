"""hw11: Homework 11 (2022): importance-weighted autoencoders, trainable priors, anomalies, minimax

Fill in the bodies; keep the names and the order of the arguments.
"""

import numpy as np
import sympy


# iwae: Homework 11 (2022), problem 1


def iwae_bound(log_w):
    """log (1/K) sum_k exp(log_w[s, k]) for every row s of the log-weights log_w (S, K); returns
    (S,). The entries may be as large as 10000 and as small as -10000."""
    raise NotImplementedError


# trainable_prior: Homework 11 (2022), problem 2


def vlb_gradients(score_phi, grad_theta_log_p, grad_lambda_log_r, log_p, log_r, log_q):
    """2b: Monte Carlo estimates (p,), (t,), (l,) of the bound's gradients in phi, theta and lambda
    from n samples of q_phi: score_phi (n, p), grad_theta_log_p (n, t), grad_lambda_log_r (n, l)
    hold the gradients of log q, log p and log r at the samples, log_p, log_r, log_q (n,) the
    values there. n is at least 2."""
    raise NotImplementedError


def kl_diag_gaussians(mu, var, prior_mean, prior_var):
    """2c: KL(N(mu, diag var) || N(prior_mean, diag prior_var)) for arrays (k,) of means and
    variances; a number."""
    raise NotImplementedError


def vlb_reparameterized(x, mu, var, decoder, sigma, prior_mean, prior_var, eps):
    """2c: estimate of the bound for torch tensors x (d,), mu, var, prior_mean, prior_var (k,) and
    eps (n, k) from N(0, I), with the mean over n; decoder maps (n, k) to (n, d), sigma is a
    number. Returns a scalar tensor that can be differentiated; a constant that depends on sigma
    and the dimensions only may be left out."""
    raise NotImplementedError


# anomaly: Homework 11 (2022), problem 3


def anomaly_threshold(log_likelihoods):
    """mean - 3 standard deviations of the validation data's log-likelihoods, a torch tensor (n,),
    n >= 2; a number. The deviation may divide by n or by n - 1."""
    raise NotImplementedError


def type1_error(log_likelihoods, threshold):
    """The type I error rate on ordinary data with these log-likelihoods, a torch tensor (n,): the
    share that counts as anomalous, because it lies below the threshold; a number in [0, 1]."""
    raise NotImplementedError


def type2_error(log_likelihoods, threshold):
    """The type II error rate on anomalies with these log-likelihoods, a torch tensor (n,): the
    share that does not count as anomalous; a number in [0, 1]."""
    raise NotImplementedError


# minimax: Homework 11 (2022), problem 4


def payoff_matrix():
    """Expected points for B (3, 3): rows are A's plays, columns B's, both in the order rock,
    paper, scissors; 1 for a win of B, -1 for a loss, 0 for a draw."""
    raise NotImplementedError


def expected_payoff(p_a, p_b):
    """Expected points for B where A plays by p_a (3,) and B by p_b (3,); a number."""
    raise NotImplementedError


def best_response(p_a):
    """A strategy (3,) of B that earns most against p_a (3,); any such where there are several."""
    raise NotImplementedError


def exploitability(p_a):
    """The expected points that B's best response earns against p_a (3,); a number."""
    raise NotImplementedError


def solve():
    """The solution (p_a, p_b) of: minimise over p_a the maximum over p_b of B's expected points."""
    raise NotImplementedError
