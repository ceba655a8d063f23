"""Small attacks that are run inside a real worker before anything is graded: one that works lowers the level.

Each only finds out whether a door is open and does nothing behind it, so that it is harmless where it works.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent
from typing import Final

from grader.sandbox._canary_bodies import BEYOND, CALLS, FILES, OF_PROCESS, PROCESSES
from grader.sandbox._level import Level


@dataclass(frozen=True)
class Canary:
    """One attack.

    `source` is Python source that defines `attack() -> bool`, True where the attack worked. It is denied where
    `attack` gives False or the worker dies; anything else, an exception too, is to be taken as an attack that worked.
    """

    name: str  # stable, for records
    source: str
    denied_from: Level  # the lowest level whose promise it would break


def reading_canary(path: str) -> Canary:
    """Give the attack that reads the file `path`, for instance one of the course; to be denied from L2 on."""
    body = f"with open({path!r}, 'rb') as file:\n    return file.read(1) is not None"
    return Canary("read-course-file", _source(body), Level.L2)


def _canaries() -> Iterator[Canary]:
    for level, group in (
        (Level.L1, OF_PROCESS),
        (Level.L2, (*FILES, *PROCESSES)),
        (Level.L3, BEYOND),
    ):
        for name, body in group:
            yield Canary(name, _source(body), level)
    for family, number in (
        ("inet", 2),
        ("inet6", 10),
        ("unix", 1),
        ("netlink", 16),
        ("packet", 17),
        ("vsock", 40),
    ):
        kind = "DGRAM" if family in ("netlink", "packet") else "STREAM"
        yield Canary(
            f"socket-{family}", _source(f"socket.socket({number}, socket.SOCK_{kind}).close()"), Level.L2
        )
    for name, x86_64, aarch64, arguments in CALLS:
        yield Canary(f"call-{name}", _source(f"return reached({x86_64}, {aarch64}, {arguments})"), Level.L2)


def _source(body: str) -> str:
    """Wrap the lines of an attack: it worked if it ends without an OSError, unless it says otherwise."""
    lines = "\n".join("    " + line for line in dedent(body).strip().splitlines())
    return f"{_PRELUDE}\n\ndef _attack():\n{lines}\n    return True\n{_ENTRY}"


_PRELUDE = '''
import ctypes, errno, fcntl, mmap, os, resource, signal, socket, stat

def reached(x86_64, aarch64, *arguments):
    """Whether the kernel looked at a call at all, whatever it thought of its arguments."""
    number = {"x86_64": x86_64, "aarch64": aarch64}.get(os.uname().machine)
    if number is None:
        return False
    function = ctypes.CDLL(None, use_errno=True).syscall
    function.restype = ctypes.c_long
    ctypes.set_errno(0)
    result = function(*(ctypes.c_long(value) for value in (number, *arguments)))
    return result >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS, errno.EACCES)
'''

_ENTRY = """
def attack():
    try:
        return bool(_attack())
    except OSError:
        return False
"""

CANARIES: Final = tuple(_canaries())
