"""A machine that cannot hold submitted code is refused in one line; less is had only on request, and stamped."""

from __future__ import annotations

import csv
import errno
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import grader.exam._start as start
from grader.exam import choose_level
from grader.records import UserError
from grader.sandbox import CANARIES, Canary, Level, available
from tests.attacks.course import hand_in, write_course
from tests.support.crippled import run_without
from tests.support.nobody import as_nobody

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="levels L2 and L3 are for Linux")

MACHINE = os.uname().machine
LANDLOCK, MOUNT_SETATTR = 444, 442
SECCOMP = {"x86_64": 317, "aarch64": 277}.get(MACHINE, 0)
UNSHARE = {"x86_64": 272, "aarch64": 97}.get(MACHINE, 0)

MACHINES: dict[str, tuple[dict[int, int], str, str]] = {
    "old kernel": ({LANDLOCK: errno.ENOSYS}, "", "Landlock"),
    "Landlock off at boot": ({LANDLOCK: errno.EOPNOTSUPP}, "", "Landlock"),
    "container that forbids Landlock": ({LANDLOCK: errno.EPERM}, "", "Landlock"),
    "container that forbids filters": ({SECCOMP: errno.EPERM}, "", "seccomp"),
    "kernel without filters": ({SECCOMP: errno.ENOSYS}, "", "seccomp"),
    "unknown machine": (
        {},
        "u = os.uname(); os.uname = lambda: os.uname_result((*u[:4], 'riscv64'))\n",
        "machine type 'riscv64'",
    ),
}
"""What a machine lacks: calls that fail, Python that pretends the rest; and the word that a refusal has to contain."""


USERS = pytest.mark.parametrize(
    "nobody", [False, True][os.geteuid() != 0 :], ids=["root", "user"][os.geteuid() != 0 :]
)


@pytest.fixture
def course() -> Iterator[Path]:
    """A class of two; outside of pytest's closed folders, and open to every user."""
    base = Path(tempfile.mkdtemp(prefix="refusals-"))
    base.chmod(0o777)
    write_course(base)
    for name in ("ann", "bob"):
        folder = base / "submissions" / "numbers" / name
        folder.mkdir(parents=True)
        (folder / "solution.py").write_text(hand_in({}))
    yield base
    shutil.rmtree(base, ignore_errors=True)


def run(
    course: Path, calls: dict[int, int], before: str, *options: str, nobody: bool = False
) -> subprocess.CompletedProcess[str]:
    """`grader run` on such a machine."""
    argv = ["grader", "run", "submissions", "-o", "out", *options]
    source = f"import os, sys\nos.chdir({str(course)!r})\n{before}sys.argv = {argv!r}\nfrom grader.cli import main\nmain()\n"
    command = as_nobody([sys.executable]) if nobody else [sys.executable]
    return run_without(calls, source, command=command)


def refused(done: subprocess.CompletedProcess[str], course: Path) -> str:
    """The one line that such a run ends with; nothing was graded."""
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert not list((course / "out").glob("*.html"))
    return line


@USERS
@pytest.mark.parametrize("machine", MACHINES)
def test_a_machine_without_walls_is_refused_with_what_to_do(course: Path, machine: str, nobody: bool) -> None:
    calls, before, word = MACHINES[machine]
    line = refused(run(course, calls, before, nobody=nobody), course)
    assert word in line and "--isolation L1" in line


@pytest.mark.parametrize("machine", MACHINES)
def test_the_doctor_says_what_is_missing_and_what_to_do(machine: str) -> None:
    calls, before, word = MACHINES[machine]
    done = doctor(calls, before, nobody=False)
    assert (done.returncode, done.stderr) == (1, "")
    found = re.search(r"^L2 +missing .*\n +why: (.+)\n +fix: (.+)$", done.stdout, re.M)
    assert found is not None and word in found[1] and len(found[2]) > 20
    assert "grader run refuses here unless --isolation L1 is given" in done.stdout


