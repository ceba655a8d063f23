"""Reports as they stand after people decided: a pure function of the graded report and the decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from grader.records._decisions import Decision, Ruling, standing
from grader.records._items import OPEN_STEPS, Item, items_of
from grader.records._model import (
    CheckResult,
    Derivation,
    DerivationStep,
    Kind,
    ProblemResult,
    Report,
    Verdict,
    Visibility,
)
from grader.records._settle import settled
from grader.records._text import clean_text

_DIGITS = 6
"""Decimals of a score."""
_OPEN = (Verdict.REVIEW, Verdict.FAULT)
_SAID: Mapping[Ruling, str] = MappingProxyType(
    {Ruling.RIGHT: "right", Ruling.WRONG: "wrong", Ruling.UNCOUNTED: "not counted"}
)


def decided(report: Report, decisions: Iterable[Decision]) -> Report:
    """The report with what people decided about it: verdicts, scores, `complete`, and a line for each decision on points.

    A decision on content that has changed since does not count; a line says so. Points of a check, a rubric's line or
    a write-up take the place of the grader's; points of a whole problem take the place of their sum, and what waited
    in it waits no more. A step that a person calls wrong costs the write-up's points, as one that was refuted does;
    the others decide nothing alone: whether the claim follows is decided with the write-up. Without decisions the
    report is given back as it is. The totals follow by the rules of the sheet.
    """
    entries = [d for d in decisions if (d.assignment, d.student) == (report.assignment, report.student)]
    held = standing(entries)
    if not held:
        return report
    items = items_of(report)
    known = {item.key: item for item in items}
    valid = {known[key].id: decision for key, decision in held.items() if key in known}
    problems = tuple(_problem(p, [i for i in items if i.problem == p.number], valid) for p in report.problems)
    # What was said of a step stands beside the step.
    lines = [
        _line(item, valid[item.id], report) for item in items if item.id in valid and item.kind != "step"
    ]
    stale = (_stale_line(d) for d in outdated(report, entries) if d.ruling is None)
    report = replace(report, problems=problems, complete=is_complete(problems), decisions=(*lines, *stale))
    return settled(report)


def all_decided(reports: Iterable[Report], decisions: Iterable[Decision]) -> list[Report]:
    """`decided` for a class."""
    of: dict[tuple[str, str], list[Decision]] = {}
    for decision in decisions:
        of.setdefault((decision.assignment, decision.student), []).append(decision)
    return [decided(r, of.get((r.assignment, r.student), ())) for r in reports]


def outdated(report: Report, decisions: Iterable[Decision]) -> list[Decision]:
    """Decisions on an earlier hand-in, or on an earlier result, of an item that nobody has decided since."""
    entries = [d for d in decisions if (d.assignment, d.student) == (report.assignment, report.student)]
    held = standing(entries)
    if not held:
        return []
    present = {item.key for item in items_of(report)}
    fresh = {key[2] for key in held if key in present}
    last = {
        key[2]: decision
        for key, decision in sorted(held.items(), key=lambda pair: pair[1].id)
        if key not in present
    }
    return [decision for name, decision in last.items() if name not in fresh]


def is_complete(problems: Sequence[ProblemResult]) -> bool:
    """Whether no part waits for a person or for a repeat after a fault."""
    return not any(c.verdict in _OPEN for p in problems for c in p.checks)


def _problem(problem: ProblemResult, items: Sequence[Item], valid: Mapping[str, Decision]) -> ProblemResult:
    derivation = problem.derivation
    if derivation is not None:
        derivation = replace(derivation, steps=_ruled(derivation.steps, items, valid))
    left_open = any(i.kind == "step" and i.verdict in OPEN_STEPS and i.id not in valid for i in items)
    checks = [_rewritten(c, derivation, problem.derivation, left_open) for c in problem.checks]
    checks = [_pointed(c, valid[c.id]) if c.id in valid else c for c in checks]
    gain = sum(new.score - old.score for new, old in zip(checks, problem.checks, strict=True))
    score = round(problem.score + gain, _DIGITS)
    whole = valid.get(f"{problem.number}::total")
    if whole is not None and whole.points is not None:
        score = whole.points
        checks = [_closed(c, whole) if c.verdict in _OPEN else c for c in checks]
    if derivation is not None and derivation.score is not None:
        written = next((c for c in checks if c.kind is Kind.WRITEUP), None)
        if written is not None:
            waits = written.verdict is Verdict.REVIEW
            derivation = replace(derivation, score=written.score, needs_review=waits)
    return replace(problem, score=score, checks=tuple(checks), derivation=derivation)


def _ruled(
    steps: Sequence[DerivationStep], items: Sequence[Item], valid: Mapping[str, Decision]
) -> tuple[DerivationStep, ...]:
    """The steps with what people said: `supported` and `refuted` by their word, with their name as the reason."""
    found = list(steps)
    for item in items:
        decision = valid.get(item.id)
        if item.step is None or decision is None or decision.ruling is None:
            continue
        step = found[item.step]
        unsaid = "undecided" if step.verdict == "refuted" else step.verdict
        verdict = {Ruling.RIGHT: "supported", Ruling.WRONG: "refuted", Ruling.UNCOUNTED: unsaid}[
            decision.ruling
        ]
        said = f"{_SAID[decision.ruling]}, says {decision.author}{_because(decision)} (the grader: {step.verdict})"
        found[item.step] = replace(step, verdict=verdict, reason=clean_text(said, 1000))
    return tuple(found)


def _rewritten(
    check: CheckResult, after: Derivation | None, before: Derivation | None, left_open: bool
) -> CheckResult:
    """What a write-up earns once people have spoken about its steps."""
    if check.kind is not Kind.WRITEUP or after is None or before is None or after.steps == before.steps:
        return check
    wrong = next((s for s in after.steps if s.verdict == "refuted"), None)
    known = next((s.index for s in before.steps if s.verdict == "refuted"), None)
    if wrong is not None and (check.verdict is not Verdict.FAILED or wrong.index != known):
        text = f"{after.file}, line {wrong.line}: {wrong.source}: {wrong.reason}"
        return replace(check, verdict=Verdict.FAILED, score=0.0, message=clean_text(text))
    missed = any(goal.get("reached") is False for goal in after.goals)
    if wrong is None and not missed and check.verdict is Verdict.FAILED:
        return replace(
            check,
            verdict=Verdict.REVIEW,
            score=0.0,
            message="no step is wrong any more; whether the claim follows is open",
        )
    if check.verdict is Verdict.REVIEW and not left_open:
        return replace(check, message="each step was looked at; whether the claim follows is open")
    return check


def _pointed(check: CheckResult, decision: Decision) -> CheckResult:
    """The check with a person's points."""
    if decision.points is None:
        return check
    full = decision.points >= check.max_score
    was = f"the grader: {check.verdict}, {check.score:g} of {check.max_score:g} points"
    kept = f"{was}: {check.message}" if check.message and check.verdict not in _OPEN else was
    return replace(
        check,
        verdict=Verdict.PASSED if full else Verdict.FAILED,
        score=decision.points,
        message=clean_text(f"marked by {decision.author}{_because(decision)}"),
        slip="" if full else check.slip,
        notes=(*check.notes, *(() if check.kind is Kind.RUBRIC else (clean_text(kept, 400),))),
        evidence={**check.evidence, "decided_by": decision.author, "decided_at": decision.made},
    )


