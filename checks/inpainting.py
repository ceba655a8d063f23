"""Checks for `inpainting`: the projected gradient method, on quadratics with known solutions and on a trained flow."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import load_file

from grader import (
    Answer,
    Shipped,
    Student,
    Topic,
    agree,
    cases,
    check,
    forall,
    holds,
    pictures,
    support,
    unchanged,
)
from grader.strategies import arrays, reals

Array = NDArray[np.float64]

topic = Topic(
    "inpainting",
    source="Homework 10 (2024), problem 3",
    functions={
        "projected_step(x, grad, image, mask, lr)": (
            "One step of the projected gradient method on -log p, whose gradient at x is grad: all torch tensors (H, W), "
            "mask boolean and true where image is observed, lr a number. Returns the new x (H, W): equal to image where "
            "observed, within [0, 1] elsewhere."
        ),
        "inpaint(log_likelihood, image, mask, lr=1e-3, n_steps=300)": (
            "The image (H, W) after n_steps such steps from image, a torch tensor (H, W) with values in [0, 1]. "
            "log_likelihood maps a tensor (B, H*W) to (B,) and can be differentiated; mask (H, W) is true where image is "
            "observed."
        ),
    },
)

CLOSE = 1e-5
"""Single precision over a few hundred steps that do not amplify errors."""
SHAPES = ((2, 3), (3, 2), (1, 4), (2, 2), (4, 1), (3, 3))


def tensor(values: Any) -> torch.Tensor:
    """In the precision that torch is used in."""
    return torch.tensor(np.asarray(values), dtype=torch.float32)


@st.composite
def images(draw: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """An image in [0, 1] and a mask (H, W), both kinds of pixels about equally often."""
    shape = draw(st.sampled_from(SHAPES))
    image = draw(arrays(shape, reals(0.0, 1.0)))
    mask = draw(st.lists(st.booleans(), min_size=image.size, max_size=image.size))
    return tensor(image), torch.tensor(mask).reshape(shape)


@st.composite
def steps(draw: Any) -> tuple[Any, ...]:
    """Arguments of `projected_step`; neither x nor the gradient keeps the constraints."""
    image, mask = draw(images())
    shape = tuple(image.shape)
    x, grad = draw(arrays(shape, reals(-0.5, 1.5))), draw(arrays(shape, reals(-4.0, 4.0)))
    return tensor(x), tensor(grad), image, mask, draw(st.sampled_from([0.125, 0.5, 1.0, 0.0625]))


def gaussian(center: Any, coupling: float = 0.25) -> Shipped:
    """A quadratic log-likelihood with curvatures from 1 to 2 in its entries, neighbours coupled."""
    flat = np.asarray(center, dtype=np.float64).ravel()
    A = np.diag(1.0 + np.arange(len(flat)) % 3 / 2) + coupling * (
        np.eye(len(flat), k=1) + np.eye(len(flat), k=-1)
    )
    return support(__file__, "likelihoods").ship("Gaussian", flat, A)


@st.composite
def problems(draw: Any, coupling: float) -> tuple[Any, ...]:
    """log_likelihood, image, mask: the likeliest image lies partly outside of [0, 1]."""
    image, mask = draw(images())
    return gaussian(draw(arrays(tuple(image.shape), reals(-1.0, 2.0))), coupling), image, mask


SMALL = (
    {"x": [[0.5, 0.5]], "grad": [[1.0, -2.0]], "image": [[0.25, 0.75]], "mask": [[True, False]], "lr": 0.125},
    {"x": [[0.5, 0.5], [0.0, 1.0]], "grad": [[4.0, -4.0], [1.0, 1.0]], "image": [[0.0, 1.0], [0.5, 0.25]], "mask": [[False, False], [True, False]], "lr": 0.25},
)  # fmt: skip


@check(points=1)
@cases(*SMALL)
def check_step_examples(
    student: Student, reference: ModuleType, x: Any, grad: Any, image: Any, mask: Any, lr: float
) -> None:
    """One step on two small images"""
    given = tensor(x), tensor(grad), tensor(image), torch.tensor(mask), lr
    agree(student.projected_step(*given), reference.projected_step, tolerance=CLOSE)


@check(points=2)
@forall(given=steps(), examples=40)
def check_step(student: Student, reference: ModuleType, given: tuple[Any, ...]) -> None:
    """A step descends and then projects: observed pixels are those of the image, the others stay in [0, 1]"""
    answer = student.projected_step(*given)
    feasible(answer, given[2], given[3])
    agree(answer, reference.projected_step, tolerance=CLOSE)


def feasible(answer: Answer, image: torch.Tensor, mask: torch.Tensor) -> Array:
    """The result (H, W), which must keep both constraints."""
    x = answer.array(*image.shape)
    observed = mask.numpy()
    apart = np.abs(x - image.numpy())[observed].max(initial=0.0)
    holds(apart <= 2.0**-24, f"an observed pixel is changed by {apart:.3g}", answer=answer)
    low, high = x.min(), x.max()
    holds(
        low >= 0 and high <= 1, f"the pixels reach from {low:.4g} to {high:.4g}, out of [0, 1]", answer=answer
    )
    return x


@check(points=3)
@forall(
    given=problems(0.25),
    n_steps=st.sampled_from([1, 2, 3, 6, 12]),
    lr=st.sampled_from([0.25, 0.0625]),
    examples=25,
)
def check_path(
    student: Student, reference: ModuleType, given: tuple[Any, ...], n_steps: int, lr: float
) -> None:
    """After any number of steps the image is feasible and is that of the projected gradient method"""
    answer = student.inpaint(*given, lr, n_steps)
    feasible(answer, given[1], given[2])
    agree(answer, reference.inpaint, tolerance=CLOSE)


@check(points=1)
@forall(given=problems(0.25), examples=3)
def check_defaults(student: Student, reference: ModuleType, given: tuple[Any, ...]) -> None:
    """Without lr and n_steps there are 300 steps of 0.001"""
    agree(student.inpaint(*given), reference.inpaint, tolerance=CLOSE)


@check(points=1)
@forall(given=problems(0.0), examples=6)
def check_fixed_point(student: Student, given: tuple[Any, ...]) -> None:
    """On a quadratic of independent pixels many steps lead to the constrained maximum"""
    log_likelihood, image, mask = given
    answer = student.inpaint(log_likelihood, image, mask, 0.5, 60)
    center = log_likelihood.center.reshape(image.shape)
    agree(answer, torch.where(mask, image, center.clamp(0, 1)).numpy(), tolerance=CLOSE)
    student.certainty("exact: the maximum is known")


def digits() -> Array:
    """Held-out 8x8 digits (n, 8, 8) in [0, 1], beside the trained model's weights."""
    samples: dict[str, Array] = load_file(
        support(__file__, "nice").path.with_name("nice_digits_samples.safetensors")
    )
    return samples["images"]


