"""Known right and known wrong versions of `trainable_prior`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch.distributions import Normal, kl_divergence

from grader import right, slip


def ratio(log_p: Any, log_r: Any, log_q: Any) -> Any:
    return log_p + log_r - log_q


def log_density(mean: Any, sd: Any, at: Any) -> Any:
    law: Any = Normal(mean, sd)
    return law.log_prob(at)


def fit(x: Any, means: Any, sigma: Any) -> Any:
    return -((x - means) ** 2).sum(dim=1).mean() / (2 * sigma**2)


def kl(m: Any, v: Any, m0: Any, v0: Any) -> Any:
    logs = torch.log(v0 / v) if isinstance(v, torch.Tensor) else np.log(v0 / v)
    return ((v + (m - m0) ** 2) / v0 - 1 + logs).sum() / 2


@right("einsum", of="vlb_gradients")
def by_einsum(s: Any, t: Any, r: Any, *logs: Any) -> Any:
    return np.einsum("np,n->p", s, ratio(*logs)) / len(s), t.sum(0) / len(t), r.sum(0) / len(r)


@right("a leave-one-out baseline, as a dictionary of torch tensors", of="vlb_gradients")
def with_baseline(s: Any, t: Any, r: Any, *logs: Any) -> Any:
    w, scores = torch.as_tensor(ratio(*logs)), torch.as_tensor(s)
    others = (w.sum() - w) / (len(w) - 1)
    by_phi = ((w - others)[:, None] * scores).mean(0)
    return {"phi": by_phi, "theta": torch.as_tensor(t).mean(0), "lambda": list(r.mean(0))}


@right("loops over lists, with the +1 of the product rule", of="vlb_gradients")
def by_loops(s: Any, t: Any, r: Any, *logs: Any) -> Any:
    n, w = len(s), ratio(*logs) - 1
    by_phi = [sum(float(row[j] * w[i]) for i, row in enumerate(s)) / n for j in range(len(s[0]))]
    return [by_phi, np.average(t, axis=0).tolist(), np.average(r, axis=0).tolist()]


@right("matrix products in single precision", of="vlb_gradients")
def by_matrices(s: Any, t: Any, r: Any, *logs: Any) -> Any:
    mean = np.full((1, len(s)), 1 / len(s), dtype=np.float32)
    weighted = s.astype(np.float32) * np.asarray(ratio(*logs), dtype=np.float32)[:, None]
    return (mean @ weighted)[0], (mean @ t)[0], (mean @ r)[0]


@right("traces and determinants of matrices", of="kl_diag_gaussians")
def kl_matrices(m: Any, v: Any, m0: Any, v0: Any) -> Any:
    S, inverse = np.diag(v), np.linalg.inv(np.diag(v0))
    logs = np.linalg.slogdet(np.diag(v0))[1] - np.linalg.slogdet(S)[1]
    return 0.5 * (np.trace(inverse @ S) + (m0 - m) @ inverse @ (m0 - m) - len(m) + logs)


@right("torch's own divergence", of="kl_diag_gaussians")
def kl_torch(m: Any, v: Any, m0: Any, v0: Any) -> Any:
    q, r = Normal(torch.tensor(m), torch.tensor(v) ** 0.5), Normal(torch.tensor(m0), torch.tensor(v0) ** 0.5)
    return kl_divergence(q, r).sum()


@right("torch functions, which take tensors only", of="kl_diag_gaussians")
def kl_tensors(m: Any, v: Any, m0: Any, v0: Any) -> Any:
    return 0.5 * torch.sum(torch.log(v0) - torch.log(v) - 1 + (v + (m - m0).pow(2)) / v0)


@right("a loop in single precision", of="kl_diag_gaussians")
def kl_loop(m: Any, v: Any, m0: Any, v0: Any) -> Any:
    total = np.float32(0)
    for a, b, c, d in zip(m, v, m0, v0, strict=True):
        total += np.float32(math.log(math.sqrt(d / b)) + (b + (a - c) ** 2) / (2 * d) - 0.5)
    return total


@right("torch's distributions, constants kept", of="vlb_reparameterized")
def vlb_distributions(x: Any, m: Any, v: Any, f: Any, sigma: Any, m0: Any, v0: Any, eps: Any) -> Any:
    log_p = log_density(f(m + v.sqrt() * eps), sigma, x).sum(-1).mean()
    return log_p - kl_divergence(Normal(m, v**0.5), Normal(m0, v0**0.5)).sum()


@right("one sample at a time", of="vlb_reparameterized")
def vlb_loop(x: Any, m: Any, v: Any, f: Any, sigma: Any, m0: Any, v0: Any, eps: Any) -> Any:
    total = torch.zeros(1)
    for row in eps:
        z = m + torch.diag(torch.exp(torch.log(v) / 2)) @ row
        total = total - torch.linalg.vector_norm(x - f(z.unsqueeze(0))[0]) ** 2 / (2 * sigma * sigma)
    return total / len(eps) - kl(m, v, m0, v0)


@right("the divergence from the same samples", of="vlb_reparameterized")
def vlb_sampled(x: Any, m: Any, v: Any, f: Any, sigma: Any, m0: Any, v0: Any, eps: Any) -> Any:
    z = m + torch.sqrt(v) * eps
    return fit(x, f(z), sigma) + (log_density(m0, v0.sqrt(), z) - log_density(m, v.sqrt(), z)).sum(1).mean()


@right("the divergence from the samples, q's parameters held fixed in log q", of="vlb_reparameterized")
def vlb_paths(x: Any, m: Any, v: Any, f: Any, sigma: Any, m0: Any, v0: Any, eps: Any) -> Any:
    z = m + torch.sqrt(v) * eps
    log_ratio = log_density(m0, v0.sqrt(), z) - log_density(m.detach(), v.detach().sqrt(), z)
    return fit(x, f(z), sigma) + log_ratio.sum(1).mean()


@right("double precision inside", of="vlb_reparameterized")
def vlb_double(x: Any, m: Any, v: Any, f: Any, sigma: Any, m0: Any, v0: Any, eps: Any) -> Any:
    m, v, m0, v0 = (a.double() for a in (m, v, m0, v0))
    means = f(m + v.sqrt() * eps.double())
    loss = torch.nn.functional.mse_loss(means, x.double().expand_as(means), reduction="sum")
    return -loss / (2 * len(eps) * sigma**2) - kl(m, v, m0, v0)


@slip("the gradient in theta is missing", of="vlb_gradients")
def no_theta(s: Any, t: Any, r: Any, *logs: Any) -> Any:
    return s.T @ ratio(*logs) / len(s), 0 * t[0], r.mean(0)


@slip("the gradient in lambda is missing", of="vlb_gradients")
def no_lambda(s: Any, t: Any, r: Any, *logs: Any) -> Any:
    return s.T @ ratio(*logs) / len(s), t.mean(0), 0 * r[0]


@slip("the score trick for lambda too: its gradient is weighted with log(p r / q)", of="vlb_gradients")
def score_for_lambda(s: Any, t: Any, r: Any, *logs: Any) -> Any:
    return s.T @ ratio(*logs) / len(s), t.mean(0), r.T @ ratio(*logs) / len(r)


@slip("the score trick for theta and lambda too: weighted with log(p r / q)", of="vlb_gradients")
def score_for_all(s: Any, t: Any, r: Any, *logs: Any) -> Any:
    w = ratio(*logs) / len(s)
    return s.T @ w, t.T @ w, r.T @ w


@slip("log r, the prior, is missing in the weights", of="vlb_gradients")
def no_prior(s: Any, t: Any, r: Any, *logs: Any) -> Any:
    return s.T @ (logs[0] - logs[2]) / len(s), t.mean(0), r.mean(0)


@slip("log q is missing in the weights", of="vlb_gradients")
def no_log_q(s: Any, t: Any, r: Any, *logs: Any) -> Any:
    return s.T @ (logs[0] + logs[1]) / len(s), t.mean(0), r.mean(0)


@slip("log p is missing in the weights", of="vlb_gradients")
def no_log_p(s: Any, t: Any, r: Any, *logs: Any) -> Any:
    return s.T @ (logs[1] - logs[2]) / len(s), t.mean(0), r.mean(0)


@slip("the sign of the weights is wrong", of="vlb_gradients")
def wrong_sign(s: Any, t: Any, r: Any, *logs: Any) -> Any:
    return -s.T @ ratio(*logs) / len(s), t.mean(0), r.mean(0)


@slip("gradients of the loss, the negative bound", of="vlb_gradients")
def of_loss(s: Any, t: Any, r: Any, *logs: Any) -> Any:
    return -s.T @ ratio(*logs) / len(s), -t.mean(0), -r.mean(0)


@slip("sums instead of means over the samples", of="vlb_gradients")
def sums(s: Any, t: Any, r: Any, *logs: Any) -> Any:
    return s.T @ ratio(*logs), t.sum(0), r.sum(0)


@slip("weights p r / q instead of their logarithm", of="vlb_gradients")
def no_log(s: Any, t: Any, r: Any, *logs: Any) -> Any:
    return s.T @ np.exp(ratio(*logs)) / len(s), t.mean(0), r.mean(0)


@slip("the mean of the batch as baseline, each sample included: biased by (n - 1)/n", of="vlb_gradients")
def batch_mean(s: Any, t: Any, r: Any, *logs: Any) -> Any:
    return s.T @ (ratio(*logs) - ratio(*logs).mean()) / len(s), t.mean(0), r.mean(0)


@slip("the product of two means instead of the mean of the product", of="vlb_gradients")
def means(s: Any, t: Any, r: Any, *logs: Any) -> Any:
    return s.mean(0) * ratio(*logs).mean(), t.mean(0), r.mean(0)


@slip("the variances are taken for standard deviations", of="kl_diag_gaussians")
def kl_squared(m: Any, v: Any, m0: Any, v0: Any) -> Any:
    return kl(m, v**2, m0, v0**2)


@slip("k, the number of dimensions, is lost", of="kl_diag_gaussians")
def kl_no_k(m: Any, v: Any, m0: Any, v0: Any) -> Any:
    return kl(m, v, m0, v0) + len(m) / 2


@slip("the two distributions are swapped", of="kl_diag_gaussians")
def kl_swapped(m: Any, v: Any, m0: Any, v0: Any) -> Any:
    return kl(m0, v0, m, v)


@slip("the factor 1/2 is missing", of="kl_diag_gaussians")
def kl_no_half(m: Any, v: Any, m0: Any, v0: Any) -> Any:
    return 2 * kl(m, v, m0, v0)


@slip("the logarithm has the wrong sign", of="kl_diag_gaussians")
def kl_log_sign(m: Any, v: Any, m0: Any, v0: Any) -> Any:
    return kl(m, v, m0, v0) + np.log(v / v0).sum()


@slip("the means' difference is divided by var instead of prior_var", of="kl_diag_gaussians")
def kl_other_var(m: Any, v: Any, m0: Any, v0: Any) -> Any:
    return kl(m, v, m, v0) + ((m - m0) ** 2 / v).sum() / 2


@slip("the means' difference is not squared", of="kl_diag_gaussians")
def kl_not_squared(m: Any, v: Any, m0: Any, v0: Any) -> Any:
    return kl(m, v, m, v0) + (np.abs(m - m0) / v0).sum() / 2


@slip("the mean over the dimensions instead of the sum", of="kl_diag_gaussians")
def kl_mean(m: Any, v: Any, m0: Any, v0: Any) -> Any:
    return kl(m, v, m0, v0) / len(m)


@slip("the prior is taken for N(0, I)", of="kl_diag_gaussians")
def kl_standard(m: Any, v: Any, m0: Any, v0: Any) -> Any:
    return kl(m, v, 0 * m0, 1 + 0 * v0)


@slip("the variance is used as standard deviation: mu + var eps", of="vlb_reparameterized")
def vlb_var(x: Any, m: Any, v: Any, f: Any, sigma: Any, m0: Any, v0: Any, eps: Any) -> Any:
    return fit(x, f(m + v * eps), sigma) - kl(m, v, m0, v0)


@slip("+1/(2 sigma^2): the squared error has the wrong sign", of="vlb_reparameterized")
def vlb_plus(x: Any, m: Any, v: Any, f: Any, sigma: Any, m0: Any, v0: Any, eps: Any) -> Any:
    return -fit(x, f(m + v.sqrt() * eps), sigma) - kl(m, v, m0, v0)


@slip("the divergence is added instead of subtracted", of="vlb_reparameterized")
def vlb_kl_added(x: Any, m: Any, v: Any, f: Any, sigma: Any, m0: Any, v0: Any, eps: Any) -> Any:
    return fit(x, f(m + v.sqrt() * eps), sigma) + kl(m, v, m0, v0)


@slip("the divergence has its distributions swapped", of="vlb_reparameterized")
def vlb_swapped(x: Any, m: Any, v: Any, f: Any, sigma: Any, m0: Any, v0: Any, eps: Any) -> Any:
    return fit(x, f(m + v.sqrt() * eps), sigma) - kl(m0, v0, m, v)


@slip("the negative bound, a loss", of="vlb_reparameterized")
def vlb_loss(x: Any, m: Any, v: Any, f: Any, sigma: Any, m0: Any, v0: Any, eps: Any) -> Any:
    return kl(m, v, m0, v0) - fit(x, f(m + v.sqrt() * eps), sigma)


@slip("the decoder runs without gradients: that in theta is missing", of="vlb_reparameterized")
def vlb_no_theta(x: Any, m: Any, v: Any, f: Any, sigma: Any, m0: Any, v0: Any, eps: Any) -> Any:
    return fit(x, f(m + v.sqrt() * eps).detach(), sigma) - kl(m, v, m0, v0)


@slip("no gradient reaches the prior (lambda)", of="vlb_reparameterized")
def vlb_no_lambda(x: Any, m: Any, v: Any, f: Any, sigma: Any, m0: Any, v0: Any, eps: Any) -> Any:
    return fit(x, f(m + v.sqrt() * eps), sigma) - kl(m, v, m0.detach(), v0.detach())


@slip("no gradient through the samples: z is detached", of="vlb_reparameterized")
def vlb_detached(x: Any, m: Any, v: Any, f: Any, sigma: Any, m0: Any, v0: Any, eps: Any) -> Any:
    return fit(x, f((m + v.sqrt() * eps).detach()), sigma) - kl(m, v, m0, v0)


@slip("the sum over the samples instead of the mean", of="vlb_reparameterized")
def vlb_sum(x: Any, m: Any, v: Any, f: Any, sigma: Any, m0: Any, v0: Any, eps: Any) -> Any:
    return len(eps) * fit(x, f(m + v.sqrt() * eps), sigma) - kl(m, v, m0, v0)


@slip("the mean over the pixels instead of the sum", of="vlb_reparameterized")
def vlb_mean(x: Any, m: Any, v: Any, f: Any, sigma: Any, m0: Any, v0: Any, eps: Any) -> Any:
    return fit(x, f(m + v.sqrt() * eps), sigma) / len(x) - kl(m, v, m0, v0)


@slip("the factor 1/2 is missing before the squared error", of="vlb_reparameterized")
def vlb_no_half(x: Any, m: Any, v: Any, f: Any, sigma: Any, m0: Any, v0: Any, eps: Any) -> Any:
    return 2 * fit(x, f(m + v.sqrt() * eps), sigma) - kl(m, v, m0, v0)


@slip("sigma instead of sigma squared", of="vlb_reparameterized")
def vlb_sigma(x: Any, m: Any, v: Any, f: Any, sigma: Any, m0: Any, v0: Any, eps: Any) -> Any:
    return fit(x, f(m + v.sqrt() * eps), sigma**0.5) - kl(m, v, m0, v0)


@slip("the prior is taken for N(0, I)", of="vlb_reparameterized")
def vlb_standard(x: Any, m: Any, v: Any, f: Any, sigma: Any, m0: Any, v0: Any, eps: Any) -> Any:
    return fit(x, f(m + v.sqrt() * eps), sigma) - kl(m, v, 0 * m0, 1 + 0 * v0)


@slip("the divergence is missing", of="vlb_reparameterized")
def vlb_no_kl(x: Any, m: Any, v: Any, f: Any, sigma: Any, m0: Any, v0: Any, eps: Any) -> Any:
    return fit(x, f(m + v.sqrt() * eps), sigma)
