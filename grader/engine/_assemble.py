"""From check results to a report: points by the assignment's weights, nothing rounded on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from grader.bank import Assignment, Criterion, Problem
from grader.records import CheckResult, Kind, ProblemResult, UserError, Verdict, Visibility


def problems_of(
    assignment: Assignment, exams: Sequence[Mapping[str, str]], results: Mapping[str, CheckResult]
) -> tuple[ProblemResult, ...]:
    """One result per problem with its checks; a check without a result is a `fault`.

    exams: `id`, `topic` and `part` of every check there is, in order. A problem's points are shared among
    its checks in proportion to their weights. Each line of its rubric is one more part, which waits for a person.
    """
    return tuple(_problem(p, [e for e in exams if _belongs(e, p)], results) for p in assignment.problems)


def problem_so_far(
    problem: Problem, exams: Sequence[Mapping[str, str]], results: Mapping[str, CheckResult]
) -> ProblemResult | None:
    """One problem's result as soon as all of its checks have theirs; None before."""
    own = [e for e in exams if _belongs(e, problem)]
    return None if any(e["id"] not in results for e in own) else _problem(problem, own, results)


def require_checks(assignments: Iterable[Assignment], exams: Sequence[Mapping[str, str]]) -> None:
    """Raises UserError for a problem whose points no check could give."""
    for assignment in assignments:
        for problem in assignment.problems:
            if problem.topic and not any(_belongs(e, problem) for e in exams):
                parts = sorted({e["part"] for e in exams if e["topic"] == problem.topic and e["part"]})
                raise UserError(
                    f"{assignment.path}: problem {problem.number}: {problem.topic} has no check of part "
                    f"{', '.join(problem.parts)} (parts: {', '.join(parts) or 'none'})"
                )


def _belongs(exam: Mapping[str, str], problem: Problem) -> bool:
    return (
        bool(problem.topic)
        and exam["topic"] == problem.topic
        and (not problem.parts or exam["part"] in problem.parts)
    )


def _problem(
    problem: Problem, exams: Sequence[Mapping[str, str]], results: Mapping[str, CheckResult]
) -> ProblemResult:
    checks = [results.get(e["id"]) or _lost(e["id"]) for e in exams]
    total = sum((Fraction(c.max_score) for c in checks), Fraction(0))
    share = Fraction(problem.points) / total if total else Fraction(0)
    scaled = [
        replace(c, max_score=_number(share * Fraction(c.max_score)), score=_number(share * Fraction(c.score)))
        for c in checks
    ]
    rubric = [_for_a_person(problem, n, criterion) for n, criterion in enumerate(problem.rubric, 1)]
    return ProblemResult(
        number=problem.number,
        topic=problem.topic,
        title=problem.title,
        score=_number(share * sum((Fraction(c.score) for c in checks), Fraction(0))),
        max_score=_number(share * total + sum((Fraction(c.points) for c in problem.rubric), Fraction(0))),
        checks=(*scaled, *rubric),
    )


def _for_a_person(problem: Problem, n: int, criterion: Criterion) -> CheckResult:
    return CheckResult(
        id=f"{problem.number}::rubric_{n}",
        title=criterion.text,
        kind=Kind.RUBRIC,
        visibility=Visibility.VISIBLE,
        verdict=Verdict.REVIEW,
        score=0.0,
        max_score=_number(Fraction(criterion.points)),
        message="a person marks this part",
    )


def _number(value: Fraction) -> float:
    return round(float(value), 6)


def _lost(name: str) -> CheckResult:
    return CheckResult(
        id=name,
        title=name,
        kind=Kind.EXAMPLE,
        visibility=Visibility.VISIBLE,
        verdict=Verdict.FAULT,
        score=0.0,
        max_score=1.0,
        message="the grader ended before this check had a result",
    )


def narrowed(assignment: Assignment, only: tuple[str, ...]) -> Assignment:
    """The problems of an assignment that come from these topics, or all. Raises UserError when none does."""
    if not only:
        return assignment
    kept = tuple(p for p in assignment.problems if p.topic in only)
    if not kept:
        raise UserError(
            f"{assignment.id} has no topic {', '.join(only)} (it has: {', '.join(assignment.topics)})"
        )
    return replace(assignment, problems=kept, policy=None)
