"""Lines of JSON on a pipe between two processes of ours."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any


def write_line(descriptor: int, message: Mapping[str, Any]) -> None:
    """One message as a line. Raises OSError."""
    write_lines(descriptor, [message])


def write_lines(descriptor: int, messages: Iterable[Mapping[str, Any]]) -> None:
    """A line for each message, all at once: whoever waits for them is woken once. Raises OSError."""
    write_all(descriptor, b"".join(json.dumps(message).encode() + b"\n" for message in messages))


def write_all(descriptor: int, data: bytes) -> None:
    """All of it, however much a pipe takes at once. Raises OSError."""
    while data:
        data = data[os.write(descriptor, data) :]
