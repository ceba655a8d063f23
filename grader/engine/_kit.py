"""What students get for one assignment, written into a folder: a course without its solution."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import grader
from grader.bank import (
    KIT_SCHEMA,
    STAMP,
    Assignment,
    CheckSpec,
    Course,
    KitStamp,
    digest_of,
    public_checks,
    public_notation,
    public_sheet,
    read_stamp,
)
from grader.engine._identity import notation_digest, notation_folder
from grader.engine._pins import constraints
from grader.engine._server import ask_once
from grader.exam import choose_level, libraries_for
from grader.records import UserError, Visibility
from grader.sandbox import Level

SOLUTION: Final = "solution.py"
_TELLING: Final = 12
"""Characters of a title from which on it is no word that could stand anywhere."""
_SUPPORT = re.compile(r"support\(\s*__file__\s*,\s*[\"'](\w+)[\"']")


@dataclass(frozen=True)
class Kit:
    """A kit that was written."""

    stamp: KitStamp
    left_out: Mapping[str, str]
    """Id of a visible check that needs the solution itself -> why."""
    kept_solution: bool
    """Whether a `solution.py` was there already, and left as it is."""


def write_kit(
    course: Course, assignment: str, folder: Path, *, force: bool = False, isolation: str = ""
) -> Kit:
    """Write the kit of an assignment into `folder`; `force` replaces a kit that is there, but no student's solution.

    Runs the course's reference once, to write down what its visible checks expect. Raises UserError when the folder
    is taken, the checks cannot be run, or a file would tell of a hidden check.
    """
    sheet = course.assignment(assignment)
    if course.kit is not None:
        raise UserError(f"{course.root} is a kit itself; make kits from the course, with --course DIR")
    before = _require_room(folder, force)
    answer, records = _recorded(course, sheet, isolation)
    left_out: Mapping[str, str] = answer["left_out"]
    files = dict(_files(course, sheet, answer["visible"], records))
    hidden = [(t, c) for t in sheet.topics for c in course.checks(t) if c.visibility is Visibility.HIDDEN]
    _require_silence(course, sheet, files, hidden)
    further = len(hidden) + len(left_out)
    files["README.md"] = _readme(sheet, further).encode()
    stamp = KitStamp(
        schema=KIT_SCHEMA,
        assignment=assignment,
        version=kit_version(course, assignment),
        grader=grader.__version__,
        further=further,
        files={name: digest_of(content) for name, content in sorted(files.items())},
    )
    files[STAMP] = stamp.write()
    kept = (folder / SOLUTION).exists()
    if not kept:
        files[SOLUTION] = course.starter(assignment).encode()
    _write(folder, files, before)
    for topic, names in answer["visible"].items():
        if [c.name for c in Course(folder).checks(topic)] != names:
            raise UserError(
                f"{folder}/checks/{topic}.py does not hold the checks that it should: keep that file simple"
            )
    return Kit(stamp, left_out, kept)


def verify_kit(course: Course, folder: Path) -> list[str]:
    """What is not as it should be in a kit: made from other checks than the course has now, or changed since.

    Empty for a kit of the present checks. Raises UserError when the folder is no kit, or of another assignment.
    """
    stamp = read_stamp(folder)
    if stamp is None:
        raise UserError(f"{folder} is no kit: it has no {STAMP}")
    now = kit_version(course, stamp.assignment)
    found = [] if now == stamp.version else [f"{stamp} is old: the course makes kit {now}"]
    changed = stamp.changed(folder)
    if changed:
        found.append(f"changed since it was made: {', '.join(changed[:5])}")
    return found


def kit_version(course: Course, assignment: str) -> str:
    """12 hex digits of all that a kit of this assignment is made of."""
    sheet = course.assignment(assignment)
    parts = [
        str(KIT_SCHEMA),
        course.digest(sheet.topics),
        digest_of(sheet.path.read_bytes()),
        notation_digest(course, assignment),
        grader.__version__,
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _require_room(folder: Path, force: bool) -> KitStamp | None:
    """The stamp of the kit that is to be replaced, or None."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return None
    stamp = read_stamp(folder) if folder.is_dir() and force else None
    if stamp is None:
        hint = "it holds no kit that --force could replace" if force else "--force replaces a kit"
        raise UserError(f"{folder} is there and not empty; give a new folder ({hint})")
    return stamp


