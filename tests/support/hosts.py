"""The ways in which a locked process can be had here: level and user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from grader.sandbox._level import Level
from tests.support.locked import LockedHost
from tests.support.nobody import run_as_nobody

LEVELS = (Level.L2, Level.L3)


def combinations() -> list[tuple[Level, bool]]:
    """List (level, whether as an ordinary user); the second is all there is where we are one already."""
    users = (False, True) if hasattr(os, "geteuid") and os.geteuid() == 0 else (True,)
    return [(level, nobody) for level in LEVELS for nobody in users]


def name_of(combination: tuple[Level, bool]) -> str:
    """Give a test id."""
    return f"{combination[0].name}-{'nobody' if combination[1] else 'root'}"


def can_have_own_root(*, nobody: bool) -> bool:
    """Ask another program than ours whether namespaces and mounts are permitted here."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return False
    options = ["--user", "--map-root-user"] if nobody or os.geteuid() != 0 else []
    argv = [unshare, *options, "--mount", "--net", "mount", "-t", "tmpfs", "none", "/tmp"]
    run = run_as_nobody if nobody else subprocess.run
    return run(argv, capture_output=True, timeout=30, check=False).returncode == 0


def open_host(combination: tuple[Level, bool], *, warm: bool = False) -> Iterator[LockedHost]:
    """Yield a host of locked processes and end it: the body of a fixture."""
    if not sys.platform.startswith("linux"):
        pytest.skip("the lock is for Linux")
    level, nobody = combination
    if level == Level.L3 and not can_have_own_root(nobody=nobody):
        pytest.skip("this machine grants no mount namespace, so there is no level L3")
    host = LockedHost(level, nobody=nobody, warm=warm)
    yield host
    host.close()
