"""The result of grading, `schema_version` 1. One representation from the worker's answer to the gradebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from grader.records._policy import Adjustment, Settlement

SCHEMA_VERSION = 1


class Verdict(StrEnum):
    """What became of one check."""

    PASSED = "passed"
    FAILED = "failed"
    """The answer is wrong."""
    ERROR = "error"
    """The submitted code raised."""
    MISSING = "missing"
    """The function is not there, or still the starter's placeholder."""
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"
    """The process of the submitted code died, or spoke garbage."""
    FORBIDDEN = "forbidden"
    """It tried what the sandbox denies, and died of it."""
    SKIPPED = "skipped"
    """A check that this one depends on did not pass."""
    REVIEW = "review"
    """A person decides."""
    FAULT = "fault"
    """The grader itself failed: scored by nobody, exit code 3."""


class Kind(StrEnum):
    """How a check judges."""

    EXAMPLE = "example"
    PROPERTY = "property"
    SYMBOLIC = "symbolic"
    STATISTICAL = "statistical"
    INPUT = "input"
    RUBRIC = "rubric"
    """Not run: a person marks it."""
    WRITEUP = "writeup"
    """A written derivation that counts."""


class Visibility(StrEnum):
    """Whether students may run the check themselves and see its counterexample."""

    VISIBLE = "visible"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Counterexample:
    """The smallest input found that shows what is wrong."""

    call: str
    """The call as a person would type it: `project([0.0, 2.0], 1)`."""
    arguments: Mapping[str, str]
    """Each argument by the name in the topic's signature, as text."""
    expected: str
    """What was due, or the condition that should hold."""
    got: str
    """What came, as text."""
    difference: float | None
    """Largest absolute difference; None where it has no meaning."""
    replay: str
    """One line of Python that repeats the call in the folder of the hand-in."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of one check on one hand-in."""

    id: str
    """`topic::check`, such as `projection::closest`."""
    title: str
    """The sentence a student reads: first line of the check's docstring."""
    kind: Kind
    visibility: Visibility
    verdict: Verdict
    score: float
    max_score: float
    message: str = ""
    """Why it did not pass; empty for a pass without remarks."""
    counterexample: Counterexample | None = None
    slip: str = ""
    """Name of the known misconception whose answers these are on the whole corpus, or empty."""
    certainty: str = ""
    """How sure the verdict is: `exact`, a proof's scope, a stated false-reject rate."""
    notes: tuple[str, ...] = ()
    """Remarks that cost nothing: conversions, which minimum was found."""
    evidence: Mapping[str, object] = field(default_factory=dict)
    """Numbers behind the verdict: samples, interval, false-reject rate, size of the corpus."""
    duration_s: float = 0.0
    result_id: str = ""
    """For `grader replay`: of this check of this report; equal inputs, equal id."""


@dataclass(frozen=True, slots=True)
class DerivationStep:
    """One relation of a chain in a write-up."""

    index: int
    source: str
    """Right side with its relation, as typed."""
    line: int
    """Physical line (1-based) of the relation sign."""
    cell: int | None
    """Notebook cell (0-based), or None."""
    reading: str
    """How it was understood, as LaTeX; empty when unreadable."""
    verdict: str
    """proved, supported, recovers, undecided, unreadable or refuted."""
    reason: str = ""
    witness: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Derivation:
    """The check of one written derivation."""

    file: str
    problem: str
    steps: tuple[DerivationStep, ...]
    goals: tuple[Mapping[str, object], ...] = ()
    goal_reached: bool | None = None
    score: float | None = None
    needs_review: bool = True


@dataclass(frozen=True, slots=True)
class ProblemResult:
    """One problem of the assignment."""

    number: str
    topic: str
    title: str
    score: float
    max_score: float
    checks: tuple[CheckResult, ...]
    derivation: Derivation | None = None


@dataclass(frozen=True, slots=True)
class SubmittedFile:
    """One file that was handed in."""

    path: str
    """Relative to the hand-in, with forward slashes."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Submission:
    """What was handed in, by content."""

    files: tuple[SubmittedFile, ...]
    kind: str
    """`folder`, `file` or `notebook`."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Where the verdicts come from."""

    grader: str
    python: str
    numpy: str
    scipy: str
    sympy: str
    torch: str
    platform: str
    isolation: str
    """`L3`, `L2` or `L1`, as the canaries confirmed it."""
    seed: int


@dataclass(frozen=True, slots=True)
class Report:
    """All that is known of one hand-in for one assignment."""

    id: str
    """Derived from everything the verdicts depend on; equal inputs, equal id."""
    assignment: str
    student: str
    submission: Submission
    score: float
    max_score: float
    complete: bool
    """False while a part waits for a person, or the grader failed on a part."""
    problems: tuple[ProblemResult, ...]
    notes: tuple[str, ...]
    environment: Environment
    started: str
    """ISO 8601, UTC."""
    duration_s: float
    adjustments: tuple[Adjustment, ...] = ()
    """What the rules of the sheet changed: `score` is the sum of the problems' scores and of these."""
    settlement: Settlement | None = None
    """The rules and the time of handing in; None where the sheet has none. `settled` follows them."""
    decisions: tuple[str, ...] = ()
    """What people decided about it, a line each: what, who, when, why. See `decided`."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """All that is to be said about the whole: what people decided, then the notes of grading."""
        return (*self.decisions, *self.notes)

    @property
    def checks(self) -> tuple[CheckResult, ...]:
        """All checks of all problems, in order."""
        return tuple(check for problem in self.problems for check in problem.checks)

    @property
    def faulty(self) -> bool:
        """Whether the grader itself failed on any part."""
        return any(check.verdict is Verdict.FAULT for check in self.checks)


@dataclass(frozen=True, slots=True)
class Run:
    """One call of `grader run`."""

    id: str
    started: str
    duration_s: float
    seed: int
    isolation: str
    assignments: tuple[str, ...]
    """Ids of the assignments graded."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Assignment id -> title."""
    missing: tuple[str, ...] = ()
    """Paths that were given or found but could not be graded, each with its reason."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a graded hand-in lay and how it was graded: what it takes to run one of its checks again."""

    assignment: str
    student: str
    path: str
    course: str
    limits: Mapping[str, float] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    """Topics that were graded; empty means all."""
