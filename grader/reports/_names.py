"""Names of students and assignments, which anyone may have chosen, as names of files."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable

from grader.records import Report

_PUNCTUATION = frozenset(" ._-@+,'()")
_STEM_BYTES = 120
"""File systems end at 255 bytes; a digest, a suffix and a temporary name must fit behind."""
_TAKEN = frozenset(
    {"report.html", "gradebook.csv", "results.sqlite", "results.sqlite-wal", "results.sqlite-shm"}
)
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))})


def page_names(reports: Iterable[Report]) -> dict[tuple[str, str], str]:
    """For each (assignment, student) the path of its page below the output folder, without the suffix.

    Plain names stay as they are. A name that no file should have, or that differs from another only by case or
    by Unicode form, is made safe and gets a digest of the original, after a `~` that plain names never contain.
    No two are equal.
    """
    keys = sorted({(r.assignment, r.student) for r in reports})
    folders = _unique({assignment for assignment, _ in keys})
    names: dict[tuple[str, str], str] = {}
    for assignment, folder in folders.items():
        stems = _unique({student for name, student in keys if name == assignment})
        names.update({(assignment, student): f"{folder}/{stem}" for student, stem in stems.items()})
    return names


def digest(name: str, digits: int = 10) -> str:
    """Hexadecimal digits that tell names apart which look the same."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:digits]


def _unique(names: set[str]) -> dict[str, str]:
    """Each name with one that is safe as a file's, none equal to another on any file system."""
    alike = Counter(_folded(name) for name in names)
    plain = {name for name in names if _is_plain(name) and alike[_folded(name)] == 1}
    for digits in (10, 64):
        found = {n: n if n in plain else f"{_slug(n)}~{digest(n, digits)}" for n in sorted(names)}
        if len({_folded(name) for name in found.values()}) == len(names):
            break
    return found


def _folded(name: str) -> str:
    """What Windows and macOS may take for the same name is equal here."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _is_plain(name: str) -> bool:
    return (
        name == _slug(name)
        and len(name.encode()) <= _STEM_BYTES
        and name.casefold() not in _TAKEN
        and name.casefold().split(".")[0] not in _DEVICES
    )


def _slug(name: str) -> str:
    safe = "".join(c if c in _PUNCTUATION or _is_letter(c) else "_" for c in name)
    return safe.encode()[:_STEM_BYTES].decode(errors="ignore").strip(" .-'") or "_"


def _is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LN" or unicodedata.category(char) in ("Mn", "Mc")
