"""What a person can decide about a report: items, each with a digest of the content that is judged."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grader.records._json import plain
from grader.records._model import (
    CheckResult,
    Derivation,
    Kind,
    ProblemResult,
    Report,
    Verdict,
)

OPEN_STEPS = frozenset({"undecided", "unreadable"})
"""Verdicts of steps that say nothing."""
_LENGTH = 32
"""Hexadecimal digits of a digest: nobody finds two contents with one."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a person can decide."""

    assignment: str
    student: str
    problem: str
    """Its number."""
    id: str
    """Unique in the report; see `Decision.item`."""
    kind: str
    """rubric, writeup, check, step or total."""
    digest: str
    text: str
    """The sentence of the check or rubric, the source of the step, the title of the problem."""
    verdict: str
    """The grader's own."""
    score: float
    max_score: float
    waits: bool
    """Whether marks hang on it that nobody has decided."""
    step: int | None = None
    """Its position in the derivation."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What `standing` calls a decision on it."""
        return self.assignment, self.student, self.id, self.digest

    @property
    def name(self) -> str:
        """What a person types: `hw10/alder/1c::rubric_1`."""
        return f"{self.assignment}/{self.student}/{self.id}"


def items_of(report: Report) -> tuple[Item, ...]:
    """All items of a report as graded (not as decided), in order: of each problem the steps, the checks, the total.

    A check's digest is of its id, title, points and verdict and of the hand-in; a line of a rubric's likewise. That of
    a write-up and of a step is of the files of the write-up: a definition elsewhere may make a step right or wrong. So
    a decision outlives a regrade that changed none of that. The name of a step comes from its text and the step
    before, so that it is found again in a later hand-in.
    """
    return tuple(item for problem in report.problems for item in _of(report, problem))


def _of(report: Report, problem: ProblemResult) -> Iterator[Item]:
    written = next((c for c in problem.checks if c.kind is Kind.WRITEUP), None)
    if problem.derivation is not None:
        yield from _steps(report, problem, problem.derivation, written)
    for check in problem.checks:
        kind = {Kind.RUBRIC: "rubric", Kind.WRITEUP: "writeup"}.get(check.kind, "check")
        waits = check.verdict in (Verdict.REVIEW, Verdict.FAULT)
        yield _item(report, problem, check.id, kind, _check_digest(report, problem, check), check.title, check.verdict,
                    check.score, check.max_score, waits)  # fmt: skip
    judged = [(c.id, c.verdict, c.max_score) for c in problem.checks]
    digest = _digest("total", problem.number, problem.max_score, judged, _files(report))
    yield _item(report, problem, f"{problem.number}::total", "total", digest, problem.title or problem.topic, "",
                problem.score, problem.max_score, False)  # fmt: skip


def _item(
    report: Report, problem: ProblemResult, name: str, kind: str, digest: str, text: str, verdict: str,
    score: float, max_score: float, waits: bool, step: int | None = None,
) -> Item:  # fmt: skip
    return Item(report.assignment, report.student, problem.number, name, kind, digest, text, verdict,
                score, max_score, waits, step)  # fmt: skip


def _steps(
    report: Report, problem: ProblemResult, derivation: Derivation, written: CheckResult | None
) -> Iterator[Item]:
    waits = written is not None and written.verdict is Verdict.REVIEW
    seen: Counter[str] = Counter()
    before = ""
    files = _files(report, derivation.file.split(", "))
    for position, step in enumerate(derivation.steps):
        content = _digest("step", derivation.problem, before, step.source, step.reading)
        before = step.source
        name = f"{problem.number}::step_{content[:10]}"
        seen[name] += 1  # names are short to be typed; two contents with one name stay two items
        name += f".{seen[name]}" if seen[name] > 1 else ""
        digest = _digest(content, files)
        open_ = step.verdict in OPEN_STEPS
        yield _item(
            report,
            problem,
            name,
            "step",
            digest,
            step.source,
            step.verdict,
            0.0,
            0.0,
            waits and open_,
            position,
        )


def _check_digest(report: Report, problem: ProblemResult, check: CheckResult) -> str:
    named = problem.derivation.file.split(", ") if check.kind is Kind.WRITEUP and problem.derivation else None
    steps = [s.verdict for s in problem.derivation.steps] if named and problem.derivation else []
    return _digest(check.id, check.title, check.verdict, check.max_score, steps, _files(report, named))


def _files(report: Report, names: Iterable[str] | None = None) -> list[tuple[str, str]]:
    """Paths and hashes of the hand-in, or of these of its files where they are known."""
    everything = [(f.path, f.sha256) for f in report.submission.files]
    chosen = [] if names is None else [pair for pair in everything if pair[0] in set(names)]
    return chosen or everything


def _digest(*parts: object) -> str:
    text = json.dumps([plain(part) for part in parts], ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]
