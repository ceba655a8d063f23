"""The inpainting reference against the constrained maximum by another algorithm, and against the method step by step."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import lsq_linear

from reference.inpainting import inpaint, projected_step


@pytest.mark.parametrize("seed", range(4))
def test_many_steps_end_where_bounded_least_squares_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    root, center = rng.normal(size=(6, 6)) / 6 + np.eye(6), rng.uniform(-1, 2, 6)
    image, mask = rng.uniform(0, 1, (2, 3)), rng.random((2, 3)) < 0.4
    factor = torch.tensor(root)

    def log_p(x: torch.Tensor) -> torch.Tensor:
        return -(((x - torch.tensor(center)) @ factor.T) ** 2).sum(dim=1) / 2

    found = inpaint(log_p, torch.tensor(image), torch.tensor(mask), lr=0.3, n_steps=600).numpy()
    seen, free = mask.ravel(), ~mask.ravel()
    rest = root[:, free]
    target = root @ center - root[:, seen] @ image.ravel()[seen]
    due = image.ravel().copy()
    due[free] = lsq_linear(rest, target, bounds=(0, 1), tol=1e-14).x
    assert found.ravel() == pytest.approx(due, abs=1e-5)
    assert np.array_equal(found[mask], image[mask])


@pytest.mark.parametrize("seed", range(3))
def test_a_step_is_the_closest_feasible_point(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, grad, image = (torch.tensor(rng.uniform(-1, 2, (3, 2))) for _ in range(3))
    image = image.clamp(0, 1)
    mask = torch.tensor(rng.random((3, 2)) < 0.5)
    target, found = x - 0.5 * grad, projected_step(x, grad, image, mask, 0.5)
    for _ in range(200):
        other = torch.where(mask, image, torch.tensor(rng.uniform(0, 1, (3, 2))))
        assert ((found - target) ** 2).sum() <= ((other - target) ** 2).sum() + 1e-12


def test_the_path_of_one_pixel_by_hand() -> None:
    image, mask = torch.tensor([[0.5, 0.25]]), torch.tensor([[False, True]])
    path = [float(inpaint(lambda x: 2 * x[:, 0], image, mask, 0.125, n)[0, 0]) for n in range(4)]
    assert path == [0.5, 0.75, 1.0, 1.0]
