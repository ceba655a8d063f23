"""What a check holds in its hands: the student's functions and their answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from grader import judge
from grader.bank import Shipped, Variant
from grader.exam._ahead import Ahead
from grader.exam._arguments import other_kind, source_of, to_wire
from grader.exam._bench import Bench, raised_text, raised_verdict
from grader.exam._chance import settle
from grader.exam._fingerprint import asked_of
from grader.exam._memo import Memo
from grader.exam._numbers import as_numbers
from grader.exam._outcomes import CallEnded, WrongAnswer
from grader.exam._render import call_text
from grader.records import Verdict
from grader.sandbox import Died, Outcome, Raised

_MOST_TRACED = 64 << 20


@dataclass
class Remarks:
    """What a check wants said beside its verdict."""

    notes: list[str] = field(default_factory=list)
    evidence: dict[str, object] = field(default_factory=dict)
    certainty: str = ""


@dataclass
class Student:
    """The submitted code, as one check sees it: `student.project(y, a)` calls it in its sandbox."""

    bench: Bench
    check: str
    """Id of the check; seeds derive from it."""
    variants: Callable[[], tuple[Variant, ...]] = tuple
    """Reads the topic's known variants."""
    parameters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Function name -> its parameter names in the topic's signature."""
    memo: Memo = field(default_factory=Memo)
    """What the reference gave for the arguments that all hand-ins meet."""
    remarks: Remarks = field(default_factory=Remarks)
    trace: list[Answer] = field(default_factory=list)
    unjudged: list[Answer] = field(default_factory=list)
    """Those of them that a check asked only for what they do to their arguments."""
    tracing: bool = True
    _traced: int = 0
    """Bytes of the answers in the trace, about."""
    calls_made: int = 0
    called: set[str] = field(default_factory=set)
    """Functions of the hand-in that were called so far."""
    ahead: Ahead | None = None
    """Calls that are under way before the check makes them."""
    share: float = 0.0
    """The largest difference so far in units of its tolerance."""

    def __getattr__(self, name: str) -> StudentFunction:
        if name.startswith("__"):
            raise AttributeError(name)
        return StudentFunction(self, name)

    def note(self, text: str) -> None:
        """A remark that costs nothing; shown beside the result, once."""
        if text not in self.remarks.notes:
            self.remarks.notes.append(text)

    def record(self, **evidence: object) -> None:
        """Numbers behind the verdict, such as `false_reject=1e-9, samples=1200`."""
        self.remarks.evidence.update(evidence)

    def certainty(self, text: str) -> None:
        """How sure the verdict is, in a few words."""
        self.remarks.certainty = text

    def recall(self, function: Callable[..., Any], *arguments: object) -> Any:
        """`function(*arguments)`, computed once for all hand-ins where it is a module's own function of plain arguments."""
        return self.memo.recall(function, arguments, "value", lambda: function(*arguments))

    def measured(self, difference: float, tolerance: float) -> None:
        """How far an answer lay from what was due, and how far it may lie: an audit asks for the gap between."""
        share = difference / tolerance if tolerance else (np.inf if difference else 0.0)
        self.share = max(self.share, np.inf if np.isnan(share) else share)

    @property
    def judged(self) -> list[Answer]:
        """The answers so far whose values a check may have looked at."""
        return [a for a in self.trace if not any(a is other for other in self.unjudged)]

    def slips(self, function: str) -> tuple[Variant, ...]:
        """Known wrong versions of a function, for checks that recognise them by their own means."""
        known = self.variants()  # the first hand-in that asks has them read: chance begins anew for every one
        settle(call_seed(self.bench.seed, f"{self.check} slips", self.calls_made))
        return tuple(v for v in known if v.of == function and not v.correct)

    def seeds(self, n: int) -> list[int]:
        """Seeds of the next n calls: from the check's id, the run's seed and the number of calls made."""
        first, self.calls_made = self.calls_made, self.calls_made + n
        return [self.seed(first + i) for i in range(n)]

    def seed(self, number: int) -> int:
        """Seed of the check's call of this number."""
        return call_seed(self.bench.seed, self.check, number)