def trained() -> Shipped:
    """log p of the NICE model that is trained on 8x8 digits (`checks/support/train_nice.py`)."""
    nice = support(__file__, "nice")
    return nice.ship("LogLikelihood", load_file(nice.path.with_name("nice_digits.safetensors")))


MASKS = {
    "lower half": np.arange(8)[:, None] < 4,
    "every other column": np.arange(8) % 2 == 0,
    "left": np.arange(8) < 5,
}


@check(points=2)
@cases(
    {"number": 0, "hidden": "lower half"},
    {"number": 1, "hidden": "every other column"},
    {"number": 2, "hidden": "left"},
)
def check_digits(student: Student, reference: ModuleType, number: int, hidden: str) -> None:
    """With a flow trained on digits, the restored digit is feasible, likelier with every stretch, and the method's"""
    log_p = trained()
    digit = tensor(digits()[number])
    mask = torch.tensor(np.broadcast_to(MASKS[hidden], (8, 8)).copy())
    image = torch.where(mask, digit, 0.5)
    likely = -np.inf
    for n_steps in (0, 10, 50):
        answer = student.inpaint(log_p, image, mask, 1e-3, n_steps)
        x = feasible(answer, image, mask)
        now = float(log_p(tensor(x).reshape(1, -1)))
        holds(
            now >= likely - 1e-3,
            f"after {n_steps} steps log p has fallen from {likely:.4g} to {now:.4g}",
            answer=answer,
        )
        likely = now
    due = student.recall(reference.inpaint, log_p, image, mask, 1e-3, 50)
    seen = {"digit": digit, "given": image, "yours": x, "the method's": due}
    student.record(**pictures.images("The digit, what is given of it, and what was restored", **seen))
    agree(answer, due.numpy(), tolerance=10 * CLOSE)


@check(points=1, kind="input")
@cases({"n_steps": 3})
def check_input_unchanged(student: Student, n_steps: int) -> None:
    """Inpainting leaves image and mask as they were"""
    image, mask = (
        tensor([[0.25, 0.5, 1.0], [0.0, 0.75, 0.5]]),
        torch.tensor([[True, False, False], [False, True, False]]),
    )
    unchanged(student.inpaint(gaussian([[2.0, -1.0, 0.5], [1.5, 0.0, 0.25]]), image, mask, 0.25, n_steps))


@check(points=1, kind="input")
@cases(SMALL[1])
def check_step_input_unchanged(student: Student, x: Any, grad: Any, image: Any, mask: Any, lr: float) -> None:
    """A step leaves x, gradient, image and mask as they were"""
    unchanged(student.projected_step(tensor(x), tensor(grad), tensor(image), torch.tensor(mask), lr))
