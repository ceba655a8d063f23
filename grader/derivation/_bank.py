"""Models on which the steps of one problem are tried, in double precision and, on suspicion, with many digits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.derivation._arrays import Ones, Scaled, Star, Value, squeezed
from grader.derivation._ast import Compare, Node
from grader.derivation._errors import TypeMismatch, Undefined, Unsupported
from grader.derivation._evaluate import Evaluator
from grader.derivation._model import Model
from grader.derivation._models import Recipe, draw
from grader.derivation._names import Definition
from grader.derivation._numbers import Arithmetic
from grader.derivation._quadrature import Quadrature
from grader.derivation._sheet import Sheet

PRECISIONS = (None, 40, 80)
"""Double precision to look, 40 digits to be sure, 80 to be sure of that."""
FINE = (-2600, -3200)
"""Double precision on that many nodes, for what oscillates too fast for the few nodes that many digits can afford.

The second reaches farther out, so that what grows too fast shows in their difference."""
_TRIES = 80
BUDGET = 6_000_000
"""Nodes visited for one problem, those with many digits counted sixfold; beyond, its steps are undecided."""
WHOLE_BUDGET = 20_000_000
"""The same for a whole write-up: some twenty seconds."""
DIGITS_COST = 6


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of evaluating a formula in a model."""

    value: Value = None
    trouble: str = ""
    """undefined, types or unsupported; empty where there is a value."""
    reason: str = ""
    error: float = 0.0
    """Bound on the value's error from quadrature."""


def in_double(precision: int | None) -> bool:
    """Whether numbers are floats."""
    return precision is None or precision in FINE


@dataclass(slots=True)
class Engine:
    """Arithmetics and quadratures, shared by all problems of a write-up; it keeps computed rules and a count of the work."""

    arithmetics: Mapping[int | None, Arithmetic] = field(
        default_factory=lambda: {
            p: Arithmetic(p if p is None or p > 0 else None) for p in (*PRECISIONS, *FINE)
        }
    )
    quadratures: dict[int | None, Quadrature] = field(default_factory=dict)
    spent: int = 0
    """Work done so far on the problem at hand."""
    total: int = 0
    """Work done so far on the write-up."""

    @property
    def exhausted(self) -> bool:
        """Whether no more work should go into the problem at hand."""
        return self.spent > BUDGET or self.total > WHOLE_BUDGET

    def quadrature(self, precision: int | None) -> Quadrature:
        """The rules in one arithmetic."""
        if precision not in self.quadratures:
            nodes = -precision if precision in FINE else None
            self.quadratures[precision] = Quadrature(self.arithmetics[precision], nodes)
        return self.quadratures[precision]


class Bank:
    """The models of one problem under given conditions."""

    def __init__(
        self,
        sheet: Sheet,
        seed: int,
        engine: Engine,
        definitions: Mapping[str, Definition],
        conditions: tuple[Compare, ...] = (),
    ) -> None:
        self.sheet, self.seed, self.conditions = sheet, seed, conditions
        self.definitions = definitions
        self.count = sheet.models
        """Models that a step has to hold in."""
        self._engine = engine
        self._models: dict[tuple[int, int | None], Model] = {}
        self._kept: dict[tuple[Node, int, int | None], Outcome] = {}
        self._recipes: list[Recipe] = []
        self._next = 0

    def derived(self, definitions: Mapping[str, Definition], conditions: tuple[Compare, ...]) -> Bank:
        """The same problem under other definitions or conditions."""
        return Bank(self.sheet, self.seed, self._engine, definitions, conditions)

    def recipes(self, count: int) -> list[Recipe]:
        """The first models that satisfy the conditions, fewer where they are hard to satisfy."""
        while len(self._recipes) < count and self._next < _TRIES + count:
            recipe = draw(self.sheet, self._next, self.seed)
            self._next += 1
            if self._satisfies(recipe):
                self._recipes.append(recipe)
        return self._recipes[:count]

    def _satisfies(self, recipe: Recipe) -> bool:
        if not self.conditions:
            return True
        evaluator = Evaluator(self._model(recipe, None), self.definitions)
        try:
            return all(evaluator.holds(c, {}) for c in self.conditions)
        except (Undefined, TypeMismatch, Unsupported):
            return False

    def _model(self, recipe: Recipe, precision: int | None) -> Model:
        key = (recipe.number, precision)
        if key not in self._models:
            self._models[key] = Model(
                self.sheet, recipe, self._engine.arithmetics[precision], self._engine.quadrature(precision)
            )
        return self._models[key]

    def outcome(self, node: Node, recipe: Recipe, precision: int | None) -> Outcome:
        """The value of a formula in a model, or why there is none. Never raises."""
        key = (node, recipe.number, precision)
        if key not in self._kept:
            self._kept[key] = self._evaluated(node, recipe, precision)
        return self._kept[key]

    def _evaluated(self, node: Node, recipe: Recipe, precision: int | None) -> Outcome:
        if self._engine.exhausted:
            return Outcome(trouble="unsupported", reason="the write-up takes too long to check")
        evaluator = Evaluator(self._model(recipe, precision), self.definitions)
        try:
            value = squeezed(evaluator.value(node, {}))
        except Undefined as error:
            return Outcome(trouble="undefined", reason=str(error))
        except TypeMismatch as error:
            return Outcome(trouble="types", reason=str(error))
        except (
            Unsupported,
            RecursionError,
            ArithmeticError,
            LookupError,
            TypeError,
            ValueError,
            AttributeError,
        ) as error:
            reason = str(error) if isinstance(error, Unsupported) else "beyond the evaluator"
            return Outcome(trouble="unsupported", reason=reason)
        finally:
            work = evaluator.steps * (1 if in_double(precision) else DIGITS_COST)
            self._engine.spent += work
            self._engine.total += work
        if isinstance(value, Ones | Scaled | Star):
            return Outcome(value)
        return Outcome(value, error=evaluator.error)

    def over_cells(self, node: Node, space: str, recipe: Recipe) -> list[Value]:
        """A formula's values over the cells of a space."""
        evaluator = Evaluator(self._model(recipe, None), self.definitions)
        return [evaluator.value(node, {(space, None): cell}) for cell in range(recipe.cells[space])]
