"""Who handed in what, read from the names that Canvas, Moodle and Gradescope give to files in their downloads."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

import yaml

from grader.intake._archive import Entry

_CANVAS_FILE = r"_(?:(?P<file>\d+)_(?P<rest>.+)|(?P<typed>text|link)\.html)$"
_CANVAS = re.compile(rf"^(?P<name>[^/]+?)(?P<late>_LATE)?_(?P<user>\d+){_CANVAS_FILE}", re.DOTALL)
_ANONYMOUS = re.compile(rf"^(?P<late>LATE_)?(?P<name>anon)_(?P<user>[0-9A-Za-z]+){_CANVAS_FILE}", re.DOTALL)
"""Canvas, where an assignment is graded without names: a random number stands for each student."""
_TYPED = {"text": "online_text.html", "link": "online_link.html"}
"""What was typed into Canvas instead of handed in as a file."""
_MOODLE = re.compile(
    r"^(?P<name>[^/]+)_(?P<user>\d+)_assignsubmission_(?P<kind>[a-z]+)_?(?P<rest>.*)$", re.DOTALL
)
_GRADESCOPE = re.compile(r"^submission_(?P<id>\d+)$")
_ZONE = re.compile(r"\s+(?=(?:Z|[+-]\d\d:?\d\d)$)")
_AGAIN = re.compile(r"-\d{1,2}(?=\.[^.]*$|$)")
METADATA = "submission_metadata.yml"
_MAX_METADATA = 64 << 20


@dataclass(frozen=True)
class Person:
    """A student as the platform knows them."""

    name: str
    id: str
    """Number or address that is theirs alone; empty where the platform gave none."""
    email: str = ""


@dataclass(frozen=True)
class Piece:
    """One file of one student's submission, not read yet."""

    name: str
    """As the student called it, below their submission."""
    entry: Entry
    order: tuple[Any, ...]
    """Later pieces of one name replace earlier ones."""


@dataclass(frozen=True)
class Handed:
    """What one student handed in."""

    person: Person
    platform: str
    late: bool
    time: str
    """ISO 8601 where the platform says it, else empty."""
    pieces: tuple[Piece, ...]
    earlier: tuple[Piece, ...] = ()
    """Earlier files of the same names, which the later ones replace."""


@dataclass(frozen=True)
class Download:
    """A download, understood as far as it could be."""

    platform: str
    handed: tuple[Handed, ...]
    strangers: tuple[Entry, ...]
    """Files that belong to no submission."""
    remarks: tuple[str, ...] = ()


def understand(entries: Iterable[Entry]) -> Download:
    """Tell the platform by the names, and sort the files by student."""
    found = list(entries)
    metadata = next(
        (e for e in sorted(found, key=lambda e: len(e.path.parts)) if e.path.name == METADATA), None
    )
    if metadata is not None:
        return _gradescope(found, metadata)
    if any(_MOODLE.match(part) for e in found for part in e.path.parts):
        return _by_names("moodle", found, _moodle)
    return _by_names("canvas", found, _canvas)


Reading = tuple[Person, bool, Piece]


def _by_names(platform: str, found: Sequence[Entry], read: Any) -> Download:
    students: dict[str, list[Reading]] = defaultdict(list)
    strangers = []
    for entry in found:
        reading: Reading | None = read(entry)
        if reading is None:
            strangers.append(entry)
        else:
            students[reading[0].id].append(reading)
    handed = [_handed(readings[0][0], platform, readings) for readings in students.values()]
    return Download(
        platform, tuple(sorted(handed, key=lambda h: (h.person.name, h.person.id))), tuple(strangers)
    )


def _canvas(entry: Entry) -> Reading | None:
    """A file by its own name; or, where that has a stroke in it that was taken for a folder's, by the part that has the prefix."""
    for place in range(len(entry.path.parts) - 1, -1, -1):
        part = entry.path.parts[place]
        match = _ANONYMOUS.match(part) or _CANVAS.match(part)
        if match is None:
            continue
        below = entry.path.parts[place + 1 :]
        name = _TYPED[match["typed"]] if match["typed"] else "/".join((match["rest"], *below))
        piece = Piece(name, entry, (int(match["file"] or 0),))
        return Person(match["name"], match["user"]), match["late"] is not None, piece
    return None


def _moodle(entry: Entry) -> Reading | None:
    for place, part in enumerate(entry.path.parts):
        match = _MOODLE.match(part)
        if match is None:
            continue
        below = "/".join(part for part in (match["rest"], *entry.path.parts[place + 1 :]) if part)
        name = below or ("online_text.html" if match["kind"] == "onlinetext" else entry.path.name)
        if match["kind"] == "onlinetext":
            name = "online_text.html"
        return Person(match["name"], match["user"]), False, Piece(name, entry, (entry.time, str(entry.path)))
    return None


def _handed(person: Person, platform: str, readings: Sequence[Reading]) -> Handed:
    """The latest file of each name. Canvas adds -1, -2 to the names of files that are handed in again."""
    by_name: dict[str, list[Piece]] = defaultdict(list)
    names = [piece.name for _, _, piece in readings]
    for _, _, piece in readings:
        by_name[_first_name(piece.name, names) if platform == "canvas" else piece.name].append(piece)
    latest, earlier = [], []
    for name, pieces in sorted(by_name.items()):
        *old, last = sorted(pieces, key=lambda p: p.order)
        latest.append(Piece(name, last.entry, last.order))
        earlier += old
    times = [piece.entry.time for piece in latest if piece.entry.time > (1980, 1, 1, 0, 0, 0)]
    time = _iso(max(times)) if times and platform == "moodle" else ""
    return Handed(person, platform, any(late for _, late, _ in readings), time, tuple(latest), tuple(earlier))


