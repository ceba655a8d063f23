"""The anomaly reference against exact fractions and the Gaussian law; the flow's own likelihoods end to end."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from scipy.stats import norm

from reference.anomaly import anomaly_threshold, type1_error, type2_error


def test_the_threshold_in_exact_arithmetic() -> None:
    values = [Fraction(k * k, 8) for k in range(7)]
    mean = sum(values) / len(values)
    variance = sum((v - mean) ** 2 for v in values) / (len(values) - 1)
    found = anomaly_threshold(torch.tensor([float(v) for v in values]))
    assert found == pytest.approx(float(mean) - 3 * math.sqrt(variance), rel=1e-14)


@pytest.mark.parametrize("threshold", [-1.0, 0.5, 1.0, 2.5, 9.0])
def test_rates_by_counting(threshold: float) -> None:
    values = [0.0, 1.0, 1.0, 2.0, 3.0]
    below = sum(v < threshold for v in values)
    assert type1_error(values, threshold) == below / 5
    assert type2_error(torch.tensor(values), threshold) == pytest.approx(1 - below / 5)


def test_gaussian_data_give_the_rates_of_the_normal_law() -> None:
    rng = np.random.default_rng(0)
    threshold = anomaly_threshold(rng.normal(10.0, 2.0, 200_000))
    assert threshold == pytest.approx(4.0, abs=0.1)
    assert type1_error(rng.normal(10.0, 2.0, 200_000), threshold) == pytest.approx(norm.cdf(-3.0), abs=5e-4)
    assert type2_error(rng.normal(2.0, 2.0, 200_000), threshold) == pytest.approx(norm.sf(1.0), abs=2e-2)
