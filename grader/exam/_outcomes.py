"""How a check can end, other than by passing. Raised inside a check, turned into a record by the examiner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.records import Verdict

if TYPE_CHECKING:
    from grader.exam._answer import Answer


class CheckEnded(Exception):
    """Base of all: carries the verdict and the sentence that the student reads."""

    def __init__(self, verdict: Verdict, why: str) -> None:
        super().__init__(why)
        self.verdict = verdict
        self.why = why


class WrongAnswer(CheckEnded):
    """The submitted code answered, and the answer is wrong."""

    def __init__(
        self,
        why: str,
        *,
        answer: Answer | None = None,
        expected: object = None,
        got: object = None,
        difference: float | None = None,
        tolerance: float | None = None,
        slip: str = "",
        in_place: bool = False,
    ) -> None:
        """why: one sentence. expected, got: values or text; `got` defaults to the answer's value.

        slip: title of the known misconception, where the check itself recognised it. in_place: what is wrong is not the
        value but that an argument was changed.
        """
        super().__init__(Verdict.FAILED, why)
        self.answer = answer
        self.expected = expected
        self.got = got
        self.difference = difference
        self.tolerance = tolerance
        self.slip = slip
        self.in_place = in_place

    @property
    def plain_to_see(self) -> bool:
        """Whether the answer is far enough off (100 tolerances) to be shown as an example."""
        if self.difference is None or not self.tolerance:
            return True
        return not self.difference < 100 * self.tolerance


class CallEnded(CheckEnded):
    """The submitted code did not answer: it raised, died, ran out of time, or is not there."""

    def __init__(
        self, verdict: Verdict, why: str, *, call: str = "", arguments: tuple[object, ...] = (), starved: bool = False
    ) -> None:
        """starved: no thread was to be had, be it that a neighbour had them all."""
        super().__init__(verdict, why)
        self.call = call
        self.arguments = arguments
        self.starved = starved


class NeedsReview(CheckEnded):
    """The check could not decide; a person does, and it costs nothing until then."""

    def __init__(self, why: str) -> None:
        super().__init__(Verdict.REVIEW, why)


class NotInKit(NeedsReview):
    """A kit has no expected value for this call: where the solution is, the check decides."""

    def __init__(self) -> None:
        super().__init__("this kit holds no expected value for this call; it is judged when your work is graded")
