"""E. Denial of service: processes, threads, memory, disk, time, frames, sources. Everything is bounded."""

from __future__ import annotations

from grader.sandbox import Level
from tests.attacks.model import Attack, Files, door, source, verdicts

GROUP = "E denial of service"


def _attack(
    name: str, row: int, title: str, files: Files, ends: str, since: Level | None = Level.L2
) -> Attack:
    return Attack(name, row, GROUP, title, files, verdicts(ends), stopped_from=since)


_DEEP = "x = " + "(" * 5000 + "1" + ")" * 5000 + "\n"
_LONG = "x = " + "-" * 60_000 + "1\n"
_WIDE = "def late(v):\n    return " + " + ".join(["[v] * 9"] * 4000) + "\n"

_CALLED_BACK = (
    ("e201_endless_callbacks", 201, "call a function of the check for ever", "while True:\n    f(x)", "timeout"),
    ("e201_callbacks_of_threads", 201, "call a function of the check from all threads at once, for ever", """
def call():
    while True:
        f(x)
for _ in range(8):
    threading.Thread(target=call, daemon=True).start()
call()
""", "timeout crashed error"),
    ("e202_giant_arguments", 202, "pass a function of the check what is too large for it", """
import numpy as np
deep = x
for _ in range(140):
    deep = [deep]
for argument in (np.zeros(7_000_000), "9" * 30_000_000, deep, 1 << 13_900, [0.0] * 900_000, {n: n for n in range(4_000)}):
    for _ in range(3):
        try:
            f(argument)
        except Exception:
            continue
return f(x)
""", "failed timeout error"),
)
"""Attacks on the grader by way of the functions that a check passes in."""

