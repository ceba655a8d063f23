"""Known right and wrong versions of `sgd`."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader import right, slip


@right("a new array each step", of="sgd")
def anew(A: Any, b: Any, order: Any, x: Any, lr: Any) -> Any:
    for i in order:
        x = x - lr * A[i] * (np.dot(A[i], x) - b[i])
    return x


@slip("up instead of down", of="sgd")
def ascent(A: Any, b: Any, order: Any, x: Any, lr: Any) -> Any:
    for i in order:
        x = x + lr * A[i] * (np.dot(A[i], x) - b[i])
    return x


@slip("twice the gradient", of="sgd")
def doubled(A: Any, b: Any, order: Any, x: Any, lr: Any) -> Any:
    for i in order:
        x = x - 2 * lr * A[i] * (np.dot(A[i], x) - b[i])
    return x
