"""Libraries, imported and used once: what is slow the first time is done before any worker is forked."""

from __future__ import annotations

import importlib
import sys
from typing import Final

WARM: Final = ("numpy", "scipy", "sympy", "torch", "torch.optim")
"""What hand-ins use, in an order in which it can be imported. Whatever lies below a library has no version of its own."""

NO_DEVICE: Final = {"CUDA_VISIBLE_DEVICES": "", "HIP_VISIBLE_DEVICES": ""}
"""Environment of whoever forks: for each device that it sees, torch's autograd would start a thread."""


def warm_up(names: list[str]) -> dict[str, str]:
    """Import libraries and do once what is slow the first time. Gives their versions. Raises ImportError."""
    versions = {"python": sys.version.split()[0]}
    for name in names:
        module = importlib.import_module(name)
        if "." not in name:
            versions[name] = str(getattr(module, "__version__", "?"))
    if "scipy" in names:
        for part in ("linalg", "optimize", "special", "stats", "integrate"):
            importlib.import_module(f"scipy.{part}")
    if "sympy" in names:
        _warm_sympy()
    if "torch" in names:
        importlib.import_module("torch").set_num_threads(1)
    if "torch.optim" in names:
        _warm_optimizer()
    if "matplotlib" in names:
        importlib.import_module("matplotlib.pyplot").figure()
        importlib.import_module("matplotlib.pyplot").close("all")
    return versions


def _warm_sympy() -> None:
    import sympy

    x = sympy.Symbol("x", real=True)
    sympy.simplify(sympy.diff(sympy.exp(x) * sympy.log(x**2 + 1), x))


def _warm_optimizer() -> None:
    """The first one imports 800 modules and takes a second."""
    import torch

    weight = torch.zeros(2, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=0.1)
    (weight * 2.0).sum().backward()  # type: ignore[no-untyped-call]
    optimizer.step()
