"""Reading a hand-in: every encoding and every oddity is a result, never a crash."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from grader.intake import _read, discover, read_source
from grader.intake._read import MAX_FILES
from grader.records import UserError

CODE = "def f():\n    return 'ü'\n"


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (CODE.encode("utf-8"), ""),
        (b"\xef\xbb\xbf" + CODE.encode("utf-8"), ""),
        (CODE.replace("\n", "\r\n").encode("utf-8"), ""),
        (CODE.encode("cp1252"), "Windows-1252"),
        (CODE.encode("utf-16"), "UTF-16"),
        (b"# -*- coding: latin-1 -*-\n" + CODE.encode("latin-1"), ""),
    ],
    ids=["utf-8", "bom", "crlf", "cp1252", "utf-16", "cookie"],
)
def test_any_usual_encoding_compiles_to_the_same_function(tmp_path: Path, content: bytes, note: str) -> None:
    (tmp_path / "solution.py").write_bytes(content)
    source = read_source(tmp_path)
    namespace: dict[str, object] = {}
    exec(compile(source.files["solution.py"], "solution.py", "exec"), namespace)
    assert namespace["f"]() == "ü"  # type: ignore[operator]
    assert any(note in n for n in source.notes) if note else source.notes == ()


def test_solution_comes_first_then_names_in_order(tmp_path: Path) -> None:
    for name in ("zeta.py", "alpha.py", "solution.py", "data.csv"):
        (tmp_path / name).write_text("")
    assert read_source(tmp_path).modules == ("solution.py", "alpha.py", "zeta.py")


def test_links_litter_and_pipes_are_left_out(tmp_path: Path) -> None:
    secret = tmp_path / "secret.py"
    secret.write_text("x = 1")
    folder = tmp_path / "handin"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "__pycache__" / "a.pyc").write_bytes(b"")
    (folder / ".DS_Store").write_bytes(b"")
    (folder / "link.py").symlink_to(secret)
    os.mkfifo(folder / "pipe.py")
    source = read_source(folder)
    assert source.files == {}
    assert any("symbolic link" in n for n in source.notes)
    assert any("not a plain file" in n for n in source.notes)


def test_names_that_are_no_text_become_text_and_stay_apart(tmp_path: Path) -> None:
    for name in (b"l\xf6sung.py", b"l\xf7sung.py", b"\xff" * 250 + b".py", "ü" * 120 + ".py"):
        raw = name if isinstance(name, bytes) else name.encode()
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + raw)).write_text("x = 1")
    source = read_source(tmp_path)
    assert len(source.modules) == 4
    assert all(len(name.encode("utf-8")) <= 220 and name.endswith(".py") for name in source.modules)
    assert len(source.digest) == 64


def test_very_deep_folders_end_somewhere(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text("x = 1")
    descriptors = [os.open(tmp_path, os.O_RDONLY)]
    for _ in range(1500):
        os.mkdir("d", dir_fd=descriptors[-1])
        descriptors.append(os.open("d", os.O_RDONLY, dir_fd=descriptors[-1]))
        os.close(descriptors.pop(0))
    os.close(descriptors.pop())
    source = read_source(tmp_path)
    assert source.modules == ("solution.py",)
    assert any("20 deep" in note for note in source.notes)
    subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


def test_python_files_come_before_a_thousand_others(tmp_path: Path) -> None:
    for number in range(1000):
        (tmp_path / f"a{number}.csv").touch()
    (tmp_path / "solution.py").write_text("x = 1")
    source = read_source(tmp_path)
    assert source.modules == ("solution.py",)
    assert len(source.files) == MAX_FILES
    assert len(source.notes) <= 51 and any("more remarks" in note for note in source.notes)


def test_what_cannot_be_a_hand_in_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "hw1").mkdir()
    os.mkfifo(tmp_path / "hw1" / "pipe.py")
    for name in (b"stud\xff", b"stud\xfe"):
        os.mkdir(os.fsencode(tmp_path / "hw1") + b"/" + name)  # noqa: PTH102 - the names are bytes
    found = discover(tmp_path / "hw1", ["hw1"])
    assert len({h.student for h in found.handins}) == 2
    assert all(h.student.encode("utf-8") for h in found.handins)
    assert len(found.passed_over) == 1 and "pipe.py" in found.passed_over[0]


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    assert read_source(tmp_path).notes == ("nothing was handed in",)


def test_too_much_is_left_out_with_a_note(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text("x = 1")
    with (tmp_path / "weights.bin").open("wb") as file:
        file.truncate(60 << 20)
    source = read_source(tmp_path)
    assert list(source.files) == ["solution.py"]
    assert "weights.bin was left out" in source.notes[0]


def test_the_digest_follows_content_and_names(tmp_path: Path) -> None:
    for name, text in (("a", "x = 1"), ("b", "x = 1"), ("c", "x = 2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "solution.py").write_text(text)
    a, b, c = (read_source(tmp_path / n).digest for n in "abc")
    assert a == b != c


def _class(root: Path) -> Path:
    for path in ("hw1/ann/solution.py", "hw1/bob.py", "hw2/ann/solution.py", "hw9/eve/solution.py"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("")
    (root / "hw1" / "notes.txt").write_text("")
    return root


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ("", [("hw1", "ann"), ("hw1", "bob"), ("hw2", "ann")]),
        ("hw1", [("hw1", "ann"), ("hw1", "bob")]),
        ("hw1/ann", [("hw1", "ann")]),
        ("hw1/bob.py", [("hw1", "bob")]),
        ("hw1/ann/solution.py", [("hw1", "ann")]),
    ],
)
def test_a_path_means_all_that_lies_below_it(tmp_path: Path, below: str, expected: list[tuple[str, str]]) -> None:
    found = discover(_class(tmp_path) / below, ["hw1", "hw2"])
    assert [(h.assignment, h.student) for h in found.handins] == expected


def test_what_is_not_understood_is_reported_not_dropped(tmp_path: Path) -> None:
    found = discover(_class(tmp_path), ["hw1", "hw2"])
    assert any("hw9" in p for p in found.passed_over)
    assert any("notes.txt" in p for p in found.passed_over)


def test_a_folder_of_any_name_is_a_class_when_the_assignment_is_named(tmp_path: Path) -> None:
    for name in ("ann.py", "bob.py"):
        (tmp_path / name).write_text("")
    assert [h.student for h in discover(tmp_path, ["hw1"], "hw1").handins] == ["ann", "bob"]


@pytest.mark.parametrize("below", ["nowhere", "hw1/notes.txt", "hw9/eve"])
def test_a_path_that_means_nothing_is_one_clear_line(tmp_path: Path, below: str) -> None:
    with pytest.raises(UserError) as caught:
        discover(_class(tmp_path) / below, ["hw1", "hw2"])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("what", ["file by link", "folder by link", "file by pipe"])
def test_what_is_put_in_the_place_of_a_file_while_it_is_read_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    secret = tmp_path / "reference"
    secret.mkdir()
    (secret / "inner.py").write_text("SECRET = 1\n")
    eve = tmp_path / "eve"
    (eve / "folder").mkdir(parents=True)
    (eve / "folder" / "inner.py").write_text(CODE)
    (eve / "solution.py").write_text(CODE)
    listed = _read._by_importance

    def swapped(entries: list[tuple[str, tuple[str, ...]]]) -> list[tuple[str, tuple[str, ...]]]:
        if what == "folder by link":
            (eve / "folder").rename(tmp_path / "moved")
            (eve / "folder").symlink_to(secret)
        else:
            (eve / "folder" / "inner.py").unlink()
            if what == "file by link":
                (eve / "folder" / "inner.py").symlink_to(secret / "inner.py")
            else:
                os.mkfifo(eve / "folder" / "inner.py")
        return listed(entries)

    monkeypatch.setattr(_read, "_by_importance", swapped)
    source = read_source(eve)
    assert set(source.files) == {"solution.py"}
    assert any("folder/inner.py cannot be read" in note for note in source.notes)


def test_a_file_that_grows_while_it_is_read_is_read_whole_or_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "solution.py"
    path.write_bytes(b"x = 1\n" * 100)
    monkeypatch.setattr(_read.os, "fstat", lambda handle: os.stat_result((0o100644, *[0] * 5, 6, *[0] * 3)))
    assert read_source(path).files == {"solution.py": b"x = 1\n" * 100}
    monkeypatch.setattr(_read, "MAX_BYTES", 599)
    assert read_source(path).files == {}
