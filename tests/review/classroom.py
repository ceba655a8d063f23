"""Ten hand-ins with everything that a person can decide, graded, in a store; and the page served over it."""

from __future__ import annotations

import hashlib
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from grader.records import (
    CheckResult,
    Derivation,
    DerivationStep,
    Kind,
    Place,
    Report,
    Store,
    Submission,
    SubmittedFile,
    Verdict,
    Visibility,
)
from tests.reports import samples

STUDENTS = samples.STUDENTS[:10]
HOSTILE = "<script>alert(1)</script> <img src=x onerror=alert(2)>"
CHAIN = "# Problem 1\n\n$$\na = b\n= c\n= \\heartsuit\n$$\n\n## Problem 2\n\n"
ORIGINAL = ("alder", "ash")
"""They write their own words on problem 2; the others copy, with other blanks."""


def rubric(number: str, line: int, points: float, text: str) -> CheckResult:
    """A line of a rubric, as it comes from grading."""
    return CheckResult(
        id=f"{number}::rubric_{line}",
        title=text,
        kind=Kind.RUBRIC,
        visibility=Visibility.VISIBLE,
        verdict=Verdict.REVIEW,
        score=0.0,
        max_score=points,
        message="a person marks this part",
    )


def written(verdict: Verdict = Verdict.REVIEW, number: str = "1") -> CheckResult:
    """A write-up that counts."""
    return replace(
        rubric(number, 0, 4.0, "The claim follows."),
        id=f"{number}::writeup",
        kind=Kind.WRITEUP,
        verdict=verdict,
    )


def derivation() -> Derivation:
    """One step that holds, one that is undecided, one that nobody could read."""
    return Derivation(
        file="w.md",
        problem="1",
        steps=(
            DerivationStep(0, "= b", 4, None, "a = b", "proved", "the same expression"),
            DerivationStep(1, "= c", 5, None, "b = c", "undecided", "types: a vector and a number"),
            DerivationStep(2, r"= \heartsuit", 6, None, "", "unreadable", "unknown symbol"),
        ),
        goals=({"name": "the claim", "reached": None},),
        score=0.0,
    )


def prose(student: str) -> str:
    """What a student says on problem 2."""
    if student in ORIGINAL:
        return f"C is convex, says {student}. {HOSTILE}\n"
    blanks = " " * (1 + len(student) % 3)
    return f"C is an intersection{blanks}of half\nspaces, and they are convex.\n"


def hand_in(student: str, text: str) -> Report:
    """The report of one student who wrote this."""
    p1 = replace(
        samples.problem(samples.check(Verdict.PASSED, name="log::a"), written(), number="1"),
        derivation=derivation(),
    )
    p2 = samples.problem(
        samples.CLOSEST, samples.secretive(), rubric("2", 1, 2.0, "Says why C is convex"), number="2"
    )
    files = (SubmittedFile("w.md", hashlib.sha256(text.encode()).hexdigest()),)
    return samples.report(
        p1, p2, student=student, id=f"{len(text):x}", submission=Submission(files, "folder")
    )


def keep(out: Path, student: str, text: str, run: str = "r-7d1c") -> Report:
    """Lay the hand-in down, grade it, keep its report."""
    folder = out.parent / "hw10" / student
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "w.md").write_text(text)
    report = hand_in(student, text)
    with Store(out / "results.sqlite") as store:
        store.save(report, cache_key=text, run_id=run)
        store.remember([Place("hw10", student, str(folder), str(out.parent))])
    return report


def classroom(out: Path, students: tuple[str, ...] = STUDENTS) -> Path:
    """The class in a store."""
    for student in students:
        keep(out, student, CHAIN + prose(student))
    with Store(out / "results.sqlite") as store:
        store.save_run(samples.run())
    return out


@contextmanager
def served(out: Path, author: str = "J. Doe", end: signal.Signals = signal.SIGINT) -> Iterator[str]:
    """The page as a user starts and ends it; its address, with the token."""
    command = [sys.executable, "-m", "grader", "review", "-o", str(out), "--no-browser", "--author", author]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stderr is not None
    try:
        found = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", process.stdout.readline())
        assert found is not None, process.stderr.read()
        yield found.group()
    finally:
        process.send_signal(end)
        code = process.wait(60)
        said = process.stderr.read()
        process.stdout.close()
        process.stderr.close()
    assert (code, said) == (0, "")
