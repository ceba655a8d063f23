"""Landlock by kernel version: older versions know fewer rights, and the lock holds with each of them."""

from __future__ import annotations

import errno
import os
import struct
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.sandbox import _landlock
from grader.sandbox._kernel import kernel
from grader.sandbox._level import LockError
from grader.sandbox._privileges import seal

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Landlock is for Linux")


@pytest.mark.parametrize(
    ("version", "rights", "size"),
    [(1, 13, 8), (2, 14, 8), (3, 15, 8), (4, 15, 16), (5, 16, 16), (6, 16, 24), (7, 16, 24), (12, 16, 24)],
)
def test_a_ruleset_asks_for_what_its_version_knows(version: int, rights: int, size: int) -> None:
    attributes = _landlock.ruleset_attributes(version)
    assert len(attributes) == size
    assert struct.unpack_from("=Q", attributes)[0] == 2**rights - 1


def in_child(action: Callable[[], bytes]) -> bytes:
    """Run `action` in a forked child and give what it returns."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, action())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


def outcome(action: Callable[[], object]) -> str:
    try:
        action()
    except OSError as problem:
        return errno.errorcode[problem.errno or 0]
    return "done"


@pytest.mark.parametrize("version", range(1, 8))
def test_every_version_confines_reading_and_writing(version: int, tmp_path: Path) -> None:
    system = kernel()
    if version > _landlock.abi(system):
        pytest.skip("this kernel's Landlock is older")
    (tmp_path / "secret").write_text("x")
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "module").write_text("x")
    (tmp_path / "scratch").mkdir()
    parent = os.getpid()

    def attempt() -> bytes:
        seal(system, parent)
        readable = [str(tmp_path / "library")]
        scratch = str(tmp_path / "scratch")
        _landlock.restrict(system, version, readable=readable, devices=["/dev/null"], scratch=scratch)
        results = [
            outcome(lambda: (tmp_path / "secret").read_text()),
            outcome(lambda: (tmp_path / "secret").write_text("y")),
            outcome(lambda: (tmp_path / "secret").unlink()),
            outcome(lambda: (tmp_path / "library" / "module").read_text()),
            outcome(lambda: (tmp_path / "library" / "module").write_text("y")),
            outcome(lambda: (tmp_path / "scratch" / "own").write_text("y")),
            outcome(lambda: (tmp_path / "scratch" / "link").symlink_to("/")),
            outcome(lambda: os.mkfifo(tmp_path / "scratch" / "pipe")),
            outcome(lambda: Path("/dev/null").write_text("y")),
        ]
        return " ".join(results).encode()

    expected = "EACCES EACCES EACCES done EACCES done EACCES EACCES done"
    assert in_child(attempt).decode() == expected
    assert (tmp_path / "secret").read_text() == "x"


def test_a_missing_path_or_a_link_is_an_error_not_a_gap(tmp_path: Path) -> None:
    system = kernel()
    (tmp_path / "link").symlink_to("/etc")
    parent = os.getpid()

    def attempt(readable: str, scratch: str) -> bytes:
        seal(system, parent)
        try:
            _landlock.restrict(system, 1, readable=[readable], devices=[], scratch=scratch)
        except LockError as problem:
            return str(problem).encode()
        return b"locked"

    with tempfile.TemporaryDirectory() as scratch:
        assert b"missing" in in_child(lambda: attempt(str(tmp_path / "missing"), scratch))
        assert b"symbolic link" in in_child(lambda: attempt(str(tmp_path / "link"), scratch))
        assert b"symbolic link" in in_child(lambda: attempt(str(tmp_path), str(tmp_path / "link")))