@USERS
def test_the_doctor_attacks_the_best_level(nobody: bool) -> None:
    done = doctor({}, "", nobody=nobody)
    assert done.returncode == 0
    assert re.search(r"^self-test: \d\d attacks in a worker at L[23], none worked$", done.stdout, re.M), (
        done.stdout
    )


def doctor(calls: dict[int, int], before: str, *, nobody: bool) -> subprocess.CompletedProcess[str]:
    """`grader doctor` on such a machine."""
    source = f"import os, sys\nos.chdir('/')\n{before}sys.argv = ['grader', 'doctor']\nfrom grader.cli import main\nmain()\n"
    return run_without(calls, source, command=as_nobody([sys.executable]) if nobody else [sys.executable])


@USERS
@pytest.mark.parametrize("level", ["L2", "L3"])
def test_no_level_is_replaced_by_a_lower_one_in_silence(course: Path, level: str, nobody: bool) -> None:
    line = refused(run(course, {LANDLOCK: errno.ENOSYS}, "", "--isolation", level, nobody=nobody), course)
    assert f"isolation {level} is not available" in line


@USERS
def test_without_namespaces_l3_is_refused_and_l2_serves(course: Path, nobody: bool) -> None:
    calls = {UNSHARE: errno.EPERM}
    assert "namespace" in refused(run(course, calls, "", "--isolation", "L3", nobody=nobody), course)
    done = run(course, calls, "", "--json", "all.json", nobody=nobody)
    assert done.returncode == 0, done.stderr
    assert {r["environment"]["isolation"] for r in document(course)["reports"]} == {"L2"}


def document(course: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((course / "all.json").read_text())
    return loaded


@USERS
@pytest.mark.parametrize("machine", ["old kernel", "unknown machine"])
def test_l1_on_request_is_stamped_on_every_report(course: Path, machine: str, nobody: bool) -> None:
    calls, before, _ = MACHINES[machine]
    options = ("--isolation", "L1", "--json", "all.json", "--junit", "out/junit.xml")
    done = run(course, calls, before, *options, nobody=nobody)
    assert done.returncode == 0, done.stderr
    stamp = "ISOLATION L1"
    assert stamp in done.stdout
    assert document(course)["run"]["isolation"] == "L1"
    assert {r["environment"]["isolation"] for r in document(course)["reports"]} == {"L1"}
    pages = sorted([*(course / "out").rglob("*.html"), *(course / "out").rglob("*.md")])
    assert len(pages) == 5
    assert [page.name for page in pages if stamp not in page.read_text()] == []
    rows = list(csv.DictReader((course / "out" / "gradebook.csv").open(newline="")))
    assert [row["isolation"] for row in rows] == ["L1", "L1"]
    assert "L1" in ET.tostring(ET.parse(course / "out" / "junit.xml").getroot(), encoding="unicode")


def sings(level: Level) -> Canary:
    return Canary("planted", "def attack():\n    return True\n", level)


@pytest.mark.parametrize(("broken", "left"), [(Level.L3, Level.L2), (Level.L2, None), (Level.L1, None)])
def test_a_canary_that_works_lowers_the_level_or_stops_the_run(
    monkeypatch: pytest.MonkeyPatch, broken: Level, left: Level | None
) -> None:
    if available().best != Level.L3:
        pytest.skip("starts from level L3")
    monkeypatch.setattr(start, "CANARIES", (*CANARIES[:3], sings(broken)))
    if left is None:
        with pytest.raises(UserError, match=r"planted.*worked; nothing was graded"):
            start.start_zygote(Level.L3)
        return
    zygote, level = start.start_zygote(Level.L3)
    zygote.close()
    assert level == left
    with pytest.raises(UserError, match="L3 does not hold here"):  # where exactly this level was asked for
        start.start_zygote(Level.L3, lowest=Level.L3)


def test_a_course_that_a_worker_can_read_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "CANARIES", CANARIES[:1])
    with pytest.raises(UserError, match="read-course-file"):
        start.start_zygote(choose_level(), secrets=[Path(os.__file__)])