def _closed(check: CheckResult, whole: Decision) -> CheckResult:
    text = f"the problem was marked as a whole by {whole.author}{_because(whole)}"
    return replace(check, verdict=Verdict.SKIPPED, score=0.0, message=clean_text(text))


def _because(decision: Decision) -> str:
    return f": {decision.comment}" if decision.comment else ""


def _line(item: Item, decision: Decision, report: Report) -> str:
    """One line for the student: what was decided, by whom, when, why, and what it changed."""
    what = f"problem {item.problem}"
    if item.kind == "total":
        what += f" as a whole: {item.score:g} → {decision.points or 0:g} of {item.max_score:g} points"
    else:
        what += f", “{item.text}”"
        hidden = any(c.id == item.id and c.visibility is not Visibility.VISIBLE for c in report.checks)
        if not hidden:  # the points of a hidden check are not told
            before = "open" if item.verdict in _OPEN else f"{item.score:g}"
            what += f": {before} → {decision.points or 0:g} of {item.max_score:g} points"
    return clean_text(
        f"{what}, decided by {decision.author} on {decision.made[:10]}{_because(decision)}", 480
    )


def _stale_line(decision: Decision) -> str:
    points = "" if decision.points is None else f" ({decision.points:g} points)"
    text = (
        f"problem {decision.problem}: what {decision.author} decided on {decision.made[:10]}{points} was about an"
        " earlier hand-in or result and does not count for this one"
    )
    return clean_text(text, 480)
