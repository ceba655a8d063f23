"""Work that may not end, in a forked process that can be killed: symbolic algebra on what a student wrote."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.sandbox import end_with_parent

_GRACE = 4
"""Wall clock allowed per second of CPU: a busy machine must not turn a proof into no proof."""


class Exhausted(Exception):
    """The work ran out of time or memory, or its process died. Never means that an answer is wrong."""


def killable(function: Callable[..., Any], *arguments: object, seconds: float = 10, memory_mb: int = 1024) -> Any:
    """`function(*arguments)` in a fork, limited to `seconds` of CPU and `memory_mb` beyond what is in use.

    The result must be JSON-able. Raises Exhausted when the limits end it, and RuntimeError with the
    original message when `function` itself raised.
    """
    read, write = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        end_with_parent(parent)
        os.close(read)
        _work(write, function, arguments, seconds, memory_mb)
    os.close(write)
    try:
        text = _collect(read, seconds * _GRACE)
    finally:
        os.close(read)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if not text:
        raise Exhausted(f"no result within {seconds:g} s and {memory_mb} MiB")
    answer = json.loads(text)
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer["result"]


def _work(
    write: int, function: Callable[..., Any], arguments: tuple[object, ...], seconds: float, memory_mb: int
) -> None:
    try:
        in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        limit = in_use + (memory_mb << 20)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        cpu = max(1, round(seconds + time.process_time()))
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        try:
            answer = {"result": function(*arguments)}
        except (MemoryError, RecursionError):
            os._exit(1)
        except Exception as error:  # noqa: BLE001 - handed to the parent, which raises it
            answer = {"error": f"{type(error).__name__}: {error}"}
        data = json.dumps(answer).encode()
        while data:
            data = data[os.write(write, data) :]
        os._exit(0)
    finally:
        os._exit(1)


def _collect(read: int, seconds: float) -> bytes:
    deadline = time.monotonic() + seconds
    chunks: list[bytes] = []
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([read], [], [], left)[0]:
            return b""
        chunk = os.read(read, 1 << 16)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
