"""Hand-made records: a class of hw10, one check per verdict, and a submission that is hostile wherever it can be."""

from __future__ import annotations

import random
from dataclasses import replace

from grader.records import (
    CheckResult,
    Counterexample,
    Derivation,
    DerivationStep,
    Environment,
    Kind,
    ProblemResult,
    Report,
    Run,
    Submission,
    SubmittedFile,
    Verdict,
    Visibility,
)

ENVIRONMENT = Environment(
    grader="0.1.0",
    python="3.11.9",
    numpy="2.4.1",
    scipy="1.16.3",
    sympy="1.14.0",
    torch="2.13.0",
    platform="Linux-x86_64",
    isolation="L3",
    seed=20240,
)
PROBLEMS = (
    ("1", "log_derivative", "Score-function gradient", 4.0, 4),
    ("2", "projection", "Projection onto a segment", 4.0, 5),
    ("3", "inpainting", "Inpainting by projected gradients", 3.0, 4),
    ("4a", "glow", "Log-determinant of PLU", 2.0, 3),
    ("4b", "glow", "Reordered Jacobian", 2.0, 3),
    ("5", "ruin", "Gambler's ruin by importance sampling", 3.0, 5),
    ("6", "gaussian_sgd", "Two gradients for a Gaussian", 2.0, 4),
)
STUDENTS = (
    "alder", "ash", "aspen", "beech", "birch", "cedar", "chestnut", "elm", "fir", "hawthorn",
    "hazel", "hornbeam", "juniper", "larch", "linden", "maple", "oak", "pine", "rowan", "spruce",
)  # fmt: skip
SECRET = "classified-detail"
HOSTILE = (
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 <script>alert(1)</script> </title><img src=x onerror=alert(1)>\n"
    "::error file=a.py::forged\n  ::set-output name=a::b\n##[error]forged ##vso[task.complete]\n"
    "=1+1 \u202egnp.exe\u2066 \x00\x08\ufffe\ud800 ]]> &lt; {{ 7*7 }} {% raw %} `` ``` | **bold** [a](b) \x9b2J"
)

CLOSEST = CheckResult(
    id="projection::closest",
    title="The result is at least as close to y as any other point of C",
    kind=Kind.PROPERTY,
    visibility=Visibility.VISIBLE,
    verdict=Verdict.FAILED,
    score=0.0,
    max_score=2.0,
    message="the result leaves C: x2 = 2.0 > 1",
    counterexample=Counterexample(
        call="project([0, 2], a=1)",
        arguments={"y": "[0, 2]", "a": "1"},
        expected="[1.0, 1.0]",
        got="[1.0, 2.0]",
        difference=1.0,
        replay="from solution import project; print(project([0, 2], a=1))",
    ),
    slip="no clip from above",
    certainty="exact; no sampling involved",
    evidence={"corpus": 200, "failures": 63},
)


