"""Report pages follow the decisions: written anew a moment after each save, and once more at the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from types import TracebackType

from grader.records import StoreFault, UserError
from grader.reports import write_all
from grader.review._board import Board, Watched

DELAY_S = 0.5
"""Saves within this time, or twice what the last rendering took, share one: a large class is not drawn all the time."""


def render(board: Board, students: Iterable[tuple[str, str]]) -> None:
    """Write the pages of these (assignment, student), the class page and the gradebook. Raises UserError."""
    write_all(board.path.parent, board.graded.run, board.finals(), only=set(students))


class Renderer:
    """Renders in a thread of its own. Use as a context manager: leaving it writes what is left."""

    def __init__(self, watched: Watched, delay_s: float = DELAY_S) -> None:
        self._watched, self._delay_s = watched, delay_s
        self._due: set[tuple[str, str]] = set()
        self._turn = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="pages", daemon=True)
        self.trouble = ""
        """Why the pages could not be written last time, or empty."""

    def __enter__(self) -> Renderer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._turn:
            self._closing = True
            self._turn.notify()
        self._thread.join()

    def changed(self, students: Iterable[tuple[str, str]]) -> None:
        """The pages of these (assignment, student) are to be written."""
        with self._turn:
            self._due.update(students)
            self._turn.notify()

    def _work(self) -> None:
        took = 0.0
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._due or self._closing)
                self._turn.wait_for(lambda: self._closing, timeout=max(self._delay_s, 2 * took))
                due, self._due = self._due, set()
                if not due:
                    return
            begun = time.monotonic()
            try:
                render(self._watched.board(), due)
                self.trouble = ""
            except (UserError, StoreFault, OSError) as error:
                self.trouble = f"{error}; `grader report` writes the pages again"
            took = time.monotonic() - begun
