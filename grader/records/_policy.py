"""The rules of a sheet as they bear on one student, and when the hand-in came: plain data, kept in its report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

EVERYTHING = "all"
"""In `Policy.excused`: the whole sheet."""


@dataclass(frozen=True, slots=True)
class LateRule:
    """What a hand-in after the due date loses."""

    per: str
    """`day` or `hour`: each started one costs `amount`."""
    amount: str
    """Points (`1.5`) or percent (`10%`)."""
    of: str = "max"
    """What a percentage is of: `max`, the points that can be had, or `earned`."""
    grace_s: int = 0
    """A hand-in that is no later than this is on time; lateness is counted from the due date all the same."""
    last_s: int | None = None
    """What is later than this gets nothing; None: there is no such moment."""
    after: str = "zero"
    """What a hand-in after `last_s` is: `zero` points, or `refused`, which exports leave to a person."""
    at_most: str = ""
    """The most that lateness takes, points or percent as `amount`; empty: everything."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules for one student. Amounts are text, `2.5` (points) or `40%`, so that no rounding changes them."""

    due: str = ""
    """ISO 8601 with offset, this student's extension included; empty: nothing is late."""
    extension: str = ""
    """As written on the sheet."""
    late: LateRule | None = None
    minimum: Mapping[str, str] = field(default_factory=dict)
    """Problem -> the least that counts; below it the problem counts 0."""
    caps: Mapping[str, str] = field(default_factory=dict)
    """Problem -> the most that counts."""
    drop: int = 0
    """How many problems do not count."""
    drop_by: str = "score"
    """`score`: those of the lowest scores go, with their points; `loss`: where most is lost, it is given back."""
    bonus: tuple[str, ...] = ()
    """Problems whose points come on top."""
    extra: str = ""
    """Points for the student on top of all problems."""
    cap: str = ""
    """The most that the sheet gives, points or percent of its maximum; empty: no such limit."""
    rounding: str = ""
    """The score is a multiple of this; empty: it is not rounded."""
    direction: str = "half up"
    """`half up`, `up` or `down`."""
    excused: tuple[str, ...] = ()
    """Problems that do not count for this student, or `all`."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """When a hand-in came, as far as that is known."""

    time: str = ""
    """ISO 8601; without an offset it is in the time zone of the due date. Empty: not known."""
    by: str = ""
    """Who says so: `canvas`, `moodle`, `gradescope`, `file` (times of the files), `sheet` (the instructor)."""
    marked_late: bool | None = None
    """The platform's own mark."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What it takes to settle a report: the rules and the time."""

    policy: Policy
    handed_in: HandedIn = HandedIn()


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What one rule changed."""

    rule: str
    """excused, minimum, cap, drop, bonus, extra, total, late, refused or rounding."""
    text: str
    """The rule in a sentence for the student."""
    points: float
    """Added to the score; scores of problems and these add up to it."""
    max_points: float = 0.0
    """Added to the points that can be had, likewise."""
    problem: str = ""
    """The problem it is about, or empty."""


def amount_of(text: str, whole: Fraction) -> Fraction:
    """Points as an exact number: `2.5`, or `40%` of `whole`. Raises ValueError for anything else."""
    plain = text.strip()
    return Fraction(plain[:-1].strip()) / 100 * whole if plain.endswith("%") else Fraction(plain)
