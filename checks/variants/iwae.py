"""Known right and known wrong versions of `iwae`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.special
import torch

from grader import right, slip


@right("scipy's logsumexp", of="iwae_bound")
def by_scipy(log_w: Any) -> Any:
    return scipy.special.logsumexp(log_w, axis=1, b=1 / log_w.shape[1])


@right("largest weight taken out by hand", of="iwae_bound")
def by_hand(log_w: Any) -> Any:
    top = log_w.max(axis=1, keepdims=True)
    return (top + np.log(np.mean(np.exp(log_w - top), axis=1, keepdims=True)))[:, 0]


@right("torch, which takes tensors only", of="iwae_bound")
def by_torch_only(log_w: Any) -> Any:
    return torch.logsumexp(log_w, dim=1) - math.log(log_w.shape[1])


@right("torch in single precision, with a gradient", of="iwae_bound")
def by_torch_single(log_w: Any) -> Any:
    weights = torch.as_tensor(log_w).float().requires_grad_(True)
    return weights.logsumexp(-1) - torch.log(torch.tensor(float(weights.size(1))))


@right("loops over lists", of="iwae_bound")
def by_loops(log_w: Any) -> Any:
    bounds = []
    for row in log_w:
        top = max(row)
        bounds.append(float(top + math.log(math.fsum(math.exp(w - top) for w in row) / len(row))))
    return bounds


@right("repeated logaddexp", of="iwae_bound")
def by_logaddexp(log_w: Any) -> Any:
    return np.logaddexp.reduce(log_w, axis=-1) - np.log(len(log_w[0]))


@right("a column of shape (S, 1)", of="iwae_bound")
def as_column(log_w: Any) -> Any:
    top = np.max(log_w, axis=1)[:, None]
    return top + np.log(np.exp(log_w - top).sum(axis=1, keepdims=True) / log_w.shape[1])


@right("negative log-softmax of the first entry", of="iwae_bound")
def by_softmax(log_w: Any) -> Any:
    weights = torch.as_tensor(log_w)
    return weights[:, 0] - torch.log_softmax(weights, dim=1)[:, 0] - math.log(weights.shape[1])


@right("sorted rows, smallest first", of="iwae_bound")
def by_sorting(log_w: Any) -> Any:
    rows = np.sort(log_w, axis=1)
    return tuple(row[-1] + np.log1p(np.exp(row[:-1] - row[-1]).sum()) - np.log(row.size) for row in rows)


@slip("the mean of the logarithms instead of the logarithm of the mean", of="iwae_bound")
def mean_of_logs(log_w: Any) -> Any:
    return np.mean(log_w, axis=1)


@slip("the factor 1/K is missing", of="iwae_bound")
def no_average(log_w: Any) -> Any:
    return scipy.special.logsumexp(log_w, axis=1)


@slip("the weights overflow: no largest weight is taken out before exp", of="iwae_bound")
def overflow(log_w: Any) -> Any:
    return np.log(np.mean(np.exp(log_w), axis=1))


@slip("the mean over the wrong axis", of="iwae_bound")
def wrong_axis(log_w: Any) -> Any:
    return scipy.special.logsumexp(log_w, axis=0) - np.log(log_w.shape[0])


@slip("the mean over rows and weights together", of="iwae_bound")
def over_everything(log_w: Any) -> Any:
    return scipy.special.logsumexp(log_w) - np.log(log_w.size)


@slip("averaged over the rows: one number instead of one a row", of="iwae_bound")
def averaged_rows(log_w: Any) -> Any:
    return np.mean(scipy.special.logsumexp(log_w, axis=1) - np.log(log_w.shape[1]))


@slip("divided by the number of rows instead of K", of="iwae_bound")
def divided_by_rows(log_w: Any) -> Any:
    return scipy.special.logsumexp(log_w, axis=1) - np.log(log_w.shape[0])


@slip("log K added instead of subtracted", of="iwae_bound")
def log_added(log_w: Any) -> Any:
    return scipy.special.logsumexp(log_w, axis=1) + np.log(log_w.shape[1])


@slip("K subtracted instead of log K", of="iwae_bound")
def k_subtracted(log_w: Any) -> Any:
    return scipy.special.logsumexp(log_w, axis=1) - log_w.shape[1]


@slip("1/K outside the logarithm", of="iwae_bound")
def factor_outside(log_w: Any) -> Any:
    return scipy.special.logsumexp(log_w, axis=1) / log_w.shape[1]


@slip("the largest log-weight only", of="iwae_bound")
def largest(log_w: Any) -> Any:
    return np.max(log_w, axis=1)


@slip("the largest log-weight less log K", of="iwae_bound")
def largest_over_k(log_w: Any) -> Any:
    return np.max(log_w, axis=1) - np.log(log_w.shape[1])


@slip("the mean weight without the logarithm", of="iwae_bound")
def no_log(log_w: Any) -> Any:
    return np.mean(np.exp(log_w), axis=1)


@slip("one largest weight for all rows: small rows underflow", of="iwae_bound")
def global_maximum(log_w: Any) -> Any:
    top = np.max(log_w)
    return top + np.log(np.mean(np.exp(log_w - top), axis=1))


@slip("the largest weight is taken out but not put back", of="iwae_bound")
def not_put_back(log_w: Any) -> Any:
    return np.log(np.mean(np.exp(log_w - log_w.max(axis=1, keepdims=True)), axis=1))


@slip("the smallest weight is taken out: the others overflow", of="iwae_bound")
def smallest_out(log_w: Any) -> Any:
    low = log_w.min(axis=1)
    return low + np.log(np.mean(np.exp(log_w - low[:, None]), axis=1))


@slip("exponents clipped to keep exp finite", of="iwae_bound")
def clipped(log_w: Any) -> Any:
    return np.log(np.mean(np.exp(np.clip(log_w, -700, 700)), axis=1))


@slip("logarithm to base 2", of="iwae_bound")
def base_two(log_w: Any) -> Any:
    return (scipy.special.logsumexp(log_w, axis=1) - np.log(log_w.shape[1])) / np.log(2)


@slip("divided by K - 1", of="iwae_bound")
def one_less(log_w: Any) -> Any:
    return scipy.special.logsumexp(log_w, axis=1) - np.log(max(log_w.shape[1] - 1, 1))


@slip("log-weights averaged with self-normalised weights", of="iwae_bound")
def self_normalised(log_w: Any) -> Any:
    return np.sum(scipy.special.softmax(log_w, axis=1) * log_w, axis=1)


@slip("the sign is wrong: a loss instead of a bound", of="iwae_bound")
def negative(log_w: Any) -> Any:
    return np.log(log_w.shape[1]) - scipy.special.logsumexp(log_w, axis=1)


@slip("only the first eight weights count", of="iwae_bound")
def first_eight(log_w: Any) -> Any:
    return scipy.special.logsumexp(log_w[:, :8], axis=1) - np.log(min(log_w.shape[1], 8))
