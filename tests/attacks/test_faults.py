"""What fails on our side is a fault, exit code 3 and one clear line: never a zero, and nothing finished is lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.course import hand_in, write_course
from tests.support.nobody import as_nobody

RIGHT = hand_in({})
SLOW = hand_in({"square": "def square(x):\n    import time\n    time.sleep(60)\n"})
FIRST, LATER = ("a1", "a2"), ("z1", "z2")

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes in /proc")


@pytest.fixture
def course() -> Iterator[Path]:
    """A class of which the third hand-in takes a minute; outside of pytest's closed folders."""
    base = Path(tempfile.mkdtemp(prefix="faults-"))
    base.chmod(0o777)
    write_course(base)
    for name in (*FIRST, "slow", *LATER):
        path = base / "submissions" / "numbers" / name / "solution.py"
        path.parent.mkdir(parents=True)
        path.write_text(SLOW if name == "slow" else RIGHT)
    (base / "tmp").mkdir()
    (base / "tmp").chmod(0o777)
    yield base
    shutil.rmtree(base, ignore_errors=True)


def command(course: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "grader", "run", "submissions", "-j", "1", "--timeout", "60", "--json", "all.json", *options]


def environment(course: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(course / "tmp"), "NO_COLOR": "1"}


def finished(store: Path) -> int:
    try:
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as db:
            return int(db.execute("SELECT count(*) FROM reports WHERE finished = 1").fetchone()[0])
    except sqlite3.Error:
        return 0


def verdicts(course: Path) -> dict[str, set[str]]:
    document = json.loads((course / "all.json").read_text())
    return {r["student"]: {c["verdict"] for p in r["problems"] for c in p["checks"]} for r in document["reports"]}


def processes(wanted: Callable[[str, Path], bool]) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if wanted(line, process):
                found.append(int(process.name))
        except OSError:
            continue
    return sorted(found)


def zygote_of(course: Path) -> list[int]:
    """The zygote, and after it the workers, whose command line is the same."""
    return processes(lambda line, process: "_zygote" in line and str(course) in line)


def servers_of(course: Path) -> list[int]:
    """The examination server, and after it the examiners that it forked."""
    return processes(lambda line, process: "grader.exam._entry" in line and (process / "cwd").readlink() == course)


