"""Flows in one dimension as plain functions, the laws that they are trained on, and the curves that a flow draws."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]


class Mixture(NamedTuple):
    """Means, standard deviations and weights (k,), of a flow (any positive weights) or of a law (summing to 1)."""

    means: tuple[float, ...]
    deviations: tuple[float, ...]
    weights: tuple[float, ...]

    def standardised(self, x: Floats) -> Floats:
        """(x - mean) / deviation of each component, (..., k) for x (...)."""
        return np.asarray((x[..., None] - np.array(self.means)) / np.array(self.deviations))

    def latent(self, x: Floats) -> Floats:
        """z of x, for a flow of these components."""
        return np.asarray((ndtr(self.standardised(x)) - 0.5) @ np.array(self.weights))

    def density(self, x: Floats) -> Floats:
        """The weighted sum of Gaussian densities: dz/dx of a flow, or the density of a law."""
        heights = np.array(self.weights) / np.array(self.deviations) / math.sqrt(2 * math.pi)
        return np.asarray(np.exp(-(self.standardised(x) ** 2) / 2) @ heights)

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """n samples (n,) of the law."""
        at = rng.choice(len(self.weights), n, p=self.weights)
        return np.asarray(rng.normal(np.array(self.means)[at], np.array(self.deviations)[at]))

    def gaussian_fit(self) -> float:
        """Expected negative log-likelihood of the best Gaussian for the law: that of its mean and variance."""
        means, deviations, weights = map(np.array, self)
        variance = weights @ (deviations**2 + means**2) - (weights @ means) ** 2
        return 0.5 * math.log(2 * math.pi * math.e * variance)


def cross_entropy(law: Mixture, x: Floats, z: Floats, dz_dx: Floats) -> float:
    """Expected negative log-likelihood, under a law, of a flow known on an even grid x (n,) that covers the law."""
    density = law.density(x)
    seen = density > 1e-6 * density.max()
    with np.errstate(divide="ignore", invalid="ignore"):
        loss = z**2 / 2 + math.log(2 * math.pi) / 2 - np.log(dz_dx)
    return float(np.sum((density * loss)[seen]) / np.sum(density[seen]))


class Curve(NamedTuple):
    """What a flow with unknown parameters draws on `Curve.grid()`."""

    edges: Floats
    """z at the edges (49,) of 48 cells of [-6, 6]."""
    integrals: Floats
    """Integrals (48,) of dz/dx over the cells: exact to single precision for every sigma above 0.03."""
    line: Floats
    """z on a fine line (961,) over [-12, 12]."""
    slopes: Floats
    """dz/dx on the fine line."""
    low: float
    high: float
    """z far to the left and far to the right."""

    @classmethod
    def grid(cls) -> Floats:
        """Where z and dz/dx are needed: Gauss-Legendre nodes of the cells, their edges, the line, two points far out."""
        edges, nodes = np.linspace(-6, 6, _CELLS + 1), np.polynomial.legendre.leggauss(_NODES)[0]
        middle, half = (edges[1:] + edges[:-1]) / 2, (edges[1] - edges[0]) / 2
        return np.concatenate([(middle[:, None] + half * nodes).ravel(), edges, _line(), [-1e4, 1e4]])

    @classmethod
    def of(cls, z: Floats, dz_dx: Floats) -> Curve:
        """From the values on the grid."""
        inside, after = _CELLS * _NODES, _CELLS * _NODES + _CELLS + 1
        weights = np.polynomial.legendre.leggauss(_NODES)[1]
        integrals = dz_dx[:inside].reshape(_CELLS, _NODES) @ weights * (6 / _CELLS)
        return cls(z[inside:after], integrals, z[after:-2], dz_dx[after:-2], float(z[-2]), float(z[-1]))

    @property
    def range(self) -> float:
        """Length of the range of z."""
        return self.high - self.low

    def bend(self) -> float:
        """How far Phi^-1 of the normalised z is from a straight line: 0 for one component, infinite where z has none."""
        x, u = self._normal_scores()
        return (
            float(np.max(np.abs(np.polyval(np.polyfit(x, u, 1), x) - u))) if len(x) >= _FEWEST else math.inf
        )

    def traits(self, n_components: int, spread: float) -> tuple[object, ...]:
        """What tells known mistakes apart, whatever the parameters are called and whatever values they have.

        Whether the range is 1, where it begins in units of itself, whether Phi^-1 of it is straight, which usual
        factor dz/dx is from the derivative of z, whether it is its logarithm, and whether z increases. The shape of
        several components is left to chance, and so is all but the last where parameters moved far.
        """
        with np.errstate(all="ignore"):
            slope = np.gradient(self.line, _line())
            steep = np.abs(slope) > 0.05 * np.max(np.abs(slope))
            ratio, logarithm = self.slopes[steep] / slope[steep], self.slopes[steep] - np.log(slope[steep])
            x, u = self._normal_scores()
            sigma, w = 1 / np.polyfit(x, u, 1)[0] if len(x) >= _FEWEST else math.nan, self.range
            usual = [1, -1, 1 / w, w, sigma, 1 / sigma, sigma / w, 1 / n_components, n_components]
            factor = next((i for i, f in enumerate(usual) if np.all(np.abs(ratio / f - 1) < 0.03)), None)
            start = round(self.low / w, 2) if abs(w) > 1e-6 else None
        rising = bool(np.min(np.diff(self.line)) >= -1e-4 * abs(w))
        of_log = bool(np.all(np.abs(logarithm) < 0.03))
        if spread > 1:
            return (rising,)
        return abs(w - 1) < 1e-4, start, n_components > 1 or self.bend() < 0.02, factor, of_log, rising

    def _normal_scores(self) -> tuple[Floats, Floats]:
        """x and Phi^-1 of the normalised z, where this is well conditioned."""
        with np.errstate(all="ignore"):
            share = (self.line - self.low) / self.range
        middle = (share > 0.02) & (share < 0.98)
        return _line()[middle], np.asarray(ndtri(share[middle]))


_CELLS, _NODES = 48, 12
_FEWEST = 4
"""Points that a straight line is laid through."""


def _line() -> Floats:
    return np.linspace(-12, 12, 961)
