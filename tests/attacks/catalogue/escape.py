"""D. Escaping and interfering: networks, programs, privileges, other processes, channels between workers."""

from __future__ import annotations

from tests.attacks.model import Attack, door, verdicts

GROUP = "D escape and interference"


def _door(name: str, row: int, title: str, body: str, *, top: str = "", ends: str = "failed") -> Attack:
    return Attack(name, row, GROUP, title, door(body, top=top), verdicts(ends))


ATTACKS = (
    _door("d40_sockets", 40, "open a socket of any family and kind", """
        kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET)
        return any(works(lambda f=f, k=k: socket.socket(f, k).close()) for f in range(1, 46) for k in kinds)
    """),
    _door("d40_pair_of_other_kind", 40, "make pairs that can carry descriptors or out-of-band data", """
        return works(lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)) or works(
            lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET))
    """),
    _door("d40_send_descriptors", 40, "send descriptors to the grader over the wire", """
        import array
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))]
        a, b = socket.socketpair()
        return works(lambda: a.sendmsg([b"x"], rights))
    """),
    _door("d41_programs", 41, "run another program", """
        import subprocess
        try:
            os.execv("/nonexistent", ["x"])
        except FileNotFoundError:
            return True
        except OSError:
            pass
        return any(works(action) for action in (
            lambda: subprocess.run(["true"]), lambda: os.posix_spawn("/bin/true", ["true"], {}),
            lambda: os.popen("true").read() is None, lambda: os.close(os.memfd_create("x")))) or reached(322, 281, -1, 0, 0, 0, 0)
    """),
    _door("d41_new_process_by_any_call", 41, "make a process by fork, clone and clone3", """
        handlers_without_memory = 0x00000800  # CLONE_SIGHAND alone: the kernel rejects it, if it gets to see it
        def by_number():
            child = ctypes.CDLL(None).syscall({"x86_64": 57}.get(os.uname().machine, -1))
            if child == 0:
                os._exit(0)
            return child > 0
        return (works(lambda: os.fork() or os._exit(0)) or by_number()
                or reached(435, 435, 0, 0) or reached(56, 220, handlers_without_memory, 0))
    """),
    _door("d42_privileges", 42, "take privileges: namespaces, mounts, users, capabilities", """
        calls = (
            reached(272, 97, 0x10000000), reached(165, 40, 0, 0, 0, 0, 0), reached(155, 41, 0, 0), reached(161, 51, 0),
            reached(308, 268, -1, 0), reached(105, 146, 0) and os.getuid() != 0, reached(126, 91, 0, 0),
            reached(157, 167, 8, 1, 0, 0, 0) and ctypes.get_errno() != errno.EINVAL, reached(317, 277, 1, 0, 0))
        return any(calls)
    """),
    _door("d43_kernel_surface", 43, "reach io_uring, bpf, userfaultfd, perf, fanotify, key rings", """
        return any((
            reached(425, 425, 0, 0), reached(321, 280, -1, 0, 0), reached(323, 282, 0xFFFF), reached(298, 241, 0, 0, -1, -1, 0),
            reached(300, 262, 0xFFFF, 0), reached(250, 219, 0, -2, 0), reached(435, 435, 0, 0), reached(437, 437, -1, 0, 0, 0),
            reached(303, 264, -1, 0, 0, 0, 0), reached(304, 265, -1, 0, 0), reached(135, 92, 0xFFFFFFFF)))
    """),
    _door("d43_x32", 43, "use the x32 call interface", """
        if os.uname().machine != "x86_64":
            os.kill(os.getpid(), signal.SIGSYS)
        return reached(0x40000000 + 39, 0)
    """, ends="forbidden"),
    _door("d43_32_bit", 43, "use the 32-bit call interface", """
        if os.uname().machine != "x86_64":
            os.kill(os.getpid(), signal.SIGSYS)
        import mmap
        code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        code.write(bytes.fromhex("b814000000cd80c3"))
        return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))() == os.getpid()
    """, ends="forbidden"),
    _door("d44_other_processes", 44, "signal, slow down, pin or limit other processes", """
        parent = os.getppid()
        return any(works(action) for action in (
            lambda: os.kill(parent, 0), lambda: os.kill(-1, 0), lambda: os.kill(-os.getpgrp(), 0),
            lambda: os.setpriority(os.PRIO_PROCESS, parent, os.getpriority(os.PRIO_PROCESS, parent)),
            lambda: os.sched_setaffinity(parent, os.sched_getaffinity(parent)),
            lambda: resource.prlimit(parent, resource.RLIMIT_NOFILE),
            lambda: os.sched_setscheduler(parent, os.SCHED_OTHER, os.sched_param(0)))) or any((
            reached(129, 138, parent, 0, 0), reached(297, 240, parent, parent, 0, 0), reached(424, 424, -1, 0, 0, 0),
            reached(251, 30, 1, parent, 0), reached(256, 238, parent, 0, 0, 0), reached(440, 440, -1, 0, 0, 0, 0)))
    """),
    _door("d44_own_limits", 44, "raise its own limits", """
        for name in ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NPROC", "RLIMIT_NOFILE"):
            limit = getattr(resource, name)
            soft, hard = resource.getrlimit(limit)
            if hard == resource.RLIM_INFINITY:
                return True
            try:
                resource.setrlimit(limit, (hard + 1, hard + 1))
                return True
            except (OSError, ValueError):
                pass
        return False
    """),
    _door("d45_terminal", 45, "type into the operator's terminal", """
        if any(works(lambda fd=fd: fcntl.ioctl(fd, 0x5412, b"x")) for fd in range(3)):
            return True
        return reached(16, 29, 0, 0x5412, 0) or works(lambda: os.close(os.open("/dev/tty", os.O_RDWR)))
    """),
    _door("d46_special_files", 46, "leave links, pipes and set-user-id files in the scratch folder", """
        open("plain", "w").close()
        return any(works(action) for action in (
            lambda: os.symlink("/etc", "link"), lambda: os.mkfifo("pipe"), lambda: os.link("plain", "hard"),
            lambda: os.mknod("node", 0o600 | stat.S_IFSOCK), lambda: os.chmod("plain", 0o4755),
            lambda: os.close(os.open("suid", os.O_CREAT | os.O_WRONLY, 0o4755)),
            lambda: os.setxattr("plain", "user.note", b"x"), lambda: os.chown("plain", 1, 1)))
    """),
    _door("d47_channels", 47, "leave word for another worker: shared memory, queues, locks, leases, key rings", """
        with open("plain", "w") as file:
            kernel = (reached(29, 194, 0x5EED, 0, 0), reached(240, 180, 0, 0, 0, 0), reached(68, 186, 0x5EED, 0),
                      reached(64, 190, 0x5EED, 1, 0), reached(248, 217, 0, 0, 0, 0, -3))
            return any(kernel) or any(works(action) for action in (
                lambda: fcntl.flock(file, fcntl.LOCK_EX), lambda: fcntl.lockf(file, fcntl.LOCK_EX),
                lambda: fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK), lambda: fcntl.fcntl(file, fcntl.F_SETOWN, 1),
                lambda: fcntl.fcntl(file, fcntl.F_NOTIFY, 1)))
    """),
    _door("d100_ways_around_names", 100, "reach files by other names: /proc/self/root, dot-dot, handles, openat2", """
        inside = COURSE.lstrip("/") + "/checks/numbers.py"
        names = (f"/proc/self/root/{inside}", f"/proc/self/cwd/{'../' * 40}{inside}", f"{'../' * 40}{inside}",
                 f"/proc/{os.getppid()}/root/{inside}", f"/dev/fd/../../../../{inside}")
        return any(works(lambda n=n: open(n).read(1)) for n in names) or reached(437, 437, -100, 0, 0, 0)
    """),
    _door("d101_machine_code", 101, "call the kernel from machine code of its own", """
        if os.uname().machine != "x86_64":
            return False
        import mmap
        code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        code.write(bytes.fromhex("b829000000bf02000000be0100000031d20f05c3"))  # socket(AF_INET, SOCK_STREAM, 0)
        return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))() >= 0
    """),
    _door("d102_unlock", 102, "loosen the lock: more filters, privileges, dumpable, death signal", """
        return any((
            reached(157, 167, 4, 1, 0, 0, 0) and ctypes.get_errno() != errno.EINVAL,
            reached(157, 167, 1, 0, 0, 0, 0) and ctypes.get_errno() != errno.EINVAL,
            reached(157, 167, 22, 0, 0, 0, 0) and ctypes.get_errno() != errno.EINVAL,
            reached(446, 446, -1, 0), reached(444, 444, 0, 0, 0)))
    """),
    _door("d103_in_a_thread", 103, "do it in a thread, which some locks forget", """
        found = []
        def inside():
            found.append(works(lambda: socket.socket().close()) or works(lambda: open(COURSE + "/checks/numbers.py").close()))
        thread = threading.Thread(target=inside)
        thread.start()
        thread.join()
        return found == [True]
    """),
)
