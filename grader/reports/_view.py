"""What a student may read of a record, as harmless text: the one place that decides what a hidden check shows."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from grader.records import (
    CheckResult,
    Counterexample,
    ProblemResult,
    Report,
    Verdict,
    Visibility,
)
from grader.reports._format import fraction, number, value_text
from grader.reports._safe import one_line, printable
from grader.reports._settlement import uncounted

REPLAY_LIMIT = 4000
"""Longer replay lines are cut: shells and terminals refuse them anyway, and the JSON has them whole."""


DRAWN = frozenset({"picture"})
"""Evidence that is there to be drawn, not read."""


class Mark(NamedTuple):
    """How a verdict looks."""

    glyph: str
    """Starts the line of a check."""
    letter: str
    """Tells all verdicts apart in one column of a dense table."""
    tone: str
    """`good`, `bad`, `warn` or `quiet`: a colour, and never the only sign."""
    sentence: str
    """What came of the student's call where no value did, or why there was no call."""


MARKS: Mapping[Verdict, Mark] = MappingProxyType(
    {
        Verdict.PASSED: Mark("✓", "✓", "good", "passed"),
        Verdict.FAILED: Mark("✗", "✗", "bad", "a wrong answer"),
        Verdict.ERROR: Mark("✗", "E", "bad", "your code raised an exception"),
        Verdict.MISSING: Mark(
            "✗", "○", "bad", "nothing to check: the function is not there, or still the placeholder"
        ),
        Verdict.TIMEOUT: Mark("✗", "T", "bad", "no answer within the time limit"),
        Verdict.MEMORY: Mark("✗", "M", "bad", "out of memory"),
        Verdict.CRASHED: Mark("✗", "C", "bad", "the process of your code died"),
        Verdict.FORBIDDEN: Mark("✗", "F", "bad", "stopped: your code tried what the sandbox does not allow"),
        Verdict.SKIPPED: Mark("–", "–", "quiet", "not run"),
        Verdict.REVIEW: Mark("?", "?", "warn", "a person will decide"),
        Verdict.FAULT: Mark(
            "!", "!", "warn", "not judged: the grader itself failed, which costs you nothing"
        ),
    }
)


class Row(NamedTuple):
    """One labelled line of a check's message."""

    label: str
    text: str
    code: bool = False
    """Whether it is Python rather than prose."""


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check as a student sees it; of a hidden one, `id`, `score`, `rows`, `notes` and `evidence` are empty."""

    mark: Mark
    verdict: Verdict
    id: str
    title: str
    score: str
    hidden: bool
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()
    evidence: tuple[tuple[str, str], ...] = ()

    @property
    def passed(self) -> bool:
        """Whether there is nothing to explain."""
        return self.verdict is Verdict.PASSED


def check_view(check: CheckResult) -> CheckView:
    """The view of one check. Whatever a hidden check says stays out of it, but for title and verdict."""
    mark, title = MARKS[check.verdict], one_line(check.title)
    if check.visibility is not Visibility.VISIBLE:
        return CheckView(mark, check.verdict, "", title, "", hidden=True)
    return CheckView(
        mark=mark,
        verdict=check.verdict,
        id=one_line(check.id, 120),
        title=title,
        score=points(check),
        hidden=False,
        rows=tuple(_rows(check)),
        notes=tuple(printable(note, 500) for note in check.notes[:20]),
        evidence=tuple(_evidence(check)),
    )


def points(part: CheckResult | ProblemResult) -> str:
    """`1.5/2`, or `–/2` where nothing is scored yet: see `is_open`."""
    return f"–/{number(part.max_score)}" if is_open(part) else fraction(part.score, part.max_score)


def is_open(part: CheckResult | ProblemResult) -> bool:
    """Whether there is no score yet: the grader itself failed on a part, or a person decides all of it."""
    checks = part.checks if isinstance(part, ProblemResult) else (part,)
    if any(check.verdict is Verdict.FAULT for check in checks):
        return True
    written = (
        isinstance(part, ProblemResult) and part.derivation is not None and part.derivation.score is not None
    )
    return bool(checks) and not written and all(check.verdict is Verdict.REVIEW for check in checks)


def decided_max(report: Report) -> float:
    """The points that can be had of what is decided: those for which a person is still due would count as lost."""
    gone = uncounted(report)
    waiting = (c for p in report.problems if p.number not in gone for c in p.checks if c.verdict is Verdict.REVIEW)
    return max(report.max_score - sum(c.max_score - c.score for c in waiting), 0.0)


def waits(problem: ProblemResult) -> bool:
    """Whether a person still has to decide a part of this problem."""
    derivation = problem.derivation
    # Without a score a derivation is feedback: nothing of the marks hangs on it.
    return any(check.verdict is Verdict.REVIEW for check in problem.checks) or (
        derivation is not None and derivation.needs_review and derivation.score is not None
    )


def tally(checks: Iterable[CheckResult]) -> str:
    """`3 passed, 1 failed`, in the order of the verdicts' definition."""
    counts = Counter(check.verdict for check in checks)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])


def _rows(check: CheckResult) -> Iterable[Row]:
    shown, mark = check.counterexample, MARKS[check.verdict]
    why = printable(check.message)
    if check.slip and check.slip not in check.message:
        same = f'(same as the known slip "{one_line(check.slip, 120)}")'
        why = f"{why}  {same}" if why else same
    if check.verdict is Verdict.PASSED:
        if why:
            yield Row("Remark", why)
    elif mark.tone != "bad":
        yield Row("Why", f"{mark.sentence}: {why}" if why else mark.sentence)
    else:
        if shown is not None or check.verdict is not Verdict.FAILED:
            yield _you(shown, mark)
        if shown is not None and shown.expected:
            yield Row("Expected", printable(shown.expected, 1000), code=True)
        if why:
            yield Row("Why", why)
        if shown is not None and shown.replay:
            yield Row("Replay", _replay(shown.replay), code=True)
    if check.certainty:
        yield Row("Certainty", one_line(check.certainty, 500))


def _you(shown: Counterexample | None, mark: Mark) -> Row:
    if shown is None:
        return Row("You", mark.sentence)
    got = printable(shown.got, 1000) or mark.sentence
    return Row("You", f"{printable(shown.call, 1000)}  ->  {got}" if shown.call else got, code=True)


def _replay(line: str) -> str:
    """The line as one types it into a shell."""
    line = one_line(line, REPLAY_LIMIT)
    if line.startswith(("python", "grader ")) or line.endswith(".ipynb"):
        return line
    return f'python -c "{line}"' if not set(line) & set('"$`\\!') else f"python -c {shlex.quote(line)}"


def _evidence(check: CheckResult) -> Iterable[tuple[str, str]]:
    shown = check.counterexample
    if shown is not None:
        for name, value in list(shown.arguments.items())[:40]:
            yield one_line(name, 80), printable(value, 500)
        if shown.difference is not None:
            yield "largest difference", value_text(shown.difference)
    for name, item in list(check.evidence.items())[:40]:
        if name in DRAWN:
            continue
        yield one_line(str(name), 80).replace("_", " "), value_text(item)
