"""Runs a program as an ordinary user (uid 65534), also where root's Python lies in a folder that only root may enter.

As root the program gets a mount namespace of its own in which each such folder is covered by an empty one, with the
interpreter and this repository mounted back at their places. Run as a script, this file is that launcher; it uses
the standard library only.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

NOBODY = 65534
_NEWNS, _MS_BIND, _MS_REC, _MS_PRIVATE = 0x00020000, 0x1000, 0x4000, 0x40000


def as_nobody(argv: Sequence[str]) -> list[str]:
    """Give the command line that runs `argv` as an ordinary user: `argv` itself unless we are root."""
    if os.geteuid() != 0:
        return list(argv)
    return [sys.executable, "-I", __file__, *argv]


def run_as_nobody(argv: Sequence[str], **options: Any) -> subprocess.CompletedProcess[Any]:
    """Run `argv` as an ordinary user; `options` as for subprocess.run."""
    return subprocess.run(as_nobody(argv), **options)


def closed_parent(path: str) -> str | None:
    """Give the outermost folder above `path` (or itself) that a stranger may not enter."""
    for folder in (*reversed(Path(path).parents), Path(path)):
        if folder.stat().st_mode & 0o5 != 0o5 and not (folder.stat().st_mode & 0o1 and folder != Path(path)):
            return str(folder)
    return None


def _main(argv: Sequence[str]) -> None:
    kept = {sys.prefix, sys.base_prefix, str(Path(__file__).resolve().parents[2])}
    kept |= {os.path.realpath(path) for path in kept}
    closed = {path: parent for path in kept if (parent := closed_parent(path)) is not None}
    if closed:
        _cover(closed)
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    os.execvp(argv[0], list(argv))


def _cover(closed: dict[str, str]) -> None:
    """Cover the folders (values), then mount the paths (keys) back in."""
    library = ctypes.CDLL(None, use_errno=True)
    _check(library.unshare(_NEWNS))
    _mount(library, None, "/", None, _MS_REC | _MS_PRIVATE, None)
    stage = tempfile.mkdtemp(dir="/tmp")
    _mount(library, "tmpfs", stage, "tmpfs", 0, "mode=755")
    for index, path in enumerate(closed):
        place = Path(stage, str(index))
        place.mkdir()
        _mount(library, path, str(place), None, _MS_BIND | _MS_REC, None)
    for folder in sorted(set(closed.values())):
        _mount(library, "tmpfs", folder, "tmpfs", 0, "mode=755")
    for index, path in enumerate(closed):
        Path(path).mkdir(parents=True, exist_ok=True)
        _mount(library, str(Path(stage, str(index))), path, None, _MS_BIND | _MS_REC, None)
    _check(library.umount2(stage.encode(), 2))
    Path(stage).rmdir()


def _mount(
    library: Any, source: str | None, target: str, kind: str | None, flags: int, data: str | None
) -> None:
    text = [None if value is None else value.encode() for value in (source, target, kind, data)]
    _check(library.mount(text[0], text[1], text[2], ctypes.c_ulong(flags), text[3]))


def _check(result: int) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


if __name__ == "__main__":
    _main(sys.argv[1:])
