"""A small zygote for tests of the lock alone: forks a child per request, locks it, runs a piece of source in it.

Started by `tests.support.locked`. One request per line on standard input, one answer per line on standard output,
both JSON. A request: source, timeout (seconds), limits (keywords of `lock`). The source leaves its answer in `value`.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ |= {"MPLBACKEND": "Agg", "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}

from grader.sandbox._level import Level, LockError  # noqa: E402
from grader.sandbox._lock import LockPlan, lock, plan  # noqa: E402

DEFAULTS = {"memory_mb": 4096, "cpu_s": 60, "file_mb": 8, "threads": 64, "scratch_mb": 16}


def serve(level: Level, warm: bool) -> None:
    """Answer requests until standard input ends."""
    if warm:
        _warm()
    try:
        prepared = plan(level)
    except LockError as problem:
        _say({"ready": False, "reason": str(problem)})
        return
    _say({"ready": True, "plan": prepared.describe(), "pid": os.getpid()})
    for line in sys.stdin:
        request = json.loads(line)
        with tempfile.TemporaryDirectory(prefix="locked-") as scratch:
            _say(_serve_one(prepared, request, scratch))


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _warm() -> None:
    import gc

    import numpy as np
    import scipy.linalg
    import sympy
    import torch

    parameter = torch.nn.Parameter(torch.ones(2))
    torch.optim.Adam([parameter], lr=0.1)
    torch.autograd.backward((parameter**2).sum())
    sympy.simplify(sympy.Symbol("x") + 1)
    scipy.linalg.solve(np.eye(2), np.ones(2))
    gc.freeze()


def _serve_one(prepared: LockPlan, request: dict[str, Any], scratch: str) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(prepared, request, scratch, writing)
    os.close(writing)
    answer, timed_out = _read_until_end(reading, request["timeout"])
    os.close(reading)
    if timed_out:
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    left = sorted(entry.name for entry in Path(scratch).iterdir()) if prepared.level < Level.L3 else []
    outcome = {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None, "left": left}
    outcome["exit"] = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
    said = json.loads(answer) if answer else {}
    return {"timed_out": timed_out, "child": child, "value": None, "error": None, **said, **outcome}


def _read_until_end(descriptor: int, timeout: float) -> tuple[bytes, bool]:
    answer = b""
    while True:
        if not select.select([descriptor], [], [], timeout)[0]:
            return answer, True
        piece = os.read(descriptor, 65536)
        if not piece:
            return answer, False
        answer += piece


def _work(prepared: LockPlan, request: dict[str, Any], scratch: str, writing: int) -> None:
    """Never returns: what the child does."""
    answer: dict[str, Any] = {}
    try:
        null = os.open("/dev/null", os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        options = {**DEFAULTS, "keep_fds": (0, 1, 2, writing), **request["limits"]}
        inside = lock(prepared, scratch=scratch, **options)
        os.chdir(inside)
        os.environ |= {"TMPDIR": inside, "MPLCONFIGDIR": inside}
        tempfile.tempdir = None
        space: dict[str, Any] = {"__name__": "submitted", "SCRATCH": inside, "CHANNEL": writing}
        exec(compile(request["source"], "submitted.py", "exec"), space)
        answer = {"value": space.get("value")}
    except BaseException as problem:  # noqa: BLE001 - whatever the source raised is the answer
        answer = {"error": f"{type(problem).__name__}: {problem}"}
    finally:
        os.write(writing, json.dumps(answer).encode())
        os._exit(0)


if __name__ == "__main__":
    serve(Level[sys.argv[1]], sys.argv[2] == "warm")
