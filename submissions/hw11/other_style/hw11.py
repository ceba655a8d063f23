# Everything with torch where possible.
import math

import numpy as np
import torch
from torch.distributions import Independent, Normal, kl_divergence

from games import best_response, expected_payoff, exploitability, payoff_matrix, solve


def iwae_bound(W):
    W = torch.as_tensor(W).float()
    return torch.logsumexp(W, dim=-1) - math.log(W.shape[-1])


def vlb_gradients(score, dtheta, dlambda, lp, lr, lq):
    """Leave-one-out baseline for phi."""
    w = lp + lr - lq
    n = len(w)
    phi = sum(score[i] * (w[i] - np.delete(w, i).mean()) for i in range(n)) / n
    return [phi.tolist(), list(dtheta.mean(axis=0)), list(dlambda.mean(axis=0))]


def gaussian(mean, variance):
    return Independent(Normal(torch.as_tensor(mean), torch.as_tensor(variance) ** 0.5), 1)


def kl_diag_gaussians(mu, var, m, v):
    return kl_divergence(gaussian(mu, var), gaussian(m, v))


class VAE:
    def __init__(self, decoder, sigma):
        self.decoder, self.sigma = decoder, sigma

    def log_likelihood(self, x, z):
        mean = self.decoder(z)
        return Independent(Normal(mean, self.sigma * torch.ones_like(mean)), 1).log_prob(x)

    def bound(self, x, q, r, eps):
        z = q.mean + q.variance.sqrt() * eps
        return torch.stack([self.log_likelihood(x, row[None])[0] for row in z]).mean() - kl_divergence(q, r)


def vlb_reparameterized(x, mu, var, decoder, sigma, prior_mean, prior_var, eps):
    return VAE(decoder, sigma).bound(x, gaussian(mu, var), gaussian(prior_mean, prior_var), eps)


def anomaly_threshold(scores):
    scores = np.asarray(scores, dtype=np.float64)
    return np.mean(scores) - 3 * np.std(scores)


def is_anomaly(scores, threshold):
    return [float(s) <= threshold for s in scores]


def type1_error(scores, threshold):
    return np.mean(is_anomaly(scores, threshold))


def type2_error(scores, threshold):
    return 1 - np.mean(is_anomaly(scores, threshold))


if __name__ == "__main__":
    print(solve(), exploitability([1, 0, 0]), best_response([1, 0, 0]), expected_payoff([1, 0, 0], [0, 1, 0]), payoff_matrix())
