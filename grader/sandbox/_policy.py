"""What a locked worker may ask of the kernel: the list of permitted system calls, and on what conditions.

Everything that is not listed is refused: with ENOSYS where the call is so new that C libraries have a way without
it (`clone3`, `io_uring_*`, `openat2`, `pidfd_*`, ...), with EPERM otherwise. The channels closed by name follow the
list of the manual of ioi/isolate: keyrings, locks and leases, io_uring, vsock, other call interfaces.
"""

import errno
from dataclasses import dataclass

WORD = 0xFFFFFFFF

_THREAD = 0x00010000 | 0x00000100 | 0x00000800  # CLONE_THREAD | CLONE_VM | CLONE_SIGHAND
_NOT_A_THREAD = 0x7E020000 | 0x00800000 | 0x00002000 | 0x00001000 | 0x00004000 | 0x80
_SET_ID_BITS = 0o6000
_O_TRUNC, _O_ACCMODE = 0o1000, 0o3
_SOCK_STREAM = 1
_CLOEXEC_NONBLOCK = 0o2000000 | 0o4000
_MSG_OOB = 1


@dataclass(frozen=True)
class Condition:
    """A condition on one argument (0 to 5): its low 32 bits, masked, are one of `values`.

    `own_pid` adds the worker's process id to the values; `whole` demands that the upper 32 bits are zero too
    (pointers), where the kernel reads more than an int.
    """

    argument: int
    values: tuple[int, ...]
    mask: int = WORD
    own_pid: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Rule:
    """The call `name` is permitted where every condition holds, and fails with `error` elsewhere."""

    name: str
    conditions: tuple[Condition, ...]
    error: int = errno.EPERM


@dataclass(frozen=True)
class Policy:
    """The whole list. Names that an architecture lacks are skipped there."""

    allowed: tuple[str, ...]
    rules: tuple[Rule, ...]
    fatal: tuple[str, ...]  # ends the worker by SIGSYS: no honest program asks for these


def worker_policy() -> Policy:
    """Give the policy of every worker from level L2 on; it is the same for L2 and L3."""
    rules = (*_file_rules(), *_process_rules())
    return Policy(allowed=tuple(_ALLOWED.split()), rules=rules, fatal=tuple(_FATAL.split()))


def _file_rules() -> tuple[Rule, ...]:
    # Opening for reading with O_TRUNC empties a file, and Landlock before ABI 3 does not see it. A created file must
    # not be set-user-id: at L2 it would lie on the host's disk.
    ways_to_open = (0, 1, 2, _O_TRUNC | 1, _O_TRUNC | 2)
    # DUPFD, GETFD, SETFD, GETFL, SETFL, DUPFD_CLOEXEC, GETPIPE_SZ: no lock, no lease, no owner of signals
    fcntl = (0, 1, 2, 3, 4, 1030, 1032)
    # TCGETS, TCGETS2, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: no TIOCSTI
    ioctl = (0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
    return (
        Rule("open", (Condition(1, ways_to_open, _O_TRUNC | _O_ACCMODE), Condition(2, (0,), _SET_ID_BITS))),
        Rule("openat", (Condition(2, ways_to_open, _O_TRUNC | _O_ACCMODE), Condition(3, (0,), _SET_ID_BITS))),
        Rule("creat", (Condition(1, (0,), _SET_ID_BITS),)),
        Rule("fcntl", (Condition(1, fcntl),)),
        Rule("pipe2", (Condition(1, (0,), WORD & ~_CLOEXEC_NONBLOCK),)),  # no notification pipes
        Rule("ioctl", (Condition(1, ioctl),)),
        # One connected pair inside the process, for event loops; no out-of-band data, no address, no message that
        # carries descriptors (sendmsg is not listed).
        Rule(
            "socketpair",
            (
                Condition(0, (1,)),
                Condition(1, (_SOCK_STREAM,), WORD & ~_CLOEXEC_NONBLOCK),
                Condition(2, (0,)),
            ),
        ),
        Rule("sendto", (Condition(3, (0,), _MSG_OOB), Condition(4, (0,), whole=True))),
        Rule("recvfrom", (Condition(3, (0,), _MSG_OOB),)),
        # SOL_SOCKET: SO_TYPE, SO_ERROR, SO_SNDBUF, SO_RCVBUF, SO_PROTOCOL, SO_DOMAIN; not SO_PEERPIDFD
        Rule("getsockopt", (Condition(1, (1,)), Condition(2, (3, 4, 7, 8, 38, 39)))),
    )


def _process_rules() -> tuple[Rule, ...]:
    own = Condition(0, (), own_pid=True)
    self_or_own = Condition(0, (0,), own_pid=True)
    # PR_SET/GET_NAME, GET_DUMPABLE, CAPBSET_READ, SET/GET_NO_NEW_PRIVS, GET_THP_DISABLE, SVE_GET_VL, SET_VMA: names
    # and questions only, so that the death signal and the dumpable flag stay as the lock set them
    prctl = (15, 16, 3, 23, 38, 39, 42, 51, 0x53564D41)
    # ARCH_SET_GS .. ARCH_GET_GS, and ARCH_GET_XCOMP_SUPP .. ARCH_REQ_XCOMP_GUEST_PERM (AMX in oneDNN asks)
    arch_prctl = (0x1001, 0x1002, 0x1003, 0x1004, 0x1021, 0x1022, 0x1023, 0x1024, 0x1025)
    return (
        Rule("clone", (Condition(0, (_THREAD,), _THREAD | _NOT_A_THREAD),)),
        Rule("kill", (own,)),
        Rule("tgkill", (own,)),  # abort() and raise() use it
        Rule("tkill", (own,)),
        Rule("prlimit64", (self_or_own, Condition(2, (0,), whole=True))),
        Rule("sched_setaffinity", (self_or_own,)),
        Rule("getpgid", (self_or_own,)),
        Rule("getsid", (self_or_own,)),
        Rule("prctl", (Condition(0, prctl),), errno.EINVAL),
        Rule("arch_prctl", (Condition(0, arch_prctl),), errno.EINVAL),
    )


_ALLOWED = """
read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek close close_range
stat fstat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat getdents getdents64
getcwd chdir fchdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2
ftruncate fallocate fsync fdatasync sync_file_range fadvise64 readahead copy_file_range sendfile
dup dup2 dup3 pipe statfs fstatfs umask
getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr
select pselect6 poll ppoll epoll_create epoll_create1 epoll_wait epoll_pwait epoll_ctl eventfd eventfd2
getsockname getpeername shutdown
mmap munmap mremap mprotect madvise brk msync membarrier get_mempolicy
futex set_robust_list rseq set_tid_address gettid getpid getppid getcpu
sched_yield sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min
rt_sigaction rt_sigprocmask rt_sigreturn rt_sigtimedwait rt_sigpending rt_sigsuspend sigaltstack
pause alarm setitimer getitimer restart_syscall wait4 waitid exit exit_group
clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times getrusage
getuid geteuid getgid getegid getgroups getresuid getresgid getpgrp capget
uname sysinfo getrandom getrlimit
"""

_FATAL = """
ptrace process_vm_writev kexec_load kexec_file_load init_module finit_module delete_module
reboot swapon swapoff
"""
