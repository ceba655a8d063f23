"""What a student wrote, for the person who decides: read from the hand-in, run by nobody."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.intake import NotebookError, Source, code_cells, decoded, read_source, writeup_files
from grader.records import Item, Place, Report, UserError, clean_text

MOST = 60_000
"""Characters of one hand-in that are shown."""
_AROUND = 3
"""Lines above and below a step that belong to it, for telling equal ones."""


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of one file."""

    title: str
    """The file, and the cell of a notebook."""
    lines: tuple[tuple[int, str], ...]
    """Physical line numbers, and the lines as they were typed: to be made harmless where they are shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown beside a decision."""

    parts: tuple[Part, ...] = ()
    remarks: tuple[str, ...] = ()
    """What the person should know about it, such as that it is no longer what was graded."""
    exact: bool = False
    """Whether this is the text of the problem, all of it and no more, as it was graded."""

    @property
    def likeness(self) -> str:
        """Equal for texts that are equal but for blanks; empty where there is nothing to compare."""
        words = " ".join(word for part in self.parts for _, line in part.lines for word in line.split())
        return hashlib.sha256(words.encode()).hexdigest() if self.exact and words else ""


class Texts:
    """The texts of a class, each read once."""

    def __init__(self) -> None:
        self._shown: dict[tuple[str, str, str, str], Shown] = {}

    def of(self, report: Report, problem: str, place: Place | None) -> Shown:
        """What the hand-in says on a problem. Never raises: what cannot be shown is a remark."""
        files = "".join(f.sha256 for f in report.submission.files)
        key = (report.assignment, report.student, problem, files)
        if key in self._shown:
            return self._shown[key]
        shown = _read(report, problem, place)
        if shown.exact:  # anything else may be otherwise the next time
            self._shown[key] = shown
        return shown


def likeness(item: Item, report: Report, shown: Shown) -> str:
    """What two items of one problem must share for one answer to do for both; empty: no other is like it.

    A step's: how it was typed and read, the line before, and the lines around it. Any other's: the text of the problem.
    """
    if item.kind not in ("step", "rubric", "writeup") or not shown.likeness:
        return ""
    if item.step is None:
        return f"{item.problem} {item.id} {shown.likeness}"
    derivation = next(p.derivation for p in report.problems if p.number == item.problem)
    assert derivation is not None
    step = derivation.steps[item.step]
    near = [
        line for part in shown.parts if _holds(part, derivation.file, step.cell)
        for number, line in part.lines if abs(number - step.line) <= _AROUND
    ]  # fmt: skip
    words = " ".join(" ".join([item.verdict, step.source, step.reading, *near]).split())
    return f"{item.problem} step {hashlib.sha256(words.encode()).hexdigest()}" if near else ""


def _holds(part: Part, file: str, cell: int | None) -> bool:
    return part.title in {_title(name, cell) for name in file.split(", ")}


def _title(file: str, cell: int | None) -> str:
    return file if cell is None else f"{file}, cell {cell}"


def _read(report: Report, problem: str, place: Place | None) -> Shown:
    path = None if place is None else Path(place.path)
    if path is None or not path.exists():
        where = "" if path is None else f" at {path}"
        return Shown(remarks=(f"the hand-in is not there any more{where}: its text cannot be shown",))
    source = read_source(path)
    remarks: tuple[str, ...] = ()
    if source.record.files != report.submission.files:
        remarks = ("the hand-in was changed after it was graded: run `grader run` again before you decide",)
    numbers = [p.number for p in report.problems]
    files, _ = writeup_files(source)
    parts: list[Part] = []
    found: list[Part] = []
    for file in files:
        try:
            whole, own = _sections(file.text, file.kind, file.file, numbers, problem)
        except UserError as error:
            remarks += (str(error),)
            continue
        parts += whole
        found += own
    others = _unread(source, path)
    if found:
        kept = _cut(found)
        return Shown(kept, remarks, exact=not remarks and kept == tuple(found))
    if parts:
        note = "no heading of this problem was found; the whole write-up is shown"
        return Shown(_cut(parts), (*remarks, note, *others))
    return Shown(
        _cut(_code(source)), (*remarks, "there is no write-up in this hand-in; its code is shown", *others)
    )


def _sections(
    text: str, kind: str, file: str, numbers: Collection[str], problem: str
) -> tuple[list[Part], list[Part]]:
    """All of a write-up, and what belongs to the problem."""
    from grader.derivation import sections

    labels = {label: number for number in numbers for label in _labels(number)}
    found = sections(text, kind=kind, file=file, problems=list(labels))
    own = [s for label, parts in found.items() if labels.get(label) == problem for s in parts]
    return _parts(s for parts in found.values() for s in parts), _parts(own)


def _labels(number: str) -> Iterator[str]:
    """The headings under which a problem may stand: `1a-c` is `1a`, `1b` and `1c`."""
    yield number
    head, dash, last = number.partition("-")
    if dash and len(last) == 1 and head[-1:].isalpha() and head[-1] <= last:
        yield from (head[:-1] + chr(letter) for letter in range(ord(head[-1]), ord(last) + 1))


def _parts(sections: object) -> list[Part]:
    return [
        Part(_title(s.file, s.cell), tuple(enumerate(s.text.split("\n"), s.line)))
        for s in sections  # type: ignore[attr-defined]
    ]


def _code(source: Source) -> list[Part]:
    parts = []
    for name in source.modules:
        content = source.files[name]
        if name.endswith(".ipynb"):
            try:
                cells: Mapping[str, str] = {_title(name, c.number - 1): c.text for c in code_cells(content)}
            except NotebookError:
                continue
        else:
            cells = {name: decoded(content)}
        parts += [Part(t, tuple(enumerate(text.split("\n"), 1))) for t, text in cells.items()]
    return parts


def _unread(source: Source, path: Path) -> tuple[str, ...]:
    """Files that a person has to open: scans, pictures."""
    names = [
        n for n in source.files if n.lower().endswith((".pdf", ".png", ".jpg", ".jpeg", ".docx", ".heic"))
    ]
    return (
        (f"also handed in: {', '.join(clean_text(n, 100) for n in names[:10])} (in {path})",) if names else ()
    )


def _cut(parts: list[Part]) -> tuple[Part, ...]:
    kept, left = [], MOST
    for part in parts:
        size = sum(len(line) for _, line in part.lines)
        if left <= 0:
            break
        kept.append(part if size <= left else Part(part.title, part.lines[: max(1, left // 80)]))
        left -= size
    return tuple(kept)
