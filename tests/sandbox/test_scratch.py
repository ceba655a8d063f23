"""Whatever a hand-in does to its folder, the folder goes, and nothing else does."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.sandbox import Level, LevelStatus, Zygote
from grader.sandbox._scratch import make_base, remove_base
from tests.support.submissions import ROOMY, Desk, value

MESS = """
import os
def f(outside):
    os.mkdir("locked"); os.mkdir("locked/inner")
    open("locked/inner/file", "w").close()
    try:
        os.symlink(outside, "link")
    except OSError: pass
    for n in range(3000): open(f"file{n}", "w").close()
    try: os.chmod("locked", 0)
    except OSError: pass
    for _ in range(3000):
        os.mkdir("d"); os.chdir("d")
    return 1
"""


@pytest.mark.parametrize("level", [Level.L1, Level.L2], ids=lambda level: level.name)
def test_a_messy_folder_harms_nobody_and_is_removed(
    level: Level, statuses: dict[Level, LevelStatus], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not statuses[level].available:
        pytest.skip("level not available")
    kept = tmp_path / "outside" / "kept"
    kept.parent.mkdir()
    kept.write_text("kept")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    with Zygote.start(level, warm=()) as zygote, zygote.connect() as connection:
        desk = Desk(connection)
        for _ in range(2):
            worker = desk.hand_in(MESS)
            assert value(worker.call("f", [str(kept.parent)], seed=0)) == 1
            worker.close()
        assert value(desk.hand_in("def g(): return 2\n").call("g", [], seed=0)) == 2
    assert list((tmp_path / "tmp").iterdir()) == []
    assert kept.read_text() == "kept"


def test_a_tree_deeper_than_any_path_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    base, lock = make_base()
    here = Path.cwd()
    try:
        os.chdir(base)
        for _ in range(1200):
            Path("deeper").mkdir()
            os.chdir("deeper")
    finally:
        os.chdir(here)
    remove_base(base)
    os.close(lock)
    assert not Path(base).exists()


def test_folders_of_killed_runs_are_removed_and_those_in_use_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (used, used_lock), (young, young_lock), (dead, dead_lock) = make_base(), make_base(), make_base()
    for base in (used, dead):
        long_ago = time.time() - 3600
        os.utime(Path(base, ".lock"), (long_ago, long_ago))
    os.close(young_lock)
    os.close(dead_lock)
    other = tmp_path / "grader-zygote-without-lock"
    other.mkdir()
    new, new_lock = make_base()
    assert {path.name for path in tmp_path.iterdir()} == {Path(p).name for p in (used, young, other, new)}
    os.close(used_lock)
    os.close(new_lock)


def test_the_folder_of_a_running_zygote_is_never_abandoned(zygotes: Callable[[Level], Zygote]) -> None:
    zygote = zygotes(Level.L1)
    lock = Path(zygote._base, ".lock")
    long_ago = time.time() - 3600
    os.utime(lock, (long_ago, long_ago))
    base, descriptor = make_base()
    remove_base(base)
    os.close(descriptor)
    assert lock.exists()
    with zygote.connect() as connection:
        assert connection.spawn(ROOMY).pid > 0
