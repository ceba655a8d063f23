"""Reports into a folder: safe names, each file whole or not at all."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Container, Iterable, Sequence
from pathlib import Path

from grader.records import Report, Run, UserError, to_json
from grader.reports._gradebook import gradebook_csv
from grader.reports._markdown import student_markdown
from grader.reports._names import page_names
from grader.reports._pages import Pages
from grader.reports._seal import is_sealed, page_source
from grader.reports._sheet import Sheet, ordered


def write_atomically(path: Path, text: str | bytes) -> None:
    """Write `text` (in UTF-8, or bytes as they are) to `path` whole or not at all: a temporary file beside it, then a rename.

    Raises UserError when the place cannot be written; `path` is then as it was.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Half of a surrogate pair has no UTF-8; its backslash form is what JSON wants, and harmless elsewhere.
        content = text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
        with temporary.open("xb") as file:
            file.write(content)
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or error
        raise UserError(
            f"cannot write {path} ({reason}); free the place or choose another folder with -o"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_all(
    out: Path,
    run: Run,
    reports: Iterable[Report],
    *,
    only: Container[tuple[str, str]] | None = None,
    anew: bool = True,
    made: Sequence[Sheet] | None = None,
) -> list[Path]:
    """Write `report.html`, `gradebook.csv` and `<assignment>/<student>.html`, `.json`, `.md` below `out`.

    With `only`, (assignment, student) of the reports that changed, other students' files are left as they are. With
    `anew` false, files that would come out as they are already there are left, too. made: the `sheets` of these
    reports, where they are at hand.
    The JSON and the class page are the instructor's and show hidden checks. Returns the paths of what is there now, in order.
    Raises UserError when a file cannot be written, ValueError for two reports of one student's assignment.
    """
    reports = ordered(reports)
    names = page_names(reports)
    if len(names) != len(reports):
        raise ValueError("two reports for the same student and assignment")
    pages = Pages()
    files = {"report.html": pages.of_class(run, reports, names, made), "gradebook.csv": gradebook_csv(reports)}
    for name, text in files.items():
        write_atomically(out / name, text)
    written = [out / name for name in files]
    for report in reports:
        if only is not None and (report.assignment, report.student) not in only:
            continue
        name, title = names[report.assignment, report.student], run.titles.get(report.assignment, "")
        written += _write_student(out / name, pages, report, title, anew=anew)
    return written


def _write_student(stem: Path, pages: Pages, report: Report, title: str, *, anew: bool) -> list[Path]:
    html, record, text = (stem.with_name(stem.name + suffix) for suffix in (".html", ".json", ".md"))
    if anew or not _is_there(html, (record, text), page_source(report, title)):
        write_atomically(text, student_markdown(report))
        write_atomically(record, to_json(report, indent=1) + "\n")
        write_atomically(html, pages.of_student(report, title))
    return [html, record, text]


def _is_there(html: Path, others: Sequence[Path], source: str) -> bool:
    """Whether the page is the one made from `source`, and the others, which are written before it, were left alone since."""
    try:
        written = html.stat().st_mtime_ns
        return all(path.stat().st_mtime_ns <= written for path in others) and is_sealed(html, source)
    except OSError:
        return False
