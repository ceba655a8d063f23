"""Known right and wrong versions of `log_determinant`."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader import right, slip


@right("of the whole matrix", of="plu_log_abs_det")
def of_matrix(P: Any, L: Any, U: Any, s: Any) -> Any:
    return np.linalg.slogdet(P @ L @ (U + np.diag(s)))[1]


@slip("determinant instead of its logarithm", of="plu_log_abs_det")
def no_logarithm(P: Any, L: Any, U: Any, s: Any) -> Any:
    return np.abs(np.prod(s))


@slip("base 2", of="plu_log_abs_det")
def base_2(P: Any, L: Any, U: Any, s: Any) -> Any:
    return np.log2(np.abs(s)).sum()
