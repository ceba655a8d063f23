"""Decorators that make a pytest function a check: `@check`, `@forall`, `@cases`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from grader.records import Kind, Visibility

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

F = TypeVar("F", bound=Callable[..., Any])
Row = Mapping[str, Any]

_CHECK = "__grader_check__"
_ROWS = "__grader_rows__"
EXAMPLES_PER_CHECK = 60
"""Enough that every named slip of the bank is met several times; replaying one costs tens of microseconds."""


class Rng:
    """Stands for the random generator in a call: the worker gets `numpy.random.default_rng` of a fresh seed."""

    def __repr__(self) -> str:
        return "rng"


RNG = Rng()


@dataclass(frozen=True)
class Rows:
    """Where a check's arguments come from: fixed rows first, then drawn ones."""

    fixed: tuple[Row, ...] = ()
    strategies: Mapping[str, SearchStrategy[Any]] | None = None
    drawn: int = 0

    @property
    def names(self) -> frozenset[str]:
        """The parameters that rows fill in."""
        return frozenset(self.strategies or {}).union(*map(frozenset, self.fixed))


@dataclass(frozen=True)
class CheckSpec:
    """All that `@check` was told, and what the function itself says."""

    name: str
    title: str
    points: float
    kind: Kind
    visibility: Visibility
    part: str
    requires: tuple[str, ...]
    rows: Rows | None
    function: Callable[..., Any]

    @cached_property
    def fixtures(self) -> tuple[str, ...]:
        """Parameters that pytest fills in: `student`, `reference` and what a conftest offers."""
        filled = self.rows.names if self.rows else frozenset()
        return tuple(p for p in inspect.signature(self.function).parameters if p not in filled)


def check(
    *,
    points: float = 1,
    kind: str | None = None,
    hidden: bool = False,
    part: str = "",
    requires: str | Sequence[str] = (),
) -> Callable[[F], F]:
    """Make a function a check. Its docstring's first line is the title that students read.

    points: its weight within the problem. kind: example, property, symbolic, statistical or input; by default
    property under `@forall`, else example. hidden: students see title and verdict only. part: the letter of the
    problem it belongs to (`"a"` of 4a). requires: names of checks that must pass first, else this is skipped.
    """
    if points <= 0:
        raise ValueError("points must be positive")

    def decorate(function: F) -> F:
        rows: Rows | None = getattr(function, _ROWS, None)
        title = (inspect.getdoc(function) or "").strip().partition("\n")[0].rstrip(".")
        if not title:
            raise ValueError(f"check {function.__name__} needs a docstring: the sentence that students read")
        default = Kind.PROPERTY if rows is not None and rows.strategies else Kind.EXAMPLE
        spec = CheckSpec(
            name=function.__name__.removeprefix("check_"),
            title=title,
            points=points,
            kind=Kind(kind) if kind else default,
            visibility=Visibility.HIDDEN if hidden else Visibility.VISIBLE,
            part=part,
            requires=(requires,) if isinstance(requires, str) else tuple(requires),
            rows=rows,
            function=function,
        )
        setattr(function, _CHECK, spec)
        return function

    return decorate


def forall(
    *, examples: int = EXAMPLES_PER_CHECK, first: Sequence[Row] = (), **strategies: SearchStrategy[Any]
) -> Callable[[F], F]:
    """The check holds for all values of these Hypothesis strategies; stands below `@check`.

    examples: how many are drawn (once, the same for every hand-in). first: rows tried before the drawn ones.
    """
    from hypothesis.strategies import SearchStrategy  # whoever grades with what is kept needs no Hypothesis

    bad = [name for name, s in strategies.items() if not isinstance(s, SearchStrategy)]
    if bad or not strategies:
        raise TypeError(f"forall takes Hypothesis strategies by name; {', '.join(bad) or 'none'} given")
    for row in first:
        if set(row) != set(strategies):
            raise TypeError(f"forall: a row of `first` must name exactly {', '.join(strategies)}")
    return _with_rows(Rows(tuple(first), dict(strategies), examples))


def cases(*rows: Row) -> Callable[[F], F]:
    """The check holds on these rows (`dict(y=[0, 2], a=1)`), simplest first; stands below `@check`."""
    if not rows or any(set(row) != set(rows[0]) for row in rows):
        raise TypeError("cases takes one or more rows with the same names")
    return _with_rows(Rows(tuple(rows)))


def _with_rows(rows: Rows) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        unknown = rows.names - set(inspect.signature(function).parameters)
        if unknown:
            raise TypeError(f"{function.__name__} has no parameter {', '.join(sorted(unknown))}")
        setattr(function, _ROWS, rows)
        return function

    return decorate


def check_spec(function: object) -> CheckSpec | None:
    """What `@check` attached to a function, or None for any other object."""
    spec = getattr(function, _CHECK, None)
    return spec if isinstance(spec, CheckSpec) else None
