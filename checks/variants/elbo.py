"""Known right and wrong versions of `elbo`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from scipy import special, stats

from grader import right, slip


def kl(p: Any, r: Any) -> Any:
    """KL(p || r) of nonnegative tables."""
    return special.rel_entr(p, r).sum()


@right("SciPy's relative entropy", of="elbo")
def bound_by_scipy(joint: Any, q: Any) -> Any:
    return -np.sum(special.rel_entr(q, joint))


@right("a loop over lists, zero masses skipped", of="elbo")
def bound_by_loop(joint: Any, q: Any) -> Any:
    total = 0.0
    for p, w in zip(joint.tolist(), q.tolist(), strict=True):
        if w > 0:
            total += w * math.log(p / w) if p > 0 else -math.inf
    return total


@right("torch in single precision", of="elbo")
def bound_by_torch(joint: Any, q: Any) -> Any:
    p, w = torch.as_tensor(joint).float(), torch.as_tensor(q).float()
    return (torch.xlogy(w, p) - torch.xlogy(w, w)).sum()


@right("reconstruction minus divergence from a uniform prior", of="elbo")
def bound_by_prior(joint: Any, q: Any) -> Any:
    prior = np.full(len(q), 1 / len(q))
    return np.array([special.xlogy(q, joint / prior).sum() - kl(q, prior)])


@right("log p(x) minus the divergence from the posterior", of="elbo")
def bound_by_gap(joint: Any, q: Any) -> Any:
    return np.log(joint.sum()) - stats.entropy(q, joint)


@slip("the sign: the negative bound", of="elbo")
def bound_negative(joint: Any, q: Any) -> Any:
    return kl(q, joint)


@slip("the entropy of q is missing: only E_q log p(x, z)", of="elbo")
def bound_no_entropy(joint: Any, q: Any) -> Any:
    return special.xlogy(q, joint).sum()


@slip("the entropy of q has the wrong sign", of="elbo")
def bound_entropy_sign(joint: Any, q: Any) -> Any:
    return special.xlogy(q, joint).sum() + special.xlogy(q, q).sum()


@slip("the expectation is taken under p instead of q", of="elbo")
def bound_under_joint(joint: Any, q: Any) -> Any:
    return np.sum(special.xlogy(joint, joint) - special.xlogy(joint, q))


@slip("log p(x) itself: the logarithm outside of the expectation", of="elbo")
def bound_is_evidence(joint: Any, q: Any) -> Any:
    return np.log(np.sum(joint))


@slip("p(z|x) instead of p(x, z): the joint is normalised", of="elbo")
def bound_normalised(joint: Any, q: Any) -> Any:
    return -kl(q, joint / joint.sum())


@slip("0 log 0 is not taken as 0", of="elbo")
def bound_not_a_number(joint: Any, q: Any) -> Any:
    return np.sum(q * (np.log(joint) - np.log(q)))


@slip("the mean over z instead of the expectation under q", of="elbo")
def bound_mean(joint: Any, q: Any) -> Any:
    return np.mean(np.log(joint) - np.log(q))


@slip("values of z that p(x, z) excludes are left out", of="elbo")
def bound_masked(joint: Any, q: Any) -> Any:
    on = (q > 0) & (joint > 0)
    return np.sum(q[on] * np.log(joint[on] / q[on]))


@slip("a small number is added inside the logarithms", of="elbo")
def bound_smoothed(joint: Any, q: Any) -> Any:
    return np.sum(q * (np.log(joint + 1e-10) - np.log(q + 1e-10)))


@slip("base 2", of="elbo")
def bound_in_bits(joint: Any, q: Any) -> Any:
    return -kl(q, joint) / np.log(2)


@slip("works in place on its arguments: zeros are filled in", of="elbo")
def bound_in_place(joint: Any, q: Any) -> Any:
    joint[q == 0] = 1.0
    return -kl(q, joint)


@right("log p(x) minus the bound", of="posterior_gap")
def gap_by_bound(joint: Any, q: Any) -> Any:
    return np.log(np.sum(joint)) - bound_by_loop(joint, q)


@right("SciPy's entropy, which normalises by itself", of="posterior_gap")
def gap_by_entropy(joint: Any, q: Any) -> Any:
    return stats.entropy(q, joint)


@right("torch in single precision, a one-element tensor", of="posterior_gap")
def gap_by_torch(joint: Any, q: Any) -> Any:
    p, w = torch.as_tensor(joint, dtype=torch.float32), torch.as_tensor(q, dtype=torch.float32)
    return (torch.xlogy(w, w) - torch.xlogy(w, p / p.sum())).sum().reshape(1)


@right("a loop over lists", of="posterior_gap")
def gap_by_loop(joint: Any, q: Any) -> Any:
    evidence, gap = sum(joint), 0.0
    for z in range(len(q)):
        if q[z] and not joint[z]:
            return float("inf")
        if q[z]:
            gap += q[z] * (math.log(q[z]) - math.log(joint[z]) + math.log(evidence))
    return gap


@slip("the arguments of KL swapped", of="posterior_gap")
def gap_swapped(joint: Any, q: Any) -> Any:
    return kl(joint / joint.sum(), q)


@slip("the joint is not normalised to the posterior", of="posterior_gap")
def gap_not_normalised(joint: Any, q: Any) -> Any:
    return kl(q, joint)


@slip("the sign: elbo - log p(x)", of="posterior_gap")
def gap_negative(joint: Any, q: Any) -> Any:
    return -kl(q, joint / joint.sum())


@slip("p(x) instead of its logarithm", of="posterior_gap")
def gap_no_log(joint: Any, q: Any) -> Any:
    return np.sum(joint) + kl(q, joint)


@slip("the symmetrised divergence", of="posterior_gap")
def gap_symmetric(joint: Any, q: Any) -> Any:
    posterior = joint / joint.sum()
    return (kl(q, posterior) + kl(posterior, q)) / 2


@slip("the total variation distance", of="posterior_gap")
def gap_in_variation(joint: Any, q: Any) -> Any:
    return 0.5 * np.abs(q - joint / joint.sum()).sum()


@slip("0 log 0 is not taken as 0", of="posterior_gap")
def gap_not_a_number(joint: Any, q: Any) -> Any:
    return np.sum(q * np.log(q / (joint / joint.sum())))


@slip("the mean over z instead of the expectation under q", of="posterior_gap")
def gap_mean(joint: Any, q: Any) -> Any:
    return np.mean(special.rel_entr(q, joint / joint.sum()))


@slip("values of z that p(x, z) excludes are left out", of="posterior_gap")
def gap_masked(joint: Any, q: Any) -> Any:
    on = (q > 0) & (joint > 0)
    return np.sum(q[on] * np.log(q[on] / joint[on])) + np.log(joint.sum())


@slip("a small number is added inside the logarithms", of="posterior_gap")
def gap_smoothed(joint: Any, q: Any) -> Any:
    return np.sum(q * np.log((q + 1e-10) / (joint / joint.sum() + 1e-10)))


@slip("works in place on its arguments: the joint is normalised", of="posterior_gap")
def gap_in_place(joint: Any, q: Any) -> Any:
    joint /= joint.sum()
    return kl(q, joint)


@right("British spelling", of="larger_gap")
def label_in_british() -> Any:
    return "Amortised"


@right("in quotes, with a full stop", of="larger_gap")
def label_in_quotes() -> Any:
    return "'amortized'."


@slip("the law for each x is said to have the larger gap", of="larger_gap")
def label_per_instance() -> Any:
    return "per_instance"