@dataclass(frozen=True)
class StudentFunction:
    """One function of the hand-in."""

    student: Student
    name: str

    def __call__(self, *arguments: object) -> Answer:
        """Call it once. Raises CallEnded when it does not answer."""
        return self.rows([arguments])[0]

    def repeat(self, n: int, *arguments: object) -> tuple[Answer, ...]:
        """Call it n times with the same arguments and a fresh seed each time."""
        return self.rows([arguments] * n)

    def either(self, *arguments: object) -> Answer:
        """Call it; where it raises, again with torch tensors for the arrays, or arrays for the tensors.

        For contracts that name both kinds: the answer is that of the first call that gives one. Raises CallEnded
        of the first call.
        """
        try:
            return self(*arguments)
        except CallEnded as ended:
            if ended.verdict is not Verdict.ERROR:
                raise
            try:
                answer = self(*map(other_kind, arguments))
            except CallEnded:
                raise ended from None
        self.student.note(
            f"{self.name} takes {'tensors' if any(isinstance(a, np.ndarray) for a in arguments) else 'arrays'} only"
        )
        return replace(answer, arguments=arguments)

    def through(self, driver: Shipped, *arguments: object) -> Answer:
        """Call `driver(function, *arguments)` where the function lives: for what torch must see, like gradients.

        The answer's arguments are those without the function. Raises CallEnded when there is no answer.
        """
        return self.rows([arguments], through=driver)[0]

    def rows(
        self, rows: Sequence[Sequence[object]], *, through: Shipped | None = None, same_seed: bool = False
    ) -> tuple[Answer, ...]:
        """Call it once per row of arguments, in one exchange. Raises CallEnded at the first row without answer.

        same_seed: random choices of the function are the same in every row, as an exact mean over rows needs.
        """
        self.student.called.add(self.name)
        seeds = self.student.seeds(len(rows))
        if self.student.ahead is not None and len(rows) == 1 and through is None:
            foreseen = self._foreseen(self.student.ahead, rows[0], seeds[0])
            if foreseen is not None:
                return (foreseen,)
        seeds = seeds[:1] * len(rows) if same_seed else seeds
        answers: list[Answer] = []
        wired = list[Sequence[object]]()
        for i, row in enumerate(rows):  # the same row again is sent as the same again
            wired.append(wired[-1] if i and row is rows[i - 1] else [to_wire(a) for a in row])
        source = None if through is None else source_of(through)
        outcomes = self.student.bench.calls(self.name, wired, seeds, through=source)
        for row, seed, outcome in zip(rows, seeds, outcomes, strict=False):
            answers.append(self._answer(outcome, row, seed, through))
        return tuple(answers)

    def _foreseen(self, ahead: Ahead, row: Sequence[object], seed: int) -> Answer | None:
        """The answer to a call that was sent before; None where it was not."""
        asked = asked_of(tuple(row), None)
        outcome = ahead.take(self.name, self.student.calls_made - 1, asked)
        if outcome is None:
            return None
        answer = self._answer(outcome, row, seed, None)
        vars(answer)["asked"] = asked
        return answer

    def _ended(self, verdict: Verdict, why: str, row: Sequence[object], *, starved: bool = False) -> NoReturn:
        raise CallEnded(verdict, why, call=self.name, arguments=tuple(row), starved=starved)

    def _answer(self, outcome: Outcome, row: Sequence[object], seed: int, through: Shipped | None) -> Answer:
        if isinstance(outcome, Raised):
            self._ended(raised_verdict(outcome), raised_text(outcome), row, starved=outcome.starved)
        if isinstance(outcome, Died):
            self._ended(Verdict(outcome.verdict), outcome.detail, row)
        mutated = outcome.mutated if through is None else tuple(place - 1 for place in outcome.mutated)
        answer = Answer(outcome.value, self.name, tuple(row), self.student, seed, mutated, through=through)
        for note in outcome.notes:
            self.student.note(note)
        self._trace(answer, outcome.weight)
        return answer

    def _trace(self, answer: Answer, weight: int) -> None:
        """Keep it for the diagnosis; where that takes too much there is none, since a part of the answers tells no slip."""
        student = self.student
        student._traced += weight
        if student._traced > _MOST_TRACED:
            student.tracing = False
            student.trace.clear()
        elif student.tracing:
            student.trace.append(answer)


