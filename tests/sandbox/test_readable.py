"""Which paths become readable: symbolic links on the way are kept, project folders never are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from grader.sandbox import _readable
from grader.sandbox._level import LockError
from grader.sandbox._namespaces import plan_root


def test_links_are_resolved_and_kept(tmp_path: Path) -> None:
    real = Path(os.path.realpath(tmp_path))
    (real / "store" / "python3.11" / "lib").mkdir(parents=True)
    (real / "current").symlink_to("store/python3.11")
    (real / "python").symlink_to(real / "current")
    found = _readable.layout([str(real / "python" / "lib")])
    assert found.real == (str(real / "store" / "python3.11" / "lib"),)
    assert dict(found.links) == {
        str(real / "python"): str(real / "current"),
        str(real / "current"): "store/python3.11",
    }


def test_links_through_parents_are_followed_as_the_kernel_does(tmp_path: Path) -> None:
    real = Path(os.path.realpath(tmp_path))
    (real / "a" / "b").mkdir(parents=True)
    (real / "lib").mkdir()
    (real / "link").symlink_to("a/b")
    found = _readable.layout([str(real / "link" / ".." / ".." / "lib")])
    assert found.real == (str(real / "lib"),)
    assert dict(found.links) == {str(real / "link"): "a/b"}


def test_paths_below_others_and_missing_ones_are_left_out(tmp_path: Path) -> None:
    real = Path(os.path.realpath(tmp_path))
    (real / "lib" / "site").mkdir(parents=True)
    (real / "lib" / "alias").symlink_to("site")
    (real / "lib64").mkdir()
    paths = [str(real / name) for name in ("lib/site", "lib", "lib/alias", "lib64", "missing")]
    found = _readable.layout(paths)
    assert found.real == (str(real / "lib"), str(real / "lib64"))
    assert found.links == (), "what a readable folder contains is there already"


def test_the_search_path_of_the_process_is_not_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    found = _readable.layout(_readable.default_paths())
    assert not found.exposes(str(tmp_path))
    assert found.exposes(os.__file__)
    assert str(tmp_path) in sys.path


def test_what_a_worker_could_not_read_is_named(tmp_path: Path) -> None:
    real = Path(os.path.realpath(tmp_path))
    (real / "lib" / "package").mkdir(parents=True)
    module = real / "lib" / "package" / "module.py"
    module.write_text("")
    for path in (real, real / "lib", real / "lib" / "package"):
        path.chmod(0o755)
    module.chmod(0o644)
    found = _readable.layout([str(real / "lib")])

    def closed() -> str | None:
        return _readable.unreadable(found, [str(module)], owner=None)

    assert closed() is None
    module.chmod(0o600)
    assert closed() == str(module)
    module.chmod(0o644)
    (real / "lib" / "package").chmod(0o700)
    assert closed() == str(real / "lib" / "package")
    (real / "lib" / "package").chmod(0o755)
    assert closed() is None
    (real / "lib").chmod(0o711)
    assert closed() == str(real / "lib"), "an import lists the folder"
    # In a root of its own a stranger finds the folder mounted, so what lies above does not matter; else it does.
    (real / "lib").chmod(0o755)
    real.chmod(0o700)
    assert closed() is None
    assert _readable.unreadable(found, [str(module)], owner=real.stat().st_uid + 1) is not None


def test_the_scratch_directory_collides_with_no_library() -> None:
    plain = plan_root(_readable.Layout(("/usr/lib",), ()), (), user_namespace=False)
    assert plain.scratch == "/tmp"
    crowded = plan_root(_readable.Layout(("/tmp/venv/lib", "/proc/x"), ()), (), user_namespace=False)
    assert crowded.scratch == "/scratch" and crowded.mount_point != "/proc"
    everywhere = _readable.Layout(("/proc/a", "/sys/a", "/mnt/a", "/tmp/a"), ())
    with pytest.raises(LockError):
        plan_root(everywhere, (), user_namespace=False)