def check(
    verdict: Verdict, *, name: str = "topic::check", hidden: bool = False, **changes: object
) -> CheckResult:
    """A check with this verdict, worth one point."""
    made = CheckResult(
        id=name,
        title="The result does what the problem asks for",
        kind=Kind.EXAMPLE,
        visibility=Visibility.HIDDEN if hidden else Visibility.VISIBLE,
        verdict=verdict,
        score=1.0 if verdict is Verdict.PASSED else 0.0,
        max_score=1.0,
        message="" if verdict is Verdict.PASSED else f"because of {verdict}",
        duration_s=0.25,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def secretive(verdict: Verdict = Verdict.FAILED) -> CheckResult:
    """A hidden check that carries SECRET wherever a check can carry text, but for its title."""
    return CheckResult(
        id=f"topic::{SECRET}-id",
        title="Holds for matrices of any shape",
        kind=Kind.PROPERTY,
        visibility=Visibility.HIDDEN,
        verdict=verdict,
        score=0.0,
        max_score=7.25,
        message=f"{SECRET} message",
        counterexample=Counterexample(
            f"{SECRET} call",
            {"x": f"{SECRET} argument"},
            f"{SECRET} expected",
            f"{SECRET} got",
            0.125,
            f"{SECRET} replay",
        ),
        slip=f"{SECRET} slip",
        certainty=f"{SECRET} certainty",
        notes=(f"{SECRET} note",),
        evidence={f"{SECRET} key": f"{SECRET} value"},
    )


def problem(
    *checks: CheckResult, number: str = "1", title: str = "A problem", **changes: object
) -> ProblemResult:
    """A problem that is the sum of its checks."""
    made = ProblemResult(
        number=number,
        topic="topic",
        title=title,
        score=sum(c.score for c in checks),
        max_score=sum(c.max_score for c in checks),
        checks=checks,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def report(
    *problems: ProblemResult, student: str = "alder", assignment: str = "hw10", **changes: object
) -> Report:
    """A report that is the sum of its problems."""
    waits = any(c.verdict in (Verdict.REVIEW, Verdict.FAULT) for p in problems for c in p.checks) or any(
        p.derivation is not None and p.derivation.needs_review for p in problems
    )
    made = Report(
        id="3f2a9c0d51",
        assignment=assignment,
        student=student,
        submission=Submission((SubmittedFile("solution.py", "ab" * 32),), "folder"),
        score=sum(p.score for p in problems),
        max_score=sum(p.max_score for p in problems),
        complete=not waits,
        problems=problems,
        notes=(),
        environment=ENVIRONMENT,
        started="2024-11-20T12:00:00+00:00",
        duration_s=4.25,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def run(**changes: object) -> Run:
    """A run of hw10."""
    made = Run(
        id="r-7d1c",
        started="2024-11-20T12:00:00+00:00",
        duration_s=83.0,
        seed=20240,
        isolation="L3",
        assignments=("hw10",),
        titles={"hw10": "Homework 10: flows and gradients"},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def derivation() -> Derivation:
    """Three lines: one proved, one refuted, one that nobody could read."""
    return Derivation(
        file="writeup.tex",
        problem="1",
        steps=(
            DerivationStep(1, r"= \int q_\phi \log \frac{h}{q_\phi}", 14, None, r"= \int q \log(h/q)\,dz", "proved"),
            DerivationStep(
                2, r"\le \nabla_\phi q", 17, None, r"\le \nabla_\phi q(z)", "refuted", "fails in 2 models",
                {"widths": [0.5, 1.25], "left": 0.75, "right": 0.5},
            ),
            DerivationStep(3, r"= \heartsuit", 19, 2, "", "unreadable", "unknown symbol"),
        ),
        goal_reached=None,
        score=0.0,
    )  # fmt: skip


def one_of_each() -> Report:
    """A report with a check of every verdict, a failed one with its counterexample, a hidden one, a derivation."""
    verdicts = [check(v, name=f"topic::{v}") for v in Verdict if v is not Verdict.FAULT]
    note = check(
        Verdict.PASSED, name="topic::list", notes=("a list was taken as an array",), certainty="exact"
    )
    return report(
        problem(CLOSEST, note, secretive(), number="2", title="Projection onto a segment"),
        problem(*verdicts, number="4a", title="One of each", derivation=derivation()),
        notes=("helper.py: defined twice; the first counts",),
    )


def hostile() -> Report:
    """A report in which every text that could come from outside is hostile."""
    bad = replace(
        CLOSEST,
        id=HOSTILE,
        title=HOSTILE,
        message=HOSTILE,
        slip=HOSTILE,
        certainty=HOSTILE,
        notes=(HOSTILE, "x" * 1_000_000),
        counterexample=Counterexample(HOSTILE, {HOSTILE: HOSTILE}, HOSTILE, HOSTILE, float("nan"), HOSTILE),
        evidence={HOSTILE: HOSTILE, "nested": [HOSTILE, {HOSTILE: 1.5}]},
    )
    steps = (DerivationStep(1, HOSTILE, 3, None, HOSTILE, HOSTILE, HOSTILE, {HOSTILE: HOSTILE}),)
    written = Derivation(HOSTILE, HOSTILE, steps)
    files = (SubmittedFile(HOSTILE, "ab" * 32),)
    return report(
        problem(
            bad, replace(bad, visibility=Visibility.HIDDEN), number=HOSTILE, title=HOSTILE, derivation=written
        ),
        student=HOSTILE,
        assignment=HOSTILE,
        notes=(HOSTILE,),
        submission=Submission(files, HOSTILE),
        environment=replace(ENVIRONMENT, isolation=HOSTILE, platform=HOSTILE, grader=HOSTILE),
        started=HOSTILE,
    )


def class_of_hw10(seed: int = 7) -> list[Report]:
    """Twenty hand-ins of mixed quality."""
    return [_hand_in(name, random.Random(f"{seed} {name}")) for name in STUDENTS]


def _hand_in(student: str, rng: random.Random) -> Report:
    skill = rng.betavariate(3, 1.3)
    problems = tuple(_answer(*row, skill=skill, rng=rng) for row in PROBLEMS)
    if student == "chestnut":
        fault = replace(
            problems[5].checks[0], verdict=Verdict.FAULT, score=0.0, message="the reference did not answer"
        )
        problems = (*problems[:5], replace(problems[5], checks=(fault, *problems[5].checks[1:])), problems[6])
    if student in ("fir", "oak", "pine"):
        problems = (replace(problems[0], derivation=derivation()), *problems[1:])
    return report(*problems, student=student, id=f"{rng.getrandbits(40):010x}")


def _answer(
    number: str, topic: str, title: str, points: float, count: int, *, skill: float, rng: random.Random
) -> ProblemResult:
    wrong = [Verdict.FAILED] * 8 + [Verdict.ERROR, Verdict.TIMEOUT, Verdict.MISSING, Verdict.CRASHED]
    checks = []
    for index in range(count):
        verdict = Verdict.PASSED if rng.random() < skill else rng.choice(wrong)
        hidden = index == count - 1
        worth = points / count
        made = check(verdict, name=f"{topic}::part{index + 1}", hidden=hidden, max_score=worth)
        slip = "sum for mean" if verdict is Verdict.FAILED and rng.random() < 0.4 else ""
        checks.append(replace(made, score=worth if verdict is Verdict.PASSED else 0.0, slip=slip))
    return problem(*checks, number=number, title=title, topic=topic)
