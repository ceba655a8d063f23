"""What GitHub Actions shows of a run: annotations at functions, and the summary of the step."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Sequence
from pathlib import Path

from grader.bank import find_course
from grader.intake import HandIn, discover, read_source
from grader.records import Report, Run, UserError
from grader.reports import Place, annotation_lines, step_summary

_MOST_SOURCE = 1 << 18
"""Characters of a file that is parsed to find a function: this process holds all results, and parsing costs memory."""


def github_log(reports: Sequence[Report], submissions: Path, course: Path | None) -> str:
    """Workflow commands that point at the hand-ins below `submissions`. Raises UserError when they are not there."""
    where = find_course(submissions, course)
    names = {r.assignment for r in reports}
    found = discover(submissions, where.assignments, next(iter(names)) if len(names) == 1 else None)
    return annotation_lines(reports, Locator(found.handins))


def append_summary(run: Run, reports: Sequence[Report]) -> None:
    """Append Markdown to the file that `GITHUB_STEP_SUMMARY` names, if any."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(step_summary(run, reports))
    except OSError as error:
        raise UserError(f"cannot write the step summary {path}: {error.strerror}") from error


class Locator:
    """Finds the line of a function in a hand-in, as it was when it was graded."""

    def __init__(self, handins: Sequence[HandIn]) -> None:
        self._paths = {(h.assignment, h.student): h.path for h in handins}
        self._root = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()

    def __call__(self, report: Report, function: str) -> Place | None:
        """The `def` of the function, or where the hand-in begins; None when it is elsewhere or has changed since."""
        path = self._paths.get((report.assignment, report.student))
        if path is None:
            return None
        source = read_source(path)
        if source.record.files != report.submission.files:
            return None
        files = [*source.modules, *(name for name in source.files if name.endswith(".ipynb"))]
        for name in files if function else ():
            line = _line_of(function, name, source.files[name].decode("utf-8", "replace"))
            if line is not None:
                return self._place(path, name, line)
        return self._place(path, files[0], 1) if files else None

    def _place(self, path: Path, name: str, line: int) -> Place | None:
        file = path / name if path.is_dir() else path
        if not file.is_relative_to(self._root):
            return None
        # A workflow may check out several repositories side by side; GitHub counts from the one with the file.
        inside = [folder for folder in file.parents if folder.is_relative_to(self._root)]
        root = next((folder for folder in inside if (folder / ".git").exists()), self._root)
        shown = file.relative_to(root).as_posix()
        return Place(shown, line) if shown.isprintable() else None


def _line_of(function: str, name: str, text: str) -> int | None:
    if name.endswith(".py") and len(text) <= _MOST_SOURCE:
        try:
            body = ast.parse(text).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass
        else:
            kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
            return next(
                (node.lineno for node in body if isinstance(node, kinds) and node.name == function), None
            )
    # A notebook, or a file that Python cannot read either.
    pattern = re.compile(rf'^[ \t"]*(?:async[ ]+)?(?:def|class)[ ]+{re.escape(function)}\b', re.MULTILINE)
    match = pattern.search(text)
    return text.count("\n", 0, match.start()) + 1 if match else None
