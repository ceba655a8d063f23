"""How often the judge's statistical devices reject what is right: exact, or 100,000 simulated experiments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from grader import judge
from grader.judge import FiniteLaw
from reference import ruin

EXPERIMENTS = 100_000
SIMULATED = 1e-2
"""A rate that 100,000 experiments can see; the bounds are the same formulas at every rate."""
GAME = (6, 0.35, 0.6, 2, 4)
"""Games, p, q, start, goal: a law of importance weights with a heavy upper end."""


class Measured(NamedTuple):
    """One device at one stated rate."""

    device: str
    setting: str
    stated: float
    measured: float
    how: str


def devices() -> Iterator[Measured]:
    """All of them."""
    yield from _binomial()
    yield from _mean()
    yield from _law_check()
    yield from _median()
    yield from _kolmogorov()
    yield _two_samples()


def _binomial() -> Iterator[Measured]:
    """Exact tails beyond the interval, the worst of a grid."""
    for stated in (judge.FALSE_REJECT, SIMULATED):
        worst = 0.0
        for n in (1, 20, 240, 600, 6000):
            for p in (1e-4, 0.01, 0.1, 0.3, 0.5, 0.9):
                interval, law = judge.binomial_interval(n, p, stated), stats.binom(n, p)
                worst = max(worst, float(law.cdf(interval.low - 1) + law.sf(interval.high)))
        yield Measured("count of an event", "worst of 30 pairs (n, p)", stated, worst, "exact")


def _mean() -> Iterator[Measured]:
    """The mean of draws from a finite law: exact by repeated convolution, and simulated on importance weights."""
    masses = np.array([0.7, 0.2, 0.0, 0.0, 0.1])
    law = FiniteLaw.of(enumerate(masses.tolist()))
    for n in (25, 240):
        total = np.ones(1)
        for _ in range(n):
            total = np.convolve(total, masses)
        means = np.arange(total.size) / n
        for stated in (judge.FALSE_REJECT, SIMULATED):
            interval = judge.mean_interval(law, n, stated)
            outside = (means < interval.low) | (means > interval.high)
            yield Measured(
                "mean of draws", f"values 0, 1, 4; n = {n}", stated, float(total[outside].sum()), "exact"
            )
    weights = FiniteLaw.of(ruin.contribution_law(*GAME, full=True))
    interval = judge.mean_interval(weights, 240, SIMULATED)
    means = _draws(weights, 240) / 240
    rate = float(np.mean((means < interval.low) | (means > interval.high)))
    yield Measured("mean of draws", "importance weights, n = 240", SIMULATED, rate, _simulated())


def _draws(law: FiniteLaw, n: int) -> NDArray[np.float64]:
    """Sums of n draws, one an experiment."""
    counts = np.random.default_rng(1).multinomial(n, law.probabilities / law.probabilities.sum(), EXPERIMENTS)
    return np.asarray(counts @ law.values)


def _law_check() -> Iterator[Measured]:
    """Every value's frequency: the intervals that `misfit` uses, on simulated counts and by the exact sum of tails."""
    law = FiniteLaw.of(ruin.contribution_law(*GAME, full=False))
    n, cells = 240, law.probabilities > 0
    for stated in (judge.FALSE_REJECT, SIMULATED):
        intervals = [
            judge.binomial_interval(n, float(p), stated / int(cells.sum())) for p in law.probabilities
        ]
        low, high = (np.array([getattr(i, side) for i in intervals]) for side in ("low", "high"))
        if stated == SIMULATED:
            counts = np.random.default_rng(2).multinomial(
                n, law.probabilities / law.probabilities.sum(), EXPERIMENTS
            )
            bad = np.any((counts < low) | (counts > high), axis=1)
            samples = [np.repeat(law.values, row) for row in counts[:200]]
            assert [judge.misfit(s, law, stated) is not None for s in samples] == bad[:200].tolist()
            yield Measured(
                "law of single draws",
                f"{cells.sum()} values, n = {n}",
                stated,
                float(bad.mean()),
                _simulated(),
            )
        else:
            laws = stats.binom(n, law.probabilities)
            rate = float((laws.cdf(low - 1) + laws.sf(high)).sum())
            yield Measured(
                "law of single draws", f"{cells.sum()} values, n = {n}", stated, rate, "exact upper bound"
            )


def _median() -> Iterator[Measured]:
    """The median of calls: exact for the law that Chebyshev's inequality is sharp for, and for a normal one."""
    for calls in (5, 25):
        for stated in (judge.FALSE_REJECT, SIMULATED):
            radius = judge.median_radius(calls, stated)
            half = (calls + 1) // 2
            for law, beyond in (("two points", radius**-2), ("normal", 2 * float(special.ndtr(-radius)))):
                rate = float(special.betainc(half, calls - half + 1, beyond))
                yield Measured("median of calls", f"{law}, {calls} calls", stated, rate, "exact upper bound")


def _kolmogorov() -> Iterator[Measured]:
    for n in (50, 400):
        drawn = np.sort(np.random.default_rng(3).random((EXPERIMENTS, n)), axis=1)
        steps = np.arange(n + 1) / n
        distance = np.maximum((steps[1:] - drawn).max(axis=1), (drawn - steps[:-1]).max(axis=1))
        rate = float(np.mean(distance > judge.ks_radius(n, SIMULATED)))
        yield Measured("distribution function", f"uniform, n = {n}", SIMULATED, rate, _simulated())
        exact = float(stats.kstwo.sf(judge.ks_radius(n), n))
        yield Measured("distribution function", f"uniform, n = {n}", judge.FALSE_REJECT, exact, "exact")


def _two_samples() -> Measured:
    n, repeats = 400, EXPERIMENTS // 100
    generator = np.random.default_rng(4)
    pairs = generator.integers(0, 40, (repeats, 2, n))
    rate = float(np.mean([not judge.samples_agree(a, b, SIMULATED)[0] for a, b in pairs]))
    return Measured(
        "two samples alike (diagnosis only)",
        f"40 values, n = {n}",
        SIMULATED,
        rate,
        f"{repeats:,} experiments",
    )


def _simulated() -> str:
    return f"{EXPERIMENTS:,} experiments"
