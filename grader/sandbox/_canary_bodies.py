"""The attacks of the canaries, as lines of Python: (name, body), grouped by the lowest level that denies them.

A body works if it ends without an OSError, unless it returns an answer. `reached` is of the prelude in `_canaries`.
"""

from typing import Final

OF_PROCESS: Final = (
    (
        "inherited-descriptor",
        """
        found = []
        for number in range(3, 1024):
            try:
                found.append(os.fstat(number).st_mode)
            except OSError:
                pass
        sockets = [mode for mode in found if stat.S_ISSOCK(mode)]
        return len(sockets) > 1 or any(stat.S_ISREG(mode) or stat.S_ISDIR(mode) for mode in found)
    """,
    ),
    ("unlimited-memory", "return resource.getrlimit(resource.RLIMIT_AS)[1] == resource.RLIM_INFINITY"),
    ("unlimited-cpu", "return resource.getrlimit(resource.RLIMIT_CPU)[1] == resource.RLIM_INFINITY"),
    (
        "unlimited-resources",
        """
        most = {"FSIZE": 1 << 40, "NPROC": 1 << 14, "NOFILE": 1024, "STACK": 1 << 28}
        most |= dict.fromkeys(("CORE", "MEMLOCK", "MSGQUEUE", "NICE", "RTPRIO"), 0)
        limits = {name: getattr(resource, "RLIMIT_" + name, None) for name in most}
        hard = {name: resource.getrlimit(limit)[1] for name, limit in limits.items() if limit is not None}
        return any(value == resource.RLIM_INFINITY or value > most[name] for name, value in hard.items())
    """,
    ),
)

FILES: Final = (
    (
        "read-system-file",
        """
        for path in ("/etc/passwd", "/etc/hostname", "/etc/hosts"):
            try:
                return bool(open(path, "rb").read(1))
            except OSError:
                pass
        return False
    """,
    ),
    (
        "list-folders",
        """
        for path in ("/home", "/root", "/tmp", "/var", "/etc", "/"):
            try:
                if os.path.realpath(path) != os.getcwd():
                    return os.listdir(path) is not None
            except OSError:
                pass
        return False
    """,
    ),
    ("list-processes", "return any(name.isdigit() for name in os.listdir('/proc'))"),
    (
        "read-environment-of-others",
        """
        for process in (os.getppid(), "self"):
            try:
                return open(f"/proc/{process}/environ", "rb").read() is not None
            except OSError:
                pass
        return False
    """,
    ),
    (
        "write-outside",
        """
        for folder in ("/var/tmp", "/dev/shm", "/tmp", os.path.expanduser("~")):
            path = os.path.join(folder, f"grader-canary-{os.getpid()}")
            try:
                if os.path.realpath(folder) != os.getcwd():
                    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
                    os.unlink(path)
                    return True
            except OSError:
                if os.path.lexists(path):  # made, though not opened
                    return True
        return False
    """,
    ),
    ("write-existing-file", "os.close(os.open('/dev/full', os.O_WRONLY))"),
    (
        "change-folders-outside",
        """
        above = os.path.dirname(os.getcwd())
        name = os.path.join(above, f"grader-canary-{os.getpid()}")
        for attempt in (lambda: os.mkdir(name) or os.rmdir(name), lambda: os.unlink(above), lambda: os.rmdir(above)):
            try:
                attempt()
                return True
            except OSError as problem:  # a folder that is a folder, or not empty: the door was open
                if above != "/" and problem.errno in (errno.EISDIR, errno.ENOTEMPTY) or os.path.lexists(name):
                    return True
        return False
    """,
    ),
    ("make-symbolic-link", "os.symlink('/etc', 'canary-link'); os.unlink('canary-link')"),
    ("make-pipe", "os.mkfifo('canary-pipe'); os.unlink('canary-pipe')"),
    (
        "make-set-user-id",
        """
        mode, found, name = 0o4700, [], ctypes.create_string_buffer(b"canary-suid")
        path, flags = ctypes.addressof(name), os.O_CREAT | os.O_WRONLY
        def by_handle():
            with open("canary-suid", "w") as file:
                os.fchmod(file.fileno(), mode)

        for make in (
            by_handle,
            lambda: open("canary-suid", "w").close() or os.chmod("canary-suid", mode),
            lambda: os.close(os.open("canary-suid", flags, mode)),
            lambda: reached(2, -1, path, flags, mode),
            lambda: reached(85, -1, path, mode),
        ):
            try:
                make()
            except OSError:
                pass
            if os.path.exists("canary-suid"):
                found.append(os.stat("canary-suid").st_mode & 0o4000)
                os.unlink("canary-suid")
        return any(found)
    """,
    ),
)

