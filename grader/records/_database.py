"""An open SQLite file whose failures are faults that say what to do."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from grader.records._errors import StoreFault


class Database:
    """What the store and the decisions in it have in common. Use as a context manager."""

    _TROUBLE: ClassVar[str]
    """What is said when disk or database fail: of `path`, for the reason `error`."""

    path: Path
    _db: sqlite3.Connection

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """What disk and database say becomes a StoreFault."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreFault(self._TROUBLE.format(path=self.path, error=error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
