"""How late a hand-in is, exactly or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from grader.records._policy import HandedIn, LateRule, Policy

_UNIT_S = 3600
_HOURS = {"day": 24, "hour": 1}


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late a hand-in is by the rules of its sheet."""

    seconds: int | None
    """After the due date; negative: before it. None: not known, which counts as on time."""
    units: int = 0
    """Started days or hours that count."""
    counts: bool = False
    """Whether it is later than is forgiven."""
    too_late: bool = False
    """Whether it came after the last moment."""

    @property
    def text(self) -> str:
        """`2 d 3 h`; empty where it is not late or nobody knows."""
        return span_text(self.seconds) if self.seconds and self.seconds > 0 else ""


def lateness_of(policy: Policy, handed_in: HandedIn) -> Lateness:
    """How late `handed_in` is. What is not known is not late. Raises ValueError for a due date that is none."""
    time = moment_of(policy, handed_in)
    if time is None or not policy.due:
        return Lateness(None)
    seconds = int((time - datetime.fromisoformat(policy.due)) // timedelta(seconds=1))
    rule = policy.late or LateRule("day", "0")
    if seconds <= max(rule.grace_s, 0):
        return Lateness(seconds)
    units = -(-seconds // (_HOURS[rule.per] * _UNIT_S))
    return Lateness(seconds, units, True, rule.last_s is not None and seconds > rule.last_s)


def moment_of(policy: Policy, handed_in: HandedIn) -> datetime | None:
    """When it came, in the time zone of the due date; None where that is not known."""
    zone = datetime.fromisoformat(policy.due).tzinfo if policy.due else None
    try:
        time = datetime.fromisoformat(handed_in.time)
    except ValueError:
        return None
    if time.tzinfo is None:
        return time.replace(tzinfo=zone) if zone else None
    return time.astimezone(zone) if zone else time


def span_text(seconds: int) -> str:
    """The two largest units of a span: `2 d 3 h`, `3 h 1 min`, `45 s`."""
    parts = []
    for name, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"
