"""Arguments of submitted functions on the examiner's side: how they travel, and the same in another kind."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from grader.bank import Rng, Shipped
from grader.sandbox import Callback, Source
from grader.sandbox import Rng as WireRng


def to_wire(value: object) -> object:
    """A check's argument as the sandbox sends it: generators by seed, Python callables as callbacks."""
    if isinstance(value, Rng):
        return WireRng()
    if isinstance(value, list):
        return [to_wire(v) for v in value]
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(to_wire(v) for v in value)
    if isinstance(value, Shipped):
        return source_of(value)
    if callable(value) and not type(value).__module__.startswith(("sympy", "grader.sandbox")):
        return Callback(value)
    return value


def source_of(shipped: Shipped) -> Source:
    """Shipped source as the sandbox sends it."""
    return Source(shipped.support.text, shipped.name, shipped.arguments)


def is_tensor(value: object) -> bool:
    """Whether this is a torch tensor; imports nothing."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def other_kind(value: Any) -> object:
    """A torch tensor for an array, an array for a tensor (floats in double precision), anything else as it is."""
    if is_tensor(value):
        array = value.detach().numpy()
        return array.astype(np.float64) if array.dtype.kind == "f" else array
    if isinstance(value, np.ndarray):
        import torch

        return torch.tensor(value)
    return value
