"""Bounds hold at the rate they state, are nearly as tight as the exact law allows, and reject what is off."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import ArrayLike
from scipy import stats

from grader.judge import (
    FiniteLaw,
    binomial_interval,
    closest_law,
    ks_distance,
    ks_radius,
    mean_interval,
    median_radius,
    misfit,
    nearest_values,
    samples_agree,
)

SKEWED = FiniteLaw.of({0.0: 0.6, 1.0: 0.3, 4.0: 0.09, 20.0: 0.01})
BITS = FiniteLaw.of({0.0: 0.3, 1.0: 0.7})


def outside(law: FiniteLaw, n: int, low: float, high: float) -> float:
    """Exact probability that the mean of n draws of an integer-valued law lies outside."""
    step = np.zeros(int(law.values[-1]) + 1)
    step[law.values.astype(int)] = law.probabilities
    total = np.ones(1)
    for _ in range(n):
        total = np.convolve(total, step)
    mean = np.arange(total.size) / n
    return float(total[(mean < low) | (mean > high)].sum())


@pytest.mark.parametrize("n", [1, 7, 40, 300])
@pytest.mark.parametrize("rate", [1e-2, 1e-6, 1e-9])
@pytest.mark.parametrize("law", [SKEWED, BITS])
def test_mean_interval_holds_by_the_exact_law(law: FiniteLaw, n: int, rate: float) -> None:
    interval = mean_interval(law, n, rate)
    assert outside(law, n, interval.low, interval.high) <= rate
    assert law.mean in interval
    assert interval.samples == n


def test_mean_interval_is_nearly_as_tight_as_the_exact_one() -> None:
    interval = mean_interval(BITS, 1000, 1e-6)
    exact = binomial_interval(1000, 0.7, 1e-6)
    assert interval.high - interval.low < 1.15 * (exact.high - exact.low) / 1000


def test_a_rare_huge_value_does_not_widen_the_interval() -> None:
    common = {0.0: 0.5, 1.0: 0.5 - 1e-18}
    interval = mean_interval(FiniteLaw.of({**common, 1e12: 1e-18}), 1000)
    assert interval.high < 0.7


def test_mean_interval_covers_averages_of_dependent_draws() -> None:
    rng = np.random.default_rng(3)
    first = rng.choice(SKEWED.values, p=SKEWED.probabilities, size=(2000, 50))
    same = np.repeat(first, 2, axis=1).reshape(2000, 50, 2).mean(axis=2).mean(axis=1)
    interval = mean_interval(SKEWED, 50, 1e-3)
    assert np.mean((same < interval.low) | (same > interval.high)) <= 4e-3


def test_a_constant_law_has_a_point_as_interval() -> None:
    interval = mean_interval(FiniteLaw.of({2.0: 1.0}), 5)
    assert interval.low == pytest.approx(2.0) and interval.high == pytest.approx(2.0)
    assert 2.0 in interval


def test_binomial_interval_is_the_narrowest_lawful_one() -> None:
    for n, p in ((10, 0.5), (1000, 0.01), (50, 0.99), (1, 0.5)):
        interval, law = binomial_interval(n, p, 1e-3), stats.binom(n, p)
        assert law.cdf(interval.low - 1) <= 5e-4 < law.cdf(interval.low)
        assert law.sf(interval.high) <= 5e-4 < law.sf(interval.high - 1)
    assert binomial_interval(7, 0.0).high == 0
    assert binomial_interval(7, 1.0).low == 7


def test_misfit_names_the_value_that_is_off() -> None:
    rng = np.random.default_rng(1)
    right = rng.choice(SKEWED.values, p=SKEWED.probabilities, size=3000)
    assert misfit(right, SKEWED) is None
    often = misfit(np.where(right == 4.0, 1.0, right), SKEWED)
    assert often is not None and often.value in (1.0, 4.0)
    foreign = misfit(np.append(right, 3.0), SKEWED)
    assert foreign is not None
    assert (foreign.value, foreign.count, foreign.interval.high) == (3.0, 1, 0.0)


def test_misfit_rejects_no_more_often_than_it_says() -> None:
    rng = np.random.default_rng(2)
    draws = rng.choice(SKEWED.values, p=SKEWED.probabilities, size=(3000, 60))
    assert sum(misfit(row, SKEWED, 0.02) is not None for row in draws) <= 0.02 * 3000 + 4 * math.sqrt(60)


def test_values_match_relatively_and_zero_only_zero() -> None:
    known = [0.0, 1e-6, 1.0]
    assert nearest_values([0.0, 1e-12, 1.0000001e-6, 1.0 + 1e-7], known, 1e-6).tolist() == [0, -1, 1, 2]


def test_median_radius_holds_for_the_law_that_attains_chebyshev() -> None:
    calls, rate = 21, 1e-3
    radius = median_radius(calls, rate)
    half = (calls + 1) // 2
    assert stats.binom.sf(half - 1, calls, 1 / radius**2) == pytest.approx(rate, rel=1e-3)
    assert median_radius(41, rate) < radius < median_radius(21, 1e-9)
    assert median_radius(1, 1e-4) == pytest.approx(100.0)


def test_kolmogorov_smirnov() -> None:
    rng = np.random.default_rng(4)
    samples = rng.standard_normal(4000)
    assert ks_distance(samples, stats.norm.cdf) == pytest.approx(stats.kstest(samples, "norm").statistic)
    assert ks_distance(samples, stats.norm.cdf) < ks_radius(4000)
    assert ks_distance(1.5 * samples, stats.norm.cdf) > ks_radius(4000)
    assert ks_radius(100, 1e-6) == pytest.approx(2.70 / 10, abs=2e-3)


def test_laws_are_probability_distributions() -> None:
    law = FiniteLaw.of([(1.0, 0.25), (0.0, 0.5), (1.0, 0.25)])
    assert law.values.tolist() == [0.0, 1.0]
    assert law.mean == 0.5 and law.variance == 0.25
    for masses in ({0.0: 0.5}, {0.0: 1.5, 1.0: -0.5}):
        with pytest.raises(ValueError, match="sum to 1"):
            FiniteLaw.of(masses)


def test_median_radius_by_a_higher_moment_is_smaller() -> None:
    fourth = median_radius(63, order=4) * 3**0.25
    assert fourth < median_radius(63)
    rng = np.random.default_rng(6)
    medians = np.median(np.abs(rng.standard_normal((2000, 63))), axis=1)
    assert medians.max() < fourth


def test_an_interval_says_what_it_sees() -> None:
    interval = mean_interval(BITS, 400, 1e-6)
    assert interval.smallest_discrepancy == max(interval.high - 0.7, 0.7 - interval.low)
    assert str(binomial_interval(100, 0.5, 1e-6)) == "[26, 74]"


def test_samples_of_one_law_agree_also_in_single_precision() -> None:
    rng = np.random.default_rng(8)
    a, b = rng.choice(SKEWED.values / 3, p=SKEWED.probabilities, size=(2, 500))
    assert samples_agree(a, b.astype(np.float32))[0]
    assert not samples_agree(a, 1.01 * b)[0]
    assert samples_agree(a, a) == (True, 0.0)
    with pytest.raises(ValueError, match="no samples"):
        samples_agree([], a)


def test_the_closest_law_is_named_and_none_where_all_differ() -> None:
    rng = np.random.default_rng(9)
    seen = [rng.normal(0, 1, 300), rng.normal(5, 1, (300, 2))]

    def normal(shift: float) -> Callable[[int], ArrayLike]:
        return lambda number: rng.normal(shift + 5 * number, 1, np.shape(seen[number]))

    def overflows(number: int) -> list[float]:
        return [math.exp(1000.0 * (number + 1))]

    others = [("overflows", overflows), ("shifted", normal(0.4)), ("far", normal(3.0))]
    assert closest_law(seen, [*others, ("right", normal(0.0))]) == "right"
    assert closest_law(seen, others) == ""
