"""Messages between a grader and its zygote: both are trusted, no submitted code runs in either."""

from __future__ import annotations

import array
import socket
import struct
from collections.abc import Sequence
from typing import Any, Final

import msgpack

CONNECT: Final = b"c"
"""One byte on the first socket: a new connection comes with it."""
SHUTDOWN: Final = b"q"
_LENGTH: Final = struct.Struct("<I")
_MAX_MESSAGE: Final = 1 << 20


def send_with_fds(stream: socket.socket, data: bytes, fds: Sequence[int]) -> None:
    """Write everything, descriptors with the first byte. Raises OSError."""
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    sent = stream.sendmsg([data], ancillary)
    if sent < len(data):
        stream.sendall(data[sent:])


def send_message(stream: socket.socket, message: dict[str, Any], fds: Sequence[int] = ()) -> None:
    """Write one message. Raises OSError."""
    body = msgpack.packb(message)
    send_with_fds(stream, _LENGTH.pack(len(body)) + body, fds)


def receive_message(stream: socket.socket, max_fds: int = 0) -> tuple[dict[str, Any], list[int]]:
    """Read one message. Raises EOFError at the end of the stream, OSError otherwise."""
    head, fds, _, _ = socket.recv_fds(stream, _LENGTH.size, max_fds)
    if len(head) < _LENGTH.size:
        if not head:
            raise EOFError
        head += _exactly(stream, _LENGTH.size - len(head))
    (size,) = _LENGTH.unpack(head)
    if size > _MAX_MESSAGE:
        raise OSError("message too large")
    message: dict[str, Any] = msgpack.unpackb(_exactly(stream, size))
    return message, list(fds)


def _exactly(stream: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        chunk = stream.recv(size - len(data))
        if not chunk:
            raise EOFError
        data += chunk
    return data
