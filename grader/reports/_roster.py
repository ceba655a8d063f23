"""Which row of a learning platform's sheet belongs to which hand-in."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

_CANVAS = re.compile(r"^(?P<name>.+?)(?:_LATE)?_(?P<id>\d+)_\d+(?:_.*)?$", re.DOTALL)
_MOODLE = re.compile(r"^(?P<name>.+?)_(?P<id>\d+)(?:_assignsubmission_.*)?$", re.DOTALL)
_SPELLED = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe"}


@dataclass(frozen=True, slots=True)
class Person:
    """One row of a sheet."""

    ids: tuple[str, ...]
    """What names exactly one person: number, login, e-mail address."""
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pairing:
    """Who is who."""

    rows: Mapping[str, int]
    """Student, as recorded -> position of the row."""
    strangers: Mapping[str, str]
    """Student without a row -> why."""


def pair(people: Sequence[Person], students: Iterable[str]) -> Pairing:
    """Match students to rows: by id, then by the id in a download's name, then by name. Never by guess.

    A row that two students claim, or a student whom two rows fit, stays unmatched, with the reason.
    """
    rows: dict[str, int] = {}
    reasons: dict[str, str] = {}
    left = list(dict.fromkeys(students))
    for wanted, offered in _RULES:
        free = [index for index in range(len(people)) if index not in rows.values()]
        offers: dict[str, set[int]] = defaultdict(set)
        for index in free:
            for key in offered(people[index]):
                offers[key].add(index)
        found = {s: set().union(*(offers.get(key, set()) for key in wanted(s) if key)) for s in left}
        claims = Counter(index for hits in found.values() if len(hits) == 1 for index in hits)
        for student in list(left):
            hits = found[student]
            if len(hits) == 1 and claims[next(iter(hits))] == 1:
                rows[student] = next(iter(hits))
                left.remove(student)
            elif hits:
                reasons[student] = (
                    "fits several rows" if len(hits) > 1 else "shares its row with another hand-in"
                )
    return Pairing(rows, {student: reasons.get(student, "is in no row") for student in left})


def _ids(person: Person) -> set[str]:
    found = {_folded(value) for value in person.ids}
    return {value for value in found | {value.partition("@")[0] for value in found} if value}


def _numbers(person: Person) -> set[str]:
    """Ids as the names of downloads hold them: digits only."""
    return {match[0] for value in person.ids if (match := re.search(r"\d+$", value.strip()))}


def _names(person: Person) -> set[str]:
    return {form for name in person.names for form in _forms(name)}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().removeprefix("'").casefold()


def _number_in(student: str) -> set[str]:
    found = {match["id"] for pattern in (_CANVAS, _MOODLE) if (match := pattern.match(student))}
    return found | ({student} if student.isdecimal() else set())


def _names_in(student: str) -> set[str]:
    plain = {student} | {m["name"] for pattern in (_CANVAS, _MOODLE) if (m := pattern.match(student))}
    return {form for name in plain for form in _forms(name)}


def _forms(name: str) -> set[str]:
    """Spellings that systems give one name: order, accents, case, punctuation."""
    text = _folded(name)
    last, comma, first = text.partition(",")
    orders = {text, f"{first} {last}"} if comma else {text}
    words = text.split()
    if not comma and len(words) > 1:
        orders.add(f"{words[-1]} {' '.join(words[:-1])}")
    spelled = {"".join(_SPELLED.get(char, char) for char in order) for order in orders}
    return {form for order in orders | spelled if (form := _letters(order))}


def _letters(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if char.isalnum())


_RULES: tuple[tuple[Callable[[str], set[str]], Callable[[Person], set[str]]], ...] = (
    (lambda student: {_folded(student)}, _ids),
    (_number_in, _numbers),
    (_names_in, _names),
)
