"""Known right and known wrong answers, kept beside the checks in `checks/variants/<topic>.py` or `<topic>/*.py`.

Wrong ones (`@slip`) name the misconception when a student's answers are theirs on the whole corpus;
both kinds measure the checks themselves.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])
_VARIANT = "__grader_variant__"


@dataclass(frozen=True)
class Variant:
    """One other way to write a function of the topic."""

    title: str
    """A right variant's style, or the misconception as the student should read it."""
    of: str
    """The function it replaces."""
    correct: bool
    function: Callable[..., Any]


def slip(title: str, *, of: str) -> Callable[[F], F]:
    """A wrong but plausible version of the topic's function `of`; `title` says what is wrong, for the student."""
    return _variant(title, of, correct=False)


def right(title: str, *, of: str) -> Callable[[F], F]:
    """A right but different version of the topic's function `of`; it must get full marks."""
    return _variant(title, of, correct=True)


def _variant(title: str, of: str, *, correct: bool) -> Callable[[F], F]:
    if not title.strip():
        raise ValueError("a variant needs a title")

    def decorate(function: F) -> F:
        setattr(function, _VARIANT, Variant(title, of, correct, function))
        return function

    return decorate


def variants_of(module: ModuleType) -> tuple[Variant, ...]:
    """All variants that a module defines, in the order of their lines."""
    found: Iterable[Variant] = (
        v for v in (getattr(value, _VARIANT, None) for value in vars(module).values()) if isinstance(v, Variant)
    )
    return tuple(sorted(found, key=lambda v: inspect.getsourcelines(v.function)[1]))
