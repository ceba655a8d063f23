"""The reference of `receptive_field` against the sheet's labels and against gradients of real convolutions."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from reference.receptive_field import mask, receptive_field

SEEN = {
    "AA": {32, 42, 43, 44, 52, 53, 54, 55},
    "AB": {32, 33, 42, 43, 44, 45, 52, 53, 54, 55},
    "BA": {32, 33, 42, 43, 44, 45, 52, 53, 54, 55},
    "BB": {32, 33, 34, 42, 43, 44, 45, 52, 53, 54, 55},
}
"""Labels (row and column from 1) that pixel 34 of 5 x 5 sees."""


def labels(seen: np.ndarray) -> set[int]:
    return {10 * (int(i) + 1) + int(j) + 1 for i, j in np.argwhere(seen)}


def by_autograd(masks: list[np.ndarray], pixel: tuple[int, int], shape: tuple[int, int]) -> np.ndarray:
    """Where the derivative of the output pixel by the input is not zero, for positive weights under the masks."""
    generator = torch.Generator().manual_seed(1)
    x = torch.zeros(1, 1, *shape, dtype=torch.float64, requires_grad=True)
    out = x
    for layer in masks:
        weights = torch.rand(3, 3, generator=generator, dtype=torch.float64) + 0.5
        out = torch.nn.functional.conv2d(out, (weights * torch.as_tensor(layer))[None, None], padding=1)
    (slope,) = torch.autograd.grad(out[0, 0, pixel[0], pixel[1]], x)
    return slope[0, 0].numpy() != 0


@pytest.mark.parametrize("kinds", SEEN)
def test_the_four_cases_of_the_sheet(kinds: str) -> None:
    assert labels(receptive_field([mask(kind) for kind in kinds], (2, 3), (5, 5))) == SEEN[kinds]


@pytest.mark.parametrize("seed", range(12))
def test_any_masks_against_the_gradient(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(1, 6)), int(rng.integers(1, 6)))
    masks = [(rng.random((3, 3)) < 0.35).astype(float) for _ in range(int(rng.integers(1, 5)))]
    for pixel in np.ndindex(*shape):
        place = (int(pixel[0]), int(pixel[1]))
        assert np.array_equal(receptive_field(masks, place, shape), by_autograd(masks, place, shape))


def test_a_path_through_the_border_is_none_and_the_order_matters_there() -> None:
    left, right = np.zeros((3, 3)), np.zeros((3, 3))
    left[1, 0] = right[1, 2] = 1
    assert labels(receptive_field([left, right], (0, 0), (1, 2))) == {11}
    assert labels(receptive_field([right, left], (0, 0), (1, 2))) == set()


def test_there_are_two_types_of_masks() -> None:
    assert [mask(kind).sum() for kind in "AB"] == [4, 5]
    with pytest.raises(KeyError, match="C"):
        mask("C")
