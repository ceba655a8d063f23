"""One check on one hand-in: replay its corpus, find the smallest counterexample, write the record."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from grader.bank import CheckSpec, Row, Topic, Variant
from grader.exam._ahead import Ahead, Foreseen, foresee
from grader.exam._bench import Bench
from grader.exam._chance import call_seed, settle
from grader.exam._confirm import Repeat
from grader.exam._diagnosis import Seen, caused, suspects
from grader.exam._drawn import drawn
from grader.exam._example import counterexample
from grader.exam._fresh import fresh
from grader.exam._judgements import Judgements
from grader.exam._memo import Memo
from grader.exam._outcomes import CallEnded, CheckEnded, NotInKit, WrongAnswer
from grader.exam._recorded import NotRecordedError
from grader.exam._smaller import Search
from grader.exam._student import Student
from grader.records import CheckResult, Counterexample, Kind, Verdict, clean_text
from grader.sandbox import SandboxFault

FIRM = 100.0
"""Tolerances that a wrong answer is off, at least, where checks and tolerances are chosen well."""
UNMEASURED = 1e300
"""Stands for the infinite: JSON has no such number."""
_REPEATED = frozenset({Kind.EXAMPLE, Kind.PROPERTY, Kind.INPUT})
"""Kinds whose failures are confirmed in a fresh worker: repeating a statistical check decides nothing, and a refuted
formula is its own proof."""


@dataclass(frozen=True)
class _End:
    """Where a check ended."""

    ended: CheckEnded
    row: Row
    calls_before: int
    """Calls that the check had made before this row."""


@dataclass(frozen=True)
class Exam:
    """One check, ready to be put to any hand-in."""

    spec: CheckSpec
    topic: Topic
    rows: tuple[Row, ...]
    variants: Callable[[], tuple[Variant, ...]]
    """Reads the topic's known variants."""
    memo: Memo = field(default_factory=Memo)
    judgements: Judgements = field(default_factory=Judgements)

    @property
    def id(self) -> str:
        """`topic::check`."""
        return f"{self.topic.name}::{self.spec.name}"

    def student(self, bench: Bench) -> Student:
        """A fresh view of the hand-in for this check."""
        parameters = {f.name: f.parameters for f in self.topic.functions.values()}
        bench.known |= parameters.keys()
        return Student(bench, self.id, self.variants, parameters, self.memo, tracing=not bench.brief)


def examine(
    exam: Exam, bench: Bench, fixtures: Mapping[str, Any], seen: Seen | None = None, foreseen: Foreseen | None = None
) -> CheckResult:
    """Put one check to one hand-in. Never raises: what goes wrong on our side is the verdict `fault`.

    seen: what came of the topic's checks before this one; it takes up what comes of this one. foreseen: calls that it
    will make.
    """
    started = time.monotonic()
    seen = Seen() if seen is None else seen
    student = exam.student(bench)
    if foreseen is not None and not bench.brief:
        student.ahead = Ahead(foreseen, foreseen.calls(exam.id, bench.seed), bench, exam.judgements)
    try:
        result = _outcome(exam, bench, student, fixtures, seen)
    except SandboxFault as fault:
        result = _fault(exam, f"the sandbox failed: {fault}")
    except Exception as error:  # noqa: BLE001 - an error in a check or in the grader is never the student's
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{where.filename.rpartition('/')[2]}, line {where.lineno}"
        result = _fault(exam, f"the check itself failed: {type(error).__name__}: {error} ({place})")
    return _with_duration(result, time.monotonic() - started)


def rehearse(exam: Exam, bench: Bench, fixtures: Mapping[str, Any]) -> Foreseen | None:
    """Put one check to the reference; the calls that it will make of any hand-in, where they can be told."""
    return foresee(exam, exam.student(bench), lambda row, student: _run(exam, student, fixtures, row))


def _outcome(exam: Exam, bench: Bench, student: Student, fixtures: Mapping[str, Any], seen: Seen) -> CheckResult:
    shared = bench.seen_others
    end = _first_end(exam, student, fixtures)
    while end is not None and _again(exam, bench, end.ended, shared=shared):
        shared = False
        student = exam.student(bench)
        end = _first_end(exam, student, fixtures)
    if bench.brief:
        return _gauged(exam, student, fixtures, end)
    if end is not None:
        return _ended(exam, bench, student, fixtures, end, seen)
    seen.passed(lambda: student.judged)
    return _result(exam, student, Verdict.PASSED)


def _first_end(exam: Exam, student: Student, fixtures: Mapping[str, Any]) -> _End | None:
    undecided: _End | None = None
    for row in exam.rows or ({},):
        if student.skips():
            continue
        before, mark = student.calls_made, student.mark
        ended = _run(exam, student, fixtures, row)
        if ended is None:
            student.row_judged(mark, passed=True)
        if isinstance(ended, NotInKit):
            undecided = _End(ended, row, before)
        elif ended is not None:
            return _End(ended, row, before)
    return undecided


def _again(exam: Exam, bench: Bench, ended: CheckEnded, *, shared: bool) -> bool:
    """Whether something else than the topic's own code may be why a check ended so: then a fresh worker shall take it.

    What another topic's calls left behind (a default type, a warning made an error, memory in use) where the worker was
    shared, or neighbours who have all threads. Failures that are looked at again by themselves wait for that.
    """
    if ended.verdict in (Verdict.MISSING, Verdict.REVIEW):
        return False
    if isinstance(ended, CallEnded) and ended.starved and bench.regain_threads():
        return True
    if not bench.brief and _repeatable(exam, ended):
        return False
    if shared:
        bench.anew()
    return shared