def interrupted_by(course: Path, victims: Callable[[Path], list[int]], place: int) -> subprocess.CompletedProcess[str]:
    """Run until the slow hand-in is on the bench, then kill the victim at `place`, and wait for the end."""
    process = subprocess.Popen(
        command(course), cwd=course, env=environment(course), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        end = time.monotonic() + 120
        while finished(course / "grader-out" / "results.sqlite") < len(FIRST) or len(zygote_of(course)) < 2:
            assert time.monotonic() < end and process.poll() is None
            time.sleep(0.05)
        time.sleep(0.3)
        os.kill(victims(course)[place], signal.SIGKILL)
        out, errors = process.communicate(timeout=150)
    finally:
        process.kill()
    return subprocess.CompletedProcess([], process.returncode, out, errors)


def one_clear_line(done: subprocess.CompletedProcess[str]) -> None:
    assert "Traceback" not in done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stderr.startswith("grader: ")


def goes_on(course: Path) -> dict[str, Any]:
    """The same command again, with the slow hand-in mended: what is regraded and what it gets."""
    (course / "submissions" / "numbers" / "slow" / "solution.py").write_text(RIGHT)
    before = json.loads((course / "all.json").read_text())["reports"] if (course / "all.json").exists() else []
    done = subprocess.run(command(course), cwd=course, env=environment(course), capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr
    after = json.loads((course / "all.json").read_text())["reports"]
    kept = {r["student"] for r in after if r in before}
    return {"kept": kept, "scores": {r["student"]: r["score"] for r in after}}


@pytest.mark.parametrize(
    ("victims", "place", "lost"),
    [(servers_of, -1, {"slow"}), (servers_of, 0, {"slow", *LATER}), (zygote_of, 0, {"slow", *LATER})],
    ids=["examiner", "server", "zygote"],
)
def test_a_killed_process_of_ours_is_a_fault_of_what_it_had_in_hand(
    course: Path, victims: Callable[[Path], list[int]], place: int, lost: set[str]
) -> None:
    done = interrupted_by(course, victims, place)
    assert done.returncode == 3
    one_clear_line(done)
    seen = verdicts(course)
    assert {name for name, found in seen.items() if "fault" in found} == lost
    assert all(found == {"passed"} for name, found in seen.items() if name not in lost)
    assert set(seen) == {*FIRST, "slow", *LATER}
    report = next(r for r in json.loads((course / "all.json").read_text())["reports"] if r["student"] == "slow")
    assert not report["complete"]
    assert zygote_of(course) == servers_of(course) == []
    assert list((course / "tmp").iterdir()) == []
    again = goes_on(course)
    assert again["kept"] == {*FIRST, "slow", *LATER} - lost
    assert again["scores"] == dict.fromkeys((*FIRST, "slow", *LATER), 10.0)


def running_processes(course: Path) -> list[int]:
    """All of a run: the command, the examination server and examiners, the zygote and workers."""
    return processes(lambda line, process: str(course) in line or (process / "cwd").readlink().is_relative_to(course))


@pytest.mark.parametrize(
    ("number", "nobody", "status"),
    [
        (signal.SIGKILL, False, -signal.SIGKILL),
        (signal.SIGKILL, True, -signal.SIGKILL),
        (signal.SIGINT, False, 130),
        (signal.SIGTERM, False, 130),
    ],
    ids=["kill", "kill of a user's", "interrupt", "end"],
)
def test_a_run_that_is_ended_leaves_no_process_and_no_file(course: Path, number: int, nobody: bool, status: int) -> None:
    before = {path.relative_to(course) for path in course.rglob("*")}
    argv = command(course)
    process = subprocess.Popen(
        as_nobody(argv) if nobody else argv, cwd=course, env=environment(course), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: finished(course / "grader-out" / "results.sqlite") >= len(FIRST) and len(zygote_of(course)) >= 2)
        process.send_signal(number)
        code = process.wait(timeout=60)
    finally:
        process.kill()
    assert code == status
    wait_for(lambda: running_processes(course) == [])
    wait_for(lambda: list((course / "tmp").iterdir()) == [])
    new = {path.relative_to(course) for path in course.rglob("*")} - before
    assert {path.parts[0] for path in new} <= {"grader-out", "all.json"}
    assert finished(course / "grader-out" / "results.sqlite") >= len(FIRST)
    assert goes_on(course)["scores"] == dict.fromkeys((*FIRST, "slow", *LATER), 10.0)


def wait_for(held: Callable[[], bool]) -> None:
    """Until it holds; a busy machine takes its time."""
    end = time.monotonic() + 120
    while not held():
        assert time.monotonic() < end
        time.sleep(0.05)


def without_slow(course: Path) -> None:
    shutil.rmtree(course / "submissions" / "numbers" / "slow")


def run(course: Path, *options: str, nobody: bool = False) -> subprocess.CompletedProcess[str]:
    argv = command(course, *options)
    return subprocess.run(
        as_nobody(argv) if nobody else argv, cwd=course, env=environment(course), capture_output=True, text=True, timeout=150,
        check=False,
    )


@pytest.mark.parametrize("damage", ["garbage", "truncated", "folder"])
def test_a_damaged_database_stops_the_run_before_anything_is_lost(course: Path, damage: str) -> None:
    without_slow(course)
    store = course / "grader-out" / "results.sqlite"
    if damage == "truncated":
        assert run(course).returncode == 0
        store.write_bytes(store.read_bytes()[:5000] + b"\0" * 3000)
    elif damage == "garbage":
        store.parent.mkdir()
        store.write_text("no database at all, but long enough to look like one" * 100)
    else:
        store.mkdir(parents=True)
    before = store.read_bytes() if store.is_file() else b""
    done = run(course)
    assert done.returncode == 3
    one_clear_line(done)
    assert "results.sqlite" in done.stderr and "-o" in done.stderr
    assert (store.read_bytes() if store.is_file() else b"") == before, "what may be mended is not written over"


def test_a_damaged_record_is_graded_again(course: Path) -> None:
    without_slow(course)
    assert run(course).returncode == 0
    with sqlite3.connect(course / "grader-out" / "results.sqlite") as db:
        db.execute("UPDATE reports SET record = 'nonsense' WHERE student = 'a1'")
    done = run(course)
    assert done.returncode == 0, done.stderr
    assert all(found == {"passed"} for found in verdicts(course).values())


def test_a_folder_that_cannot_be_written_is_named(course: Path) -> None:
    without_slow(course)
    closed = course / "closed"
    closed.mkdir()
    closed.chmod(0o555)
    done = run(course, "-o", str(closed / "out"), nobody=True)
    assert done.returncode == 3
    one_clear_line(done)
    assert str(closed) in done.stderr


def test_a_report_that_cannot_be_written_loses_no_result(course: Path) -> None:
    without_slow(course)
    (course / "grader-out" / "report.html").mkdir(parents=True)
    done = run(course)
    assert done.returncode == 3
    one_clear_line(done)
    assert "report.html" in done.stderr and "results are kept" in done.stderr
    assert finished(course / "grader-out" / "results.sqlite") == 4


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk")
@pytest.mark.parametrize("size_kb", [48, 96, 160])
def test_a_full_disk_is_a_fault_and_what_was_committed_is_kept(course: Path, size_kb: int) -> None:
    without_slow(course)
    for number in range(20):
        shutil.copytree(course / "submissions" / "numbers" / "a1", course / "submissions" / "numbers" / f"m{number:02}")
    out = course / "out"
    out.mkdir()
    inside = f'mount -t tmpfs -o size={size_kb}k none "{out}" && "$@"; code=$?; cp "{out}"/results.sqlite* "{course}"; exit $code'
    argv = ["unshare", "--mount", "sh", "-c", inside, "sh", *command(course, "-o", str(out))]
    done = subprocess.run(argv, cwd=course, env=environment(course), capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 3
    one_clear_line(done)
    assert "full" in done.stderr or "No space" in done.stderr
    if (course / "results.sqlite").exists() and size_kb > 100:
        with sqlite3.connect(course / "results.sqlite") as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            scores = [score for (score,) in db.execute("SELECT score FROM reports WHERE finished = 1")]
        assert set(scores) <= {10.0}
    assert servers_of(course) == zygote_of(course) == []
