"""The compiled filter, run by a small BPF interpreter for both architectures, and the tables against libseccomp."""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import struct
from collections.abc import Sequence

import pytest

from grader.sandbox._level import LockError
from grader.sandbox._policy import worker_policy
from grader.sandbox._seccomp import ALLOW, ERRNO, KILL, Program, build
from grader.sandbox._syscalls import Architecture, architecture

MACHINES = ("x86_64", "aarch64")
PID = 4321
EPERM, EINVAL, ENOSYS = (ERRNO | code for code in (errno.EPERM, errno.EINVAL, errno.ENOSYS))
THREAD_FLAGS = 0x3D0F00  # what glibc and musl pass for a new thread

# Calls that must never get through, by number where our tables rightly do not name them: x86_64, aarch64.
FORBIDDEN = {
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "sendmsg": (46, 211),
    "execve": (59, 221),
    "execveat": (322, 281),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "setuid": (105, 146),
    "setresuid": (117, 147),
    "setgroups": (116, 159),
    "capset": (126, 91),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchown": (93, 55),
    "mknodat": (259, 33),
    "linkat": (265, 37),
    "symlinkat": (266, 36),
    "truncate": (76, 45),
    "utimensat": (280, 88),
    "fsetxattr": (190, 7),
    "flock": (73, 32),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "memfd_create": (319, 279),
    "process_vm_readv": (310, 270),
    "seccomp": (317, 277),
    "personality": (135, 92),
    "setsid": (112, 157),
    "setpgid": (109, 154),
    "setpriority": (141, 140),
    "sched_setscheduler": (144, 119),
    "splice": (275, 76),
    "io_setup": (206, 0),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "timer_create": (222, 107),
    "rt_sigqueueinfo": (129, 138),
    "mlock": (149, 228),
    "clock_settime": (227, 112),
    "syslog": (103, 116),
    "modify_ldt": (154, 10**6),
}
NEW = {
    "pidfd_send_signal": 424,
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "open_tree": 428,
    "fsopen": 430,
    "pidfd_open": 434,
    "clone3": 435,
    "openat2": 437,
    "pidfd_getfd": 438,
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "memfd_secret": 447,
    "futex_waitv": 449,
    "fchmodat2": 452,
    "the future": 999,
}


def run(program: Program, audit: int, number: int, arguments: Sequence[int] = ()) -> int:
    """Interpret the filter of process PID for one system call and give the action it returns."""
    words = [value & (2**64 - 1) for value in (*arguments, *(0 for _ in range(6 - len(arguments))))]
    data = struct.pack("<IIQ6Q", number, audit, 0, *words)
    code = [
        struct.unpack_from("<HBBI", program.for_process(PID), offset)
        for offset in range(0, len(program.code), 8)
    ]
    accumulator, at = 0, 0
    while True:
        operation, if_true, if_false, constant = code[at]
        at += 1
        if operation == 0x20:
            accumulator = struct.unpack_from("<I", data, constant)[0]
        elif operation == 0x54:
            accumulator &= constant
        elif operation == 0x15:
            at += if_true if accumulator == constant else if_false
        elif operation == 0x35:
            at += if_true if accumulator >= constant else if_false
        else:
            assert operation == 0x06, f"unknown instruction {operation:#x}"
            return int(constant)


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest) -> Architecture:
    return architecture(str(request.param))


def decide(machine: Architecture, name: str, *arguments: int) -> int:
    return run(build(worker_policy(), machine), machine.audit, machine.numbers[name], arguments)


def test_every_listed_call_is_known_to_some_architecture() -> None:
    policy = worker_policy()
    names = {*policy.allowed, *(rule.name for rule in policy.rules), *policy.fatal}
    assert names <= {name for machine in MACHINES for name in architecture(machine).numbers}
    assert len(names) == len(policy.allowed) + len(policy.rules) + len(policy.fatal), "a call is listed twice"


@pytest.mark.parametrize("name", FORBIDDEN)
def test_dangerous_calls_are_refused_whatever_their_arguments(machine: Architecture, name: str) -> None:
    number = FORBIDDEN[name][MACHINES.index(machine.machine)]
    program = build(worker_policy(), machine)
    for arguments in ((), (PID,) * 6, (1, 1, 1, 0, 0, 0)):
        assert run(program, machine.audit, number, arguments) in (EPERM, KILL, ENOSYS)


@pytest.mark.parametrize("name", NEW)
def test_new_calls_look_as_if_they_did_not_exist(machine: Architecture, name: str) -> None:
    assert run(build(worker_policy(), machine), machine.audit, NEW[name], (0,) * 6) == ENOSYS


@pytest.mark.parametrize("name", ["ptrace", "kexec_load", "init_module", "reboot"])
def test_calls_that_no_honest_program_makes_end_the_worker(machine: Architecture, name: str) -> None:
    assert decide(machine, name) == KILL


