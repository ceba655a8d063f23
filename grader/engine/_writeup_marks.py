"""What write-ups mean for a report: which problem each derivation belongs to, and what it earns where it counts.

A write-up earns points only where its problem's `writeup` says how many; elsewhere it is feedback. All goals
reached and no step refuted: all points. A refuted step or a goal that was missed: none. Anything else that was
not understood waits for a person and costs nothing until then. No write-up: missing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from grader.bank import Assignment, Problem
from grader.records import (
    CheckResult,
    Derivation,
    DerivationStep,
    Kind,
    ProblemResult,
    Verdict,
    Visibility,
    clean_text,
)

if TYPE_CHECKING:
    from grader.derivation import Checked

MAX_NOTE = 400


def with_writeups(
    results: Sequence[ProblemResult],
    assignment: Assignment,
    checked: Sequence[Checked],
    sheets: Collection[str],
    remarks: Sequence[str] = (),
) -> tuple[tuple[ProblemResult, ...], tuple[str, ...]]:
    """The problems with their derivations and what these earn, and notes for the student.

    sheets: problems that have a notation sheet. remarks: what was left out before anything was read; where there
    are any, a write-up that was not found waits for a person instead of being missing.
    """
    numbers = [p.number for p in assignment.problems]
    found, contested, doubled = _by_problem(checked, numbers)
    notes = [
        *remarks,
        *(c.trouble for c in checked if c.trouble),
        *doubled,
        *_homeless(checked, sheets),
        *_unknown(checked, numbers),
    ]
    weights = {p.number: p for p in assignment.problems}
    parts = {n: [label for label in sheets if home_of(label, numbers) == n] for n in numbers}
    open_question = notes[0] if notes else ""
    joined: list[ProblemResult] = []
    for result in results:
        labelled = found.get(result.number, {})
        derivation = _merged(labelled)
        problem = weights[result.number]
        if problem.writeup:
            absent = [label for label in parts[result.number] if label not in labelled]
            doubt = (
                f"nothing was found of {', '.join(absent)}"
                if absent and derivation
                else contested.get(result.number, "")
            )
            joined.append(_weighed(result, problem, derivation, doubt, open_question))
        else:
            joined.append(replace(result, derivation=derivation))
    return tuple(joined), tuple(clean_text(note, MAX_NOTE) for note in notes)


def home_of(label: str, numbers: Collection[str]) -> str:
    """The assignment's problem that a sheet's problem is, or is a part of; empty where there is none.

    `1a` belongs to `1a`, else to `1a-c`, else to `1`, else to the first part of 1 that is marked; never to `10`.
    """
    if label in numbers:
        return label
    for number in numbers:
        span = re.fullmatch(r"(\d+)([a-z])\s*(?:-|–|to)\s*([a-z])", number)
        part = re.fullmatch(r"(\d+)([a-z])", label)
        if span and part and span[1] == part[1] and span[2] <= part[2] <= span[3]:
            return number
    above = [
        n for n in numbers if n and label.startswith(n) and not (label[len(n)].isdigit() and n[-1].isdigit())
    ]
    if above:
        return max(above, key=len)
    return next((n for n in numbers if _main(label) and _main(n) == _main(label)), "")


def _main(number: str) -> str:
    found = re.match(r"\d+", number)
    return found[0] if found else ""


def _by_problem(
    checked: Sequence[Checked], numbers: Collection[str]
) -> tuple[dict[str, dict[str, Derivation]], dict[str, str], list[str]]:
    """Of each problem the derivation with the most steps, by the label of its sheet; where another one of it has a
    wrong step, that; and notes on what is not shown."""
    found: dict[str, dict[str, Derivation]] = {}
    contested: dict[str, str] = {}
    notes = []
    for derivation in (d for c in checked for d in c.derivations):
        number = home_of(derivation.problem, numbers)
        if not number:
            continue
        known = found.setdefault(number, {})
        other = known.get(derivation.problem)
        if other is None:
            known[derivation.problem] = derivation
            continue
        kept, left = sorted((other, derivation), key=lambda d: -len(d.steps))
        known[derivation.problem] = kept
        if any(s.verdict == "refuted" for s in left.steps):
            contested[number] = f"{left.file} has a wrong step"
        notes.append(
            f"problem {derivation.problem} is written up in {kept.file} and in {left.file}; {kept.file} is shown"
        )
    return found, contested, notes


def _homeless(checked: Sequence[Checked], sheets: Collection[str]) -> list[str]:
    """Formulas under no heading of a problem: said, so that nobody thinks they were checked."""
    return [
        f"{d.file}: {len(d.steps)} steps stand under no heading that names a problem (such as 'Problem {example}')"
        " and were not checked"
        for c in checked
        for d in c.derivations
        for example in [next(iter(sheets), "1")]
        if d.problem == "?"
    ]


def _unknown(checked: Sequence[Checked], numbers: Sequence[str]) -> list[str]:
    """Headings that name a problem which the assignment does not have, in any of its parts."""
    return [
        f"{c.file}: a heading names problem {label}, which is not on this sheet (there are: {', '.join(numbers)}); what stands"
        " below it was not checked"
        for c in checked
        for label in c.unread
        if label and not home_of(label, numbers)
    ]


def _merged(labelled: Mapping[str, Derivation]) -> Derivation | None:
    """The derivations of one problem's parts as one."""
    parts = list(labelled.values())
    if len(parts) < 2:
        return parts[0] if parts else None
    answers = [d.goal_reached for d in parts]
    return Derivation(
        file=", ".join(dict.fromkeys(d.file for d in parts)),
        problem=", ".join(labelled),
        steps=tuple(replace(s, index=n) for n, s in enumerate(s for d in parts for s in d.steps)),
        goals=tuple({**goal, "name": f"{d.problem}: {goal['name']}"} for d in parts for goal in d.goals),
        goal_reached=False if False in answers else None if None in answers else True,
        needs_review=any(d.needs_review for d in parts),
    )


