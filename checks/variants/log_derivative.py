"""Known right and wrong versions of `log_derivative`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from grader import right, slip


@right("einsum", of="score_gradient")
def by_einsum(score: Any, log_h: Any, log_q: Any) -> Any:
    return np.einsum("np,n->p", score, log_h - log_q) / len(score)


@right("loops over lists", of="score_gradient")
def by_loops(score: Any, log_h: Any, log_q: Any) -> Any:
    total = [0.0] * len(score[0])
    for row, h, q in zip(score, log_h, log_q, strict=True):
        for j, entry in enumerate(row):
            total[j] += float(entry) * (float(h) - float(q)) / len(score)
    return total


@right("torch in single precision", of="score_gradient")
def by_torch(score: Any, log_h: Any, log_q: Any) -> Any:
    weights = torch.as_tensor(log_h).float() - torch.as_tensor(log_q).float()
    return (torch.as_tensor(score).float() * weights.unsqueeze(1)).mean(dim=0)


@right("gradient of a surrogate by autograd", of="score_gradient")
def by_autograd(score: Any, log_h: Any, log_q: Any) -> Any:
    phi = torch.zeros(score.shape[1], dtype=torch.float64, requires_grad=True)
    log_density = torch.as_tensor(score) @ phi
    surrogate = (log_density * (torch.as_tensor(log_h) - torch.as_tensor(log_q))).mean()
    return torch.autograd.grad(surrogate, phi)[0]


@right("a constant baseline", of="score_gradient")
def constant_baseline(score: Any, log_h: Any, log_q: Any) -> Any:
    return np.mean(score * (log_h - log_q - 0.7)[:, None], axis=0)


@right("the +1 of the product rule kept", of="score_gradient")
def one_kept(score: Any, log_h: Any, log_q: Any) -> Any:
    return (score * (log_h - (1 + log_q))[:, None]).mean(axis=0)


@right("a leave-one-out baseline", of="score_gradient")
def leave_one_out(score: Any, log_h: Any, log_q: Any) -> Any:
    weights = log_h - log_q
    others = (weights.sum() - weights) / (len(weights) - 1)
    return np.mean(score * (weights - others)[:, None], axis=0)


@right("the next sample as baseline", of="score_gradient")
def next_sample(score: Any, log_h: Any, log_q: Any) -> Any:
    weights = log_h - log_q
    return score.T @ (weights - np.roll(weights, 1)) / len(weights)


@right("batch-mean baseline divided by n - 1", of="score_gradient")
def corrected_batch_mean(score: Any, log_h: Any, log_q: Any) -> Any:
    weights = log_h - log_q
    return score.T @ (weights - weights.mean()) / (len(weights) - 1)


@right("a column of shape (p, 1)", of="score_gradient")
def as_column(score: Any, log_h: Any, log_q: Any) -> Any:
    return score.T @ (log_h - log_q).reshape(-1, 1) / score.shape[0]


@right("the other half of a random split as baseline", of="score_gradient")
def random_split(score: Any, log_h: Any, log_q: Any) -> Any:
    weights = log_h - log_q
    order = np.random.permutation(len(weights))
    first, second = order[::2], order[1::2]
    baseline = np.empty(len(weights))
    baseline[first], baseline[second] = weights[second].mean(), weights[first].mean()
    return score.T @ (weights - baseline) / len(weights)


@slip("the sign is wrong (h and q swapped)", of="score_gradient")
def wrong_sign(score: Any, log_h: Any, log_q: Any) -> Any:
    return np.mean(score * (log_q - log_h)[:, None], axis=0)


@slip("the gradient of q instead of the gradient of log q", of="score_gradient")
def gradient_of_q(score: Any, log_h: Any, log_q: Any) -> Any:
    return np.mean(score * (np.exp(log_q) * (log_h - log_q))[:, None], axis=0)


@slip("the score divided by q", of="score_gradient")
def score_over_q(score: Any, log_h: Any, log_q: Any) -> Any:
    return np.mean(score * (np.exp(-log_q) * (log_h - log_q))[:, None], axis=0)


@slip("sum instead of mean over the samples", of="score_gradient")
def sum_for_mean(score: Any, log_h: Any, log_q: Any) -> Any:
    return np.sum(score * (log_h - log_q)[:, None], axis=0)


@slip("log h is missing", of="score_gradient")
def no_log_h(score: Any, log_h: Any, log_q: Any) -> Any:
    return np.mean(score * -log_q[:, None], axis=0)


@slip("log q is missing", of="score_gradient")
def no_log_q(score: Any, log_h: Any, log_q: Any) -> Any:
    return np.mean(score * log_h[:, None], axis=0)


@slip("log h + log q instead of log h - log q", of="score_gradient")
def log_of_product(score: Any, log_h: Any, log_q: Any) -> Any:
    return np.mean(score * (log_h + log_q)[:, None], axis=0)


@slip("the mean of the batch as baseline, each sample included: biased by (n - 1)/n", of="score_gradient")
def batch_mean_baseline(score: Any, log_h: Any, log_q: Any) -> Any:
    weights = log_h - log_q
    return np.mean(score * (weights - weights.mean())[:, None], axis=0)


@slip("divided by n - 1 instead of n", of="score_gradient")
def one_less(score: Any, log_h: Any, log_q: Any) -> Any:
    return score.T @ (log_h - log_q) / (len(log_h) - 1)


@slip("divided by n twice", of="score_gradient")
def divided_twice(score: Any, log_h: Any, log_q: Any) -> Any:
    return score.T @ (log_h - log_q) / len(log_h) ** 2


@slip("divided by the number of parameters instead of the number of samples", of="score_gradient")
def divided_by_p(score: Any, log_h: Any, log_q: Any) -> Any:
    return score.T @ (log_h - log_q) / score.shape[1]


@slip("the ratio h/q instead of its logarithm", of="score_gradient")
def ratio(score: Any, log_h: Any, log_q: Any) -> Any:
    return np.mean(score * np.exp(log_h - log_q)[:, None], axis=0)


@slip("log h divided by log q instead of log(h/q)", of="score_gradient")
def quotient_of_logs(score: Any, log_h: Any, log_q: Any) -> Any:
    return np.mean(score * (log_h / log_q)[:, None], axis=0)


@slip("the product of two means instead of the mean of the product", of="score_gradient")
def product_of_means(score: Any, log_h: Any, log_q: Any) -> Any:
    return np.mean(score, axis=0) * np.mean(log_h - log_q)


@slip("only the score: the factor log(h/q) is missing", of="score_gradient")
def only_score(score: Any, log_h: Any, log_q: Any) -> Any:
    return np.mean(score, axis=0)


@slip("only the factor: the score is missing", of="score_gradient")
def only_weights(score: Any, log_h: Any, log_q: Any) -> Any:
    return np.full(score.shape[1], np.mean(log_h - log_q))


@slip("weights scaled to standard deviation 1", of="score_gradient")
def standardised(score: Any, log_h: Any, log_q: Any) -> Any:
    weights = log_h - log_q
    return np.mean(score * ((weights - weights.mean()) / (weights.std() + 1e-8))[:, None], axis=0)


@slip("the largest weight as baseline: it depends on the sample itself", of="score_gradient")
def max_baseline(score: Any, log_h: Any, log_q: Any) -> Any:
    weights = log_h - log_q
    return np.mean(score * (weights - weights.max())[:, None], axis=0)


@slip("self-normalised weights h/q", of="score_gradient")
def self_normalised(score: Any, log_h: Any, log_q: Any) -> Any:
    weights = np.exp(log_h - log_q - np.max(log_h - log_q))
    return score.T @ weights / weights.sum()


@slip("logarithms to base 10", of="score_gradient")
def base_ten(score: Any, log_h: Any, log_q: Any) -> Any:
    return np.mean(score * ((log_h - log_q) / np.log(10))[:, None], axis=0)


@slip("the absolute value of log(h/q)", of="score_gradient")
def absolute_weights(score: Any, log_h: Any, log_q: Any) -> Any:
    return np.mean(score * np.abs(log_h - log_q)[:, None], axis=0)


@slip("only the first sample counts: returned within the loop", of="score_gradient")
def first_sample(score: Any, log_h: Any, log_q: Any) -> Any:
    return score[0] * (log_h[0] - log_q[0])


@slip("only the first half of the samples counts", of="score_gradient")
def first_half(score: Any, log_h: Any, log_q: Any) -> Any:
    half = len(score) // 2
    return score[:half].T @ (log_h - log_q)[:half] / half


@slip("log(h/q) clipped to +-100", of="score_gradient")
def clipped(score: Any, log_h: Any, log_q: Any) -> Any:
    return score.T @ np.clip(log_h - log_q, -100.0, 100.0) / len(score)


@slip("divided by 4 at most", of="score_gradient")
def at_most_four(score: Any, log_h: Any, log_q: Any) -> Any:
    return score.T @ (log_h - log_q) / min(len(score), 4)


@slip("the last sample is left out of the sum", of="score_gradient")
def without_last(score: Any, log_h: Any, log_q: Any) -> Any:
    return score[:-1].T @ (log_h - log_q)[:-1] / len(score)