PROCESSES: Final = (
    (
        "fork",
        """
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
    """,
    ),
    (
        "execute",
        """
        try:
            os.execv("/nonexistent-canary", ["canary"])
        except FileNotFoundError:
            return True
    """,
    ),
    ("traceable", "return reached(157, 167, 3) and ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) != 0"),
    (
        "capabilities",
        """
        header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
        reached(125, 90, ctypes.addressof(header), ctypes.addressof(sets))
        return any(sets)
    """,
    ),
    ("ask-about-processor", "return reached(158, -1, 0x1011, 0) and ctypes.get_errno() != errno.EINVAL"),
    ("signal-others", "os.kill(os.getppid(), 0)"),
    ("limits-of-others", "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)"),
    ("raise-own-limit", "return reached(160, 164, 4, ctypes.addressof((ctypes.c_ulong * 2)(0, 0)))"),
    ("affinity-of-others", "os.sched_setaffinity(os.getppid(), os.sched_getaffinity(os.getppid()))"),
    ("session-of-others", "os.getsid(os.getppid())"),
    ("group-of-others", "os.getpgid(os.getppid())"),
    ("change-user", "os.setuid(os.getuid())"),
    ("own-session", "os.setsid()"),
    (
        "outlive-parent",
        "return reached(157, 167, 1, signal.SIGKILL, 0, 0, 0) and ctypes.get_errno() != errno.EINVAL",
    ),
    (
        "other-call-interface",
        """
        if os.uname().machine != "x86_64":
            return False
        code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        code.write(bytes.fromhex("b814000000cd80c3"))  # getpid of the 32-bit interface
        address = ctypes.addressof(ctypes.c_char.from_buffer(code))
        return ctypes.CFUNCTYPE(ctypes.c_int)(address)() == os.getpid()
    """,
    ),
    (
        "pair-that-carries-descriptors",
        """
        for end in socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM):
            end.close()
    """,
    ),
    (
        "out-of-band-data",
        """
        here, there = socket.socketpair()
        with here, there:
            sent = reached(44, 206, here.fileno(), ctypes.addressof(ctypes.c_char(b"x")), 1, socket.MSG_OOB, 0, 0)
            return sent or reached(45, 207, there.fileno(), 0, 1, socket.MSG_OOB, 0, 0)
    """,
    ),
    (
        "process-behind-a-socket",  # SO_PEERPIDFD
        """
        here, there = socket.socketpair()
        with here, there:
            return reached(55, 209, here.fileno(), 1, 77, 0, 0)
    """,
    ),
    (
        "lock-file",
        """
        handle = os.open("canary-lock", os.O_CREAT | os.O_RDWR)
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            os.close(handle)
            os.unlink("canary-lock")
    """,
    ),
)

# What only a root of its own takes away.
BEYOND: Final = (
    (
        "ask-about-files",
        "return any(os.path.lexists(above + 'etc/passwd') for above in ('/', '/../', '/proc/1/root/', '../' * 40))",
    ),
    (
        "fill-the-disk",
        "room = os.statvfs('.'); return room.f_blocks * room.f_frsize > 1 << 32 or not 0 < room.f_files < 1 << 16",
    ),
    (
        "loose-mounts",
        """
        libraries, scratch = (os.statvfs(path).f_flag for path in (os.__file__, "."))
        closed = os.ST_NOSUID | os.ST_NODEV
        return libraries & (closed | os.ST_RDONLY) != closed | os.ST_RDONLY or scratch & (closed | os.ST_NOEXEC) != (
            closed | os.ST_NOEXEC)
    """,
    ),
    ("same-user-as-root", "return os.getuid() == 0"),
)

# name, number on x86_64 and aarch64, arguments that the kernel rejects or that change nothing
CALLS: Final = (
    ("ptrace", 101, 117, "16, 0x7FFFFFFF, 0, 0"),
    ("process_vm_readv", 310, 270, "os.getppid(), 0, 0, 0, 0, 0"),
    ("process_vm_writev", 311, 271, "os.getppid(), 0, 0, 0, 0, 0"),
    ("pidfd_open", 434, 434, "os.getppid(), 0xFFFF"),
    ("unshare", 272, 97, "0"),
    ("mount", 165, 40, "0, 0, 0, 0, 0"),
    ("io_uring_setup", 425, 425, "0, 0"),
    ("keyctl", 250, 219, "0, -2, 0"),
    ("bpf", 321, 280, "-1, 0, 0"),
    ("perf_event_open", 298, 241, "0, 0, -1, -1, 0"),
    ("userfaultfd", 323, 282, "0xFFFF"),
    ("memfd_create", 319, 279, "0, 0"),
    ("shmget", 29, 194, "0, 0, 0"),
    ("mq_open", 240, 180, "0, 0, 0, 0"),
    ("ioctl-TIOCSTI", 16, 29, "0, 0x5412, 0"),
    ("inotify_init1", 294, 26, "0xFFFF"),
    ("pipe2-notification", 293, 59, "0, 0o200"),
)
