"""Verdicts on random answers: every bound states how often it would reject a right one, and holds at any sample size.

No normal approximation anywhere: binomial counts are exact, means of a known finite law are bounded by
Chernoff's inequality from its exact moment generating function, and where only a variance is known, by
Chebyshev's inequality on each call and a binomial count over calls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special
from scipy.optimize import minimize_scalar

FALSE_REJECT = 1e-9
"""60 checks x 200 students x 10 tries at 1e-6 would already reject one right answer with probability 11 %."""
_CUTS = 24
"""How many places to cut a heavy tail are tried."""
_PADDING = 1e-9
"""Relative widening of each bound: far above the rounding of what computes it, far below what it decides."""


@dataclass(frozen=True)
class Interval:
    """Where a right answer lies, but for the stated probability."""

    low: float
    high: float
    expected: float
    """What a right answer is on average."""
    false_reject: float
    samples: int

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return f"[{self.low:.3g}, {self.high:.3g}]"

    @property
    def smallest_discrepancy(self) -> float:
        """An answer whose average is off by more than this is rejected more often than not."""
        return max(self.high - self.expected, self.expected - self.low)


@dataclass(frozen=True)
class FiniteLaw:
    """A probability distribution on finitely many numbers."""

    values: NDArray[np.float64]
    """Ascending, distinct."""
    probabilities: NDArray[np.float64]

    @classmethod
    def of(cls, masses: Mapping[float, float] | Iterable[tuple[float, float]]) -> FiniteLaw:
        """From value -> probability, or pairs; equal values are merged. Raises ValueError unless they sum to 1."""
        total: dict[float, float] = {}
        for value, mass in masses.items() if isinstance(masses, Mapping) else masses:
            total[value] = total.get(value, 0.0) + mass
        values = np.array(sorted(total), dtype=np.float64)
        law = cls(values, np.array([total[v] for v in values.tolist()], dtype=np.float64))
        if (law.probabilities < 0).any() or abs(law.probabilities.sum() - 1) > 1e-9:
            raise ValueError("the probabilities of a law are not negative and sum to 1")
        return law

    @property
    def mean(self) -> float:
        """The expected value."""
        return math.fsum(self.values * self.probabilities)

    @property
    def variance(self) -> float:
        """The variance."""
        return math.fsum((self.values - self.mean) ** 2 * self.probabilities)


def mean_interval(law: FiniteLaw, n: int, false_reject: float = FALSE_REJECT) -> Interval:
    """Where the mean of n independent draws lies (Chernoff's bound, from the exact log-moment generating function).

    It also holds for means of n independent averages of draws that depend on each other in any way, such as
    antithetic pairs: by Jensen's inequality their moment generating function is no larger. A heavy upper
    tail is cut where n draws reach it with at most a quarter of `false_reject`. About a tenth wider than the exact interval.
    """
    if n < 1 or not 0 < false_reject < 1:
        raise ValueError("at least one draw and a false-reject rate between 0 and 1 are needed")
    values, masses = law.values, law.probabilities
    tail = np.concatenate([np.cumsum(masses[::-1])[::-1][1:], [0.0]])
    lawful = np.flatnonzero(n * tail <= false_reject / 4)
    cuts = lawful[:: -(-lawful.size // _CUTS)]
    high = min(_upper(values[: k + 1], masses[: k + 1], math.log(4 / false_reject) / n) for k in cuts)
    low = -_upper(-values[::-1], masses[::-1], math.log(2 / false_reject) / n)
    pad = _PADDING * max(abs(low), abs(high))
    return Interval(low - pad, high + pad, law.mean, false_reject, n)


def _upper(values: NDArray[np.float64], masses: NDArray[np.float64], budget: float) -> float:
    """min over s>0 of (log E exp(sX) + budget)/s: any s gives a valid bound, so the search need not be exact."""
    top = float(values[-1])
    spread = top - float(values[0])
    if spread == 0.0:
        return top
    shifted = (values - top) / spread

    def bound(log_s: float | NDArray[np.float64]) -> NDArray[np.float64]:
        s = np.exp(log_s)
        return np.asarray((np.log(np.exp(np.multiply.outer(s, shifted)) @ masses) + budget) / s)

    grid = np.linspace(-40.0, 120.0, 161)
    near = float(grid[np.argmin(bound(grid))])
    best = minimize_scalar(lambda t: float(bound(t)), bounds=(near - 1, near + 1), method="bounded")
    return top + spread * min(float(best.fun), 0.0)


def binomial_interval(n: int, probability: float, false_reject: float = FALSE_REJECT) -> Interval:
    """The counts that n independent trials give, but for at most half of `false_reject` on either side (exact)."""
    if n < 1 or not 0 <= probability <= 1 or not 0 < false_reject < 1:
        raise ValueError("trials, a probability and a false-reject rate between 0 and 1 are needed")
    if probability in (0.0, 1.0):
        return Interval(n * probability, n * probability, n * probability, false_reject, n)
    counts = np.arange(n + 1)
    low = int(np.argmax(special.bdtr(counts, n, probability) > false_reject / 2))
    # P(X >= k) = P(n - X <= n - k), and n - X is binomial, too.
    high = n - int(np.argmax(special.bdtr(counts, n, 1 - probability) > false_reject / 2))
    return Interval(low, high, n * probability, false_reject, n)


@dataclass(frozen=True)
class Cell:
    """One value of a law whose frequency does not fit."""

    value: float
    count: int
    """How often it came."""
    interval: Interval
    """How often it may come."""


def misfit(
    samples: ArrayLike, law: FiniteLaw, false_reject: float = FALSE_REJECT, rtol: float = 1e-9
) -> Cell | None:
    """The value whose frequency is furthest from the law's, or None when all fit (exact binomial counts).

    samples (n,): independent draws. `false_reject` is for all values together, split evenly over those with
    positive probability. A sample further than `rtol` (relative) from every such value is a cell of its own
    that expects none.
    """
    drawn = np.asarray(samples, dtype=np.float64).ravel()
    nearest = nearest_values(drawn, law.values, rtol)
    if (nearest < 0).any():
        value = float(drawn[nearest < 0][0])
        return Cell(value, int(np.sum(drawn == value)), Interval(0.0, 0.0, 0.0, 0.0, drawn.size))
    share = false_reject / max(1, int((law.probabilities > 0).sum()))
    worst: tuple[float, Cell] | None = None
    for at, (value, mass) in enumerate(zip(law.values, law.probabilities, strict=True)):
        interval = binomial_interval(drawn.size, float(np.clip(mass, 0, 1)), share)
        count = int((nearest == at).sum())
        if count in interval:
            continue
        distance = abs(count - drawn.size * mass) / math.sqrt(max(drawn.size * mass * (1 - mass), 1e-12))
        if worst is None or distance > worst[0]:
            worst = distance, Cell(float(value), count, interval)
    return worst[1] if worst else None


def nearest_values(samples: ArrayLike, values: ArrayLike, rtol: float) -> NDArray[np.int64]:
    """For each sample the index of the value within `rtol` of it (relative; zero matches zero only), else -1."""
    drawn, known = np.asarray(samples, dtype=np.float64).ravel(), np.asarray(values, dtype=np.float64)
    if known.size == 0:
        return np.full(drawn.shape, -1)
    distance = np.abs(drawn[:, None] - known[None, :])
    at = np.argmin(distance, axis=1)
    close = distance[np.arange(drawn.size), at] <= rtol * np.abs(known[at])
    return np.where(close, at, -1)


def median_radius(calls: int, false_reject: float = FALSE_REJECT, *, order: int = 2) -> float:
    """How far the median of independent calls keeps from a centre, whatever their law.

    In units of the root of the moment of this order about the centre; for order 2, standard deviations from the
    mean. Markov: one call is further than r units off with probability r^-order at most; the median is only if
    half of the calls are, and that is a binomial tail (the median-of-means bound).
    """
    if calls < 1 or not 0 < false_reject < 1:
        raise ValueError("at least one call and a false-reject rate between 0 and 1 are needed")
    half = (calls + 1) // 2
    # The tail of a binomial count is an incomplete beta function of its probability.
    each = float(special.betaincinv(half, calls - half + 1, false_reject)) * (1 - _PADDING)
    return float(each ** (-1 / order))


def ks_distance(samples: ArrayLike, cdf: Callable[[NDArray[np.float64]], ArrayLike]) -> float:
    """Largest vertical distance between the samples' (n,) empirical distribution function and `cdf`."""
    drawn = np.sort(np.asarray(samples, dtype=np.float64).ravel())
    if drawn.size == 0:
        raise ValueError("no samples")
    due = np.asarray(cdf(drawn), dtype=np.float64)
    steps: NDArray[Any] = np.arange(drawn.size + 1) / drawn.size
    return float(max(np.max(steps[1:] - due), np.max(due - steps[:-1])))


def ks_radius(n: int, false_reject: float = FALSE_REJECT) -> float:
    """What `ks_distance` of n right samples stays below (Dvoretzky, Kiefer, Wolfowitz, with Massart's constant)."""
    if n < 1 or not 0 < false_reject < 1:
        raise ValueError("at least one sample and a false-reject rate between 0 and 1 are needed")
    return math.sqrt(math.log(2 / false_reject) / (2 * n))


def samples_agree(
    samples: ArrayLike, others: ArrayLike, false_reject: float = 1e-6, digits: int = 4
) -> tuple[bool, float]:
    """Whether two samples (n,) and (m,) may come from one law, and the distance of their distribution functions.

    Values count as equal when they are so to `digits` significant digits, so that single precision does not matter.
    """
    a, b = (np.sort([float(f"{v:.{digits - 1}e}") for v in np.ravel(values)]) for values in (samples, others))
    if not a.size or not b.size:
        raise ValueError("no samples")
    at = np.concatenate([a, b])
    gap = np.searchsorted(a, at, "right") / a.size - np.searchsorted(b, at, "right") / b.size
    distance = float(np.max(np.abs(gap)))
    return distance <= ks_radius(1, false_reject) * math.sqrt(1 / a.size + 1 / b.size), distance


def closest_law(
    seen: Sequence[ArrayLike],
    candidates: Iterable[tuple[str, Callable[[int], ArrayLike]]],
    false_reject: float = 0.01,
) -> str:
    """The name of the candidate whose samples are closest to all that were seen; "" when none may have their law.

    seen: one sample per experiment, (n,) or (n, k) for k results each. candidates: names with functions that
    repeat an experiment, given its number; the distance is the largest over experiments and results.
    """
    best, title = math.inf, ""
    for name, repeat in candidates:
        furthest = 0.0
        for number, sample in enumerate(seen):
            try:
                mine = np.asarray(repeat(number), dtype=np.float64)
            except (ArithmeticError, ValueError):
                furthest = math.inf
                break
            theirs = np.asarray(sample, dtype=np.float64)
            for a, b in zip(theirs.T.reshape(-1, len(theirs)), mine.T.reshape(-1, len(mine)), strict=True):
                alike, distance = samples_agree(a, b, false_reject)
                furthest = max(furthest, distance if alike else math.inf)
            if furthest >= best:
                break
        if furthest < best:
            best, title = furthest, name
    return title
