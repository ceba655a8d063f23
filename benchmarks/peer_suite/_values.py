"""What the tests share: how a hand-in is loaded, what counts as equal, formulas by their values."""

from __future__ import annotations

import copy
import importlib.util
import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

Array = NDArray[np.float64]
Test = Callable[[Any], None]
_POINTS = 5


def name_of(topic: str, test: Test) -> str:
    """`topic::test`."""
    return f"{topic}::{test.__name__}"


def load(folder: Path, topic: str) -> Any:
    """The module `<topic>.py` of a hand-in, under a name that no other hand-in has."""
    spec = importlib.util.spec_from_file_location(f"{folder.name}_{topic}", folder / f"{topic}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def work_of(names: Mapping[str, Any]) -> Any:
    """The functions of a notebook."""
    return SimpleNamespace(**{name: value for name, value in names.items() if callable(value)})


def outcome(test: Test, work: Any) -> bool:
    """Whether a test passes."""
    try:
        test(work)
    except Exception:  # noqa: BLE001 - submitted code raises what it likes
        return False
    return True


def seeded() -> np.random.Generator:
    """The generator of one test; the global ones start anew as well, so that a test always sees the same numbers."""
    random.seed(0)
    np.random.seed(0)
    return np.random.default_rng(0)


def plain(value: Any, *shape: int) -> Array:
    """As an array of numbers, in the given shape where one is given."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, sympy.MatrixBase):
        value = value.tolist()
    if hasattr(value, "detach"):
        value = value.detach().numpy()
    if isinstance(value, tuple | list):
        value = [plain(v) for v in value]
    array = np.asarray(value, dtype=np.float64)
    return array.reshape(shape) if shape else array


def pair(value: Any) -> tuple[Any, Any]:
    """Two results."""
    first, second = value.values() if isinstance(value, Mapping) else value
    return first, second


def same(found: Any, due: Any, rtol: float = 1e-4, atol: float = 1e-5) -> None:
    """Equal within what single precision allows."""
    expected = plain(due)
    given = plain(found)
    assert given.size == expected.size, f"{given.shape} instead of {expected.shape}"
    np.testing.assert_allclose(given.reshape(expected.shape), expected, rtol=rtol, atol=atol)


def untouched(function: Callable[..., Any], *arguments: Any) -> None:
    """A call leaves its arguments as they were."""
    before = copy.deepcopy(arguments)
    function(*arguments)
    for now, then in zip(arguments, before, strict=True):
        if not callable(now):
            assert np.array_equal(np.asarray(now), np.asarray(then))


def same_formula(found: Any, due: Any, domains: Mapping[str, Iterable[float]]) -> None:
    """Two formulas have the same values where their variables, by name, take some of the given ones."""
    rng, choices = random.Random(0), {name: list(values) for name, values in domains.items()}
    for _ in range(_POINTS):
        at = {name: rng.choice(values) for name, values in choices.items()}
        value, expected = _value(found, at), _value(due, at)
        assert abs(value - expected) <= 1e-9 * (1 + abs(expected)), f"{value} instead of {expected} at {at}"


def _value(formula: Any, at: Mapping[str, float]) -> complex:
    expression = sympy.sympify(formula)
    known = {x: int(v) if (v := at[x.name]) == int(v) else v for x in expression.free_symbols}
    return complex(expression.subs(known).doit().evalf())
