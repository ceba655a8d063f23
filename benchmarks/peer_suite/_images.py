"""Tests for inpainting by projected gradient steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file

import checks.support.nice as nice
import reference.inpainting
from checks.support.likelihoods import Gaussian

from ._values import plain, same, seeded, untouched

_SHAPES = ((2, 3), (3, 2), (1, 4), (2, 2), (4, 1), (3, 3))
_FOLDER = Path(str(nice.__file__)).parent
_HIDDEN = (np.arange(8)[:, None] < 4, np.arange(8) % 2 == 0, np.arange(8) < 5)


def _float(values: Any) -> torch.Tensor:
    return torch.tensor(np.asarray(values), dtype=torch.float32)


def _image(rng: np.random.Generator, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    shape = _SHAPES[k % len(_SHAPES)]
    return _float(rng.uniform(0, 1, shape)), torch.tensor(rng.random(shape) < 0.5)


def _problem(rng: np.random.Generator, k: int, coupling: float) -> tuple[Any, torch.Tensor, torch.Tensor]:
    image, mask = _image(rng, k)
    n = image.numel()
    A = np.diag(1.0 + np.arange(n) % 3 / 2) + coupling * (np.eye(n, k=1) + np.eye(n, k=-1))
    return Gaussian(rng.uniform(-1, 2, n), A), image, mask


def _step(rng: np.random.Generator, k: int) -> tuple[Any, ...]:
    image, mask = _image(rng, k)
    shape = tuple(image.shape)
    x, grad = _float(rng.uniform(-0.5, 1.5, shape)), _float(rng.uniform(-4, 4, shape))
    return x, grad, image, mask, (0.125, 0.5, 1.0, 0.0625)[k % 4]


def _feasible(found: Any, image: torch.Tensor, mask: torch.Tensor) -> None:
    x = plain(found, *image.shape)
    assert x.min() >= 0
    assert x.max() <= 1
    same(x[mask.numpy()], image.numpy()[mask.numpy()], atol=1e-6)


def step(work: Any) -> None:
    """A step descends and then projects."""
    rng = seeded()
    for k in range(42):
        given = _step(rng, k)
        due = reference.inpainting.projected_step(*given)
        found = work.projected_step(*(g.clone() if isinstance(g, torch.Tensor) else g for g in given))
        _feasible(found, given[2], given[3])
        same(found, due)


def path(work: Any) -> None:
    """Some steps of the method."""
    rng = seeded()
    for k in range(25):
        log_p, image, mask = _problem(rng, k, 0.25)
        lr, n_steps = (0.25, 0.0625)[k % 2], (1, 2, 3, 6, 12)[k % 5]
        found = work.inpaint(log_p, image.clone(), mask, lr, n_steps)
        _feasible(found, image, mask)
        same(found, reference.inpainting.inpaint(log_p, image, mask, lr, n_steps))


def defaults(work: Any) -> None:
    """300 steps of 0.001."""
    rng = seeded()
    for k in range(3):
        log_p, image, mask = _problem(rng, k, 0.25)
        same(work.inpaint(log_p, image.clone(), mask), reference.inpainting.inpaint(log_p, image, mask))


def fixed_point(work: Any) -> None:
    """Many steps lead to the constrained maximum."""
    rng = seeded()
    for k in range(6):
        log_p, image, mask = _problem(rng, k, 0.0)
        due = torch.where(mask, image, log_p.center.reshape(image.shape).clamp(0, 1))
        same(work.inpaint(log_p, image.clone(), mask, 0.5, 60), due)


def digits(work: Any) -> None:
    """Digits restored with a trained flow."""
    log_p = nice.LogLikelihood(load_file(_FOLDER / "nice_digits.safetensors"))
    images = load_file(_FOLDER / "nice_digits_samples.safetensors")["images"]
    for number, seen in enumerate(_HIDDEN):
        mask = torch.tensor(np.broadcast_to(seen, (8, 8)).copy())
        image = torch.where(mask, _float(images[number]), 0.5)
        likely = -np.inf
        for n_steps in (0, 10, 50):
            found = work.inpaint(log_p, image.clone(), mask, 1e-3, n_steps)
            _feasible(found, image, mask)
            now = float(log_p(_float(plain(found, 1, 64)))[0])
            assert now >= likely - 1e-3
            likely = now
        same(found, reference.inpainting.inpaint(log_p, image, mask, 1e-3, 50), atol=1e-4)


def inputs_unchanged(work: Any) -> None:
    """Tensors are left as they were."""
    log_p, image, mask = _problem(seeded(), 0, 0.25)
    untouched(work.inpaint, log_p, image, mask, 0.25, 3)
    untouched(work.projected_step, *_step(seeded(), 1))


INPAINTING = (step, path, defaults, fixed_point, digits, inputs_unchanged)
