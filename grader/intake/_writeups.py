"""Write-ups among the files of a hand-in: LaTeX, Markdown and notebooks, as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType

from grader.intake._read import Source
from grader.records import clean_text

KINDS: Mapping[str, str] = MappingProxyType(
    {".tex": "tex", ".latex": "tex", ".md": "md", ".markdown": "md", ".ipynb": "ipynb"}
)
MAX_WRITEUPS = 20
MAX_BYTES = 16 << 20
"""Notebooks carry their pictures with them."""


@dataclass(frozen=True, slots=True)
class WriteupFile:
    """A file that may hold written derivations."""

    file: str
    """Path within the hand-in."""
    kind: str
    """tex, md or ipynb."""
    text: str


def writeup_kind(name: str) -> str:
    """tex, md or ipynb by a file's name; empty for what is no write-up."""
    return KINDS.get(PurePosixPath(name).suffix.lower(), "")


def writeup_files(source: Source) -> tuple[tuple[WriteupFile, ...], tuple[str, ...]]:
    """The write-ups of a hand-in in the order of their names, and notes on what was left out.

    At most 20 files of 16 MiB each; bytes that are no UTF-8 are read as UTF-16 with a mark, else as Windows-1252.
    """
    found: list[WriteupFile] = []
    notes: list[str] = []
    for name, content in source.files.items():
        kind = writeup_kind(name)
        if not kind:
            continue
        if len(content) > MAX_BYTES:
            notes.append(
                f"{clean_text(name, 200)} was not read as a write-up: it is larger than {MAX_BYTES >> 20} MiB"
            )
        elif len(found) >= MAX_WRITEUPS:
            notes.append(
                f"{clean_text(name, 200)} was not read as a write-up: a hand-in may have {MAX_WRITEUPS}"
            )
        else:
            found.append(WriteupFile(name, kind, decoded(content)))
    return tuple(found), tuple(notes)


def decoded(content: bytes) -> str:
    """A write-up's bytes as text; a wrong guess costs an accent, never the hand-in."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
