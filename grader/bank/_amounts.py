"""Amounts, times and choices in a sheet's TOML, with messages that name the key and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from fractions import Fraction
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from grader.records import UserError

T = TypeVar("T")

_AMOUNT = re.compile(r"\d+(\.\d+)?%?")
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([wdhms])(?:eeks?|ays?|ours?|in(?:utes?)?|ec(?:onds?)?)?(?![a-z])")
_SECONDS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_LONGEST_S = 10 * 366 * 86400


@dataclass(frozen=True)
class Field:
    """Where a value stands, for messages."""

    file: str
    name: str

    def key(self, name: str) -> Field:
        """A key below this one."""
        return Field(self.file, f"{self.name} {name}")

    def wrong(self, what: str) -> UserError:
        """The error to raise."""
        return UserError(f"{self.file}: {self.name}: {what}")


def amount(at: Field, value: Any) -> str:
    """`2.5` (points) or `40%` from a number or a text. Raises UserError."""
    text = "" if isinstance(value, bool) else str(value).replace(" ", "")
    if not isinstance(value, int | float | str) or not _AMOUNT.fullmatch(text):
        raise at.wrong('must be points, such as 2.5, or a percentage, such as "10%"')
    if text.endswith("%") and Fraction(text[:-1]) > 1000:
        raise at.wrong("must be at most 1000%")
    return text


def duration(text: Any) -> int:
    """Seconds of `15m`, `36h`, `2d 12h` or `1w`. Raises ValueError for anything else."""
    plain = text.strip() if isinstance(text, str) else ""
    if not plain or _SPAN.sub("", plain).strip():
        raise ValueError(f"{text!r} is no duration")
    total = sum(Fraction(count) * _SECONDS[unit] for count, unit in _SPAN.findall(plain))
    if total > _LONGEST_S:
        raise ValueError(f"{text!r} is too long")
    return int(total)


def time_zone(at: Field, value: Any) -> tzinfo:
    """A time zone by its name. Raises UserError."""
    try:
        return ZoneInfo(value) if isinstance(value, str) and value else _none()
    except (ValueError, OSError, KeyError):
        raise at.wrong('must be the name of a time zone, such as "Europe/Zurich" or "UTC"') from None


def _none() -> tzinfo:
    raise ValueError("no name")


def moment(at: Field, value: Any, zone: tzinfo | None) -> datetime:
    """A date and time with its offset; one without is in `zone`. Raises UserError."""
    if not isinstance(value, datetime):
        raise at.wrong("must be a date with time and offset, unquoted, such as 2030-11-20T23:59:00+01:00")
    if value.tzinfo is None and zone is None:
        raise at.wrong(
            'needs an offset, such as +01:00 at its end, or `timezone = "Europe/Zurich"` beside it'
        )
    if value.tzinfo is None:
        # Where clocks are set back an hour comes twice; the later one costs nobody anything.
        value = value.replace(tzinfo=zone, fold=1)
    return datetime.fromisoformat(value.isoformat())


def choice(at: Field, value: Any, allowed: Sequence[T]) -> T:
    """One of the values that are allowed. Raises UserError."""
    for one in allowed:
        if value == one and type(value) is type(one):
            return one
    names = ", ".join(str(one).lower() if isinstance(one, bool) else f'"{one}"' for one in allowed)
    raise at.wrong(f"must be one of {names}")
