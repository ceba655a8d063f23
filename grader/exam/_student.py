"""What a check holds in its hands: the student's functions and their answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import numpy as np

from grader.bank import Shipped, Variant
from grader.exam._ahead import Ahead
from grader.exam._answer import Answer
from grader.exam._arguments import other_kind, source_of, to_wire
from grader.exam._bench import Bench
from grader.exam._chance import call_seed, settle
from grader.exam._fingerprint import asked_of
from grader.exam._memo import Memo
from grader.exam._outcomes import CallEnded
from grader.exam._raised import raised_text, raised_verdict
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
    unjudged: list[Answer] = field(default_factory=list)
    """Those of them that a check asked only for what they do to their arguments."""
    tracing: bool = True
    _trace: list[Answer | Callable[[], Answer]] = field(default_factory=list)
    _traced: int = 0
    """Bytes of the answers in the trace, about."""
    _remarked: int = 0
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
        self._remarked += 1
        if text not in self.remarks.notes:
            self.remarks.notes.append(text)

    def record(self, **evidence: object) -> None:
        """Numbers behind the verdict, such as `false_reject=1e-9, samples=1200`."""
        self._remarked += 1
        self.remarks.evidence.update(evidence)

    def certainty(self, text: str) -> None:
        """How sure the verdict is, in a few words."""
        self._remarked += 1
        self.remarks.certainty = text

    @property
    def mark(self) -> tuple[int, int, int]:
        """Where the check is, for `row_judged`."""
        return self.calls_made, self._remarked, len(self.unjudged)

    def row_judged(self, mark: tuple[int, int, int], *, passed: bool) -> None:
        """How the row ended that began at this mark: the same answer need not be judged again, if that is all there is to it."""
        calls, remarked, unjudged = mark
        alone = self.calls_made == calls + 1 and self._remarked == remarked and self.tracing
        later = self.unjudged[unjudged:]
        if self.ahead is not None and alone and all(a is self._trace[-1] for a in later):
            self.ahead.judged(passed=passed, unjudged=bool(later))

    def recall(self, function: Callable[..., Any], *arguments: object) -> Any:
        """`function(*arguments)`, computed once for all hand-ins where it is a module's own function of plain arguments."""
        return self.memo.recall(function, arguments, "value", lambda: function(*arguments))

    def measured(self, difference: float, tolerance: float) -> None:
        """How far an answer lay from what was due, and how far it may lie: an audit asks for the gap between."""
        share = difference / tolerance if tolerance else (np.inf if difference else 0.0)
        self.share = max(self.share, np.inf if np.isnan(share) else share)

    @property
    def trace(self) -> list[Answer]:
        """The answers so far, for the diagnosis; those that nobody had looked at are read now."""
        read = [a if isinstance(a, Answer) else a() for a in self._trace]
        self._trace[:] = read
        return read

    @property
    def judged(self) -> list[Answer]:
        """The answers so far whose values a check may have looked at."""
        return [a for a in self.trace if not any(a is other for other in self.unjudged)]

    def slips(self, function: str) -> tuple[Variant, ...]:
        """Known wrong versions of a function, for checks that recognise them by their own means."""
        known = self.variants()  # the first hand-in that asks has them read: chance begins anew for every one
        settle(call_seed(self.bench.seed, f"{self.check} slips", self.calls_made))
        return tuple(v for v in known if v.of == function and not v.correct)

    def skips(self, *, failed: bool = False) -> bool:
        """Whether the next call was foreseen and its answer is known to pass or, with `failed`, not to: then it counts as made."""
        found = None if self.ahead is None else self.ahead.known(self.calls_made, failed=failed)
        if self.ahead is None or found is None:
            return False
        (unread, known), foreseen, number = found, self.ahead.foreseen, self.calls_made
        self.calls_made += 1
        self.called.add(foreseen.function)

        def answer() -> Answer:
            at, outcome = number - foreseen.first, unread.read()
            seed, row = self.seed(number), foreseen.rows[at]
            made = Answer(outcome.value, foreseen.function, row, self, seed, outcome.mutated)
            vars(made)["asked"] = foreseen.asked[at]
            self.unjudged += [made] * known.unjudged
            return made

        self._keep(answer, unread.weight)
        return True

    def _keep(self, answer: Answer | Callable[[], Answer], weight: int) -> None:
        """For the diagnosis; where that takes too much there is none, since a part of the answers tells no slip."""
        self._traced += weight
        if self._traced > _MOST_TRACED:
            self.tracing = False
            self._trace.clear()
        elif self.tracing:
            self._trace.append(answer)

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
        self.student._keep(answer, outcome.weight)
        return answer
