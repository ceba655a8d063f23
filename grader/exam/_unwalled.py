"""A bench without sandbox: trusted functions, called in this very process. For rehearsals, and to measure with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from grader.exam._bench import Bench
from grader.exam._chance import settle
from grader.exam._outcomes import CallEnded
from grader.intake import Source as HandedIn
from grader.records import Submission, Verdict
from grader.sandbox import (
    Callback,
    Connection,
    Expression,
    ExpressionMatrix,
    Limits,
    Outcome,
    Prepared,
    Raised,
    Returned,
    Rng,
    Skim,
    Source,
    Submitted,
    Tensor,
    Unread,
    to_tree,
)


@dataclass
class UnwalledBench(Bench):
    """Calls functions of the course's own, or of hand-ins that the grader's own benchmarks made, directly."""

    functions: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, functions: dict[str, Any]) -> UnwalledBench:
        """A bench with these functions by name; it never looks for smaller inputs."""
        nobody = cast(Connection, None)  # no worker is ever asked for
        nothing = HandedIn({}, (), Submission((), "folder"), ())
        return cls(nobody, nothing, Limits(), seed=0, shrinks=False, functions=functions)

    def calls(
        self,
        function: str,
        rows: Sequence[Sequence[object]],
        seeds: Sequence[int],
        *,
        through: Source | None = None,
    ) -> Iterator[Outcome]:
        """As `Bench.calls`, without a worker."""
        if function not in self.functions:
            raise CallEnded(Verdict.MISSING, f"there is no function {function}")
        target = self.functions[function]
        for row, seed in zip(rows, seeds, strict=True):
            settle(seed)
            arguments = [self._argument(a, seed) for a in row]
            try:
                value = (
                    target(*arguments)
                    if through is None
                    else self._argument(through, seed)(target, *arguments)
                )
            except Exception as error:  # noqa: BLE001 - an answer like any other
                yield Raised(type(error).__name__, str(error))
                return
            yield Returned(_plain(value))

    def skimmed(self, calls: Prepared, skim: Skim) -> Iterator[Outcome | Unread]:
        """As `calls`: there is nothing to skim."""
        return self.calls(calls.function, calls.rows, calls.seeds)

    def _argument(self, value: object, seed: int) -> Any:
        if isinstance(value, Source):
            space: dict[str, Any] = {"__name__": "support"}
            exec(compile(value.text, "<support>", "exec", dont_inherit=True), space)
            made = space[value.name]
            return made(*(self._argument(a, seed) for a in value.arguments)) if value.arguments else made
        if isinstance(value, Submitted):
            return self.functions[value.name]
        if isinstance(value, Rng):
            return np.random.default_rng(seed)
        if isinstance(value, Callback):
            return _in_torch(value.function) if value.torch else value.function
        if isinstance(value, Tensor):
            import torch

            return torch.from_numpy(np.array(value.array)).requires_grad_(value.requires_grad)
        if isinstance(value, tuple | list):
            return type(value)(self._argument(v, seed) for v in value)
        return value.copy() if isinstance(value, np.ndarray) else value


def _in_torch(function: Any) -> Any:
    import torch

    return lambda *a, **k: torch.as_tensor(function(*map(_plain, a), **k))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return type(value)(map(_plain, value))
    if type(value).__module__.startswith("torch"):
        return value.detach().numpy()
    if type(value).__module__.startswith("sympy"):
        import sympy

        if isinstance(value, sympy.MatrixBase):
            return ExpressionMatrix(value.rows, value.cols, tuple(to_tree(e) for e in value))
        return Expression(to_tree(value)) if isinstance(value, sympy.Basic) else value
    return value
