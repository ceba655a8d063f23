"""The objective of Homework 10 (2024), problem 6: its values, minima and contours."""

from __future__ import annotations

from functools import lru_cache

import contourpy
import numpy as np
from numpy.typing import NDArray

from grader.reports._plot import Point


def objective(mu: NDArray[np.float64], sigma: NDArray[np.float64]) -> NDArray[np.float64]:
    """E[X sin X] + (mu - 1)^2 / 2 + sigma - log sigma for X of N(mu, sigma^2); Homework 10 (2024), problem 6."""
    mean = np.exp(-(sigma**2) / 2) * (mu * np.sin(mu) + sigma**2 * np.cos(mu))
    total: NDArray[np.float64] = mean + (mu - 1) ** 2 / 2 + sigma - np.log(sigma)
    return total


@lru_cache(maxsize=1)
def minima() -> tuple[Point, ...]:
    """Local minima on a fine grid; the objective has two."""
    mus, sigmas = np.linspace(-4, 6, 1001), np.linspace(0.05, 4, 396)
    grid = objective(mus[None, :], sigmas[:, None])
    inner = grid[1:-1, 1:-1]
    shifts = [(i, j) for i in (0, 1, 2) for j in (0, 1, 2) if (i, j) != (1, 1)]
    rows, columns = inner.shape
    low = np.all([inner < grid[i : i + rows, j : j + columns] for i, j in shifts], axis=0)
    return tuple((float(mus[j + 1]), float(sigmas[i + 1])) for i, j in zip(*np.nonzero(low), strict=True))


@lru_cache(maxsize=32)
def contours(x0: float, x1: float, y0: float, y1: float) -> tuple[tuple[Point, ...], ...]:
    """Lines of equal objective on a rectangle: x0 to x1 for mu, y0 to y1 for sigma."""
    mus, sigmas = np.linspace(x0, x1, 61), np.linspace(y0, y1, 61)
    grid = objective(mus[None, :], sigmas[:, None])
    levels = np.quantile(grid, (0.02, 0.07, 0.15, 0.27, 0.42, 0.6, 0.8))
    generator = contourpy.contour_generator(mus, sigmas, grid)
    lines = [line for level in levels for line in generator.lines(float(level))]
    return tuple(tuple((float(px), float(py)) for px, py in np.asarray(line)[::2]) for line in lines)
