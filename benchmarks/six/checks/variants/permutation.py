"""Known right and wrong versions of `permutation`."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader import right, slip


@right("by argsort", of="inverse_permutation")
def by_argsort(sigma: Any) -> Any:
    return np.argsort(sigma) + 1


@slip("values from 0", of="inverse_permutation")
def from_zero(sigma: Any) -> Any:
    return [sigma.index(k + 1) for k in range(len(sigma))]


@slip("sigma itself", of="inverse_permutation")
def itself(sigma: Any) -> Any:
    return list(sigma)
