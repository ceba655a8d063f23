"""The probe tells the truth: what it calls available works, and what is missing is named with what to do."""

from __future__ import annotations

import errno
import json
import os
import sys

import pytest

from grader.sandbox._level import Level
from grader.sandbox._lock import LockPlan, plan
from grader.sandbox._probe import Availability, available
from tests.support.crippled import run_without
from tests.support.hosts import can_have_own_root
from tests.support.nobody import NOBODY, as_nobody, run_as_nobody

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="levels L2 and L3 are for Linux")

# Numbers that both architectures share, and of unshare on each.
LANDLOCK, MOUNT_SETATTR = 444, 442
UNSHARE = {"x86_64": 272, "aarch64": 97}
SECCOMP = {"x86_64": 317, "aarch64": 277}

REPORT = """
import json
from grader.sandbox._probe import available
found = available()
print(json.dumps([[s.level.name, s.available, s.reason, s.fix] for s in found.levels]))
"""


def statuses(calls: dict[int, int], *, nobody: bool = False) -> dict[str, tuple[bool, str, str]]:
    command = as_nobody([sys.executable]) if nobody else [sys.executable]
    ran = run_without(calls, REPORT, command=command)
    assert ran.returncode == 0, ran.stderr
    return {name: (there, reason, fix) for name, there, reason, fix in json.loads(ran.stdout)}


def needs_own_root(*, nobody: bool = False) -> None:
    if not can_have_own_root(nobody=nobody):
        pytest.skip("this machine grants no mount namespace, so there is no level L3")


def test_every_level_is_available_where_nothing_is_missing() -> None:
    needs_own_root()
    found = available()
    assert isinstance(found, Availability)
    assert found.best == Level.L3
    assert found.landlock_abi is not None and found.landlock_abi >= 1
    assert all(status.reason == "" and status.fix == "" for status in found.levels)


def test_an_ordinary_user_gets_every_level_through_a_user_namespace() -> None:
    needs_own_root(nobody=True)
    ran = run_as_nobody(
        [sys.executable, "-I", "-c", "import os; print(os.getuid())" + REPORT], capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    user, report = ran.stdout.splitlines()
    assert int(user) == (NOBODY if os.geteuid() == 0 else os.geteuid())
    assert [row[:2] for row in json.loads(report)] == [["L1", True], ["L2", True], ["L3", True]]


@pytest.mark.parametrize("error", [errno.ENOSYS, errno.EOPNOTSUPP])
def test_without_landlock_only_processes_are_left(error: int) -> None:
    found = statuses({LANDLOCK: error})
    assert found["L1"][0]
    for level in ("L2", "L3"):
        there, reason, fix = found[level]
        assert not there and "Landlock" in reason and fix


def test_without_seccomp_only_processes_are_left() -> None:
    found = statuses({SECCOMP[os.uname().machine]: errno.EINVAL})
    assert [found[level][0] for level in ("L1", "L2", "L3")] == [True, False, False]
    assert "seccomp" in found["L2"][1]


@pytest.mark.parametrize("nobody", [False, True])
def test_without_namespaces_l2_is_left(nobody: bool) -> None:
    found = statuses({UNSHARE[os.uname().machine]: errno.EPERM}, nobody=nobody)
    assert [found[level][0] for level in ("L1", "L2", "L3")] == [True, True, False]
    assert "namespace" in found["L3"][1] and found["L3"][2]


def test_without_read_only_mounts_l2_is_left() -> None:
    found = statuses({MOUNT_SETATTR: errno.ENOSYS})
    assert [found[level][0] for level in ("L1", "L2", "L3")] == [True, True, False]
    assert "read-only" in found["L3"][1]


def test_a_plan_exposes_libraries_and_not_the_course() -> None:
    for level in (Level.L2, Level.L3):
        prepared = plan(level)
        assert isinstance(prepared, LockPlan)
        assert prepared.exposes(os.__file__)
        assert not prepared.exposes(__file__)
        assert not prepared.exposes("/etc/passwd")
        assert prepared.exposes("/"), "what contains something readable is exposed in part"
