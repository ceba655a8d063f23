"""The reference without the reference: what it gave for the arguments that checks pass, written down and read again.

A kit for students has visible checks and no solution. Each check is run once where the solution is, every call that
it makes of it is kept as data, and in the kit the same calls are answered from there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from grader.bank import Row, freeze, thaw
from grader.exam._fingerprint import fingerprint, kept_failure, kept_form, restored
from grader.judge import DOUBLE, SINGLE, perturbation_tolerance
from grader.records import UserError


class NotRecordedError(BaseException):
    """A call whose answer is not in the record. No Exception: a check must not take it for something else."""


@dataclass
class Record:
    """What the reference of one topic gave, by function and arguments; and the rows that the checks are put to."""

    answers: dict[bytes, bytes] = field(default_factory=dict)
    rows: dict[str, bytes] = field(default_factory=dict)
    """Name of a check -> its drawn rows, frozen."""

    def drawn(self, check: str) -> list[Row] | None:
        """The rows that were drawn for a check, where they are data."""
        return thaw(self.rows[check]) if check in self.rows else None

    def write(self) -> bytes:
        """As bytes: equal records, equal bytes."""
        return freeze([sorted(map(list, self.answers.items())), sorted(map(list, self.rows.items()))])

    @classmethod
    def read(cls, path: Path) -> Record:
        """From a file. Raises UserError where it is none."""
        try:
            answers, rows = thaw(path.read_bytes())
            return cls(dict(answers), dict(rows))
        except (OSError, ValueError, TypeError) as error:
            raise UserError(f"{path} is damaged; get the kit again") from error


@dataclass
class Recorded:
    """Stands for the reference of a topic: its functions answer from the record."""

    record: Record
    missed: list[str] = field(default_factory=list)
    """Functions that were asked for what is not there."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        constant = self.record.answers.get(fingerprint(name, "constant"))
        return RecordedFunction(self, name) if constant is None else restored(constant)


@dataclass(frozen=True)
class RecordedFunction:
    """A function of the reference, as far as it was recorded."""

    module: Recorded
    name: str

    def __call__(self, *arguments: object, **named: object) -> Any:
        """What was recorded. Raises NotRecordedError."""
        return self._answer("call", arguments, named)

    def recalled(self, arguments: Sequence[object], about: object, compute: Callable[[], Any]) -> Any:
        """As `Memo.recall`, from the record; nothing is computed."""
        return self._answer(about, arguments, {})

    def _answer(self, about: object, arguments: Sequence[object], named: dict[str, object]) -> Any:
        try:
            answer = self.module.record.answers.get(_key(self.name, about, arguments, named))
        except TypeError:
            answer = None
        if answer is None:
            self.module.missed.append(self.name)
            raise NotRecordedError(self.name)
        return restored(answer)


@dataclass
class Recorder:
    """Stands for the reference while its answers are written down: calls it, and keeps what it gave."""

    module: ModuleType
    record: Record
    unkept: list[str] = field(default_factory=list)
    """What could not be kept, and why."""
    paused: bool = False

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(self.module, name)
        if isinstance(value, FunctionType):
            return RecordedCall(self, name, value)
        try:
            if not self.paused:
                self.record.answers[fingerprint(name, "constant")] = kept_form(value)
        except TypeError as error:
            self.unkept.append(f"{name}: {error}")
        return value

    @contextlib.contextmanager
    def pause(self) -> Iterator[None]:
        """Keep nothing meanwhile."""
        before, self.paused = self.paused, True
        try:
            yield
        finally:
            self.paused = before


@dataclass(frozen=True)
class RecordedCall:
    """A function of the reference whose answers are written down."""

    recorder: Recorder
    name: str
    function: Callable[..., Any]

    def __call__(self, *arguments: object, **named: object) -> Any:
        """What the function gives; raises what it raises."""
        return self._keep("call", arguments, named, lambda: self.function(*arguments, **named))

    def recalled(self, arguments: Sequence[object], about: object, compute: Callable[[], Any]) -> Any:
        """As `Memo.recall`; what a tolerance is computed from is not kept, only the tolerance, for both precisions."""
        if isinstance(about, list) and about[0] == "tolerance":
            for roundoff in {DOUBLE, SINGLE} - {about[2]}:
                other = partial(perturbation_tolerance, partial(self._part, about[1]), arguments, roundoff)
                self._keep([*about[:2], roundoff], arguments, {}, other)
        return self._keep(about, arguments, {}, compute)

    def _part(self, part: int | None, *arguments: object) -> Any:
        result = self.function(*arguments)
        return result if part is None else result[part]

    def _keep(
        self, about: object, arguments: Sequence[object], named: dict[str, object], compute: Callable[[], Any]
    ) -> Any:
        try:
            key = _key(self.name, about, arguments, named)  # before the call, which may change its arguments
        except TypeError as error:
            self.recorder.unkept.append(f"{self.name}: {error}")
            return compute()
        try:
            with self.recorder.pause():
                result = compute()
        except Exception as error:
            self._put(key, kept_failure(error))
            raise
        try:
            self._put(key, kept_form(result))
        except TypeError as error:
            self.recorder.unkept.append(f"{self.name}: {error}")
        return result

    def _put(self, key: bytes, answer: bytes) -> None:
        if not self.recorder.paused and self.recorder.record.answers.setdefault(key, answer) != answer:
            self.recorder.unkept.append(f"{self.name}: two answers to the same call")


def _key(name: str, about: object, arguments: Sequence[object], named: dict[str, object]) -> bytes:
    return fingerprint(
        name, "call" if about == "value" else about, list(arguments), dict(sorted(named.items()))
    )
