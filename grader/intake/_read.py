"""One hand-in, read from disk: nothing in it is run, nothing in it can stop the run."""

from __future__ import annotations

import codecs
import contextlib
import errno
import hashlib
import os
import re
import stat
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.records import Submission, SubmittedFile

MAX_FILES = 500
MAX_BYTES = 48 << 20
"""A hand-in travels to its worker in one frame of at most 64 MiB."""
MAX_DEPTH = 20
MAX_NOTES = 50
_LONGEST = 200
"""Bytes of a name; file systems take 255, and a question mark takes three."""
LITTER = frozenset({"__pycache__", "__MACOSX", ".git", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db"})
_CODE = (".py", ".ipynb")
_Parts = tuple[str, ...]
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


@dataclass(frozen=True)
class HandIn:
    """What one student handed in for one assignment."""

    assignment: str
    student: str
    path: Path


@dataclass(frozen=True)
class Source:
    """The content of a hand-in, ready for a worker."""

    files: dict[str, bytes]
    """Everything handed in, by relative path; Python files re-encoded as UTF-8 where they were not."""
    modules: tuple[str, ...]
    """Python files and notebooks in the order in which definitions count: `solution.py` first, then by name."""
    record: Submission
    notes: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Hash of all content, as handed in."""
        lines = "".join(f"{f.path}\0{f.sha256}\n" for f in self.record.files)
        return hashlib.sha256(lines.encode()).hexdigest()


def read_source(path: Path) -> Source:
    """Read a folder or a single file.

    Symbolic links are not followed, litter of file managers is left out, and what exceeds the caps
    (500 files, 48 MiB, folders 20 deep) is left out with a note, Python files last. Unreadable files are noted,
    never raised.
    """
    files: dict[str, bytes] = {}
    hashes: list[SubmittedFile] = []
    notes = _Notes()
    room = MAX_BYTES
    for name, parts in _by_importance(_entries(path, notes)):
        try:
            content = _content(path, parts, room) if len(files) < MAX_FILES else None
            if content is None:
                notes.add(
                    f"{name} was left out: a hand-in may have {MAX_FILES} files and {MAX_BYTES >> 20} MiB"
                )
                continue
        except OSError as error:
            notes.add(f"{name} cannot be read: {error.strerror}")
            continue
        room -= len(content)
        hashes.append(SubmittedFile(name, hashlib.sha256(content).hexdigest()))
        files[name] = _as_utf8(name, content, notes) if name.endswith(".py") else content
    modules = tuple(sorted((n for n in files if n.endswith(_CODE)), key=_module_order))
    if not modules:
        notes.add("no Python file or notebook was handed in" if files else "nothing was handed in")
    kind = "folder" if path.is_dir() else "notebook" if path.suffix == ".ipynb" else "file"
    record = Submission(tuple(sorted(hashes, key=lambda h: h.path)), kind)
    return Source(dict(sorted(files.items())), modules, record, notes.lines())


class _Notes:
    """Remarks on a hand-in; a thousand of them are as good as fifty."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(self, text: str) -> None:
        self._lines.append(text)

    def lines(self) -> tuple[str, ...]:
        """All of them; or the first ones, how many more there are, and the last, which says what came of it."""
        more = len(self._lines) - MAX_NOTES
        if more <= 0:
            return tuple(self._lines)
        return (*self._lines[: MAX_NOTES - 1], f"({more} more remarks like these)", self._lines[-1])


def readable_name(name: str) -> str:
    """A file's name as text that can be written anywhere: bytes that are no text become question marks."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if len(text.encode()) <= _LONGEST:
        return text
    stem, dot, suffix = text.rpartition(".")
    stem, suffix = (stem, dot + suffix) if stem and len(suffix) < 10 else (text, "")
    return stem.encode()[: _LONGEST - 20].decode("utf-8", "ignore") + suffix


def file_times(path: Path) -> list[float]:
    """When the files of a hand-in were changed last, in seconds since 1970; those that cannot be asked are left out."""
    found = []
    for _, parts in _entries(path, _Notes()):
        with contextlib.suppress(OSError):
            found.append(path.joinpath(*parts).lstat().st_mtime)
    return found


def _by_importance(entries: list[tuple[str, _Parts]]) -> list[tuple[str, _Parts]]:
    return sorted(entries, key=lambda entry: (not entry[0].endswith(_CODE), *_module_order(entry[0])))


def _module_order(name: str) -> tuple[bool, int, str]:
    return (name != "solution.py", name.count("/"), name)


def _entries(path: Path, notes: _Notes) -> list[tuple[str, _Parts]]:
    """Plain files with their names relative to the hand-in, each name once; no recursion, no depth without end."""
    if not path.is_dir():
        return [(readable_name(path.name), ())] if path.is_file() else []
    found: dict[str, _Parts] = {}
    waiting: list[tuple[_Parts, str]] = [((), "")]
    while waiting:
        parts, prefix = waiting.pop()
        for entry in _listed(path.joinpath(*parts), prefix, notes):
            name = _unused(prefix + readable_name(entry.name), found)
            if entry.name in LITTER:
                continue
            if entry.is_symlink():
                notes.add(f"{name} is a symbolic link and was not followed")
            elif entry.is_dir(follow_symlinks=False):
                if len(parts) >= MAX_DEPTH:
                    notes.add(f"{name} was left out: folders may be {MAX_DEPTH} deep")
                else:
                    waiting.append(((*parts, entry.name), f"{name}/"))
            elif not entry.is_file(follow_symlinks=False):
                notes.add(f"{name} is not a plain file and was left out")
            elif not entry.name.startswith("._"):
                found[name] = (*parts, entry.name)
    return sorted(found.items())


def _content(top: Path, parts: _Parts, most: int) -> bytes | None:
    """The bytes of a plain file of the hand-in `top`; None where there are more than `most`. Raises OSError.

    parts: the names on the way to it, its own last. It is opened part by part from `top` on, so that a link or a pipe that
    was put in its place meanwhile is not followed.
    """
    if os.open not in os.supports_dir_fd:  # Windows
        location = top.joinpath(*parts)
        return location.read_bytes() if location.stat().st_size <= most else None
    careful = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    handle = os.open(top, careful if not parts else os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts:
            inner = os.open(part, careful, dir_fd=handle)
            os.close(handle)
            handle = inner
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise OSError(errno.EINVAL, "not a plain file any more")
        if about.st_size > most:
            return None
        with open(handle, "rb", closefd=False) as file:
            content = file.read(about.st_size + 1)
            if len(content) > about.st_size:  # it has grown meanwhile
                content += file.read(most + 1 - len(content))
        return content if len(content) <= most else None
    finally:
        os.close(handle)


def _listed(folder: Path, prefix: str, notes: _Notes) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        notes.add(f"{prefix or folder.name} cannot be read: {error.strerror}")
        return []


def _unused(name: str, taken: Container[str]) -> str:
    """The name, or with a number before its suffix where another file became the same text."""
    path, number = PurePosixPath(name), 1
    while name in taken:
        number += 1
        name = str(path.with_name(f"{path.stem}-{number}{path.suffix}"))
    return name


def _as_utf8(name: str, content: bytes, notes: _Notes) -> bytes:
    """Python reads UTF-8 only; what an editor saved otherwise is re-encoded, since the answer in it may be right."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if content.startswith(mark):
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError:
                notes.add(f"{name} begins like UTF-16 but is not")
                return content
            notes.add(f"{name} was saved as UTF-16 and read as such")
            return text.encode("utf-8", "replace")
    if any(_COOKIE.match(line) for line in content.split(b"\n", 2)[:2]):
        return content
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        notes.add(f"{name} is not UTF-8; it was read as Windows-1252 text")
        return content.decode("cp1252", "replace").encode()
    return content
