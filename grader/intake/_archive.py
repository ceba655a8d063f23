"""Archives that students and learning platforms make, opened without trust: caps, no paths that leave, no links."""

from __future__ import annotations

import io
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader.intake._read import LITTER, readable_name
from grader.records import UserError

MAX_STUDENT_BYTES = 256 << 20
"""What one student's archives may unpack to."""
MAX_STUDENT_FILES = 2000
MAX_DOWNLOAD_FILES = 200_000
MAX_DEPTH = 3
"""Archives within archives."""
_LITTER = LITTER | {"desktop.ini"}
"""Platforms hand out what Windows left, too."""
RESERVED = frozenset('<>:"/\\|?*') | frozenset(map(chr, range(32)))
"""What some file systems do not take in a name."""
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})
"""Names that Windows keeps for itself, whatever suffix they have."""
_UNOPENED = (".rar", ".7z", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".zipx", ".cab", ".dmg", ".iso")
_DRIVE = re.compile(r"[A-Za-z]:")
_UTF8 = 0x800
_ENCRYPTED = 0x1


@dataclass
class Unpacked:
    """Files by relative path, and what was left out with the reason."""

    files: dict[str, bytes] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Entry:
    """One file of a download, not read yet."""

    path: PurePosixPath
    size: int
    time: tuple[int, ...]
    """As the archive says, to two seconds; empty where it is not known."""
    _archive: zipfile.ZipFile | None
    _place: zipfile.ZipInfo | Path

    def read(self) -> bytes:
        """The content. Raises OSError and zipfile.BadZipFile."""
        if isinstance(self._place, Path):
            return self._place.read_bytes()
        assert self._archive is not None
        try:
            return self._archive.read(self._place)
        except (zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise zipfile.BadZipFile(str(error)) from error


def entries(download: Path, remarks: list[str]) -> Iterator[Entry]:
    """The plain files of a download, a zip or a folder that one was unpacked to; what is odd is remarked.

    Raises UserError when it is neither.
    """
    if download.is_dir():
        for place in sorted(download.rglob("*")):
            path = PurePosixPath(place.relative_to(download).as_posix())
            if place.is_symlink():
                remarks.append(f"{path}: a symbolic link, not followed")
            elif place.is_file() and not is_litter(path):
                yield Entry(path, place.stat().st_size, (), None, place)
        return
    try:
        if not download.is_file():  # opening a pipe would wait for somebody to write to it
            raise zipfile.BadZipFile("no plain file")
        archive = zipfile.ZipFile(download)
    except (OSError, zipfile.BadZipFile) as error:
        raise UserError(
            f"{download} is neither a zip file nor a folder ({error}); give the download as it came"
        ) from None
    found = archive.infolist()
    remarks += _empty_folders(found)
    if len(found) > MAX_DOWNLOAD_FILES:
        raise UserError(f"{download} holds {len(found)} files; at most {MAX_DOWNLOAD_FILES} are read")
    for info in found:
        inside = _inside(info, remarks)
        if inside is not None:
            yield Entry(inside, info.file_size, tuple(info.date_time), archive, info)


def _empty_folders(found: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Remarks on the outermost folders in which nothing is."""
    names = [PurePosixPath(_name(info).replace("\\", "/")) for info in found if not info.is_dir()]
    full = {parent for name in names for parent in name.parents}
    empty = {p for info in found if info.is_dir() and (p := PurePosixPath(_name(info))) not in full and not is_litter(p)}
    return [f"{path}: an empty folder" for path in sorted(empty) if not empty.intersection(path.parents)]


def is_litter(path: PurePosixPath) -> bool:
    """Whether a file is what file managers and editors leave behind."""
    return any(part in _LITTER or part.startswith("._") for part in path.parts)


def safe_name(name: str) -> str:
    """A relative path that any file system takes and that stays inside."""
    parts = PurePosixPath(name).parts
    kept = [_safe_part(part) for part in parts if part not in ("..", ".", "/")]
    return "/".join(readable_name(part) for part in kept) or "unnamed"


def _safe_part(part: str) -> str:
    text = "".join("_" if char in RESERVED else char for char in part).rstrip(" .") or "_"
    return f"_{text}" if text.partition(".")[0].strip().casefold() in _DEVICES else text


def _inside(info: zipfile.ZipInfo, remarks: list[str]) -> PurePosixPath | None:
    """Where a member goes, always inside; None for what is no file, with a remark for a link."""
    name = _name(info)
    path = PurePosixPath(name.replace("\\", "/"))
    if info.is_dir() or is_litter(path):
        return None
    if stat.S_ISLNK(info.external_attr >> 16):
        remarks.append(f"{name}: a symbolic link, not followed")
        return None
    if path.is_absolute() or ".." in path.parts or _DRIVE.match(name):
        parts = [p for p in PurePosixPath(_DRIVE.sub("", str(path))).parts if p not in ("/", "//", "..")]
        inside = PurePosixPath(*parts or ("unnamed",))
        remarks.append(f"{name}: a path that leaves the archive, kept as {inside}")
        return inside
    return path


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name; many programs write UTF-8 and do not say so."""
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename


def unpack(name: str, content: bytes, into: Unpacked, depth: int = 1) -> None:
    """Add a student's file, archives opened. What cannot be opened is kept as it is, with a remark."""
    if not name.lower().endswith(".zip"):
        if name.lower().endswith(_UNOPENED):
            into.remarks.append(f"{name}: kept as it is, since only zip archives are opened; unpack it by hand")
        _add(name, content, into)
        return
    folder = name[:-4]
    inner = Unpacked()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _members(archive, inner, folder, depth, _used(into))
    except (
        zipfile.BadZipFile,
        OSError,
        RuntimeError,
        NotImplementedError,
        zlib.error,
        EOFError,
        ValueError,
    ) as error:
        into.remarks.append(f"{name}: kept as it is, since it cannot be opened ({_short(error)})")
        _add(name, content, into)
        return
    into.remarks += inner.remarks
    for path, data in inner.files.items():
        _add(path, data, into)


def _used(unpacked: Unpacked) -> int:
    return sum(map(len, unpacked.files.values()))


def _members(archive: zipfile.ZipFile, inner: Unpacked, folder: str, depth: int, used: int) -> None:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        raise zipfile.BadZipFile("it asks for a password")
    if len(infos) > MAX_STUDENT_FILES or sum(info.file_size for info in infos) + used > MAX_STUDENT_BYTES:
        raise zipfile.BadZipFile(
            f"it unpacks to more than {MAX_STUDENT_FILES} files or {MAX_STUDENT_BYTES >> 20} MiB"
        )
    for info in infos:
        path = _inside(info, inner.remarks)
        if path is None:
            continue
        with archive.open(info) as stream:
            data = stream.read(info.file_size + 1)
        if len(data) > info.file_size:
            raise zipfile.BadZipFile("its table of contents is not true")
        name = safe_name(f"{folder}/{path}")
        if depth < MAX_DEPTH:
            unpack(name, data, inner, depth + 1)
        else:
            _add(name, data, inner)
        if _used(inner) + used > MAX_STUDENT_BYTES or len(inner.files) > MAX_STUDENT_FILES:
            raise zipfile.BadZipFile(
                f"it unpacks to more than {MAX_STUDENT_FILES} files or {MAX_STUDENT_BYTES >> 20} MiB"
            )


def _add(name: str, content: bytes, into: Unpacked) -> None:
    """Under a name that is free, also where upper and lower case are the same, and no file is a folder of another."""
    taken = {_spelled(path) for path in into.files}
    folders = {_spelled(str(parent)) for path in into.files for parent in PurePosixPath(path).parents}
    place = PurePosixPath()
    for part in PurePosixPath(name).parts[:-1]:
        place = _numbered(place / part, lambda path: _spelled(str(path)) in taken)
    taken |= folders

    def is_other(path: PurePosixPath) -> bool:
        return _spelled(str(path)) in taken and into.files.get(str(path)) != content

    free = str(_numbered(place / PurePosixPath(name).name, is_other))
    if free in into.files:
        return
    if free != name:
        into.remarks.append(f"{name}: another file has this name, kept as {free}")
    into.files[free] = content


def _numbered(path: PurePosixPath, is_taken: Callable[[PurePosixPath], bool]) -> PurePosixPath:
    """The path, or the first of its numbered forms that is not taken."""
    number, free = 1, path
    while is_taken(free):
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def _spelled(path: str) -> str:
    """What two paths share that some file system takes for one."""
    return unicodedata.normalize("NFC", path).casefold()


def _short(error: BaseException) -> str:
    return str(error)[:120] or type(error).__name__
