"""Where the process of the examination server begins: the sandbox starts while the checks are being read.

Kept light: what takes a second to import, on either side, is imported side by side.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.exam._start import start_zygote
from grader.sandbox import Level, Zygote, end_with_parent


class Walls:
    """A zygote on its way."""

    def __init__(self, setup: Mapping[str, Any]) -> None:
        """Begin to start it as an examination server's set-up says."""
        self._setup = setup
        self._zygote: Zygote | None = None
        self._level = Level[setup["level"]]
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._start)
        self._thread.start()

    def _start(self) -> None:
        try:
            self._zygote, self._level = start_zygote(
                self._level,
                secrets=_secrets(self._setup),
                lowest=Level[self._setup["lowest"]],
                warm=self._setup["warm"],
            )
        except BaseException as failure:  # noqa: BLE001 - raised where the zygote is asked for
            self._failure = failure

    @property
    def rising(self) -> bool:
        """Whether it is not ready yet."""
        return self._thread.is_alive()

    def ready(self) -> tuple[Zygote, Level]:
        """Wait for it; from then on this process has no thread but its first. Raises what `start_zygote` raises."""
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        assert self._zygote is not None
        return self._zygote, self._level

    def close(self) -> None:
        """End it, whether it was asked for or not."""
        self._thread.join()
        if self._zygote is not None:
            self._zygote.close()


def _secrets(setup: Mapping[str, Any]) -> list[Path]:
    """Files of the course that a worker must not be able to read."""
    root = Path(setup["course"])
    wanted = [root / folder / f"{topic}.py" for folder in ("checks", "reference") for topic in setup["topics"]]
    return [path for path in wanted if path.is_file()]


def main() -> int:
    """Read the set-up line, start the sandbox, collect, serve. What instructors' files print goes to standard error."""
    channel = os.dup(1)
    os.dup2(2, 1)
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return 2
        line += byte
    setup = json.loads(line)
    end_with_parent(setup["parent"])  # its zygote sees that, ends the workers and removes what they wrote
    walls = Walls(setup)
    try:
        from grader.exam._server import serve

        return serve(setup, channel, walls)
    finally:
        walls.close()
