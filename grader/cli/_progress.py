"""A progress bar with an estimate, on standard error and only on a terminal."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

from grader.engine import Listener
from grader.records import clean_text


@contextlib.contextmanager
def progress(total: int, *, quiet: bool = False) -> Iterator[Listener]:
    """A listener that moves a bar as reports end."""
    with _bar("grading", total, quiet=quiet) as move:
        yield lambda report, done, of: move(done, of, report.student)


@contextlib.contextmanager
def counter(doing: str) -> Iterator[Callable[[int, int], None]]:
    """A bar for work of which only the number done and the number of all are told."""
    with _bar(doing, 0) as move:
        yield lambda done, of: move(done, of, "")


@contextlib.contextmanager
def _bar(doing: str, total: int, *, quiet: bool = False) -> Iterator[Callable[[int, int, str], None]]:
    if quiet or not sys.stderr.isatty():
        yield lambda done, of, now: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.description}", markup=False), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total or None)

        def moved(done: int, of: int, now: str) -> None:
            bar.update(task, completed=done, total=of, description=clean_text(now, 24))

        yield moved
