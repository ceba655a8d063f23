"""An autograder as Gradescope takes it: a zip with the course, the grader itself, and the two scripts that run it."""

from __future__ import annotations

import shlex
import zipfile
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.metadata import requires
from pathlib import Path
from typing import Final

import grader
from grader.bank import Assignment, Course
from grader.engine._identity import notation_folder
from grader.engine._pins import constraints
from grader.records import UserError

_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""Of every file in the zip: equal courses make equal zips."""
_SCRIPTS: Final = ("setup.sh", "run_autograder")
ANY_LEVEL: Final = "any"
"""As isolation: the best there is, down to L1; each report says which it was."""


def write_package(course: Course, assignment: str, target: Path, *, isolation: str = "") -> int:
    """Write the zip; gives back the number of its files.

    It holds the solution and the hidden checks of the assignment: for the instructor's side only. isolation: L3, L2 or
    L1, which is then demanded; `any`; or empty for the best there is, L2 at least. Raises UserError where the course
    is incomplete or the file cannot be written.
    """
    if isolation and isolation.upper() not in {"L1", "L2", "L3", ANY_LEVEL.upper()}:
        raise UserError(f"--isolation {isolation}: choose L3, L2, L1 or {ANY_LEVEL}")
    sheet = course.assignment(assignment)
    if course.kit is not None:
        raise UserError(f"{course.root} is a kit for students; package the course itself, with --course DIR")
    for topic in sheet.topics:
        course.topic(topic)
    values = {"assignment": shlex.quote(assignment), "isolation": isolation}
    files = {**dict(_course(course, sheet)), **dict(_grader()), **{s: _script(s, values) for s in _SCRIPTS}}
    files["constraints.txt"], files["requirements.txt"] = constraints().encode(), _requirements().encode()
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in sorted(files.items()):
                entry = zipfile.ZipInfo(name, _TIME)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = (0o755 if name in _SCRIPTS else 0o644) << 16
                archive.writestr(entry, content)
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UserError(f"cannot write {target}: {error.strerror or error}; choose another place") from error
    return len(files)


def _course(course: Course, sheet: Assignment) -> Iterator[tuple[str, bytes]]:
    """What grading this assignment takes, by its path in the zip."""
    checks = course.root / "checks"
    files = [
        sheet.path,
        *sorted(notation_folder(course, sheet.id).glob("*.toml")),
        *sorted((checks / "support").glob("*")),
    ]
    for topic in sheet.topics:
        files += [checks / f"{topic}.py", course.root / "reference" / f"{topic}.py"]
        files += [checks / "variants" / f"{topic}.py", *sorted((checks / "variants" / topic).glob("*.py"))]
    for path in files:
        if path.is_file():
            yield f"course/{path.relative_to(course.root).as_posix()}", path.read_bytes()


def _grader() -> Iterator[tuple[str, bytes]]:
    """This grader's own files: what was tried here is what runs there."""
    root = Path(grader.__file__).parent
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
            yield f"lib/grader/{path.relative_to(root).as_posix()}", path.read_bytes()


def _script(name: str, values: Mapping[str, str]) -> bytes:
    from jinja2 import Environment, StrictUndefined  # no other command needs it this early

    text = (resources.files("grader.engine") / "autograder" / f"{name}.j2").read_text(encoding="utf-8")
    return (
        Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)
        .from_string(text)
        .render(values)
        .encode()
    )


def _requirements() -> str:
    """A line for each library that the grader needs itself."""
    from packaging.requirements import Requirement

    needed = map(Requirement, requires("grader") or ())
    names = sorted(r.name for r in needed if r.marker is None or r.marker.evaluate({"extra": ""}))
    return "".join(f"{name}\n" for name in names)