def _weighed(
    result: ProblemResult, problem: Problem, derivation: Derivation | None, doubt: str, trouble: str
) -> ProblemResult:
    verdict, message = _verdict(derivation, doubt, trouble)
    check = CheckResult(
        id=f"{problem.number}::writeup",
        title="The written derivation leads to the claim, and no step of it is wrong.",
        kind=Kind.WRITEUP,
        visibility=Visibility.VISIBLE,
        verdict=verdict,
        score=problem.writeup if verdict is Verdict.PASSED else 0.0,
        max_score=problem.writeup,
        message=message,
    )
    if derivation is not None:
        derivation = replace(derivation, score=check.score, needs_review=verdict is Verdict.REVIEW)
    return replace(
        result,
        score=round(result.score + check.score, 6),
        max_score=round(result.max_score + problem.writeup, 6),
        checks=(*result.checks, check),
        derivation=derivation,
    )


def _verdict(derivation: Derivation | None, doubt: str, trouble: str) -> tuple[Verdict, str]:
    if derivation is None:
        if trouble:
            return Verdict.REVIEW, f"no derivation was found, but {trouble}"
        return (
            Verdict.MISSING,
            "no derivation was found under a heading of this problem (.tex, .md or a notebook)",
        )
    wrong = [s for s in derivation.steps if s.verdict == "refuted"]
    if wrong:
        return Verdict.FAILED, step_message(derivation, wrong[0])
    missed = [g for g in derivation.goals if g.get("reached") is False]
    if missed:
        return Verdict.FAILED, f"the goal '{missed[0]['name']}' is missed: {missed[0].get('reason', '')}"
    if doubt:
        return Verdict.REVIEW, f"{doubt}; a person looks at it"
    if derivation.goal_reached:
        return Verdict.PASSED, ""
    unclear = [s for s in derivation.steps if s.verdict in ("unreadable", "undecided")]
    where = (
        f"; {len(unclear)} steps were not understood, the first in line {unclear[0].line}" if unclear else ""
    )
    return Verdict.REVIEW, f"whether the claim follows was not decided{where}"


def step_message(derivation: Derivation, step: DerivationStep) -> str:
    """A wrong step in one sentence: where, what, and the two values in the model that shows it."""
    cell = "" if step.cell is None else f"cell {step.cell}, "
    text = f"{derivation.file}, {cell}line {step.line}: {step.source} does not hold"
    seen = step.witness or {}
    if {"left", "right", "model"} <= set(seen):
        text += f": the left side is {seen['left']}, the right side {seen['right']}, where {seen['model']}"
    if "repair" in seen:
        text += f"; {seen['repair']} would be right"
    return clean_text(text, 1500)
