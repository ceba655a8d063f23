"""The write-ups of the hand-ins of a run: read beside the examination, each in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.bank import Assignment, Course
from grader.engine._identity import notation_folder
from grader.engine._writeup_marks import home_of
from grader.intake import read_source, writeup_files
from grader.records import UserError, plain, restore

if TYPE_CHECKING:  # write-ups are rare, and their reader is large
    from grader.derivation import Checked, ReaderLimits, WriteupReader


@dataclass(frozen=True, slots=True)
class Written:
    """What was found in the write-ups of one hand-in."""

    checked: tuple[Checked, ...] = ()
    problems: tuple[str, ...] = ()
    """Problems that have a notation sheet."""
    notes: tuple[str, ...] = ()
    sound: bool = True
    """Whether the grader did its part: only then it is kept for later runs."""


class Writeups:
    """Checks write-ups while the examination server is at work. Use as a context manager; leaving it ends the work."""

    def __init__(self, course: Course, *, seed: int, jobs: int, limits: ReaderLimits | None = None) -> None:
        self._course, self._seed, self._limits = course, seed, limits
        self._pool = ThreadPoolExecutor(max_workers=max(1, jobs), thread_name_prefix="writeups")
        self._readers: list[WriteupReader] = []

    def __enter__(self) -> Writeups:
        return self

    def __exit__(self, *_: object) -> None:
        for reader in list(self._readers):
            reader.close()
        self._pool.shutdown(cancel_futures=True)

    def start(self, path: Path, assignment: Assignment, tell: Callable[[Written], None]) -> None:
        """Begin with the write-ups of a hand-in; `tell` is called from another thread, unless the work is ended before.

        What is told never costs the results of the code: a trouble of ours is a note, and a person's work.
        """
        notation = notation_folder(self._course, assignment.id)
        self._pool.submit(self._read, notation, path).add_done_callback(lambda done: _tell(done, tell))

    def _read(self, notation: Path, path: Path) -> Written:
        files, notes = writeup_files(read_source(path))
        if not files:
            return Written(notes=notes)
        from grader.derivation import ReaderLimits, WriteupReader

        reader = WriteupReader(notation, seed=self._seed, limits=self._limits or ReaderLimits())
        self._readers.append(reader)  # for the end of the run, should it come before
        checked = reader.check([{"file": f.file, "kind": f.kind, "text": f.text} for f in files])
        self._readers.remove(reader)
        return Written(checked, reader.problems, notes, sound=not any(c.trouble for c in checked))


def _tell(future: Future[Written], tell: Callable[[Written], None]) -> None:
    if future.cancelled():
        return
    error = future.exception()
    if error is None:
        tell(future.result())
    elif isinstance(error, UserError):
        tell(Written(notes=(f"the write-up was not checked: {error}",), sound=False))
    else:
        why = f"the write-up was not checked: the grader failed ({type(error).__name__})"
        tell(Written(notes=(why,), sound=False))


def written_record(written: Written) -> str:
    """What was found, as JSON."""
    return json.dumps(
        {"checked": plain(written.checked), "problems": written.problems, "notes": written.notes}
    )


def read_written(text: str) -> Written:
    """What `written_record` wrote. Raises KeyError, TypeError or ValueError when it is none."""
    from grader.derivation import Checked

    found = json.loads(text)
    checked = tuple(restore(Checked, one) for one in found["checked"])
    return Written(checked, tuple(found["problems"]), tuple(found["notes"]))


def require_sheets(course: Course, assignments: Iterable[Assignment]) -> None:
    """Raises UserError where a write-up counts but no notation sheet says how to read it."""
    for assignment in assignments:
        counting = [p for p in assignment.problems if p.writeup]
        if not counting:
            continue
        from grader.derivation import load_sheets

        folder = notation_folder(course, assignment.id)
        numbers = [p.number for p in assignment.problems]
        homes = {home_of(label, numbers) for label in (load_sheets(folder) if folder.is_dir() else ())}
        for problem in counting:
            if problem.number not in homes:
                raise UserError(
                    f"{assignment.path}: problem {problem.number}: writeup = {problem.writeup:g} needs a notation"
                    f" sheet ({folder / problem.number}.toml)"
                )