def test_other_call_interfaces_end_the_worker() -> None:
    for name, other in (("x86_64", 0x40000003), ("aarch64", 0x40000028)):
        machine = architecture(name)
        assert run(build(worker_policy(), machine), other, machine.numbers["getpid"]) == KILL
    x86_64 = architecture("x86_64")
    assert run(build(worker_policy(), x86_64), x86_64.audit, 0x40000000 + 39) == KILL


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (THREAD_FLAGS, ALLOW),
        (17, EPERM),  # fork
        (0x4111, EPERM),  # vfork, posix_spawn
        (THREAD_FLAGS & ~0x10000, EPERM),  # shares everything but is a process
        *(
            (THREAD_FLAGS | flag, EPERM)
            for flag in (0x10000000, 0x20000, 0x40000000, 0x20000000, 0x2000, 0x1000, 0x80)
        ),
    ],
)
def test_clone_makes_threads_only(machine: Architecture, flags: int, expected: int) -> None:
    assert decide(machine, "clone", flags) == expected
    # The kernel reads the low half only, so what stands in the high half must not turn a process into a thread.
    assert decide(machine, "clone", flags | THREAD_FLAGS << 32) == expected


@pytest.mark.parametrize("name", ["kill", "tkill", "tgkill", "getpgid"])
def test_signals_go_to_the_own_process_only(machine: Architecture, name: str) -> None:
    assert decide(machine, name, PID, 6, 6) == ALLOW
    for other in (-1, 1, PID - 1, PID + 1, -PID):
        assert decide(machine, name, other, 6, 6) == EPERM
    if name != "getpgid":
        assert decide(machine, name, 0, 6) == EPERM


def test_limits_are_read_not_set_and_not_of_others(machine: Architecture) -> None:
    for pid in (0, PID):
        assert decide(machine, "prlimit64", pid, 7, 0, 0x7FFF0000) == ALLOW
        assert decide(machine, "prlimit64", pid, 7, 0x7FFF0000, 0) == EPERM
        assert decide(machine, "prlimit64", pid, 7, 0x7FFF << 32, 0) == EPERM
    assert decide(machine, "prlimit64", 1, 7, 0, 0x7FFF0000) == EPERM


@pytest.mark.parametrize(
    ("flags", "expected"),
    [(0, ALLOW), (0o1, ALLOW), (0o1101, ALLOW), (0o1000, EPERM), (0o1003, EPERM), (0o2000002, ALLOW)],
)
def test_opening_for_reading_cannot_empty_a_file(machine: Architecture, flags: int, expected: int) -> None:
    assert decide(machine, "openat", -100, 0, flags, 0o644) == expected


def test_created_files_cannot_be_set_user_id(machine: Architecture) -> None:
    for mode, expected in ((0o777, ALLOW), (0o4755, EPERM), (0o2755, EPERM)):
        assert decide(machine, "openat", -100, 0, 0o101, mode) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (0, ALLOW),
        (1030, ALLOW),
        (3, ALLOW),
        (5, EPERM),
        (6, EPERM),
        (7, EPERM),
        (8, EPERM),
        (37, EPERM),
        (1024, EPERM),
        (1026, EPERM),
    ],
)
def test_descriptors_carry_no_locks_leases_or_signals(
    machine: Architecture, command: int, expected: int
) -> None:
    assert decide(machine, "fcntl", 3, command, 0) == expected


def test_nothing_can_be_typed_into_a_terminal(machine: Architecture) -> None:
    assert decide(machine, "ioctl", 0, 0x5412) == EPERM
    assert decide(machine, "ioctl", 0, 0x5412 | 1 << 32) == EPERM
    assert decide(machine, "ioctl", 0, 0x5401) == ALLOW


def test_the_one_kind_of_socket_is_a_connected_pair(machine: Architecture) -> None:
    assert decide(machine, "socketpair", 1, 1 | 0o2000000 | 0o4000, 0) == ALLOW
    for family, kind in ((1, 2), (1, 5), (2, 1), (16, 3)):
        assert decide(machine, "socketpair", family, kind, 0) == EPERM
    assert decide(machine, "sendto", 3, 0x1000, 8, 0x4000, 0, 0) == ALLOW
    assert decide(machine, "sendto", 3, 0x1000, 8, 0, 0x7FFF << 32, 16) == EPERM
    assert decide(machine, "sendto", 3, 0x1000, 8, 1, 0, 0) == EPERM
    assert decide(machine, "getsockopt", 3, 1, 77) == EPERM  # SO_PEERPIDFD


def test_the_death_signal_and_the_dumpable_flag_stay(machine: Architecture) -> None:
    for option in (1, 4, 22, 24, 28, 35, 36, 47, 62):
        assert decide(machine, "prctl", option, 0) == EINVAL
    assert decide(machine, "prctl", 15, 0x1000) == ALLOW


def test_unknown_machines_are_refused() -> None:
    for name in ("riscv64", "i686", "armv7l", ""):
        with pytest.raises(LockError, match="machine type"):
            architecture(name)


def test_the_digest_names_the_policy_not_the_process(machine: Architecture) -> None:
    first, second = build(worker_policy(), machine), build(worker_policy(), machine)
    assert first.digest == second.digest
    assert first.for_process(1) != first.for_process(2)
    others = {build(worker_policy(), architecture(name)).digest for name in MACHINES}
    assert len(others) == 2


def test_numbers_agree_with_libseccomp(machine: Architecture) -> None:
    name = ctypes.util.find_library("seccomp")
    if name is None:
        pytest.skip("libseccomp is not installed")
    resolve = ctypes.CDLL(name).seccomp_syscall_resolve_name_arch
    for call, number in machine.numbers.items():
        assert resolve(machine.audit, call.encode()) == number, call
    for call, numbers in FORBIDDEN.items():
        expected = numbers[MACHINES.index(machine.machine)]
        assert expected == 10**6 or resolve(machine.audit, call.encode()) == expected, call
