"""Workers that are started anew instead of forked: where a fork of a process with libraries loaded cannot be trusted.

On macOS the system's own frameworks, which NumPy and torch call, may stop a forked child at their first use. Starting anew
costs the imports for each worker. At L1 only: the walls of higher levels are made by a parent that has seen no other code.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from grader.sandbox._forked import become_worker
from grader.sandbox._level import Level

_BOOT: Final = (
    "import sys; sys.argv[1] in sys.path or sys.path.insert(0, sys.argv[1]); "
    "from grader.sandbox._spawned import main; main(sys.argv[2])"
)


def spawn(warm: Sequence[str], scratch: Path, limits: Mapping[str, int], *, wire: int, output: int) -> int:
    """Start a worker with these descriptors; gives its process id, and leaves the reaping to the caller. Raises OSError."""
    setup = {
        "warm": list(warm),
        "scratch": str(scratch),
        "limits": dict(limits),
        "wire": wire,
        "output": output,
    }
    setup["parent"] = os.getpid()
    root = str(Path(__file__).resolve().parents[2])
    process = subprocess.Popen(
        [sys.executable, "-s", "-P", "-B", "-c", _BOOT, root, json.dumps(setup)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(wire, output),
    )
    process.returncode = 0  # whoever kills it waits for it; `subprocess` must not do so before
    return process.pid


def main(text: str) -> None:
    """Import, lock, serve. Whatever fails is the worker's end: the grader sees a worker that was never ready."""
    from grader.sandbox._zygote import prepare

    setup = json.loads(text)
    plan, seeds, _ = prepare(Level.L1, setup["warm"])
    become_worker(
        replace(plan, parent=setup["parent"]),
        seeds,
        Path(setup["scratch"]),
        setup["limits"],
        wire=setup["wire"],
        output=setup["output"],
    )
