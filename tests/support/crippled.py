"""Runs Python source where the kernel lacks some system calls, to see what the lock says about such a machine."""

from __future__ import annotations

import errno
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence

_SCRIPT = """
import ctypes, struct, sys
library = ctypes.CDLL(None, use_errno=True)
code = ctypes.create_string_buffer(bytes.fromhex(sys.argv[1]))
header = ctypes.create_string_buffer(struct.pack("=H6xQ", len(code.raw) // 8, ctypes.addressof(code)))
assert library.prctl(38, 1, 0, 0, 0) == 0
assert library.prctl(22, 2, header, 0, 0) == 0, ctypes.get_errno()
exec(sys.argv[2])
"""


def run_without(
    calls: Mapping[int, int], source: str, *, command: Sequence[str] = (sys.executable,)
) -> subprocess.CompletedProcess[str]:
    """Run `source` in a fresh Python in which each call (by number) fails with the given error."""
    program = b"".join(_instructions(calls))
    argv = [*command, "-I", "-c", _SCRIPT, program.hex(), source]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)


def _instructions(calls: Mapping[int, int]) -> list[bytes]:
    program = [struct.pack("=HBBI", 0x20, 0, 0, 0)]
    for number, error in calls.items():
        assert error in errno.errorcode
        program.append(struct.pack("=HBBI", 0x15, 0, 1, number))
        program.append(struct.pack("=HBBI", 0x06, 0, 0, 0x00050000 | error))
    program.append(struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000))
    return program
