"""What a locked process cannot do, at both levels, started by root and by an ordinary user."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.sandbox._canaries import CANARIES, Canary, reading_canary
from grader.sandbox._level import Level
from tests.support.hosts import combinations, name_of, open_host
from tests.support.locked import LockedHost

HERE = str(Path(__file__).resolve())


@pytest.fixture(scope="module", params=combinations(), ids=name_of)
def host(request: pytest.FixtureRequest) -> Iterator[LockedHost]:
    yield from open_host(request.param)


@pytest.fixture(scope="module")
def bare() -> Iterator[LockedHost]:
    """Processes with the limits of L1 only."""
    yield from open_host((Level.L1, False))


def denied(source: str) -> str:
    """Wrap one statement: `value` becomes the name of the OSError it raises, or None."""
    return f"import os, errno\nvalue = None\ntry:\n    {source}\nexcept OSError as problem:\n    value = errno.errorcode[problem.errno]\n"


@pytest.mark.parametrize("canary", [*CANARIES, reading_canary(HERE)], ids=lambda canary: canary.name)
def test_no_canary_works_at_the_level_that_denies_it(host: LockedHost, canary: Canary) -> None:
    ran = host.run(canary.source + "\nvalue = attack()")
    assert ran.error is None and not ran.timed_out
    if host.level >= canary.denied_from:
        assert ran.signal == signal.SIGSYS or ran.value is False


def test_canaries_work_where_nothing_denies_them(bare: LockedHost) -> None:
    """A canary that can never sing would prove nothing."""
    silent = [
        canary.name
        for canary in CANARIES
        if canary.denied_from > Level.L1 and bare.run(canary.source + "\nvalue = attack()").value is not True
    ]
    hardware = {
        "socket-vsock",
        "socket-packet",
        "socket-inet6",
        "call-userfaultfd",
        "call-perf_event_open",
        "call-bpf",
    }
    assert set(silent) <= hardware | {
        "call-io_uring_setup",
        "call-keyctl",
        "call-mq_open",
        "read-environment-of-others",
    }


@pytest.mark.parametrize(
    "path", [HERE, "/etc/passwd", "/proc/1/environ", "/etc/shadow", "/proc/self/mem", "/dev/kmsg"]
)
def test_files_outside_cannot_be_read(host: LockedHost, path: str) -> None:
    assert host.value(denied(f"open({path!r}, 'rb').read(1)")) in ("EACCES", "ENOENT", "EPERM")


def test_at_l3_the_rest_of_the_machine_does_not_exist(host: LockedHost) -> None:
    ways = (
        f"os.stat({HERE!r})",
        "os.stat('/etc/passwd')",
        "os.chdir('/home')",
        "os.stat('/proc/self')",
        "os.readlink('/proc/self')",
    )
    said = [host.value(denied(way)) for way in ways]
    if host.level == Level.L3:
        assert said == ["ENOENT"] * len(ways)


def test_writing_is_possible_in_the_scratch_directory_only(host: LockedHost) -> None:
    targets = [
        "/",
        "/usr/lib",
        str(Path(os.__file__).parent),
        "/var/tmp",
        "/dev/shm",
        "/home",
        str(Path(HERE).parent),
        "/tmp/..",
    ]
    source = f"""
import os
value = []
for folder in {targets!r}:
    for attempt in (
        lambda: open(os.path.join(folder, "written"), "w"),
        lambda: os.mkdir(os.path.join(folder, "made")),
        lambda: os.rename(folder, "taken"),
        lambda: os.rmdir(folder),
        lambda: os.symlink(folder, "link"),
        lambda: os.truncate(os.path.join(folder, "os.py"), 0),
        lambda: os.utime(folder),
        lambda: os.chmod(folder, 0o777),
        lambda: os.chown(folder, 0, 0),
        lambda: os.setxattr(folder, "user.note", b"x"),
        lambda: os.link(os.path.join(folder, "os.py"), "linked"),
    ):
        try:
            attempt()
            value.append(folder)
        except OSError:
            pass
with open("mine", "w") as file:
    file.write("x")
value = (value, os.listdir("."))
"""
    assert host.value(source) == [[], ["mine"]]


def test_what_may_be_read_may_not_be_emptied(host: LockedHost) -> None:
    library = os.__file__
    before = Path(library).stat().st_size
    source = denied(f"os.open({library!r}, os.O_RDONLY | os.O_TRUNC)")
    assert host.value(source) == "EPERM"
    assert Path(library).stat().st_size == before


def test_capabilities_and_privileges_are_gone(host: LockedHost) -> None:
    # /proc is out of reach, so the kernel is asked directly: capget, prctl.
    source = """
import ctypes, os, struct
library = ctypes.CDLL(None)
header, data = ctypes.create_string_buffer(struct.pack("=Ii", 0x20080522, 0), 8), ctypes.create_string_buffer(24)
assert library.capget(header, data) == 0
bounding = [n for n in range(64) if library.prctl(23, n, 0, 0, 0) == 1]
value = [data.raw.hex(), bounding, library.prctl(39, 0, 0, 0, 0), library.prctl(3, 0, 0, 0, 0), os.getuid(), os.getgid()]
"""
    capabilities, bounding, no_new_privileges, dumpable, user, group = host.value(source)
    assert capabilities == "00" * 24
    assert no_new_privileges == 1 and dumpable == 0
    if not host.nobody or host.level == Level.L3:
        assert bounding == []
    if host.level == Level.L3 and not host.nobody:
        assert user >= 30000 and group == user
    elif host.level == Level.L2 and not host.nobody:
        assert user == 0


def test_workers_of_root_have_users_of_their_own(host: LockedHost) -> None:
    users = [host.value("import os\nvalue = [os.getuid(), os.getgroups()]") for _ in range(3)]
    if host.level == Level.L3 and not host.nobody:
        assert len({user for user, _ in users}) == 3 and all(groups == [] for _, groups in users)


def test_only_the_named_descriptors_are_open(host: LockedHost) -> None:
    source = """
