"""What one call of a hand-in gave, and how a check reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from grader import judge
from grader.bank import Shipped
from grader.exam._fingerprint import asked_of
from grader.exam._numbers import as_numbers
from grader.exam._outcomes import WrongAnswer
from grader.exam._render import call_text

if TYPE_CHECKING:
    from grader.exam._student import Student


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
    alike: dict[Callable[..., Any], bool] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Whether a slip gives the same."""

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
