"""The limit: one warm process without walls that only replays the corpora of the same checks. Nothing grades faster.

No sandbox, no pytest, no report, no shrinking, no diagnosis: a check ends at its first wrong answer. Submitted code is
run in this very process, so it is for hand-ins of our own making only.
"""

from __future__ import annotations

import resource
import time
import types
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.bank import Course, corpus
from grader.exam._examine import Exam, _first_end
from grader.exam._memo import Memo
from grader.exam._unwalled import UnwalledBench
from grader.intake import read_source


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
        bench = UnwalledBench.of(functions)
        for exam, fixtures in self._exams:
            student = exam.student(bench)
            student.tracing = False
            _first_end(exam, student, fixtures)
        return _spent_s() - started


def _spent_s() -> float:
    """Processor seconds of this process and of the proofs that it forked."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
