"""Compiles a policy into a classic BPF program for seccomp, and installs it.

Built once before any fork; a worker only writes its own process id into the finished program.
Source: Linux `Documentation/userspace-api/seccomp_filter.rst` and `include/uapi/linux/{filter,seccomp}.h`.
"""

import ctypes
import errno
import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from grader.sandbox._kernel import Kernel
from grader.sandbox._policy import WORD, Condition, Policy, Rule
from grader.sandbox._syscalls import FIRST_COMMON, Architecture

# Instruction codes: load a word of seccomp_data, and with a constant, jump if equal / greater or equal, return.
_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06

ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000

# Offsets in struct seccomp_data: number, architecture, instruction pointer (8 bytes), six 8-byte arguments.
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16

_SET_MODE_FILTER = 1


@dataclass(frozen=True)
class Instruction:
    """One struct sock_filter; `pid` marks a constant that is the worker's process id."""

    code: int
    if_true: int
    if_false: int
    constant: int
    pid: bool = False

    def packed(self) -> bytes:
        """Give the eight bytes the kernel reads."""
        return struct.pack("=HBBI", self.code, self.if_true, self.if_false, self.constant)


@dataclass(frozen=True)
class Program:
    """A finished filter with gaps for the process id."""

    code: bytes
    pid_at: tuple[int, ...]  # byte offsets of constants to fill with the process id
    digest: str  # SHA-256 (hexadecimal) of the program with its gaps empty: identifies the policy in records

    def for_process(self, pid: int) -> bytes:
        """Give the program of the process `pid`."""
        filled = bytearray(self.code)
        for offset in self.pid_at:
            struct.pack_into("=I", filled, offset, pid)
        return bytes(filled)


def build(policy: Policy, architecture: Architecture) -> Program:
    """Compile `policy` for one architecture (both little-endian); a pure function."""
    instructions = list(_instructions(policy, architecture))
    code = b"".join(instruction.packed() for instruction in instructions)
    pid_at = tuple(8 * index + 4 for index, instruction in enumerate(instructions) if instruction.pid)
    return Program(code, pid_at, hashlib.sha256(code).hexdigest())


def install(kernel: Kernel, program: Program, pid: int) -> None:
    """Put the calling thread under `program` for good. Needs no_new_privs; LockError where the kernel refuses."""
    code = ctypes.create_string_buffer(program.for_process(pid))
    header = struct.pack("=H6xQ", len(program.code) // 8, ctypes.addressof(code))
    kernel.call("seccomp", _SET_MODE_FILTER, 0, header, step="install the seccomp filter")


def _instructions(policy: Policy, architecture: Architecture) -> Iterator[Instruction]:
    numbers = architecture.numbers
    yield Instruction(_LOAD, 0, 0, _ARCHITECTURE)
    yield Instruction(_EQUAL, 1, 0, architecture.audit)
    yield _return(KILL)
    yield Instruction(_LOAD, 0, 0, _NUMBER)
    if architecture.x32_bit is not None:
        yield Instruction(_AT_LEAST, 0, 1, architecture.x32_bit)
        yield _return(KILL)
    for name in policy.allowed:
        if name in numbers:
            yield from _on_number(numbers[name], [_return(ALLOW)])
    for rule in policy.rules:
        if rule.name in numbers:
            yield from _on_number(numbers[rule.name], _conditions(rule))
    for name in policy.fatal:
        if name in numbers:
            yield from _on_number(numbers[name], [_return(KILL)])
    yield Instruction(_AT_LEAST, 0, 1, FIRST_COMMON)
    yield _return(ERRNO | errno.ENOSYS)
    yield _return(ERRNO | errno.EPERM)


def _on_number(number: int, body: list[Instruction]) -> list[Instruction]:
    """Run `body` (which always returns) where the call is `number`; a conditional jump reaches 255 further at most."""
    return [Instruction(_EQUAL, 0, len(body), number), *body]


def _conditions(rule: Rule) -> list[Instruction]:
    body: list[Instruction] = []
    for condition in rule.conditions:
        body += _condition(condition, rule.error)
    return [*body, _return(ALLOW)]


def _condition(condition: Condition, error: int) -> list[Instruction]:
    """Fall through where `condition` holds, return the error elsewhere."""
    low = _ARGUMENTS + 8 * condition.argument
    body = []
    if condition.whole:
        body += [Instruction(_LOAD, 0, 0, low + 4), Instruction(_EQUAL, 1, 0, 0), _return(ERRNO | error)]
    body.append(Instruction(_LOAD, 0, 0, low))
    if condition.mask != WORD:
        body.append(Instruction(_AND, 0, 0, condition.mask))
    count = len(condition.values) + condition.own_pid
    for index, value in enumerate(condition.values):
        body.append(Instruction(_EQUAL, count - index, 0, value))
    if condition.own_pid:
        body.append(Instruction(_EQUAL, 1, 0, 0, pid=True))
    return [*body, _return(ERRNO | error)]


def _return(action: int) -> Instruction:
    return Instruction(_RETURN, 0, 0, action)
