"""The process that reads write-ups: one request in, one line a write-up out; it ends when its parent does."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from grader.derivation._check import check_writeup, unread_problems
from grader.derivation._sheet_toml import load_sheets
from grader.records import UserError, plain


def main() -> None:
    """Answer the request on standard input: `notation`, `seed`, `files`, `cpu_s` and `memory_mb`, as one line of JSON."""
    request = json.loads(sys.stdin.buffer.readline())
    _limit(request["cpu_s"], request["memory_mb"])
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        sheets = load_sheets(Path(request["notation"]))
    except UserError as error:
        _say({"refused": str(error)})
        return
    _say({"problems": list(sheets)})
    for file in request["files"]:
        _say(_answer(file, sheets, request["seed"]))


def _answer(file: dict[str, str], sheets: Any, seed: int) -> dict[str, Any]:
    given = {"file": file["file"], "kind": file["kind"], "sheets": sheets}
    try:
        found = check_writeup(file["text"], seed=seed, **given)
        unread = unread_problems(file["text"], **given)
    except UserError as error:
        return {"refused": str(error)}
    except (MemoryError, RecursionError) as error:
        return {"refused": f"{file['file']}: too large to check ({type(error).__name__})"}
    except Exception as error:  # noqa: BLE001 - an error of the reader's own is for a person, never the end of the run
        return {"refused": f"{file['file']}: the reader failed on it ({type(error).__name__})"}
    return {"derivations": [plain(d) for d in found], "unread": unread}


def _limit(cpu_s: int, memory_mb: int) -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
        in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        limit = in_use + (memory_mb << 20)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _end_with_parent() -> None:
    while os.read(0, 1 << 16):
        pass
    os._exit(1)


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
