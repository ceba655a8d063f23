"""The zygote: one thread, clean, and no worker outlives it or whoever asked for it."""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.records import UserError
from grader.sandbox import (
    CANARIES,
    Canary,
    CanaryResult,
    Level,
    Limits,
    SandboxFault,
    Zygote,
    effective_level,
    selftest,
)
from tests.support.nobody import as_nobody, run_as_nobody
from tests.support.submissions import ROOMY, value

ROOT = Path(__file__).resolve().parents[2]
SOURCE = {"solution.py": b"def f():\n    while True: pass\ndef g():\n    return 1\n"}
LEVELS = pytest.mark.parametrize("level", list(Level), ids=lambda level: level.name)


def huge_pages_on_request() -> bool:
    """Whether this kernel has MADV_COLLAPSE (25), asked of memory of our own."""
    huge = 2 << 20
    memory = mmap.mmap(-1, 2 * huge, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.write(b"1" * (2 * huge))
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    wanted = ctypes.c_void_p(-(-start // huge) * huge)
    return sys.platform == "linux" and ctypes.CDLL(None).madvise(wanted, ctypes.c_size_t(huge), 25) == 0


def gone(pid: int, patience_s: float = 30.0) -> bool:
    """Whether this process ends, or has become a zombie, within a time that only a failure needs."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False


def alive(pid: int) -> bool:
    return not gone(pid, 0.2)


def test_the_environment_says_what_runs(zygotes: Callable[[Level], Zygote], best: Level) -> None:
    told = zygotes(best).environment
    assert told["level"] == best.name
    assert {"python", "numpy", "scipy", "sympy", "torch", "uid"} <= set(told)
    assert told["python"] == sys.version.split()[0]


@LEVELS
def test_closing_a_worker_or_its_connection_kills_it(
    zygotes: Callable[[Level], Zygote], level: Level
) -> None:
    zygote = zygotes(level)
    connection = zygote.connect()
    first, second = connection.spawn(ROOMY), connection.spawn(ROOMY)
    assert alive(first.pid) and alive(second.pid)
    first.close()
    assert gone(first.pid) and alive(second.pid)
    connection.close()
    assert gone(second.pid)
    with zygote.connect() as other:
        worker = other.spawn(ROOMY)
        worker.load(SOURCE, ["solution.py"], seed=0)
        assert value(worker.call("g", [], seed=0)) == 1


@LEVELS
def test_closing_the_zygote_kills_every_worker_and_leaves_no_file(
    level: Level, statuses: dict[Level, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not statuses[level].available:  # type: ignore[attr-defined]
        pytest.skip("level not available")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    zygote = Zygote.start(level, warm=("numpy",))
    connections = [zygote.connect() for _ in range(2)]
    workers = [connection.spawn(ROOMY) for connection in connections for _ in range(2)]
    for worker in workers:
        worker.load(SOURCE, ["solution.py"], seed=0)
    zygote.close()
    assert all(gone(worker.pid) for worker in workers)
    assert gone(zygote.pid)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(SandboxFault):
        connections[0].spawn(ROOMY)
    with pytest.raises(SandboxFault):
        zygote.connect()


@LEVELS
@pytest.mark.parametrize("victim", ["client", "zygote"])
def test_no_orphan_after_kill_9(level: Level, victim: str, statuses: dict[Level, object]) -> None:
    if not statuses[level].available:  # type: ignore[attr-defined]
        pytest.skip("level not available")
    command = [sys.executable, "-m", "tests.support.zygote_host", level.name, "wait"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        pids = [int(word) for word in host.stdout.readline().split()]
        assert len(pids) == 3
        assert all(map(alive, pids))
        os.kill(host.pid if victim == "client" else pids[0], signal.SIGKILL)
        assert all(map(gone, pids))
        host.kill()


def _huge_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("AnonHugePages"))


@pytest.mark.skipif(not huge_pages_on_request(), reason="this kernel moves no memory into huge pages on request")
def test_after_some_forks_memory_lies_in_huge_pages_and_workers_work_as_before() -> None:
    with Zygote.start(Level.L1) as zygote, zygote.connect() as connection:
        for _ in range(20):
            connection.spawn(ROOMY).close()
        end = time.monotonic() + 20.0
        while _huge_kb(zygote.pid) < 64 * 1024 and time.monotonic() < end:
            time.sleep(0.05)
        assert _huge_kb(zygote.pid) >= 64 * 1024
        worker = connection.spawn(ROOMY)
        worker.load(SOURCE, ["solution.py"], seed=0)
        assert value(worker.call("g", [], seed=0)) == 1


def test_a_fault_is_raised_when_the_zygote_is_gone() -> None:
    zygote = Zygote.start(Level.L1, warm=())
    connection = zygote.connect()
    worker = connection.spawn(ROOMY)
    worker.load(SOURCE, ["solution.py"], seed=0)
    os.kill(zygote.pid, signal.SIGKILL)
    assert gone(zygote.pid)
    with pytest.raises(SandboxFault):
        worker.call("g", [], seed=0)
    with pytest.raises(SandboxFault):
        connection.spawn(ROOMY)
    zygote.close()


@LEVELS
def test_forked_examiners_each_have_their_connection(
    zygotes: Callable[[Level], Zygote], level: Level
) -> None:
    zygote = zygotes(level)
    children = []
    for _ in range(4):
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            answer = b"failed"
            try:
                with zygote.connect() as connection:
                    worker = connection.spawn(ROOMY)
                    worker.load(SOURCE, ["solution.py"], seed=0)
                    answer = repr(
                        [value(worker.call("g", [], seed=0)) for _ in range(50)] == [1] * 50
                    ).encode()
                zygote.close()
            finally:
                os.write(writing, answer)
                os._exit(0)
        os.close(writing)
        children.append((pid, reading))
    for pid, reading in children:
        with open(reading, "rb") as answers:
            assert answers.read() == b"True"
        os.waitpid(pid, 0)
    with zygote.connect() as connection:
        assert connection.spawn(ROOMY).load(SOURCE, ["solution.py"], seed=0)


def test_a_library_that_is_missing_is_the_users_to_install() -> None:
    with pytest.raises(UserError, match="no_such_library"):
        Zygote.start(Level.L1, warm=("no_such_library",))


def test_a_zygote_with_two_threads_refuses_to_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from grader.sandbox import _zygote

    with pytest.raises(RuntimeError, match="threads"):
        import threading

        stop = threading.Event()
        thread = threading.Thread(target=stop.wait)
        thread.start()
        try:
            _zygote.require_one_thread()
        finally:
            stop.set()
            thread.join()


def test_a_memory_limit_below_what_libraries_take_is_a_fault_with_a_reason(
    zygotes: Callable[[Level], Zygote], best: Level
) -> None:
    with zygotes(best).connect() as connection:
        with pytest.raises(SandboxFault, match="memory limit"):
            connection.spawn(Limits(memory_mb=100))
        assert connection.spawn(ROOMY).load(SOURCE, ["solution.py"], seed=0)


@LEVELS
def test_no_canary_works_in_a_real_worker(zygotes: Callable[[Level], Zygote], level: Level) -> None:
    results = selftest(zygotes(level))
    assert len(results) == len(CANARIES)
    assert [r.canary.name for r in results if r.worked and r.canary.denied_from <= level] == []
    assert effective_level(level, results) == level


def test_a_canary_that_works_lowers_the_level() -> None:
    def result(level: Level, worked: bool) -> CanaryResult:
        return CanaryResult(Canary("x", "", level), worked)

    assert effective_level(Level.L3, [result(Level.L3, False), result(Level.L2, False)]) == Level.L3
    assert effective_level(Level.L3, [result(Level.L3, True)]) == Level.L2
    assert effective_level(Level.L3, [result(Level.L2, True)]) == Level.L1
    assert effective_level(Level.L1, [result(Level.L2, True)]) == Level.L1
    assert effective_level(Level.L3, [result(Level.L1, True)]) is None


def test_a_canary_that_raises_or_answers_nothing_counts_as_working(
    zygotes: Callable[[Level], Zygote],
) -> None:
    odd = [
        Canary("raises", "def attack(): 1 / 0", Level.L2),
        Canary("none", "def attack(): return None", Level.L2),
        Canary("dies", "import os\ndef attack(): os._exit(0)", Level.L2),
        Canary("denied", "def attack(): return False", Level.L2),
    ]
    results = selftest(zygotes(Level.L1), odd)
    assert [r.worked for r in results] == [True, True, False, False]


@pytest.mark.parametrize("level", [Level.L1, Level.L2, Level.L3], ids=lambda level: level.name)
def test_it_all_works_for_an_ordinary_user(level: Level, statuses: dict[Level, object]) -> None:
    if not statuses[level].available:  # type: ignore[attr-defined]
        pytest.skip("level not available")
    command = [sys.executable, "-m", "tests.support.zygote_host", level.name, "call"]
    ran = run_as_nobody(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert "value=2" in ran.stdout, ran.stderr
    assert as_nobody(command)[-1] == "call"


def test_many_workers_one_after_the_other_leave_nothing_behind(
    zygotes: Callable[[Level], Zygote], best: Level
) -> None:
    zygote = zygotes(best)
    with zygote.connect() as connection:
        descriptors = sum(1 for _ in Path("/proc/self/fd").iterdir())
        for _ in range(30):
            worker = connection.spawn(ROOMY)
            worker.load(SOURCE, ["solution.py"], seed=0)
            worker.close()
        assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == descriptors
    children = Path(f"/proc/{zygote.pid}/task/{zygote.pid}/children").read_text
    end = time.monotonic() + 30
    while children().split() and time.monotonic() < end:
        time.sleep(0.05)
    assert children().split() == []