def _recorded(course: Course, sheet: Assignment, isolation: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    level = choose_level(isolation, lowest=Level.L1)
    for topic in sheet.topics:
        if course.reference(topic) is None:
            raise UserError(
                f"{course.root}/reference/{topic}.py is missing: a kit is made where the solution is"
            )
    libraries = libraries_for([*course.shipped(sheet.topics), *course.known(sheet.topics)])
    with tempfile.TemporaryDirectory() as into:
        setup = {
            "course": str(course.root),
            "topics": sheet.topics,
            "level": level.name,
            "lowest": Level.L1.name,
            "warm": sorted(libraries),
            "into": into,
        }
        answer = ask_once("grader.exam._recording", setup)
        return answer, {path.stem: path.read_bytes() for path in sorted(Path(into).iterdir())}


def _files(
    course: Course, sheet: Assignment, visible: Mapping[str, Iterable[str]], records: Mapping[str, bytes]
) -> Iterator[tuple[str, bytes]]:
    """Everything but README, stamp and starter, by its path in the kit."""
    yield "constraints.txt", constraints().encode()
    yield f"checks/assignments/{sheet.id}.toml", public_sheet(sheet.path.read_text(encoding="utf-8")).encode()
    for path in sorted(notation_folder(course, sheet.id).glob("*.toml")):
        yield (
            f"checks/notation/{sheet.id}/{path.name}",
            public_notation(path.read_text(encoding="utf-8")).encode(),
        )
    texts = []
    for topic in sheet.topics:
        text = public_checks(
            course.checks_file(topic).read_text(encoding="utf-8"), set(visible.get(topic, ()))
        )
        texts.append(text)
        yield f"checks/{topic}.py", text.encode()
        if topic in records:
            yield f"checks/recorded/{topic}.msgpack", records[topic]
    yield from _support(course, texts)


def _support(course: Course, texts: list[str]) -> Iterator[tuple[str, bytes]]:
    """Support modules that checks name, and data files that checks or these modules name."""
    files = [p for p in sorted((course.root / "checks" / "support").glob("*")) if p.is_file()]
    named = {name for text in texts for name in _SUPPORT.findall(text)}
    for path in files:
        if path.suffix == ".py" and path.stem in named:
            texts = [*texts, path.read_text(encoding="utf-8")]
            yield f"checks/support/{path.name}", path.read_bytes()
    for path in files:
        if path.suffix != ".py" and any(
            f'"{path.name}"' in text or f"'{path.name}'" in text for text in texts
        ):
            yield f"checks/support/{path.name}", path.read_bytes()


def _require_silence(
    course: Course, sheet: Assignment, files: Mapping[str, bytes], hidden: Iterable[tuple[str, CheckSpec]]
) -> None:
    """Raises UserError where a file names a hidden check or its title, as a comment or docstring may."""
    visible = {
        (t, c.name) for t in sheet.topics for c in course.checks(t) if c.visibility is Visibility.VISIBLE
    }
    for topic, check in hidden:
        for place, content in files.items():
            elsewhere = any(name == check.name and place != f"checks/{topic}.py" for _, name in visible)
            named = not elsewhere and re.search(rf"\bcheck_{check.name}\b".encode(), content)
            if named or (len(check.title) > _TELLING and check.title.encode() in content):
                raise UserError(
                    f"the kit's {place} would tell of the hidden check {topic}::{check.name}: reword the comment or docstring"
                    " that does"
                )


def _write(folder: Path, files: Mapping[str, bytes], before: KitStamp | None) -> None:
    try:
        for name in before.files if before is not None else ():
            path = folder / name
            if path.resolve().is_relative_to(folder.resolve()):
                path.unlink(missing_ok=True)
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror or error}") from error


def _readme(sheet: Assignment, further: int) -> str:
    more = f"\nFurther checks run at grading: {further}.\n" if further else ""
    return _README.format(id=sheet.id, title=sheet.title, version=grader.__version__, more=more)


_README = """# {id}: {title}

Write your answers into `solution.py`, and check them as often as you like, in this folder:

    python -m venv .venv
    . .venv/bin/activate                  # Windows: .venv\\Scripts\\activate
    pip install -c constraints.txt grader=={version}
    grader check solution.py

If your course gives grader as a file or an address, put that in place of `grader=={version}`.
`grader check solution.py --watch` checks again whenever you save.

A failing check shows your call, what came back, what was due and why, and a line that repeats it. Beside `passed`
and `failed` (a wrong answer) there are

- `error`: your code raised an exception; `missing`: the function is not there, or still the placeholder
- `timeout`, `memory`: over the limit; `crashed`: Python itself died; `forbidden`: it asked for files, network or processes
- `skipped`: another check must pass first; `review`: cannot be decided here, or a person marks it
- `fault`: the grader failed, not you
{more}
Write-ups (`.tex`, `.md`, notebook) beside `solution.py` are read step by step; whether a derivation reaches its goal is
judged at grading. `kit.json` says which kit this is; ask for a new one when the sheet changes.
"""