import os
value = []
for number in range(4096):
    try:
        os.fstat(number)
        value.append(number)
    except OSError:
        pass
value.remove(CHANNEL)
"""
    assert host.value(source) == [0, 1, 2]


def test_memory_file_size_and_scratch_space_are_limited(host: LockedHost) -> None:
    assert host.run("x = bytearray(700 << 20)\nvalue = 1", memory_mb=600).error == "MemoryError: "
    assert host.run("x = bytearray(300 << 20)\nvalue = 1", memory_mb=600).value == 1
    assert host.value(denied("open('big', 'wb').write(bytes(3 << 20))"), file_mb=2) == "EFBIG"
    if host.level == Level.L3:
        many = "for i in range(9): open(f'part{i}', 'wb').write(bytes(1 << 20))"
        assert host.value(denied(many), scratch_mb=4) == "ENOSPC"
        assert host.value(denied("for i in range(10000): open(f'f{i}', 'w').close()")) == "ENOSPC"


def test_processor_time_is_limited_even_for_who_ignores_the_signal(host: LockedHost) -> None:
    assert host.run("while True: pass", cpu_s=1).signal == signal.SIGXCPU
    stubborn = "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"
    assert host.run(stubborn, cpu_s=1).signal == signal.SIGKILL


def test_limits_cannot_be_raised(host: LockedHost) -> None:
    source = """
import resource
value = []
for name in ("AS", "CPU", "FSIZE", "NPROC", "NOFILE", "CORE", "STACK"):
    which = getattr(resource, "RLIMIT_" + name)
    try:
        resource.setrlimit(which, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        value.append(name)
    except (OSError, ValueError):
        pass
"""
    assert host.value(source) == []


def test_threads_end_somewhere(host: LockedHost) -> None:
    source = """
import threading
gate, started = threading.Event(), []
try:
    for _ in range(3000):
        thread = threading.Thread(target=gate.wait, daemon=True)
        thread.start()
        started.append(thread)
except RuntimeError:
    pass
value = len(started)
"""
    started = host.value(source, threads=40)
    if host.level == Level.L3:
        assert started == 39
    else:
        assert 30 <= started < 2500


def test_threads_are_locked_too(host: LockedHost) -> None:
    source = """
import threading, os, socket
value = []
def attempt():
    for action in (lambda: open("/etc/passwd"), os.fork, lambda: socket.socket(), lambda: os.listdir("/proc")):
        try:
            action()
            value.append("worked")
        except OSError:
            value.append("denied")
thread = threading.Thread(target=attempt)
thread.start()
thread.join()
"""
    assert host.value(source) == ["denied"] * 4


def test_no_new_program_and_no_new_process(host: LockedHost) -> None:
    for attempt in (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', ''])",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.execv('/bin/true', ['true'])",
        "os.fork()",
        "os.forkpty()",
        "import multiprocessing; multiprocessing.Process(target=print).start()",
    ):
        assert host.value(denied(attempt)) in ("EPERM", "EACCES", "ENOSYS", "ENOENT"), attempt
    assert host.value("import os\nvalue = os.system('true')") != 0


def test_a_worker_signals_itself_only(host: LockedHost) -> None:
    for target in ("os.getppid()", "1", "0", "-1", "-os.getpid()", "os.getpid() + 1"):
        assert host.value(denied(f"os.kill({target}, 0)")) == "EPERM"
    assert host.value("import os\nvalue = os.kill(os.getpid(), 0)") is None
    assert host.run("import os\nos.abort()").signal == signal.SIGABRT
    assert host.run("import ctypes\nctypes.string_at(0)").signal == signal.SIGSEGV


def test_a_worker_dies_with_its_parent() -> None:
    for combination in combinations():
        host = next(open_host(combination))
        host.start("import time\ntime.sleep(120)")
        child = host.child_of_host()
        os.kill(host.pid, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
            if "Z" in Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[-1][:3]:
                break
            time.sleep(0.02)
        else:
            assert not Path(f"/proc/{child}").exists(), "the worker outlived its parent"
        host.close()


def test_inside_a_lock_no_other_lock_can_be_planned(host: LockedHost) -> None:
    source = """
from grader.sandbox._lock import Level, LockError, plan
try:
    value = plan(Level.L2).describe()
except LockError as problem:
    value = str(problem)
"""
    assert "Landlock" in host.value(source)


def test_the_plan_says_how_a_worker_is_held(host: LockedHost) -> None:
    assert host.plan["level"] == host.level.name
    assert len(host.plan["seccomp"]) == 64 and host.plan["landlock_abi"] >= 1
    expected = None if host.level == Level.L2 else "user" if host.nobody else "root"
    assert host.plan.get("namespaces") == expected
