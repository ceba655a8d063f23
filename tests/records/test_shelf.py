"""What is kept on disk between runs is used only where nobody else could have written it, and never missed."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.records import Shelf, user_shelf

KEY = "ab" * 32


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "deep" / "shelf")


def test_what_was_put_is_given_back_and_nothing_else(shelf: Shelf) -> None:
    assert shelf.get(KEY) is None
    shelf.put(KEY, b"line\nline\0")
    assert shelf.get(KEY) == b"line\nline\0"
    assert shelf.get("cd" * 32) is None
    assert [path.name for path in shelf.folder.iterdir()] == [KEY]


@pytest.mark.parametrize("damage", [b"", b"\n", b"x", b"0" * 64 + b"\nline"])
def test_a_damaged_file_counts_as_absent_and_is_replaced(shelf: Shelf, damage: bytes) -> None:
    shelf.put(KEY, b"right")
    (shelf.folder / KEY).write_bytes(damage)
    assert shelf.get(KEY) is None
    shelf.put(KEY, b"right")
    assert shelf.get(KEY) == b"right"


def test_a_file_under_another_key_counts_as_damaged(shelf: Shelf) -> None:
    shelf.put(KEY, b"right")
    (shelf.folder / KEY).rename(shelf.folder / ("cd" * 32))
    assert shelf.get("cd" * 32) is None


@pytest.mark.parametrize("mode", [0o777, 0o770])
def test_a_folder_that_others_may_write_to_is_not_used(shelf: Shelf, mode: int) -> None:
    shelf.put(KEY, b"right")
    shelf.folder.chmod(mode)
    assert shelf.get(KEY) is None
    shelf.put("cd" * 32, b"more")
    assert [path.name for path in shelf.folder.iterdir()] == [KEY]


def test_a_file_that_others_may_write_to_is_not_used(shelf: Shelf) -> None:
    shelf.put(KEY, b"right")
    (shelf.folder / KEY).chmod(0o666)
    assert shelf.get(KEY) is None


def test_links_are_not_followed(shelf: Shelf, tmp_path: Path) -> None:
    shelf.put(KEY, b"right")
    (shelf.folder / KEY).rename(tmp_path / KEY)
    (shelf.folder / KEY).symlink_to(tmp_path / KEY)
    assert shelf.get(KEY) is None
    elsewhere = Shelf(tmp_path / "link")
    elsewhere.folder.symlink_to(shelf.folder)
    elsewhere.put("cd" * 32, b"more")
    assert not (shelf.folder / ("cd" * 32)).exists()


def test_a_place_that_cannot_be_written_to_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    shelf = Shelf(tmp_path / "file" / "shelf")
    shelf.put(KEY, b"right")
    assert shelf.get(KEY) is None


def test_it_does_not_grow_for_ever(shelf: Shelf) -> None:
    shelf.put(KEY, b"first")
    for number in range(4000):
        (shelf.folder / f"{number:064x}").touch()
    shelf.put("cd" * 32, b"last")
    assert len(list(shelf.folder.iterdir())) <= 2001
    assert shelf.get("cd" * 32) == b"last"


def test_where_it_lies_can_be_chosen_and_none_be_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path / "own"))
    assert user_shelf("corpora") == Shelf(tmp_path / "own" / "corpora")
    monkeypatch.setenv("GRADER_CACHE", "")
    assert user_shelf("corpora") is None
    monkeypatch.delenv("GRADER_CACHE")
    assert user_shelf("corpora") == Shelf(tmp_path / "xdg" / "grader" / "corpora")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert user_shelf("corpora") == Shelf(tmp_path / ".cache" / "grader" / "corpora")
