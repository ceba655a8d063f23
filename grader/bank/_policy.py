"""The `[policy]` of a sheet: due date, late rules, drop, caps, bonus, minimum, rounding, and what single students were granted."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction
from typing import Any

from grader.bank._amounts import Field, amount, choice, duration, moment, time_zone
from grader.records import EVERYTHING, HandedIn, LateRule, Policy, amount_of

_KEYS = (
    "due", "timezone", "late", "minimum", "caps", "cap", "drop", "bonus", "extra", "rounding", "file_times",
    "extensions", "excused", "handed_in",
)  # fmt: skip
PERSONAL = ("extensions", "excused", "handed_in", "extra")
"""Keys under which students are named."""
_LATE_KEYS = ("per_day", "per_hour", "grace", "last", "after", "of", "at_most")


@dataclass(frozen=True)
class SheetPolicy:
    """The rules of a sheet, and what they are for each student."""

    everybody: Policy
    zone: tzinfo | None
    file_times: bool
    """Whether a hand-in without any other time came when its files were changed last."""
    extensions: Mapping[str, str | datetime] = field(default_factory=dict)
    excused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    handed_in: Mapping[str, str] = field(default_factory=dict)

    def of(self, student: str) -> Policy:
        """The rules for one student, by the name of the hand-in."""
        name = _folded(student)
        due, extension = self.everybody.due, self.extensions.get(name)
        if due and extension is not None:
            until = datetime.fromisoformat(due)
            due = max(until, *_extended(until, extension, self.zone)).isoformat()
        return replace(
            self.everybody,
            due=due,
            extension=str(extension or ""),
            excused=self.excused.get(name, ()),
            extra=self.extra.get(name, self.everybody.extra),
        )

    def timeless(self) -> SheetPolicy:
        """The same without a due date: for where the platform has its own."""
        return replace(self, everybody=replace(self.everybody, due="", late=None), extensions={}, handed_in={})

    def timed(self, student: str, found: HandedIn) -> HandedIn:
        """When the hand-in came: as the sheet itself says, else as found, with the sheet's time zone where it had none."""
        said = self.handed_in.get(_folded(student))
        if said is not None:
            return HandedIn(said, "sheet", found.marked_late)
        time = datetime.fromisoformat(found.time) if found.time else None
        if time is None or time.tzinfo is not None or self.zone is None:
            return found
        return replace(found, time=time.replace(tzinfo=self.zone).isoformat())

    def strangers(self, students: Iterable[str]) -> tuple[str, ...]:
        """Names on the sheet that are none of these students': a slip of the pen, or nothing was handed in."""
        known = {_folded(student) for student in students}
        named = dict.fromkeys((*self.extensions, *self.excused, *self.extra, *self.handed_in))
        return tuple(name for name in named if name not in known)


def sheet_policy(where: str, table: Any, points: Mapping[str, float]) -> SheetPolicy:
    """The rules in a `[policy]`. `where` begins each message; `points`: of each problem, by number.

    Raises UserError, in one line that names the key and what is allowed, for what is unknown, impossible or unsound.
    """
    at = Field(where, "[policy]")
    rows = _table(at, table, _KEYS)
    zone = time_zone(at.key("timezone"), rows["timezone"]) if "timezone" in rows else None
    due = moment(at.key("due"), rows["due"], zone) if "due" in rows else None
    if due is None and (needy := [k for k in ("late", "extensions", "handed_in") if k in rows]):
        raise at.key(needy[0]).wrong("needs `due`, the date and time until which a hand-in is on time")
    zone = zone or (due.tzinfo if due else None)
    bonus = _numbers(at.key("bonus"), rows.get("bonus", []), points)
    caps = {n: amount(a, v) for n, a, v in _by_problem(at.key("caps"), rows.get("caps", {}), points)}
    drop, by = _drop(at.key("drop"), rows.get("drop", 0), _open_points(points, bonus, caps))
    rounding, direction = _rounding(at.key("rounding"), rows.get("rounding"))
    extra = rows.get("extra", "")
    everybody = Policy(
        due=due.isoformat() if due else "",
        late=_late(at.key("late"), rows["late"]) if "late" in rows else None,
        minimum=_minimum(at.key("minimum"), rows.get("minimum", {}), points),
        caps=caps,
        drop=drop,
        drop_by=by,
        bonus=bonus,
        extra="" if isinstance(extra, dict) or extra == "" else amount(at.key("extra"), extra),
        cap=amount(at.key("cap"), rows["cap"]) if "cap" in rows else "",
        rounding=rounding,
        direction=direction,
    )
    students = {
        key: _people(at.key(key), rows.get(key, {})) for key in ("extensions", "excused", "handed_in")
    }
    each = _people(at.key("extra"), extra if isinstance(extra, dict) else {})
    return SheetPolicy(
        everybody,
        zone,
        choice(at.key("file_times"), rows.get("file_times", True), (True, False)),
        {n: _extension(a, v, zone) for n, a, v in students["extensions"]},
        {n: (EVERYTHING,) if v is True or v == EVERYTHING else _numbers(a, v, points) for n, a, v in students["excused"]},
        {n: amount(a, v) for n, a, v in each},
        {n: moment(a, v, zone).isoformat() for n, a, v in students["handed_in"]},
    )  # fmt: skip


