"""A download of a learning platform into a folder of hand-ins; nothing there is overwritten, nothing is lost."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from grader.intake._archive import (
    MAX_STUDENT_BYTES,
    RESERVED,
    Entry,
    Unpacked,
    entries,
    is_litter,
    safe_name,
    unpack,
)
from grader.intake._discover import unused_name
from grader.intake._downloads import Handed, Person, Piece, original, understand
from grader.intake._handed import ROSTER
from grader.intake._read import readable_name
from grader.records import UserError

EARLIER = ".earlier"
ASIDE = ".not_understood"
SCHEMA_VERSION = 1
_LONGEST_NAME = 120
"""Bytes of a student's name in that of the folder."""


@dataclass
class Collected:
    """What a call did."""

    platform: str
    new: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """What was not understood, left out or put aside."""


def collect(download: Path, folder: Path) -> Collected:
    """Sort a download into `folder`, one folder a student; earlier hand-ins go to `.earlier/`, the rest to `.not_understood/`.

    The latest hand-in of a student counts. A second call with the same download changes nothing. Raises UserError
    when the download cannot be read or the folder cannot be written.
    """
    remarks: list[str] = []
    found = understand(entries(download, remarks))
    if not found.handed and not found.strangers:
        raise UserError(f"{download} holds no files; give the download as it came")
    result = Collected(found.platform, remarks=[*remarks, *found.remarks])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        roster = _roster(folder)
        names = _folders(found.handed, roster)
        for handed in found.handed:
            _place(handed, names[handed.person], folder, roster, result)
            _write_json(folder / ROSTER, {"schema_version": SCHEMA_VERSION, "students": roster})
        for entry in found.strangers:
            _put_aside(entry, folder, result)
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror or error}") from error
    if not found.handed:
        result.remarks.append(
            "no name in it is one that Canvas, Moodle or Gradescope give; nobody's hand-in was recognized"
        )
    return result


def _roster(folder: Path) -> dict[str, Any]:
    path = folder / ROSTER
    if not path.exists():
        return {}
    try:
        students = json.loads(path.read_text(encoding="utf-8"))["students"]
        if not all(isinstance(row, dict) for row in students.values()):
            raise ValueError("not a table of students")
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise UserError(
            f"{path} is damaged ({error}); mend it or move it away, then collect again"
        ) from error
    return dict(students)


def _folders(handed: Sequence[Handed], roster: Mapping[str, Any]) -> dict[Person, str]:
    """A folder for each person: the one of last time, else name and number, made unique."""
    known = {(row.get("platform"), row.get("id") or row.get("name")): name for name, row in roster.items()}
    taken = {name.casefold() for name in roster}
    folders = {}
    for one in handed:
        key = (one.platform, one.person.id or one.person.name)
        name = known.get(key) or unused_name(_folder_name(one), taken, str.casefold)
        known[key] = name
        taken.add(name.casefold())
        folders[one.person] = name
    return folders


def _folder_name(handed: Handed) -> str:
    person = handed.person
    short = person.name.encode()[:_LONGEST_NAME].decode("utf-8", "ignore")  # the number must stay: exports match by it
    wanted = f"{short}_{person.id}" if person.id and person.id != person.name else person.name
    safe = "".join("_" if char in RESERVED else char for char in wanted).strip(" .")
    return readable_name(safe.lstrip("._-") or "unnamed")


def _place(handed: Handed, name: str, folder: Path, roster: dict[str, Any], result: Collected) -> None:
    files = _content(handed.pieces, f"{name}: ", result)
    digest = _digest(files)
    row = {
        **asdict(handed.person),
        "platform": handed.platform,
        "late": handed.late,
        "submitted": handed.time,
        "digest": digest,
    }
    last = roster.get(name)
    if handed.late:
        result.late.append(name)
    for piece in handed.earlier:
        older = _content([piece], f"{name}: ", result)
        _keep(folder / EARLIER / name / _digest(older)[:12], older)
    if last is not None and digest in (last.get("digest"), *last.get("earlier", [])):
        result.unchanged.append(name)
        return
    home = folder / name
    if not home.exists():
        _keep(home, files)
        result.new.append(name)
        roster[name] = {**row, "earlier": _earlier(last)}
        return
    there = _digest(_on_disk(home))
    if last is None and there == digest:
        result.unchanged.append(name)
        roster[name] = {**row, "earlier": []}
        return
    if last is None or there != last["digest"]:
        aside = _keep(folder / EARLIER / name / f"{digest[:12]}-not-taken", files)
        result.remarks.append(
            f"{name}: the folder has been changed by hand and stays; what was handed in is in {aside.relative_to(folder)}"
        )
        return
    if handed.time and last.get("submitted") and handed.time < last["submitted"]:
        _keep(folder / EARLIER / name / digest[:12], files)
        last["earlier"] = [*_earlier(last)[:-1], digest]
        result.unchanged.append(name)
        result.remarks.append(f"{name}: this hand-in is older than the one that is there, kept in {EARLIER}")
        return
    _replace(home, folder / EARLIER / name / last["digest"][:12], files)
    roster[name] = {**row, "earlier": _earlier(last)}
    result.updated.append(name)


