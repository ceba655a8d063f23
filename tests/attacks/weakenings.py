"""One part of the lock taken out at a time, and the attack that has to notice.

`alone`: the start-up canaries notice. `paired`: another part closes the same door as well; with that one open, the part
still stops the attack, and without it the attack works.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from grader.sandbox import CANARIES, Level

L1, L2, L3 = Level.L1, Level.L2, Level.L3


class Alone(NamedTuple):
    """A part that the canaries watch: at least `canary` has to sing, or the lock has to be refused."""

    name: str
    weak: dict[str, Any]
    canary: str  # empty: the lock itself refuses
    level: Level = L2
    root: bool = False  # only where root starts the grader
    or_refused: bool = False  # libraries below /tmp: the scratch directory then has a name that only a new root has


class Paired(NamedTuple):
    """A part behind or before another one that is `opened` too; `attack` is source with `attack()`."""

    name: str
    weak: dict[str, Any]
    opened: dict[str, Any]
    attack: str
    level: Level = L2


def _call(name: str, x86_64: int, aarch64: int) -> dict[str, Any]:
    return {"allow": [name], "numbers": {name: [x86_64, aarch64]}}


_CALLS = (
    ("socket", 41, 198, "socket-inet"),
    ("execve", 59, 221, "execute"),
    ("setsid", 112, 157, "own-session"),
    ("setuid", 105, 146, "change-user"),
    ("process_vm_readv", 310, 270, "call-process_vm_readv"),
    ("pidfd_open", 434, 434, "call-pidfd_open"),
    ("setrlimit", 160, 164, "raise-own-limit"),
    ("unshare", 272, 97, "call-unshare"),
    ("mount", 165, 40, "call-mount"),
    ("io_uring_setup", 425, 425, "call-io_uring_setup"),
    ("keyctl", 250, 219, "call-keyctl"),
    ("bpf", 321, 280, "call-bpf"),
    ("userfaultfd", 323, 282, "call-userfaultfd"),
    ("memfd_create", 319, 279, "call-memfd_create"),
    ("shmget", 29, 194, "call-shmget"),
    ("mq_open", 240, 180, "call-mq_open"),
    ("inotify_init1", 294, 26, "call-inotify_init1"),
    ("fchmod", 91, 52, "make-set-user-id"),
    ("perf_event_open", 298, 241, "call-perf_event_open"),
)
"""System calls that are on no list: name, numbers on x86_64 and aarch64, and who notices that they pass."""

_RULES = {
    "clone": "fork",
    "prlimit64": "limits-of-others",
    "sched_setaffinity": "affinity-of-others",
    "fcntl": "lock-file",
    "ioctl": "call-ioctl-TIOCSTI",
    "prctl": "outlive-parent",
    "openat": "make-set-user-id",
    "pipe2": "call-pipe2-notification",
    "socketpair": "pair-that-carries-descriptors",
    "sendto": "out-of-band-data",
    "recvfrom": "out-of-band-data",
    "getsockopt": "process-behind-a-socket",
    "getpgid": "group-of-others",
    "getsid": "session-of-others",
    "ptrace": "call-ptrace",
    "process_vm_writev": "call-process_vm_writev",
}
_RULES_OF_X86_64 = {
    "open": "make-set-user-id",
    "creat": "make-set-user-id",
    "arch_prctl": "ask-about-processor",
}
"""Calls that pass under conditions, or end the worker: what notices that the condition is gone."""

_LANDLOCK = {
    1: ("write file", "write-existing-file"),
    2: ("read file", ""),
    3: ("read folder", "list-folders"),
    4: ("remove folder", "change-folders-outside"),
    5: ("remove file", "change-folders-outside"),
    7: ("make folder", "change-folders-outside"),
    8: ("make file", "write-outside"),
}
"""Rights by their bit."""

_LIMITS = {
    **dict.fromkeys(
        ("FSIZE", "NPROC", "NOFILE", "CORE", "MEMLOCK", "MSGQUEUE", "STACK"), "unlimited-resources"
    ),
    "AS": "unlimited-memory",
    "CPU": "unlimited-cpu",
}

_MOUNTS = ("_ATTR_RDONLY", "_ATTR_NOSUID", "_ATTR_NODEV", "_MS_NOSUID", "_MS_NODEV", "_MS_NOEXEC")


def _wholes() -> list[Alone]:
    return [
        Alone("seccomp interface", {"any_interface": True}, "other-call-interface"),
        Alone("seccomp as a whole", {"without": [["seccomp", "install"]]}, "fork"),
        Alone("Landlock as a whole", {"without": [["landlock", "restrict"]]}, "read-system-file"),
        Alone("a readable folder too many", {"readable": ["/etc"]}, "read-system-file"),
        Alone("no_new_privs", {"skip": [["prctl", 38]]}, ""),
        Alone("not dumpable", {"skip": [["prctl", 4]]}, "traceable"),
        Alone(
            "descriptors closed",
            {"without": [["rlimits", "close_descriptors"]], "inherit": True},
            "inherited-descriptor",
        ),
        Alone(
            "new root",
            {"without": [["namespaces", "enter_root"]]},
            "ask-about-files",
            L3,
            or_refused=True,
        ),
        Alone("old root detached", {"skip": [["umount2", None]]}, "ask-about-files", L3),
        Alone("mounts restricted", {"without": [["namespaces", "_restrict_mount"]]}, "loose-mounts", L3),
        Alone(
            "files of the scratch folder counted",
            {"zero": [["namespaces", "_SCRATCH_FILES"]]},
            "fill-the-disk",
            L3,
        ),
        Alone("namespace of mounts", {"zero": [["namespaces", "_NEWNS"]]}, "", L3),
        Alone("namespace of users", {"zero": [["namespaces", "_NEWUSER"]]}, "", L3),
        Alone("namespaces as a whole", {"without": [["namespaces", "enter_namespaces"]]}, "", L3),
        Alone("a user of its own", {"without": [["privileges", "become"]]}, "same-user-as-root", L3, True),
        Alone(
            "capabilities dropped",
            {"skip": [["capset", None]], "without": [["privileges", "forbid_regaining"]]},
            "capabilities",
            L2,
            True,
        ),
    ]


def _alone() -> list[Alone]:
    rules = {**_RULES, **(_RULES_OF_X86_64 if os.uname().machine == "x86_64" else {})}
    return [
        *(Alone(f"seccomp {name}", _call(name, *numbers), canary) for name, *numbers, canary in _CALLS),  # type: ignore[arg-type]
        *(Alone(f"seccomp condition on {name}", {"allow": [name]}, canary) for name, canary in rules.items()),
        *(
            Alone(f"Landlock {name}", {"landlock": 1 << bit}, canary)
            for bit, (name, canary) in _LANDLOCK.items()
        ),
        *(Alone(f"limit {name}", {"limits": [name]}, canary) for name, canary in _LIMITS.items()),
        *(Alone(f"mount {name}", {"zero": [["namespaces", name]]}, "loose-mounts", L3) for name in _MOUNTS),
        *_wholes(),
    ]


ALONE = _alone()

_TRY = "import ctypes, fcntl, os, signal, socket, stat\ndef attack():\n    try:\n{body}\n    except OSError:\n        return False\n    return True\n"


def _attempt(*lines: str) -> str:
    return _TRY.format(body="\n".join("        " + line for line in lines))


def _signals(x86_64: int, aarch64: int, arguments: str) -> str:
    number = {"x86_64": x86_64, "aarch64": aarch64}.get(os.uname().machine)
    return f"import ctypes, os\ndef attack():\n    return ctypes.CDLL(None).syscall({number}, {arguments}) == 0\n"


_MKNOD = {"allow": ["mknod", "mknodat"], "numbers": {"mknod": [133, -1], "mknodat": [259, 33]}}
_NET: dict[str, Any] = {
    "allow": ["socket", "connect", "bind"],
    "numbers": {"socket": [41, 198], "connect": [42, 203], "bind": [49, 200]},
}
_LINKS = {
    "allow": ["symlink", "symlinkat", "link", "linkat"],
    "numbers": {"symlink": [88, -1], "symlinkat": [266, 36], "link": [86, -1], "linkat": [265, 37]},
}
_RUN = {
    "allow": ["execve", "fork", "vfork", "clone"],
    "numbers": {"execve": [59, 221], "fork": [57, -1], "vfork": [58, -1]},
}

PAIRED = [
    Paired("Landlock make link", {"landlock": 1 << 12}, _LINKS, _attempt("os.symlink('/etc', 'link')")),
    Paired("Landlock make pipe", {"landlock": 1 << 10}, _MKNOD, _attempt("os.mkfifo('pipe')")),
    Paired(
        "Landlock make socket",
        {"landlock": 1 << 9},
        _MKNOD,
        _attempt("os.mknod('sock', 0o600 | stat.S_IFSOCK)"),
    ),
    Paired(
        "Landlock make device",
        {"landlock": 1 << 6},
        _MKNOD,
        _attempt("os.mknod('device', 0o600 | stat.S_IFCHR, 0)"),
    ),
    Paired(
        "Landlock execute",
        {"landlock": 1},
        _RUN,
        _attempt(
            "loader = next(p for p in ('/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1') if os.path.exists(p))",
            "child = os.posix_spawn(loader, [loader, '--version'], {})",
            "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0",
        ),
    ),
    Paired(
        "Landlock truncate",
        {"landlock": 1 << 14},
        {"allow": ["truncate"], "numbers": {"truncate": [76, 45]}},
        _attempt("os.truncate('@BAIT@/file', 0)"),
    ),
    Paired(
        "Landlock device commands",
        {"landlock": 1 << 15},
        {"allow": ["ioctl"]},
        _attempt("fcntl.ioctl(os.open('/dev/urandom', os.O_RDONLY), 0x80045200, bytes(4))"),
    ),
    Paired(
        "Landlock TCP",
        {"zero": [["landlock", "_TCP"]]},
        _NET,
        _attempt("socket.socket().bind(('127.0.0.1', 0))"),
    ),
    Paired(
        "Landlock scope of sockets",
        {"zero": [["landlock", "_SCOPE"]]},
        _NET,
        _attempt("socket.socket(socket.AF_UNIX).connect('\\x00@ABSTRACT@')"),
    ),
    *(
        Paired(
            f"Landlock scope of signals, by {name}",
            {"zero": [["landlock", "_SCOPE"]]},
            {"allow": [name]},
            attack,
        )
        for name, attack in (
            ("kill", _attempt("os.kill(os.getppid(), 0)")),
            ("tkill", _signals(200, 130, "os.getppid(), 0")),
            ("tgkill", _signals(234, 131, "os.getppid(), os.getppid(), 0")),
        )
    ),
    Paired(
        "namespace of networks",
        {"zero": [["namespaces", "_NEWNET"]]},
        _NET,
        _attempt("socket.socket(type=socket.SOCK_DGRAM).connect(('127.0.0.1', @UDP@))"),
        L3,
    ),
    Paired(
        "namespace of System V objects",
        {"zero": [["namespaces", "_NEWIPC"]]},
        {"allow": ["shmget"], "numbers": {"shmget": [29, 194]}},
        "import ctypes\ndef attack():\n    return ctypes.CDLL(None).shmget(@SHM@, 0, 0) >= 0\n",
        L3,
    ),
]

_NEEDS_A_CAPABILITY = "the kernel asks for a capability that no worker has, whatever the filter says"

UNSEEN_CALLS = {
    **dict.fromkeys(("kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff"), _NEEDS_A_CAPABILITY),
    **dict.fromkeys(("init_module", "finit_module", "delete_module"), _NEEDS_A_CAPABILITY),
}
UNSEEN_RIGHTS = {
    11: _NEEDS_A_CAPABILITY,  # block devices
    13: "the kernel denies moves between folders also where a ruleset does not ask for it",
}
UNSEEN_LIMITS = dict.fromkeys(
    ("NICE", "RTPRIO"), "nobody has any of it where the machine grants none: then none is taken"
)
UNSEEN_NAMESPACES = {
    "_NEWUTS": "without capabilities nobody can set a host name",
    "_NEWCGROUP": "it hides a name that is to be read in /proc only, and there is no /proc",
}
_NOTHING_TO_GAIN = (
    "with all other sets empty and no_new_privs there is nothing to be gained by any rule of root's"
)
UNSEEN_STEPS = {
    "drop a capability": _NOTHING_TO_GAIN,
    "clear the ambient capabilities": _NOTHING_TO_GAIN,
    "lock the rules of root": _NOTHING_TO_GAIN,
    "own /proc/self": "it loosens: without it the user of the namespace may not be mapped",
    "make mounts private": "in a user namespace mounts do not spread in any case; for root it keeps ours from the host",
    "follow the parent's death": "it shows when the process that starts workers is killed: see the tests of faults",
    "add a Landlock rule": "it loosens: without it nothing can be read, as honest code that imports shows at once",
    "use Landlock": "it asks for the version",
    "create namespaces": "root's way; an ordinary user's is tried, and without it the lock is refused",
}
"""Parts that no process inside can tell from their absence, and why. A changed filter shows in the record of each run,
which names its digest."""

CANARY_NAMES = frozenset(canary.name for canary in CANARIES)