def _table(at: Field, table: Any, known: Collection[str]) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise at.wrong(f"must be a table (keys: {', '.join(known)})")
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            meant = f"; is {near[0]!r} meant?" if near else ""
            raise at.wrong(f"unknown key {key!r} (known: {', '.join(known)}){meant}")
    return table


def _late(at: Field, table: Any) -> LateRule:
    rows = _table(at, table, _LATE_KEYS)
    rates = [key for key in ("per_day", "per_hour") if key in rows]
    if len(rates) > 1 or not (rates or "last" in rows):
        raise at.wrong('needs one of per_day and per_hour, such as { per_day = "10%" }, or else `last`')
    rate = amount(at.key(rates[0]), rows[rates[0]]) if rates else "0"
    last = _seconds(at.key("last"), rows["last"]) if "last" in rows else None
    grace = _seconds(at.key("grace"), rows.get("grace", "0s"))
    if last is not None and last < grace:
        raise at.key("last").wrong("must not be shorter than grace")
    if "after" in rows and last is None:
        raise at.key("after").wrong('needs `last`, such as last = "3d"')
    return LateRule(
        per=rates[0].removeprefix("per_") if rates else "day",
        amount=rate,
        of=choice(at.key("of"), rows.get("of", "max"), ("max", "earned")),
        grace_s=grace,
        last_s=last,
        after=choice(at.key("after"), rows.get("after", "zero"), ("zero", "refused")),
        at_most=amount(at.key("at_most"), rows["at_most"]) if "at_most" in rows else "",
    )


def _seconds(at: Field, value: Any) -> int:
    try:
        return duration(value)
    except ValueError:
        raise at.wrong('must be a time such as "15m", "36h" or "2d 12h"') from None


def _extension(at: Field, value: Any, zone: tzinfo | None) -> str | datetime:
    if isinstance(value, datetime):
        return moment(at, value, zone)
    _seconds(at, value)
    return str(value).strip()


def _extended(until: datetime, extension: str | datetime, zone: tzinfo | None) -> tuple[datetime, ...]:
    """By the clock on the wall, and by hours that pass: where clocks change meanwhile, the later one holds."""
    if isinstance(extension, datetime):
        return (extension,)
    span = timedelta(seconds=duration(extension))
    return (until + span).astimezone(zone), until.astimezone(zone) + span


def _drop(at: Field, value: Any, points: Mapping[str, Fraction]) -> tuple[int, str]:
    rows = _table(at, value, ("lowest", "by")) if isinstance(value, dict) else {"lowest": value}
    count, by = rows.get("lowest", 1), choice(at.key("by"), rows.get("by", "score"), ("score", "loss"))
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count < max(len(points), 1):
        raise at.wrong(
            f"must be a whole number below {len(points)}, the number of problems without the bonus"
        )
    if count and by == "score" and len(set(points.values())) > 1:
        raise at.wrong(
            "is sound only among problems of equal points; to give back what is lost most write"
            f' {{ lowest = {count}, by = "loss" }}'
        )
    return count, by


def _open_points(
    points: Mapping[str, float], bonus: Collection[str], caps: Mapping[str, str]
) -> dict[str, Fraction]:
    """What can be had of each problem that may be dropped."""
    found = {}
    for number, most in points.items():
        whole, cap = Fraction(repr(most)), caps.get(number, "")
        if number not in bonus:
            found[number] = min(whole, amount_of(cap, whole)) if cap else whole
    return found


def _minimum(at: Field, value: Any, points: Mapping[str, float]) -> dict[str, str]:
    if isinstance(value, dict):
        return {n: amount(a, v) for n, a, v in _by_problem(at, value, points)}
    return dict.fromkeys(points, amount(at, value))


def _rounding(at: Field, value: Any) -> tuple[str, str]:
    if value is None:
        return "", "half up"
    rows = _table(at, value, ("to", "direction")) if isinstance(value, dict) else {"to": value}
    step = amount(at, rows.get("to", ""))
    if step.endswith("%") or Fraction(step) < Fraction(1, 100):
        raise at.wrong("must be a number of points from 0.01 on, such as 0.5")
    return step, choice(at.key("direction"), rows.get("direction", "half up"), ("half up", "up", "down"))


def _by_problem(at: Field, table: Any, points: Mapping[str, float]) -> list[tuple[str, Field, Any]]:
    if not isinstance(table, dict):
        raise at.wrong('must be a table of problems, such as { "4a" = 2 }')
    _numbers(at, list(table), points)
    return [(number, at.key(number), value) for number, value in table.items()]


def _numbers(at: Field, value: Any, points: Mapping[str, float]) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise at.wrong('must be a list of problems, such as ["4a"]')
    for number in map(str, value):
        if number not in points:
            raise at.wrong(f"there is no problem {number!r} (there are: {', '.join(points)})")
    return tuple(dict.fromkeys(map(str, value)))


def _people(at: Field, table: Any) -> list[tuple[str, Field, Any]]:
    if not isinstance(table, dict):
        raise at.wrong("must be a table of students, by the names of their hand-ins")
    return [(_folded(name), at.key(name), value) for name, value in table.items()]


def _folded(name: str) -> str:
    """One spelling of what a file system may write in two."""
    return unicodedata.normalize("NFC", name)