def _earlier(last: Mapping[str, Any] | None) -> list[str]:
    """Digests of what a student handed in before, the one on record last."""
    return [] if last is None else [*last.get("earlier", []), last["digest"]]


def _content(pieces: Sequence[Piece], who: str, result: Collected) -> dict[str, bytes]:
    """The files of a submission, archives opened, common outer folders taken away."""
    unpacked = Unpacked()
    # Where names differ in case only, the plain one keeps it.
    for piece in sorted(pieces, key=lambda p: (p.name.casefold(), p.name.swapcase())):
        if is_litter(PurePosixPath(piece.name)):
            continue
        if piece.entry.size > MAX_STUDENT_BYTES:
            result.remarks.append(
                f"{who}{piece.name}: left out, it is larger than {MAX_STUDENT_BYTES >> 20} MiB"
            )
            continue
        try:
            unpack(safe_name(piece.name), piece.entry.read(), unpacked)
        except (OSError, zipfile.BadZipFile) as error:
            result.remarks.append(f"{who}{piece.name}: cannot be read ({str(error)[:100]})")
    result.remarks += [f"{who}{remark}" for remark in unpacked.remarks]
    return _without_outer(unpacked.files)


def _without_outer(files: dict[str, bytes]) -> dict[str, bytes]:
    tops = {name.split("/", 1)[0] for name in files}
    if len(tops) == 1 and files and all("/" in name for name in files):
        return _without_outer({name.split("/", 1)[1]: content for name, content in files.items()})
    return files


def _digest(files: Mapping[str, bytes]) -> str:
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\0{hashlib.sha256(files[name]).hexdigest()}\n".encode())
    return total.hexdigest()


def _on_disk(home: Path) -> dict[str, bytes]:
    return {
        p.relative_to(home).as_posix(): p.read_bytes()
        for p in home.rglob("*")
        if p.is_file() and not p.is_symlink()
    }


def _keep(target: Path, files: Mapping[str, bytes]) -> Path:
    """Write a folder whole or not at all; one that is there is left as it is."""
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".incoming-") as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        for name, content in files.items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        made.rename(target)
    return target


def _replace(home: Path, old: Path, files: Mapping[str, bytes]) -> None:
    old.parent.mkdir(parents=True, exist_ok=True)
    if old.exists():
        shutil.rmtree(home)
    else:
        home.rename(old)
    _keep(home, files)


def _put_aside(entry: Entry, folder: Path, result: Collected) -> None:
    name = readable_name(safe_name(original(entry.path)))
    try:
        content = entry.read() if entry.size <= MAX_STUDENT_BYTES else None
    except (OSError, zipfile.BadZipFile):
        content = None
    if content is None:
        result.remarks.append(f"{entry.path}: belongs to no submission and cannot be read")
        return
    target = folder / ASIDE / name
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and target.read_bytes() != content:
        target = target.with_name(f"{hashlib.sha256(content).hexdigest()[:8]}-{name}")
    target.write_bytes(content)
    result.remarks.append(f"{entry.path}: belongs to no submission, kept as {target.relative_to(folder)}")


def _write_json(path: Path, document: Mapping[str, Any]) -> None:
    text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    waiting = path.with_name(path.name + ".new")
    waiting.write_text(text, encoding="utf-8")
    waiting.replace(path)


def collected_summary(result: Collected) -> str:
    """What happened, in lines."""
    counts = Counter(
        {
            "new": len(result.new),
            "updated": len(result.updated),
            "unchanged": len(result.unchanged),
            "late": len(result.late),
        }
    )
    total = counts["new"] + counts["updated"] + counts["unchanged"]
    head = f"{result.platform}: {total} hand-ins: " + ", ".join(
        f"{count} {what}" for what, count in counts.items()
    )
    return "\n".join([head, *(f"  {remark}" for remark in result.remarks)])
