"""Known right and wrong versions of `coupling`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from grader import right, slip


def _split(x: Any, omega: Any) -> tuple[list[int], list[int]]:
    kept = [i - 1 for i in omega]
    return kept, [i for i in range(len(x)) if i not in kept]


@right("a mask, in place on a copy", of="coupling")
def by_mask(x: Any, omega: Any, s: Any, t: Any) -> Any:
    mask = np.zeros(len(x), dtype=bool)
    mask[np.array(omega) - 1] = True
    z = x.copy()
    z[~mask] *= np.exp(s(x[mask]))
    z[~mask] += t(x[mask])
    return z, s(x[mask]).sum()


@right("Python loops and lists", of="coupling")
def by_loops(x: Any, omega: Any, s: Any, t: Any) -> Any:
    inside = [float(x[i - 1]) for i in omega]
    scale, shift = s(inside).tolist(), t(inside).tolist()
    z, j = [], 0
    for i in range(1, len(x) + 1):
        if i in omega:
            z.append(float(x[i - 1]))
        else:
            z.append(math.exp(scale[j]) * float(x[i - 1]) + shift[j])
            j += 1
    return [z, math.fsum(scale)]


@right("torch in single precision", of="coupling")
def by_torch(x: Any, omega: Any, s: Any, t: Any) -> Any:
    x = torch.tensor(x, dtype=torch.float32)
    kept, others = _split(x, omega)
    scale = torch.as_tensor(s(x[kept])).float()
    z = x.clone()
    z[others] = scale.exp() * x[others] + torch.as_tensor(t(x[kept])).float()
    return z, scale.exp().prod().log()


@right("a dictionary", of="coupling")
def by_dictionary(x: Any, omega: Any, s: Any, t: Any) -> Any:
    kept, others = _split(x, omega)
    z = np.empty_like(x)
    z[kept], z[others] = x[kept], np.exp(s(x[kept])) * x[others] + t(x[kept])
    return {"z": z, "log_abs_det": np.sum(s(x[kept]), dtype=np.float32)}


@right("a permutation matrix and a block matrix", of="coupling")
def by_matrices(x: Any, omega: Any, s: Any, t: Any) -> Any:
    kept, others = _split(x, omega)
    P = np.eye(len(x))[kept + others]
    scale = s(x[kept])
    block = np.diag(np.concatenate([np.ones(len(kept)), np.exp(scale)]))
    z = P.T @ (block @ P @ x + np.concatenate([np.zeros(len(kept)), t(x[kept])]))
    return z, np.linalg.slogdet(P.T @ block @ P)[1]


@right("full-length scale and shift", of="coupling")
def by_full_length(x: Any, omega: Any, s: Any, t: Any) -> Any:
    kept, others = _split(x, omega)
    log_scale, shift = np.zeros(len(x)), np.zeros(len(x))
    log_scale[others], shift[others] = s(x[kept]), t(x[kept])
    return np.exp(log_scale) * x + shift, np.array([log_scale.sum()])


@right("insert the kept entries again", of="coupling")
def by_insert(x: Any, omega: Any, s: Any, t: Any) -> Any:
    kept = np.array(omega) - 1
    z = np.exp(s(x[kept])) * np.delete(x, kept) + t(x[kept])
    for i in kept:
        z = np.insert(z, i, x[i])
    return (z, float(np.dot(np.ones(len(x) - len(kept)), s(x[kept]))))


@right("where", of="coupling")
def by_where(x: Any, omega: Any, s: Any, t: Any) -> Any:
    inside = np.isin(np.arange(1, len(x) + 1), omega)
    scale, shift = np.zeros((2, len(x)))
    np.place(scale, ~inside, s(x[inside]))
    np.place(shift, ~inside, t(x[inside]))
    return np.where(inside, x, x * math.e**scale + shift), np.log(np.prod(np.exp(scale)))


@slip("log |det| is the sum of exp(s) instead of the sum of s", of="coupling")
def det_sum_exp(x: Any, omega: Any, s: Any, t: Any) -> Any:
    z, _ = by_full_length(x, omega, s, t)
    return z, np.exp(s(x[_split(x, omega)[0]])).sum()


@slip("log |det| with the wrong sign", of="coupling")
def det_negative(x: Any, omega: Any, s: Any, t: Any) -> Any:
    z, log_det = by_full_length(x, omega, s, t)
    return z, -log_det


@slip("log |det| is the sum of |s|", of="coupling")
def det_absolute(x: Any, omega: Any, s: Any, t: Any) -> Any:
    z, _ = by_full_length(x, omega, s, t)
    return z, np.abs(s(x[_split(x, omega)[0]])).sum()


@slip("the determinant without the logarithm", of="coupling")
def det_no_log(x: Any, omega: Any, s: Any, t: Any) -> Any:
    z, log_det = by_full_length(x, omega, s, t)
    return z, np.exp(log_det)


@slip("log |det| is the mean of s instead of the sum", of="coupling")
def det_mean(x: Any, omega: Any, s: Any, t: Any) -> Any:
    z, _ = by_full_length(x, omega, s, t)
    return z, s(x[_split(x, omega)[0]]).mean()


@slip("log |det| is the product of s instead of the sum", of="coupling")
def det_product(x: Any, omega: Any, s: Any, t: Any) -> Any:
    z, _ = by_full_length(x, omega, s, t)
    return z, s(x[_split(x, omega)[0]]).prod()


@slip("log |det| is the log of the sum of exp(s)", of="coupling")
def det_log_sum(x: Any, omega: Any, s: Any, t: Any) -> Any:
    z, _ = by_full_length(x, omega, s, t)
    return z, np.log(np.exp(s(x[_split(x, omega)[0]])).sum())


@slip("log |det| is that of t", of="coupling")
def det_of_shift(x: Any, omega: Any, s: Any, t: Any) -> Any:
    z, _ = by_full_length(x, omega, s, t)
    return z, t(x[_split(x, omega)[0]]).sum()


@slip("log |det| includes t", of="coupling")
def det_with_shift(x: Any, omega: Any, s: Any, t: Any) -> Any:
    z, log_det = by_full_length(x, omega, s, t)
    return z, log_det + t(x[_split(x, omega)[0]]).sum()


@slip(
    "omega and its complement are swapped: s and t read the coordinates that are transformed", of="coupling"
)
def swapped(x: Any, omega: Any, s: Any, t: Any) -> Any:
    kept, others = _split(x, omega)
    scale, shift = np.resize(s(x[others]), len(kept)), np.resize(t(x[others]), len(kept))
    z = x.copy()
    z[kept] = np.exp(scale) * x[kept] + shift
    return z, scale.sum()


@slip("s and t read the complement of omega", of="coupling")
def reads_complement(x: Any, omega: Any, s: Any, t: Any) -> Any:
    _, others = _split(x, omega)
    z = x.copy()
    z[others] = np.exp(s(x[others])) * x[others] + t(x[others])
    return z, s(x[others]).sum()


@slip("s and t read all of x", of="coupling")
def reads_all(x: Any, omega: Any, s: Any, t: Any) -> Any:
    _, others = _split(x, omega)
    z = x.copy()
    z[others] = np.exp(s(x)) * x[others] + t(x)
    return z, s(x).sum()


@slip("z lists omega first and then the others, instead of each coordinate at its place", of="coupling")
def concatenated(x: Any, omega: Any, s: Any, t: Any) -> Any:
    kept, others = _split(x, omega)
    return np.concatenate([x[kept], np.exp(s(x[kept])) * x[others] + t(x[kept])]), s(x[kept]).sum()


@slip("the complement is taken in descending order", of="coupling")
def complement_backwards(x: Any, omega: Any, s: Any, t: Any) -> Any:
    kept, others = _split(x, omega)
    z = x.copy()
    z[others[::-1]] = np.exp(s(x[kept])) * x[others[::-1]] + t(x[kept])
    return z, s(x[kept]).sum()


@slip("the first k coordinates are taken for omega", of="coupling")
def first_coordinates(x: Any, omega: Any, s: Any, t: Any) -> Any:
    k = len(omega)
    return np.concatenate([x[:k], np.exp(s(x[:k])) * x[k:] + t(x[:k])]), s(x[:k]).sum()


@slip("omega taken as 0-based", of="coupling")
def from_zero(x: Any, omega: Any, s: Any, t: Any) -> Any:
    kept = [i % len(x) for i in omega]
    others = [i for i in range(len(x)) if i not in kept]
    z = x.copy()
    z[others] = np.exp(s(x[kept])) * x[others] + t(x[kept])
    return z, s(x[kept]).sum()


@slip("s instead of exp(s)", of="coupling")
def no_exp(x: Any, omega: Any, s: Any, t: Any) -> Any:
    kept, others = _split(x, omega)
    z = x.copy()
    z[others] = s(x[kept]) * x[others] + t(x[kept])
    return z, s(x[kept]).sum()


@slip("s instead of exp(s), with the log |det| of that map", of="coupling")
def no_exp_consistent(x: Any, omega: Any, s: Any, t: Any) -> Any:
    kept, _ = _split(x, omega)
    return no_exp(x, omega, s, t)[0], np.log(np.abs(s(x[kept]))).sum()


@slip("the inverse layer: (x - t) exp(-s)", of="coupling")
def inverse(x: Any, omega: Any, s: Any, t: Any) -> Any:
    kept, others = _split(x, omega)
    z = x.copy()
    z[others] = (x[others] - t(x[kept])) * np.exp(-s(x[kept]))
    return z, -s(x[kept]).sum()


@slip("shifts before it scales: exp(s) (x + t)", of="coupling")
def shift_first(x: Any, omega: Any, s: Any, t: Any) -> Any:
    kept, others = _split(x, omega)
    z = x.copy()
    z[others] = np.exp(s(x[kept])) * (x[others] + t(x[kept]))
    return z, s(x[kept]).sum()


@slip("t missing", of="coupling")
def no_shift(x: Any, omega: Any, s: Any, t: Any) -> Any:
    kept, others = _split(x, omega)
    z = x.copy()
    z[others] = np.exp(s(x[kept])) * x[others]
    return z, s(x[kept]).sum()


@slip("t subtracted instead of added", of="coupling")
def shift_subtracted(x: Any, omega: Any, s: Any, t: Any) -> Any:
    kept, others = _split(x, omega)
    z = x.copy()
    z[others] = np.exp(s(x[kept])) * x[others] - t(x[kept])
    return z, s(x[kept]).sum()


@slip("s and t swapped", of="coupling")
def networks_swapped(x: Any, omega: Any, s: Any, t: Any) -> Any:
    return by_full_length(x, omega, t, s)


@slip("exp(s) kept between 1/10 and 10", of="coupling")
def clipped_factor(x: Any, omega: Any, s: Any, t: Any) -> Any:
    kept, others = _split(x, omega)
    z = x.copy()
    z[others] = np.clip(np.exp(s(x[kept])), 0.1, 10.0) * x[others] + t(x[kept])
    return z, s(x[kept]).sum()
