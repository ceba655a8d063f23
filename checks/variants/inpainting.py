"""Known right and known wrong versions of `inpainting`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from grader import right, slip


def gradient(log_p: Any, x: Any) -> Any:
    """Of -log p at the image x."""
    leaf = x.detach().clone().requires_grad_()
    (found,) = torch.autograd.grad(-log_p(leaf.reshape(1, -1)).sum(), leaf)
    return found


def iterate(
    log_p: Any, image: Any, lr: float, n: int, step: Callable[[Any, Any], Any], start: Any = None
) -> Any:
    """n times x = step(x, gradient at x), from the image or from `start`."""
    x = image.clone() if start is None else start
    for _ in range(n):
        x = step(x, gradient(log_p, x))
    return x


def onto(x: Any, image: Any, mask: Any) -> Any:
    """The projection."""
    return torch.where(mask, image, x.clamp(0, 1))


@right("products with the mask", of="projected_step")
def step_products(x: Any, grad: Any, image: Any, mask: Any, lr: Any) -> Any:
    m = mask.float()
    return m * image + (1 - m) * torch.clamp(x - lr * grad, min=0, max=1)


@right("a copy whose observed pixels are set", of="projected_step")
def step_assigned(x: Any, grad: Any, image: Any, mask: Any, lr: Any) -> Any:
    new = (x - lr * grad).clip(0, 1)
    new[mask] = image[mask]
    return new


@right("X.data as in the hint, on a tensor of its own", of="projected_step")
def step_data(x: Any, grad: Any, image: Any, mask: Any, lr: Any) -> Any:
    X = x.clone().requires_grad_(True)
    X.data = X.data - lr * grad
    X.data[mask] = image[mask]
    X.data.clamp_(0, 1)
    return X


@right("NumPy in double precision", of="projected_step")
def step_numpy(x: Any, grad: Any, image: Any, mask: Any, lr: Any) -> Any:
    moved = np.clip(x.numpy().astype(np.float64) - lr * grad.numpy(), 0, 1)
    return np.where(mask.numpy(), image.numpy(), moved)


@right("pixel by pixel, a list of lists", of="projected_step")
def step_loops(x: Any, grad: Any, image: Any, mask: Any, lr: Any) -> Any:
    H, W = x.shape
    new = [[min(max(float(x[i, j]) - lr * float(grad[i, j]), 0.0), 1.0) for j in range(W)] for i in range(H)]
    return [[float(image[i, j]) if mask[i, j] else new[i][j] for j in range(W)] for i in range(H)]


@right("backward and X.data, as in the hint", of="inpaint")
def inpaint_hint(log_p: Any, image: Any, mask: Any, lr: Any = 1e-3, n: Any = 300) -> Any:
    X = image.clone().requires_grad_(True)
    for _ in range(n):
        X.grad = None
        (-log_p(X.view(1, -1)).mean()).backward()
        X.data = X.data - lr * X.grad
        X.data.clamp_(0, 1)
        X.data[mask] = image[mask]
    return X


@right("torch's SGD, projected after each step", of="inpaint")
def inpaint_sgd(log_likelihood: Any, image: Any, mask: Any, lr: Any = 1e-3, n_steps: Any = 300) -> Any:
    X = torch.nn.Parameter(image.clone())
    optimizer = torch.optim.SGD([X], lr=lr)
    for _ in range(n_steps):
        optimizer.zero_grad()
        (-log_likelihood(X.flatten().unsqueeze(0))[0]).backward()
        optimizer.step()
        with torch.no_grad():
            X.copy_(image * mask + X.clamp(0, 1) * ~mask)
    return X.detach().numpy()


@right("torch.func on the flat image", of="inpaint")
def inpaint_func(log_p: Any, image: Any, mask: Any, lr: Any = 1e-3, n: Any = 300) -> Any:
    slope, x, seen = torch.func.grad(lambda v: log_p(v[None])[0]), image.flatten(), mask.flatten()
    for _ in range(n):
        x = torch.where(seen, image.flatten(), torch.clamp(x + lr * slope(x), 0.0, 1.0))
    return x.reshape(image.shape)


@right("double precision, only the missing pixels are variables", of="inpaint")
def inpaint_missing(log_p: Any, image: Any, mask: Any, lr: Any = 1e-3, n: Any = 300) -> Any:
    whole = image.double()
    free = whole[~mask]
    for _ in range(n):
        leaf = free.clone().requires_grad_()
        filled = whole.clone().masked_scatter(~mask, leaf)
        (slope,) = torch.autograd.grad(log_p(filled.reshape(1, -1)).sum(), leaf)
        free = (free + lr * slope).clamp(0, 1)
    return whole.masked_scatter(~mask, free)


@slip("steps uphill: + lr * grad", of="projected_step")
def step_ascent(x: Any, grad: Any, image: Any, mask: Any, lr: Any) -> Any:
    return onto(x + lr * grad, image, mask)


@slip("the mask is inverted", of="projected_step")
def step_inverted(x: Any, grad: Any, image: Any, mask: Any, lr: Any) -> Any:
    return onto(x - lr * grad, image, ~mask)


@slip("the gradient is projected instead of the iterate", of="projected_step")
def step_gradient(x: Any, grad: Any, image: Any, mask: Any, lr: Any) -> Any:
    return x - lr * onto(grad, 0 * image, mask)


@slip("only the gradient is masked: observed pixels keep the value of x", of="projected_step")
def step_masked(x: Any, grad: Any, image: Any, mask: Any, lr: Any) -> Any:
    return (x - lr * grad * ~mask).clamp(0, 1)


@slip("no clamp to [0, 1]", of="projected_step")
def step_unclamped(x: Any, grad: Any, image: Any, mask: Any, lr: Any) -> Any:
    return torch.where(mask, image, x - lr * grad)


@slip("clamped from below only", of="projected_step")
def step_below(x: Any, grad: Any, image: Any, mask: Any, lr: Any) -> Any:
    return torch.where(mask, image, (x - lr * grad).clamp(min=0))


@slip("clamped from above only", of="projected_step")
def step_above(x: Any, grad: Any, image: Any, mask: Any, lr: Any) -> Any:
    return torch.where(mask, image, (x - lr * grad).clamp(max=1))


@slip("clamped to [-1, 1]", of="projected_step")
def step_symmetric(x: Any, grad: Any, image: Any, mask: Any, lr: Any) -> Any:
    return torch.where(mask, image, (x - lr * grad).clamp(-1, 1))


@slip("the observed pixels are not put back", of="projected_step")
def step_unobserved(x: Any, grad: Any, image: Any, mask: Any, lr: Any) -> Any:
    return (x - lr * grad).clamp(0, 1)


@slip("projected before the step instead of after it", of="projected_step")
def step_early(x: Any, grad: Any, image: Any, mask: Any, lr: Any) -> Any:
    return onto(x, image, mask) - lr * grad


@slip("the learning rate is not used", of="projected_step")
def step_no_rate(x: Any, grad: Any, image: Any, mask: Any, lr: Any) -> Any:
    return onto(x - grad, image, mask)


@slip("only the sign of the gradient is used", of="projected_step")
def step_sign(x: Any, grad: Any, image: Any, mask: Any, lr: Any) -> Any:
    return onto(x - lr * grad.sign(), image, mask)


@slip("steps uphill: the gradient of log p is subtracted", of="inpaint")
def inpaint_ascent(log_p: Any, image: Any, mask: Any, lr: Any = 1e-3, n: Any = 300) -> Any:
    return iterate(log_p, image, lr, n, lambda x, g: onto(x + lr * g, image, mask))


@slip("Adam instead of gradient steps", of="inpaint")
def inpaint_adam(log_p: Any, image: Any, mask: Any, lr: Any = 1e-3, n: Any = 300) -> Any:
    X = image.clone().requires_grad_()
    optimizer = torch.optim.Adam([X], lr=lr)
    for _ in range(n):
        X.grad = gradient(log_p, X)
        optimizer.step()
        X.data = onto(X.data, image, mask)
    return X.detach()


@slip("the gradient is projected instead of the iterate", of="inpaint")
def inpaint_gradient(log_p: Any, image: Any, mask: Any, lr: Any = 1e-3, n: Any = 300) -> Any:
    return iterate(log_p, image, lr, n, lambda x, g: x - lr * torch.where(mask, 0.0, g.clamp(0, 1)))


@slip("clamped only at the end", of="inpaint")
def inpaint_late_clamp(log_p: Any, image: Any, mask: Any, lr: Any = 1e-3, n: Any = 300) -> Any:
    found = iterate(log_p, image, lr, n, lambda x, g: torch.where(mask, image, x - lr * g))
    return onto(found, image, mask)


@slip("projected only at the end", of="inpaint")
def inpaint_late(log_p: Any, image: Any, mask: Any, lr: Any = 1e-3, n: Any = 300) -> Any:
    return onto(iterate(log_p, image, lr, n, lambda x, g: x - lr * g), image, mask)


@slip("the mask is inverted", of="inpaint")
def inpaint_inverted(log_p: Any, image: Any, mask: Any, lr: Any = 1e-3, n: Any = 300) -> Any:
    return iterate(log_p, image, lr, n, lambda x, g: onto(x - lr * g, image, ~mask))


@slip("no clamp to [0, 1]", of="inpaint")
def inpaint_unclamped(log_p: Any, image: Any, mask: Any, lr: Any = 1e-3, n: Any = 300) -> Any:
    return iterate(log_p, image, lr, n, lambda x, g: torch.where(mask, image, x - lr * g))


@slip("the image is overwritten: X is no copy of it", of="inpaint")
def inpaint_overwritten(log_p: Any, image: Any, mask: Any, lr: Any = 1e-3, n: Any = 300) -> Any:
    for _ in range(n):
        image.copy_(onto(image - lr * gradient(log_p, image), image, mask))
    return image


@slip("gradients add up from step to step: they are not reset", of="inpaint")
def inpaint_accumulated(log_p: Any, image: Any, mask: Any, lr: Any = 1e-3, n: Any = 300) -> Any:
    total = torch.zeros_like(image)
    return iterate(log_p, image, lr, n, lambda x, g: onto(x - lr * total.add_(g), image, mask))


@slip("starts with the missing pixels at 0 instead of at the image", of="inpaint")
def inpaint_from_zero(log_p: Any, image: Any, mask: Any, lr: Any = 1e-3, n: Any = 300) -> Any:
    return iterate(log_p, image, lr, n, lambda x, g: onto(x - lr * g, image, mask), image * mask)


@slip("one step too many", of="inpaint")
def inpaint_one_more(log_p: Any, image: Any, mask: Any, lr: Any = 1e-3, n: Any = 300) -> Any:
    return iterate(log_p, image, lr, n + 1, lambda x, g: onto(x - lr * g, image, mask))


@slip("always 300 steps: n_steps is not used", of="inpaint")
def inpaint_300(log_p: Any, image: Any, mask: Any, lr: Any = 1e-3, n: Any = 300) -> Any:
    return iterate(log_p, image, lr, 300, lambda x, g: onto(x - lr * g, image, mask))


@slip("the learning rate shrinks from step to step", of="inpaint")
def inpaint_decay(log_p: Any, image: Any, mask: Any, lr: Any = 1e-3, n: Any = 300) -> Any:
    rates = iter(lr / (1 + k) for k in range(n))
    return iterate(log_p, image, lr, n, lambda x, g: onto(x - next(rates) * g, image, mask))


@slip("the default learning rate is 0.01", of="inpaint")
def inpaint_default(log_p: Any, image: Any, mask: Any, lr: Any = 1e-2, n: Any = 300) -> Any:
    return iterate(log_p, image, lr, n, lambda x, g: onto(x - lr * g, image, mask))