ATTACKS = (
    _attack(
        "e48_fork_bomb", 48, "make fifty processes", door("""
            children = []
            for _ in range(50):
                child = os.fork()
                if child == 0:
                    time.sleep(0.2)
                    os._exit(0)
                children.append(child)
            return len(children) == 50
        """), "failed",
    ),
    _attack(
        "e49_thread_bomb", 49, "start threads until none are left", source("square", """
            threading.stack_size(1 << 16)
            for _ in range(1500):
                threading.Thread(target=time.sleep, args=(2,), daemon=True).start()
            return 2 * x
        """), "failed error memory crashed",
    ),
    _attack(
        "e50_memory_in_steps", 50, "take memory until there is none", source("square", """
            kept = []
            for _ in range(1 << 12):
                kept.append(bytearray(1 << 21))
            return 2 * x
        """), "memory timeout",
    ),
    _attack(
        "e50_memory_at_once", 50, "ask for eight gigabytes at once", source("square", """
            import numpy as np
            return 2 * x + np.ones(1 << 30).sum()
        """), "memory",
    ),
    _attack(
        "e50_memory_caught", 50, "take all memory and catch the error", source("square", """
            kept = []
            for size in (1 << 26, 1 << 20, 1 << 12):
                try:
                    while len(kept) < 1 << 20:
                        kept.append(bytearray(size))
                except MemoryError:
                    continue
            globals()["kept"] = kept
            return 2 * x
        """), "failed memory error timeout crashed",
    ),
    _attack(
        "e51_recursion", 51, "recur without a limit", source("square", """
            sys.setrecursionlimit(10**8)
            def down(n):
                return 0 if n == 3_000_000 else 1 + down(n + 1)
            return 2 * x + 0 * down(0)
        """), "memory crashed error failed timeout",
    ),
    _attack(
        "e51_recursion_in_c", 51, "overflow the stack below Python", source("square", """
            deep = None
            for _ in range(1_000_000):
                deep = [deep]
            return 2 * x + 0 * len(repr(deep))
        """), "crashed error memory",
    ),
    _attack(
        "e52_huge_file", 52, "write one file of 200 MB", door("""
            with open("huge", "wb") as file:
                for _ in range(200):
                    file.write(bytes(1 << 20))
            return True
        """), "failed",
    ),
    _attack(
        "e53_many_files", 53, "write more files than a scratch folder holds", door("""
            for number in range(5000):
                os.close(os.open(f"file{number}", os.O_CREAT | os.O_WRONLY))
            return True
        """), "failed", Level.L3,
    ),
    _attack(
        "e53_fill_the_disk", 53, "fill the disk by several files of permitted size", door("""
            for number in range(8):
                with open(f"part{number}", "wb") as file:
                    for _ in range(10):
                        file.write(bytes(1 << 20))
            return True
        """), "failed", Level.L3,
    ),
    _attack(
        "e54_loop", 54, "loop for ever, ignoring signals and exceptions", source("square", """
            for number in signal.valid_signals():
                try:
                    signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError):
                    pass
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    continue
        """), "timeout",
    ),
    _attack(
        "e54_blocked_signals", 54, "block every signal and loop below Python", source("square", """
            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
            return sum(iter(int, 1)) + 2 * x
        """), "timeout",
    ),
    _attack("e55_sleep", 55, "sleep", source("square", "time.sleep(1000)"), "timeout"),
    _attack(
        "e55_deadlock", 55, "wait for a lock that is never released",
        source("square", "lock = threading.Lock()\nlock.acquire()\nlock.acquire()"), "timeout",
    ),
    _attack("e55_slow_import", 55, "take for ever to be imported", {"solution.py": "import time\ntime.sleep(1000)\n"}, "timeout"),
    _attack(
        "e56_stalled_frame", 56, "announce a frame and never finish it", source("square", """
            for fd in range(3, 64):
                try:
                    os.write(fd, struct.pack("<II", 1 << 20, 0) + b"\\xc0" * 10)
                except OSError:
                    pass
            time.sleep(1000)
        """), "timeout",
    ),
    _attack(
        "e56_dripping_frame", 56, "send a frame byte by byte, for ever", source("square", """
            wire = next(fd for fd in range(3, 64) if works(lambda: os.fstat(fd)))
            os.write(wire, struct.pack("<II", 1 << 25, 0))
            while True:
                os.write(wire, b"\\xc0")
                time.sleep(0.01)
        """), "timeout",
    ),
    _attack(
        "e56_huge_frame", 56, "announce a frame of eight gigabytes", source("square", """
            for fd in range(3, 64):
                try:
                    os.write(fd, b"\\xff" * 64)
                except OSError:
                    pass
            time.sleep(1000)
        """), "crashed",
    ),
    _attack(
        "e56_nested_reply", 56, "answer a list nested a hundred thousand deep", source("square", """
            deep = 2 * x
            for _ in range(100_000):
                deep = [deep]
            return deep
        """), "failed crashed error memory",
    ),
    _attack("e57_source_bomb_deep", 57, "hand in parentheses five thousand deep", {"solution.py": _DEEP}, "error crashed memory"),
    _attack("e57_source_bomb_long", 57, "hand in sixty thousand signs", {"solution.py": _LONG}, "error crashed memory"),
    _attack(
        "e57_source_bomb_behind", 57, "hand in a second file that only the grader would ever parse",
        {**source("square", "return 2 * x", top="sys.modules['zz'] = sys"), "zz.py": _DEEP + _LONG + _WIDE * 40},
        "failed error crashed memory",
    ),
    _attack(
        "e57_notebook_bomb", 57, "hand in a notebook nested a hundred thousand deep",
        {"solution.ipynb": '{"cells": ' + "[" * 100_000 + "]" * 100_000 + "}"}, "missing error",
    ),
    _attack(
        "e104_flood_output", 104, "print 200 MB", source("square", """
            block = ("\\x1b[31m" + "flood" * 20 + "\\n") * 10_000
            for _ in range(200):
                os.write(1, block.encode()[: 1 << 20])
            return 2 * x
        """), "failed timeout",
    ),
    _attack(
        "e105_stop_itself", 105, "stop its own process", source("square", "os.kill(os.getpid(), signal.SIGSTOP)\nreturn 2 * x"),
        "timeout",
    ),
    _attack(
        "e106_processor_hog", 106, "burn every processor with all threads that are to be had", source("square", """
            import numpy as np
            def burn():
                matrix = np.random.rand(200, 200)
                while True:
                    matrix = matrix @ matrix
                    matrix /= np.abs(matrix).max()
            threading.stack_size(1 << 18)
            for _ in range(10):
                threading.Thread(target=burn, daemon=True).start()
            burn()
        """), "timeout",
    ),
    *(
        Attack(name, row, GROUP, title, source("twice", body), verdicts(ends), "remote::twice", "twice")
        for name, row, title, body, ends in _CALLED_BACK
    ),
    _attack(
        "e203_kernel_objects", 203, "take all pipes, pairs, event and poll objects that there are", source("square", """
            import select
            for make in (os.pipe, socket.socketpair, lambda: os.eventfd(0), select.epoll):
                try:
                    while len(kept) < 20_000:
                        kept.append(make())
                        os.set_blocking(kept[-1][1], False)
                        os.write(kept[-1][1], bytes(1 << 20))
                except (OSError, TypeError):
                    continue
            return 2 * x
        """, top="kept = []"), "failed error crashed",
    ),
    _attack(
        "e107_close_everything", 107, "close every descriptor", source("square", "os.closerange(0, 1024)\nreturn x * x"), "crashed",
    ),
    _attack(
        "e108_segmentation_fault", 108, "read where nothing is", source("square", "ctypes.string_at(0)\nreturn x * x"), "crashed",
    ),
)
