"""The one way to the kernel for calls that Python does not offer: by number, through the C library's `syscall`."""

import ctypes
import os
import sys
from dataclasses import dataclass
from typing import Any

from grader.sandbox._level import LockError
from grader.sandbox._syscalls import Architecture, architecture

Argument = int | bytes | ctypes.Array[ctypes.c_char] | None


@dataclass(frozen=True)
class Kernel:
    """The C library's `syscall` and the table of this machine; made once by `kernel()`, before any fork."""

    architecture: Architecture
    _syscall: Any  # a ctypes function pointer, which has no static type of its own

    def call(self, name: str, *arguments: Argument, step: str) -> int:
        """Make the system call `name`; `step` says in the LockError what it was for."""
        number = self.architecture.numbers[name]
        result = self._syscall(ctypes.c_long(number), *(_converted(argument) for argument in arguments))
        if result < 0:
            code = ctypes.get_errno()
            raise LockError(f"cannot {step}: {os.strerror(code)}") from OSError(code, os.strerror(code))
        return int(result)


def kernel() -> Kernel:
    """Open the C library; LockError off Linux, on an unknown machine type, and for a 32-bit Python."""
    if not sys.platform.startswith("linux"):
        raise LockError("levels L2 and L3 need Linux")
    if sys.maxsize < 2**32:
        raise LockError("levels L2 and L3 need a 64-bit Python")
    table = architecture(os.uname().machine)
    library = ctypes.CDLL(None, use_errno=True)
    function = library.syscall
    function.restype = ctypes.c_long
    return Kernel(table, function)


def _converted(argument: Argument) -> Any:
    if isinstance(argument, int):
        return ctypes.c_long(argument)
    return ctypes.c_char_p(argument) if isinstance(argument, bytes) else argument
