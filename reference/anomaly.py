"""Anomaly detection by the likelihood of a flow model (Homework 11 (2022), problem 3)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def anomaly_threshold(log_likelihoods: Any) -> float:
    """mean - 3 standard deviations of the validation data's log-likelihoods (n,), tensor or array, n >= 2.

    Inputs with a log-likelihood below it count as anomalies. The deviation divides by n - 1.
    """
    values = _values(log_likelihoods)
    return float(values.mean() - 3 * values.std(ddof=1))


def type1_error(log_likelihoods: Any, threshold: float) -> float:
    """Share of ordinary data, with these log-likelihoods (n,), that counts as anomalous: false alarms, in [0, 1]."""
    return float(np.mean(_values(log_likelihoods) < threshold))


def type2_error(log_likelihoods: Any, threshold: float) -> float:
    """Share of anomalies, with these log-likelihoods (n,), that does not count as anomalous: misses, in [0, 1]."""
    return float(np.mean(_values(log_likelihoods) >= threshold))


def _values(log_likelihoods: Any) -> NDArray[np.float64]:
    return np.asarray(log_likelihoods, dtype=np.float64)