def _run(exam: Exam, student: Student, fixtures: Mapping[str, Any], row: Row) -> CheckEnded | None:
    given = {name: student if name == "student" else fixtures[name] for name in exam.spec.fixtures}
    settle(call_seed(student.bench.seed, exam.id, student.calls_made))
    try:
        exam.spec.function(**given, **fresh(dict(row)))
    except CheckEnded as ended:
        return ended
    except NotRecordedError:
        return NotInKit()
    except AssertionError as error:
        last = student.trace[-1] if student.trace else None
        return WrongAnswer(str(error).partition("\n")[0] or "the condition does not hold", answer=last)
    return None


def _gauged(exam: Exam, student: Student, fixtures: Mapping[str, Any], first: _End | None) -> CheckResult:
    """For an audit: the verdict, and as evidence how far from its border it is and which functions it is about."""
    verdict = first.ended.verdict if first else Verdict.PASSED
    firm = first is not None and _firm(first.ended, student)
    if first is not None and not firm:
        later = exam.rows[next((i for i, row in enumerate(exam.rows) if row is first.row), len(exam.rows)) + 1 :]
        ends = (_run(exam, student, fixtures, row) for row in later)
        firm = any(end is not None and _firm(end, student) for end in ends)
    evidence = {"firm": firm, "share": min(student.share, UNMEASURED), "functions": sorted(student.called)}
    return replace(_result(exam, student, verdict, message=first.ended.why if first else ""), evidence=evidence)


def _firm(ended: CheckEnded, student: Student) -> bool:
    """Whether the hand-in is so wrong that no rounding could have made it pass."""
    if not isinstance(ended, WrongAnswer):
        return ended.verdict is not Verdict.REVIEW
    if ended.difference is None or ended.tolerance is None:
        return True
    student.measured(ended.difference, ended.tolerance)
    return student.share >= FIRM


def _ended(
    exam: Exam, bench: Bench, student: Student, fixtures: Mapping[str, Any], end: _End, seen: Seen
) -> CheckResult:
    ended, slip, others = end.ended, "", bench.seen_others
    slips: tuple[Variant, ...] = ()
    if isinstance(ended, WrongAnswer):
        slip = ended.slip
        slips = () if slip else _suspects(exam, student, fixtures, end.row, ended)
    if _repeatable(exam, ended):
        repeat = Repeat(bench, lambda row, view: _run(exam, view, fixtures, row), lambda: exam.student(bench), end.calls_before)
        suspect = next(iter(slips), None)
        search = Search(exam, repeat, ended, suspect, fixtures.get("reference"))
        looked = search.again(end.row, sure=not others and suspect in seen.sure)
        if others and not looked.settled:
            bench.anew()
            return _outcome(exam, bench, exam.student(bench), fixtures, seen)
        ended = looked.ended
        seen.sure += slips if looked.settled else ()
    if not slip:
        seen.failed(exam.id, ended, student.judged, slips)
        slip = seen.cause(exam.id)
    message = caused(ended.why, slip)
    student.record(**drawn(ended))
    return _result(
        exam, student, ended.verdict, message=message, counterexample=counterexample(exam.topic, bench, ended), slip=slip
    )


def _repeatable(exam: Exam, ended: CheckEnded) -> bool:
    raised = ended.verdict is Verdict.ERROR and isinstance(ended, CallEnded) and bool(ended.call)
    return exam.spec.kind in _REPEATED and (raised or isinstance(ended, WrongAnswer))


def _suspects(
    exam: Exam, student: Student, fixtures: Mapping[str, Any], failed: Row, ended: WrongAnswer
) -> tuple[Variant, ...]:
    """Ask for all answers of the corpus, then compare them with every known slip."""
    if all(v.correct for v in exam.variants()):
        return ()
    rest = list(exam.rows)
    start = next((i for i, row in enumerate(rest) if row is failed), len(rest))
    for row in rest[start + 1 :]:
        if student.skips(failed=True):
            continue
        mark = student.mark
        other = _run(exam, student, fixtures, row)
        if isinstance(other, CallEnded):
            return ()
        if other is None or isinstance(other, WrongAnswer):
            student.row_judged(mark, passed=other is None)
    return suspects(ended, student.trace, exam.variants())


def _fault(exam: Exam, why: str) -> CheckResult:
    return _result(exam, None, Verdict.FAULT, message=clean_text(why, 500))


def _result(
    exam: Exam,
    student: Student | None,
    verdict: Verdict,
    *,
    message: str = "",
    counterexample: Counterexample | None = None,
    slip: str = "",
) -> CheckResult:
    remarks = student.remarks if student else None
    exact = exam.spec.kind is not Kind.STATISTICAL and verdict in (Verdict.PASSED, Verdict.FAILED)
    return CheckResult(
        id=exam.id,
        title=exam.spec.title,
        kind=exam.spec.kind,
        visibility=exam.spec.visibility,
        verdict=verdict,
        score=exam.spec.points if verdict is Verdict.PASSED else 0.0,
        max_score=exam.spec.points,
        message=clean_text(message),
        counterexample=counterexample,
        slip=slip,
        certainty=(remarks.certainty if remarks else "") or ("exact; no sampling involved" if exact else ""),
        notes=tuple(clean_text(n, 300) for n in remarks.notes) if remarks else (),
        evidence=dict(remarks.evidence) if remarks else {},
    )


def _with_duration(result: CheckResult, duration: float) -> CheckResult:
    return replace(result, duration_s=round(duration, 4))
