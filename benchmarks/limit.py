"""The limit: one warm process without walls that only replays the corpora of the same checks. Nothing grades faster.

No sandbox, no pytest, no report, no shrinking, no diagnosis: a check ends at its first wrong answer. Submitted code is
run in this very process, so it is for hand-ins of our own making only.
"""

from __future__ import annotations

import random
import resource
import sys
import time
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from grader.bank import Course, corpus
from grader.exam._bench import Bench
from grader.exam._examine import Exam, _first_end
from grader.exam._memo import Memo
from grader.exam._outcomes import CallEnded
from grader.intake import read_source
from grader.records import Verdict
from grader.sandbox import (
    Callback,
    Expression,
    ExpressionMatrix,
    Limits,
    Outcome,
    Raised,
    Returned,
    Rng,
    Source,
    Submitted,
    Tensor,
    to_tree,
)


@dataclass
class BareBench(Bench):
    """Calls a hand-in's functions directly."""

    functions: dict[str, Any] = field(default_factory=dict)

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
            _seed(seed)
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


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed % 2**32)
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.manual_seed(seed)


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


@dataclass
class Limit:
    """All checks of some topics at hand, and what the reference gave before."""

    course: Course
    topics: Sequence[str]
    _exams: list[tuple[Exam, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Draw the corpora."""
        memo = Memo()
        for name in self.topics:
            topic, reference = self.course.topic(name), self.course.reference(name)
            for spec in self.course.checks(name):
                rows = corpus(spec, name)
                self._exams.append((Exam(spec, topic, rows, tuple, memo), {"reference": reference}))

    def cpu_s(self, path: Path) -> float:
        """Processor seconds that one hand-in takes."""
        started = _spent_s()
        source = read_source(path)
        functions: dict[str, Any] = {}
        for name in source.modules:
            module = types.ModuleType(name.removesuffix(".py"))
            exec(compile(source.files[name], name, "exec", dont_inherit=True), vars(module))
            functions = {**vars(module), **functions}
        bench = BareBench(None, source, Limits(), 0, functions=functions)  # type: ignore[arg-type]
        for exam, fixtures in self._exams:
            student = exam.student(bench)
            student.tracing = False
            _first_end(exam, student, fixtures)
        return _spent_s() - started


def _spent_s() -> float:
    """Processor seconds of this process and of the proofs that it forked."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