@dataclass(frozen=True)
class Answer:
    """What one call returned, as plain data, and how to read it."""

    value: Any
    function: str
    arguments: tuple[object, ...]
    student: Student
    seed: int
    mutated: tuple[int, ...] = ()
    """Positions of arguments that the call changed in place."""
    part: str = ""
    """`[1]` for the second part of a returned tuple."""
    through: Shipped | None = None
    """The driver that called the function, where one did."""

    @cached_property
    def asked(self) -> bytes | None:
        """What the function was asked, told from other questions by its content; None where that cannot be told."""
        return asked_of(self.arguments, self.through)

    @property
    def text(self) -> str:
        """The call as typed."""
        return call_text(self.function, self.arguments) + self.part

    def canonical(self, *shape: int | None, finite: bool = True, complex_ok: bool = False) -> judge.Canonical:
        """The value as an array of this shape with its precision. Raises WrongAnswer when it is none.

        finite=False lets infinities through, complex_ok=True numbers with an imaginary part.
        """
        return self._read(partial(judge.as_array, finite=finite, complex_ok=complex_ok), shape)

    def array(self, *shape: int | None) -> NDArray[Any]:
        """The value as float64 of this shape; None stands for any length."""
        return self.canonical(*shape).array

    def scalar(self) -> float:
        """The value as one real number. Raises WrongAnswer when it is none."""
        return float(self._read(judge.as_scalar).array)

    def boolean_array(self, *shape: int | None) -> NDArray[np.bool_]:
        """The value as a mask: bool, or 0 and 1. Raises WrongAnswer when it is none."""
        return np.asarray(self._read(judge.as_boolean_array, shape).array, dtype=np.bool_)

    def label(self) -> str:
        """The value as text. Raises WrongAnswer when it is none."""
        try:
            return judge.as_label(self.value)
        except judge.Mismatch as mismatch:
            raise WrongAnswer(str(mismatch), answer=self) from None

    def parts(self, n: int) -> tuple[Answer, ...]:
        """The n parts of a returned tuple, list or dictionary. Raises WrongAnswer when there are not n."""
        try:
            values, notes = judge.as_tuple(self.value, n)
        except judge.Mismatch as mismatch:
            raise WrongAnswer(str(mismatch), answer=self) from None
        for note in notes:
            self.student.note(note)
        found = tuple(replace(self, value=v, part=f"{self.part}[{i}]") for i, v in enumerate(values))
        for one in found:
            vars(one)["asked"] = self.asked  # the same question
        return found

    def _read(self, reader: Callable[..., judge.Canonical], *arguments: object) -> judge.Canonical:
        try:
            numbers = as_numbers(self.value, self.student.bench)
            canonical = reader(numbers, *arguments)
        except judge.Mismatch as mismatch:
            raise WrongAnswer(str(mismatch), answer=self) from None
        if numbers is not self.value:
            self.student.note("a SymPy number was taken as a float")
        for note in canonical.notes:
            self.student.note(note)
        return canonical


def call_seed(seed: int, check: str, index: int) -> int:
    """63 bits from the run's seed, the check and the number of the call."""
    digest = hashlib.sha256(f"{seed}|{check}|{index}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
