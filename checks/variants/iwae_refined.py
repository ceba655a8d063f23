"""Known right and wrong versions of `iwae_refined`."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from itertools import combinations_with_replacement, product
from typing import Any

import numpy as np
import torch

from grader import right, slip


def enumerated(q: Any, n: int) -> Any:
    """All choices (m**n, n) of n cells and their probabilities (m**n,)."""
    cells = np.array(list(product(range(len(q)), repeat=n)), dtype=int).reshape(len(q) ** n, n)
    return cells, np.prod(np.asarray(q)[cells], axis=1)


def averaged(joint: Any, q: Any, K: Any, density: Any, others: Any = None) -> Any:
    """E over the others of density(w, w of the others (N, others, 1))."""
    w = joint / q
    cells, chance = enumerated(q, K - 1 if others is None else others)
    return chance @ np.array([density(w, w[row]) for row in cells])


@right("loops over lists", of="refined_proposal")
def by_loops(joint: Any, q: Any, K: Any) -> Any:
    result = []
    for z in range(len(q)):
        total = 0.0
        for others in product(range(len(q)), repeat=K - 1):
            chance, weight = 1.0, joint[z] / q[z]
            for other in others:
                chance *= q[other]
                weight += joint[other] / q[other]
            total += chance * joint[z] / (weight / K)
        result.append(float(total))
    return result


@right("torch in single precision, a grid of sums", of="refined_proposal")
def by_torch(joint: Any, q: Any, K: Any) -> Any:
    p, law = torch.as_tensor(joint).float(), torch.as_tensor(q).float()
    w = p / law
    sums, chance = torch.zeros(1), torch.ones(1)
    for _ in range(K - 1):
        sums = (sums[:, None] + w).flatten()
        chance = (chance[:, None] * law).flatten()
    return (chance * K * p[:, None] / (w[:, None] + sums)).sum(dim=1)


@right("multinomial counts instead of tuples", of="refined_proposal")
def by_counts(joint: Any, q: Any, K: Any) -> Any:
    w, result = joint / q, np.zeros(len(q))
    for others in combinations_with_replacement(range(len(q)), K - 1):
        ways = math.factorial(K - 1)
        for count in Counter(others).values():
            ways //= math.factorial(count)
        chance = ways * np.prod([q[i] for i in others])
        result += chance * joint / ((w + sum(w[i] for i in others)) / K)
    return result


@right("exact fractions", of="refined_proposal")
def by_fractions(joint: Any, q: Any, K: Any) -> Any:
    p, law = [Fraction(float(v)) for v in joint], [Fraction(float(v)) for v in q]
    sums = {Fraction(0): Fraction(1)}
    for _ in range(K - 1):
        longer: dict[Fraction, Fraction] = {}
        for total, chance in sums.items():
            for a, b in zip(p, law, strict=True):
                longer[total + a / b] = longer.get(total + a / b, Fraction(0)) + chance * b
        sums = longer
    return [sum(c * K * a / (a / b + t) for t, c in sums.items()) for a, b in zip(p, law, strict=True)]


@right("recursion over the samples", of="refined_proposal")
def by_recursion(joint: Any, q: Any, K: Any) -> Any:
    w = joint / q

    def mean(left: int, total: Any) -> Any:
        if left == 0:
            return joint / (total / K)
        return sum(q[i] * mean(left - 1, total + w[i]) for i in range(len(q)))

    return np.asarray(mean(K - 1, w), dtype=np.float64).reshape(-1, 1)


@right("q times the expected self-normalised weight", of="refined_proposal")
def by_self_normalised_weight(joint: Any, q: Any, K: Any) -> Any:
    return q * averaged(joint, q, K, lambda w, others: K * w / (w + others.sum()))


@right("the law of an index resampled among K draws", of="refined_proposal")
def by_resampling(joint: Any, q: Any, K: Any) -> Any:
    cells, chance = enumerated(q, K)
    w = (joint / q)[cells]
    shares = chance[:, None] * w / w.sum(axis=1, keepdims=True)
    return np.bincount(cells.ravel(), weights=shares.ravel(), minlength=len(q))


@right("normalised once more, which changes nothing", of="refined_proposal")
def normalised_again(joint: Any, q: Any, K: Any) -> Any:
    refined = averaged(joint, q, K, lambda w, others: w * q / (w + others.sum()))
    return refined / refined.sum()


@slip("q for every K: K w_1 is taken for the sum of the weights", of="refined_proposal")
def returns_q(joint: Any, q: Any, K: Any) -> Any:
    return np.array(q)


@slip("the posterior for every K", of="refined_proposal")
def returns_posterior(joint: Any, q: Any, K: Any) -> Any:
    return joint / joint.sum()


@slip("not normalised: the factor K is missing", of="refined_proposal")
def no_factor(joint: Any, q: Any, K: Any) -> Any:
    return averaged(joint, q, K, lambda w, others: joint / (w + others.sum()))


@slip("only the K - 1 others are in the mean", of="refined_proposal")
def others_only(joint: Any, q: Any, K: Any) -> Any:
    return averaged(joint, q, K, lambda w, others: joint / others.mean() if K > 1 else q)


@slip("the K - 1 others are divided by K, without z itself", of="refined_proposal")
def others_only_by_k(joint: Any, q: Any, K: Any) -> Any:
    return averaged(joint, q, K, lambda w, others: K * joint / others.sum() if K > 1 else q)


@slip("K others instead of K - 1", of="refined_proposal")
def one_more(joint: Any, q: Any, K: Any) -> Any:
    return averaged(joint, q, K, lambda w, others: (K + 1) * joint / (w + others.sum()), K)


@slip("K others, divided by K", of="refined_proposal")
def one_more_by_k(joint: Any, q: Any, K: Any) -> Any:
    return averaged(joint, q, K, lambda w, others: K * joint / (w + others.sum()), K)


@slip("K - 2 others instead of K - 1", of="refined_proposal")
def one_less(joint: Any, q: Any, K: Any) -> Any:
    n = max(K - 1, 1)
    return averaged(joint, q, K, lambda w, others: n * joint / (w + others.sum()), n - 1)


@slip("the expectation is taken inside the denominator", of="refined_proposal")
def expectation_inside(joint: Any, q: Any, K: Any) -> Any:
    return K * joint / (joint / q + (K - 1) * joint.sum())


@slip("expectation inside the denominator, then normalised", of="refined_proposal")
def expectation_inside_normalised(joint: Any, q: Any, K: Any) -> Any:
    refined = expectation_inside(joint, q, K)
    return refined / refined.sum()


@slip("all choices of the others count alike instead of with their probability", of="refined_proposal")
def uniform_others(joint: Any, q: Any, K: Any) -> Any:
    w = joint / q
    return np.mean([K * joint / (w + w[row].sum()) for row in enumerated(q, K - 1)[0]], axis=0)


@slip("p(x, z) of the others instead of their weights", of="refined_proposal")
def no_weights(joint: Any, q: Any, K: Any) -> Any:
    cells, chance = enumerated(q, K - 1)
    return chance @ np.array([K * joint / (joint / q + joint[row].sum()) for row in cells])


@slip("weights upside down: q / p", of="refined_proposal")
def inverse_weights(joint: Any, q: Any, K: Any) -> Any:
    cells, chance = enumerated(q, K - 1)
    return chance @ np.array([K * joint / (q / joint + (q / joint)[row].sum()) for row in cells])


@slip("q instead of p(x, z) in the numerator", of="refined_proposal")
def wrong_numerator(joint: Any, q: Any, K: Any) -> Any:
    return averaged(joint, q, K, lambda w, others: K * q / (w + others.sum()))


@slip("each density is normalised before the average", of="refined_proposal")
def normalised_inside(joint: Any, q: Any, K: Any) -> Any:
    def one(w: Any, others: Any) -> Any:
        density = joint / (w + others.sum())
        return density / density.sum()

    return averaged(joint, q, K, one)


@slip("always two samples", of="refined_proposal")
def two_samples(joint: Any, q: Any, K: Any) -> Any:
    return by_loops(joint, q, min(K, 2))


@slip("the others are all the same draw", of="refined_proposal")
def same_draw(joint: Any, q: Any, K: Any) -> Any:
    w = joint / q
    return sum(q[i] * K * joint / (w + (K - 1) * w[i]) for i in range(len(q)))


@slip("the logarithm of the refined proposal", of="refined_proposal")
def logarithm(joint: Any, q: Any, K: Any) -> Any:
    return np.log(by_counts(joint, q, K))


@slip("works in place on its arguments: p(x, z) is normalised", of="refined_proposal")
def in_place(joint: Any, q: Any, K: Any) -> Any:
    joint /= joint.sum()
    return by_counts(joint, q, K)
