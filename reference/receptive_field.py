"""Masked convolutions and what their outputs can see (Assignment 3 (2020), question 1)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def mask(kind: str) -> NDArray[np.float64]:
    """The mask (3, 3) of type "A" or "B" for a kernel that is not flipped.

    Ones in the row below; in the middle row left of the centre and, for B, at the centre. Raises KeyError for
    another type.
    """
    centre = {"A": 0.0, "B": 1.0}[kind]
    return np.array([[0.0, 0.0, 0.0], [1.0, centre, 0.0], [1.0, 1.0, 1.0]])


def receptive_field(
    masks: Sequence[ArrayLike], pixel: tuple[int, int], shape: tuple[int, int]
) -> NDArray[np.bool_]:
    """The input pixels, as a mask (H, W) = `shape`, that can influence one output pixel (0-based).

    `masks`: (3, 3) each, of the layers from the first to the last; padding 1, kernels not flipped. Goes back from
    the output, layer by layer; what lies in the padding is zero and ends there.
    """
    height, width = shape
    seen = np.zeros(shape, dtype=bool)
    seen[pixel] = True
    for layer in reversed(masks):
        padded = np.zeros((height + 2, width + 2), dtype=bool)
        for row, column in np.argwhere(layer):
            padded[row : row + height, column : column + width] |= seen
        seen = padded[1:-1, 1:-1]
    return seen
