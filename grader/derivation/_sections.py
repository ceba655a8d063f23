"""The text of each problem of a write-up as it was typed, for a person to read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.derivation._headings import by_problem
from grader.derivation._source import Piece, markdown_cells, read_writeup


@dataclass(frozen=True, slots=True)
class Section:
    """Lines that belong together."""

    file: str
    line: int
    """Physical line (1-based) of the first one; within its cell for a notebook."""
    text: str
    cell: int | None = None


def sections(
    text: str, *, kind: str, file: str, problems: Collection[str]
) -> Mapping[str, tuple[Section, ...]]:
    """The lines of a write-up by the problem that the nearest heading names; "" holds what comes before any.

    What stands under a heading of another problem than these is left out. Raises UserError as `read_writeup`.
    """
    pieces = read_writeup(text, kind=kind, file=file).pieces
    owners = [(problem, piece) for problem, piece in by_problem(pieces, problems)]
    sources: list[tuple[int | None, str]] = [(None, text)]
    if kind == "ipynb":
        sources = [(number, source) for number, source in markdown_cells(text, file)]
    found: dict[str, list[Section]] = {}
    for cell, source in sources:
        lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for problem, start, stop in _spans([(p, q) for p, q in owners if q.cell == cell], len(lines)):
            body = "\n".join(lines[start - 1 : stop - 1]).rstrip()
            if problem is not None and body.strip():
                found.setdefault(problem, []).append(Section(file, start, body, cell))
    return {problem: tuple(parts) for problem, parts in found.items()}


def _spans(owners: Sequence[tuple[str | None, Piece]], lines: int) -> Iterator[tuple[str | None, int, int]]:
    """Runs of lines with one problem: (problem, first line, line after the last)."""
    starts: list[tuple[str | None, int]] = []
    for problem, piece in owners:
        if not starts or starts[-1][0] != problem:
            starts.append((problem, piece.line + _blank_lines(piece)))
    stops = [*(line for _, line in starts[1:]), lines + 1]
    for (problem, start), stop in zip(starts, stops, strict=True):
        if stop > start:
            yield problem, start, stop


def _blank_lines(piece: Piece) -> int:
    """Line breaks before the words of a piece: they belong to what is above."""
    return len(piece.text[: len(piece.text) - len(piece.text.lstrip())].split("\n")) - 1
