"""How far a right answer may lie from the exact one: measured from the conditioning of each case."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAFETY = 16
"""Right answers in single precision used at most a tenth of what this allows; wrong ones exceed it 10,000-fold."""
PATTERNS = 24
"""Random sign patterns: the chance that all miss half of the largest first-order change is negligible."""

Move = Callable[[np.random.Generator], Any]
Tolerance = float | NDArray[np.float64] | tuple[Any, ...]


def perturbation_tolerance(
    f: Callable[..., Any],
    args: Sequence[object],
    unit_roundoff: float,
    *,
    safety: float = SAFETY,
    patterns: int = PATTERNS,
    seed: int = 0,
) -> Tolerance:
    """`safety * (max over sign patterns of |f(x(1±u)) - f(x)| + u|f| + u max|f|)`, entry by entry.

    Perturbed are Python and NumPy floating-point numbers, arrays and torch tensors of them (tensors in double
    precision), and lists, tuples and dictionaries that hold them; integers, booleans, callables, generators and
    symbols stay. A zero moves by u times the largest entry of its argument (u itself when all are zero): sums
    around it round at that scale. Patterns on which f raises or is not finite are left out: the domain ends
    there. The result has the structure of f's: a number, an array of its shape, or a tuple of those. Raises
    whatever f raises at `args` itself.
    """
    center = f(*[_copy(a) for a in args])
    flat = _leaves(center)
    shapes = [leaf.shape for leaf in flat]
    worst = [np.zeros(shape) for shape in shapes]
    generator = np.random.default_rng(seed)
    moves = [_move(a, unit_roundoff) for a in args]
    with np.errstate(all="ignore"):
        for _ in range(patterns):
            moved = _try(f, [move(generator) for move in moves])
            if moved is None or [m.shape for m in moved] != shapes:
                continue
            for at, (leaf, other) in enumerate(zip(flat, moved, strict=True)):
                change = np.abs(other - leaf)
                worst[at] = np.fmax(worst[at], np.where(np.isfinite(change), change, 0.0))
    allowed = iter(
        [safety * (w + _rounding(leaf, unit_roundoff)) for w, leaf in zip(worst, flat, strict=True)]
    )
    return _rebuild(center, allowed)


def _rounding(leaf: NDArray[Any], u: float) -> NDArray[np.float64]:
    size = np.where(np.isfinite(leaf), np.abs(leaf), 0.0)
    return np.asarray(u * (size + size.max(initial=0.0)))


def _try(f: Callable[..., Any], args: list[object]) -> list[NDArray[Any]] | None:
    try:
        return _leaves(f(*args))
    except Exception:  # noqa: BLE001 - an expected function may raise anything just outside its domain
        return None


def _move(value: Any, u: float) -> Move:
    """How to draw a perturbed copy of one argument."""
    if isinstance(value, bool | int | str):
        return lambda _: value
    if isinstance(value, float):
        up, down = value + u * (abs(value) or 1.0), value - u * (abs(value) or 1.0)
        return (lambda g: up if g.random() < 0.5 else down) if np.isfinite(value) else lambda _: value
    if isinstance(value, dict):
        moves = {key: _move(item, u) for key, item in value.items()}
        return lambda g: {key: move(g) for key, move in moves.items()}
    if isinstance(value, list | tuple):
        return _move_items(value, u)
    if isinstance(value, complex | np.complexfloating | np.floating):
        entry = _move_array(np.asarray(value), u)
        return lambda g: entry(g)[()]
    if _is_tensor(value):
        from torch import from_numpy

        of_tensor = _move_array(value.detach().numpy(), u)
        return lambda g: from_numpy(of_tensor(g))
    return _move_array(value, u) if isinstance(value, np.ndarray) else lambda _: value


def _is_tensor(value: object) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def _move_items(value: Any, u: float) -> Move:
    kind = type(value)
    if value and all(type(item) is float for item in value):
        array = _move_array(np.array(value), u)
        return lambda g: kind(array(g).tolist())
    moves = [_move(item, u) for item in value]
    if hasattr(value, "_fields"):
        return lambda g: kind(*[move(g) for move in moves])
    return lambda g: kind([move(g) for move in moves])


def _move_array(value: NDArray[Any], u: float) -> Move:
    if value.dtype.kind not in "fc":
        return lambda _: value.copy()
    exact = value.astype(np.complex128 if value.dtype.kind == "c" else np.float64)
    finite = np.isfinite(exact)
    size = np.where(finite, np.abs(exact), 0.0)
    step = np.where(finite, u * np.where(size > 0, size, size.max(initial=0.0) or 1.0), 0.0)
    up, down = exact + step, exact - step
    return lambda g: np.where(g.random(exact.shape) < 0.5, up, down)


def _copy(value: Any) -> object:
    if isinstance(value, np.ndarray):
        return value.copy()
    if _is_tensor(value):
        return value.clone().double() if value.is_floating_point() else value.clone()
    return list(map(_copy, value)) if type(value) is list else value


def _leaves(result: Any) -> list[NDArray[Any]]:
    if isinstance(result, tuple):
        return [leaf for part in result for leaf in _leaves(part)]
    array = result.detach().numpy() if _is_tensor(result) else np.asarray(result)
    return [array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)]


def _rebuild(center: Any, allowed: Any) -> Tolerance:
    if isinstance(center, tuple):
        return tuple(_rebuild(part, allowed) for part in center)
    tolerance = next(allowed)
    return tolerance if tolerance.ndim else float(tolerance)
