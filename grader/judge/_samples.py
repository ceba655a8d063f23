"""All samples of a random variable with few values: for means that are exact instead of estimated."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray


def all_samples(q: NDArray[np.float64], n: int) -> Iterator[tuple[float, list[int]]]:
    """All m**n independent samples of n cells, as (probability, cells); q (m,) holds the cells' probabilities.

    The probabilities of the samples sum to 1. Samples come in the order of `itertools.product`.
    """
    for cells in product(range(len(q)), repeat=n):
        yield float(np.prod(q[list(cells)])), list(cells)
