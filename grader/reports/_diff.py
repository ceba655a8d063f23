"""What a regrade changed: who, which check, by how much, why."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from grader.records import (
    SCHEMA_VERSION,
    CheckResult,
    Derivation,
    Environment,
    Report,
    Verdict,
    plain,
)
from grader.reports._format import number, signed
from grader.reports._message import WIDTH, fold, paint
from grader.reports._safe import one_line, without_commands
from grader.reports._settlement import by_rule
from grader.reports._sheet import ordered, total

_SAID = ("verdict", "score", "max_score", "message", "slip", "counterexample")
"""Fields in which two results of a check may differ to anyone's eyes."""


@dataclass(frozen=True, slots=True)
class CheckChange:
    """One check that says something else than before."""

    id: str
    title: str
    old: str
    """Verdict before, or empty where the check is new."""
    new: str
    """Verdict now, or empty where the check is gone."""
    points: float
    """Score now less score before."""
    why: str
    """What the check says now where that is new, or how many points it is worth."""


@dataclass(frozen=True, slots=True)
class StudentChange:
    """One hand-in whose report changed."""

    assignment: str
    student: str
    old: str
    """Total before (`7/10`), or empty."""
    new: str
    points: float
    causes: tuple[str, ...]
    """What differs in what the verdicts depend on: the hand-in, versions, seed, isolation; else the checks."""
    checks: tuple[CheckChange, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two states of one class."""

    changed: tuple[StudentChange, ...]
    unchanged: int


def compare(old: Iterable[Report], new: Iterable[Report]) -> Comparison:
    """What differs between two sets of reports, by assignment and student; times and ids do not count."""
    before = {(r.assignment, r.student): r for r in old}
    after = {(r.assignment, r.student): r for r in new}
    everybody = ordered({**before, **after}.values())
    keys = [(r.assignment, r.student) for r in everybody]
    changes = [_student(before.get(key), after.get(key)) for key in keys]
    found = tuple(change for change in changes if change is not None)
    return Comparison(found, len(keys) - len(found))


def diff_text(comparison: Comparison, *, width: int = WIDTH, color: bool = False) -> str:
    """A comparison for a terminal: per student the totals and causes, below it the checks that changed."""
    lines: list[str] = []
    for change in comparison.changed:
        name = f"{one_line(change.assignment, 80)} · {one_line(change.student, 120)}"
        gain = paint(
            signed(change.points),
            "good" if change.points > 0 else "bad" if change.points < 0 else "quiet",
            color,
        )
        lines.append(
            f"{paint(name, 'bold', color)}  {change.old or 'new'} -> {change.new or 'gone'}  ({gain})"
        )
        lines += [f"    {line}" for line in fold("because " + "; ".join(change.causes), width - 4)]
        for check in change.checks:
            head = f"{check.id}: {check.old or 'not there'} -> {check.new or 'not there'} ({signed(check.points)})"
            lines += [f"  {line}" for line in fold(head, width - 2)]
            lines += [f"      {line}" for line in fold(check.why, width - 6) if line]
        lines.append("")
    lines += fold(_closing(comparison), width)
    return without_commands("\n".join(lines) + "\n")


def diff_json(comparison: Comparison) -> str:
    """A comparison as JSON; `schema_version` as for records."""
    return (
        json.dumps({"schema_version": SCHEMA_VERSION, **plain(comparison)}, ensure_ascii=False, indent=1)
        + "\n"
    )


def _closing(comparison: Comparison) -> str:
    moved = [change.points for change in comparison.changed if change.points]
    parts = [f"{len(comparison.changed)} changed, {comparison.unchanged} as before"]
    if moved:
        up = sum(points > 0 for points in moved)
        parts.append(f"{up} went up, {len(moved) - up} down, median {signed(median(moved))}")
    return "; ".join(parts) + "."


def _student(old: Report | None, new: Report | None) -> StudentChange | None:
    known = new or old
    assert known is not None
    before = {c.id: c for c in old.checks} if old else {}
    after = {c.id: c for c in new.checks} if new else {}
    checks = [_check(before.get(key), after.get(key)) for key in {**before, **after}]
    found = tuple(check for check in [*checks, *_derivations(old, new), *_rules(old, new)] if check is not None)
    points = round((new.score if new else 0.0) - (old.score if old else 0.0), 6)
    same_total = (
        old is not None and new is not None and total(old) == total(new) and old.complete == new.complete
    )
    if same_total and not found:
        return None
    return StudentChange(
        assignment=known.assignment,
        student=known.student,
        old=total(old) if old else "",
        new=total(new) if new else "",
        points=points,
        causes=_causes(old, new),
        checks=found,
    )


def _check(old: CheckResult | None, new: CheckResult | None) -> CheckChange | None:
    if old is not None and new is not None and all(getattr(old, f) == getattr(new, f) for f in _SAID):
        return None
    known = new or old
    assert known is not None
    return CheckChange(
        id=one_line(known.id, 120),
        title=one_line(known.title),
        old=str(old.verdict) if old else "",
        new=str(new.verdict) if new else "",
        points=round((new.score if new else 0.0) - (old.score if old else 0.0), 6),
        why=_why(old, new),
    )


def _derivations(old: Report | None, new: Report | None) -> Iterator[CheckChange]:
    """Write-ups that were judged otherwise."""
    before = {p.number: p.derivation for p in old.problems} if old else {}
    after = {p.number: p.derivation for p in new.problems} if new else {}
    for number_ in {**before, **after}:
        a, b = before.get(number_), after.get(number_)
        known = b or a
        if known is not None and _judged(a) != _judged(b):
            points = ((b.score if b else None) or 0.0) - ((a.score if a else None) or 0.0)
            title = f"Derivation in {one_line(known.file, 80)}"
            name = f"{one_line(number_, 20)}::derivation"
            yield CheckChange(name, title, _judged(a), _judged(b), round(points, 6), title)


def _rules(old: Report | None, new: Report | None) -> Iterator[CheckChange]:
    """Rules of the sheet that change the score otherwise than before."""
    before, after = (by_rule(r) if r else {} for r in (old, new))
    for rule in {**before, **after}:
        a, b = before.get(rule, 0.0), after.get(rule, 0.0)
        if a != b:
            texts = [line.text for r in (new, old) if r for line in r.adjustments if line.rule == rule]
            text = one_line(texts[0], 300)
            yield CheckChange(f"policy::{rule}", text, signed(a), signed(b), round(b - a, 6), text)


def _judged(derivation: Derivation | None) -> str:
    """A derivation's verdicts in a few words, or nothing where there is none."""
    if derivation is None:
        return ""
    goal = {True: "goal reached", False: "goal not reached", None: "goal undecided"}[derivation.goal_reached]
    counts = Counter(one_line(step.verdict, 20) for step in derivation.steps)
    return ", ".join([goal, *(f"{count} {verdict}" for verdict, count in sorted(counts.items()))])


def _why(old: CheckResult | None, new: CheckResult | None) -> str:
    if new is None:
        return "the check is gone"
    if old is not None and old.max_score != new.max_score:
        return f"worth {number(new.max_score)} instead of {number(old.max_score)} points"
    if new.verdict is Verdict.PASSED and old is not None and old.message:
        return f"before: {one_line(old.message)}"
    return one_line(new.message)


def _causes(old: Report | None, new: Report | None) -> tuple[str, ...]:
    if old is None:
        return ("it was not graded before",)
    if new is None:
        return ("it is not there now",)
    causes = [*_files(_digests(old), _digests(new)), *_decisions(old.decisions, new.decisions)]
    for field in dataclasses.fields(Environment):
        a, b = getattr(old.environment, field.name), getattr(new.environment, field.name)
        if a != b:
            causes.append(f"{field.name} {one_line(str(a), 60)} -> {one_line(str(b), 60)}")
    if old.settlement != new.settlement:
        causes.append("the rules of the sheet or the time of handing in changed")
    return tuple(causes) or ("the checks, their points or the grader changed; the hand-in is the same",)


def _decisions(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """What people decided since, and what they decided then and not now."""
    yield from (f"decided: {one_line(line, 480)}" for line in new if line not in old)
    yield from (f"no longer decided: {one_line(line, 480)}" for line in old if line not in new)


def _digests(report: Report) -> dict[str, str]:
    return {file.path: file.sha256 for file in report.submission.files}


def _files(old: Mapping[str, str], new: Mapping[str, str]) -> Iterable[str]:
    if changed := [path for path in new if path in old and old[path] != new[path]]:
        yield "the hand-in changed: " + ", ".join(one_line(path, 80) for path in changed[:4])
    if added := [path for path in new if path not in old]:
        yield "handed in besides: " + ", ".join(one_line(path, 80) for path in added[:4])
    if gone := [path for path in old if path not in new]:
        yield "no longer handed in: " + ", ".join(one_line(path, 80) for path in gone[:4])