def _first_name(name: str, names: Sequence[str]) -> str:
    """`solution.py` for `solution-1.py`, where that is there too or no other is numbered; `part-1.py` beside `part-2.py` stays."""
    plain = _AGAIN.sub("", name)
    numbered = {other for other in names if other != plain and _AGAIN.sub("", other) == plain}
    return plain if plain in names or len(numbered) == 1 else name


def _iso(time: tuple[int, ...]) -> str:
    try:
        return datetime(*time[:6]).isoformat()  # type: ignore[arg-type]
    except ValueError:
        return ""


def _gradescope(found: Sequence[Entry], metadata: Entry) -> Download:
    root = metadata.path.parent
    described, remarks = _described(metadata)
    folders: dict[str, list[Entry]] = defaultdict(list)
    strangers = []
    for entry in found:
        parts = entry.path.relative_to(root).parts if entry.path.is_relative_to(root) else ()
        if entry is metadata and not remarks:
            continue
        if len(parts) > 1 and _GRADESCOPE.match(parts[0]):
            folders[parts[0]].append(entry)
        else:
            strangers.append(entry)
    remarks += [
        f"{name}: listed in {METADATA}, and no file of it is there"
        for name in sorted(set(described) - set(folders))
    ]
    handed = []
    for folder, entries in sorted(folders.items()):
        pieces = tuple(Piece(str(e.path.relative_to(root / folder)), e, (str(e.path),)) for e in entries)
        record = described.get(folder, {})
        people = _submitters(record)
        if not people:
            remarks.append(f"{folder}: {METADATA} does not say whose it is")
            people = [Person(folder, "")]
        time = _when(record.get(":created_at", record.get("created_at")))
        late = _is_late(record)
        handed += [Handed(person, "gradescope", late, time, pieces) for person in people]
    latest, again = _latest(handed)
    return Download("gradescope", latest, tuple(strangers), (*remarks, *again))


def _latest(handed: Sequence[Handed]) -> tuple[tuple[Handed, ...], list[str]]:
    """One submission a student: the one made last; the others count as earlier."""
    by_person: dict[str, list[Handed]] = defaultdict(list)
    for one in handed:
        by_person[one.person.id or one.person.name].append(one)
    latest, remarks = [], []
    for ones in by_person.values():
        *old, last = sorted(ones, key=lambda h: h.time)
        person = last.person
        earlier = tuple(
            Piece(f"{n}/{p.name}", p.entry, p.order) for n, h in enumerate(old, 1) for p in h.pieces
        )
        latest.append(Handed(person, last.platform, last.late, last.time, last.pieces, earlier))
        if old:
            remarks.append(f"{person.name}: handed in {len(ones)} times, the last one counts")
    return tuple(sorted(latest, key=lambda h: (h.person.name, h.person.id))), remarks


def _described(metadata: Entry) -> tuple[dict[str, Mapping[str, Any]], list[str]]:
    """Rows by folder. All scalars are text and tags are not looked at: Ruby writes some that nobody else knows."""
    try:
        if metadata.size > _MAX_METADATA:
            raise ValueError("too large")
        document = yaml.load(metadata.read(), Loader=yaml.BaseLoader)
    except (yaml.YAMLError, OSError, ValueError, RecursionError) as error:
        return {}, [
            f"{METADATA} cannot be read ({' '.join(str(error).split())[:120]}): students go by the number of their submission"
        ]
    rows = document.items() if isinstance(document, dict) else ()
    return {str(key): row for key, row in rows if isinstance(row, dict)}, []


def _submitters(record: Mapping[str, Any]) -> list[Person]:
    people = record.get(":submitters", record.get("submitters", []))
    found = []
    for person in people if isinstance(people, list) else []:
        if isinstance(person, dict):
            name, sid, email = (
                unicodedata.normalize("NFC", _text(person.get(f":{k}", person.get(k))))
                for k in ("name", "sid", "email")
            )
            if name or sid or email:
                found.append(Person(name or email or sid, sid or email, email))
    return found


def _text(value: Any) -> str:
    """A scalar of the metadata; empty for none, and for what is no scalar."""
    text = value.strip() if isinstance(value, str) else ""
    return "" if text in ("~", "null") else text


def _when(value: Any) -> str:
    text = _text(value).replace("UTC", "Z")
    try:
        moment = datetime.fromisoformat(_ZONE.sub("", text))
    except ValueError:
        return ""
    return moment.astimezone(UTC).isoformat() if moment.tzinfo else moment.isoformat()


def _is_late(record: Mapping[str, Any]) -> bool:
    value = record.get(":lateness", record.get("lateness", record.get(":late", "")))
    return _text(value).lower() not in ("false", "none", "", "0", "00:00:00", "no")


def original(path: PurePosixPath) -> str:
    """A file's name in the download, safe to keep aside under."""
    return "_".join(part for part in path.parts if part not in ("..", ".", "/"))
