"""A course and its topics to begin with: they grade out of the box, and are to be changed from there."""

from __future__ import annotations

import keyword
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from jinja2 import Environment

from grader.bank._assignment import read_assignment
from grader.records import UserError

FIRST_TOPIC = "log_sum_exp"
_TOPIC_FILES = {
    "checks/{name}.py": "checks.py.j2",
    "reference/{name}.py": "reference.py.j2",
    "checks/variants/{name}.py": "variants.py.j2",
    "checks/equivalents/{name}.toml": "equivalents.toml.j2",
}


def new_course(folder: Path) -> list[Path]:
    """A course with one topic, one assignment and two hand-ins; gives back the files written.

    Raises UserError when the folder is there and not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} is there and not empty; give a new folder")
    files = {
        **_topic_files(FIRST_TOPIC),
        "checks/assignments/hw1.toml": _text("assignment.toml.j2", FIRST_TOPIC)
        + _text("problem.toml.j2", FIRST_TOPIC, "1"),
        "submissions/hw1/right/solution.py": _text("right.py.j2", FIRST_TOPIC),
        "submissions/hw1/wrong/solution.py": _text("wrong.py.j2", FIRST_TOPIC),
        "README.md": _text("README.md.j2", FIRST_TOPIC),
        ".gitignore": "grader-out/\n__pycache__/\n",
    }
    return _write(folder, files)


def new_topic(root: Path, name: str, assignment: str = "") -> list[Path]:
    """A topic in the course at `root`, and where an assignment is named, one more problem of it.

    Raises UserError for a name that Python cannot import or that is taken.
    """
    if not name.isidentifier() or keyword.iskeyword(name) or not name.islower():
        raise UserError(
            f"{name!r} cannot be a topic: take a name like log_sum_exp (small letters, digits, _)"
        )
    if find_spec(name) is not None:
        raise UserError(f"{name!r} cannot be a topic: Python has a module of this name; take another")
    sheet = root / "checks" / "assignments" / f"{assignment}.toml"
    if assignment and not sheet.is_file():
        known = ", ".join(sorted(p.stem for p in sheet.parent.glob("*.toml"))) or "none"
        raise UserError(f"no assignment {assignment!r} in {root} (there are: {known})")
    taken = [path for path in (root / file for file in _topic_files(name)) if path.exists()]
    if taken:
        raise UserError(f"{taken[0]} is there already; nothing was written")
    written = _write(root, _topic_files(name))
    if assignment:
        text = sheet.read_text(encoding="utf-8")
        number = _free_number([p.number for p in read_assignment(sheet).problems])
        sheet.write_text(f"{text.rstrip()}\n\n{_text('problem.toml.j2', name, number)}", encoding="utf-8")
        written.append(sheet)
    return written


def _free_number(taken: list[str]) -> str:
    return next(str(n) for n in range(1, len(taken) + 2) if str(n) not in taken)


def _topic_files(name: str) -> dict[str, str]:
    return {path.format(name=name): _text(template, name) for path, template in _TOPIC_FILES.items()}


def _text(template: str, name: str, number: str = "") -> str:
    source = (resources.files("grader.bank") / "scaffold" / template).read_text(encoding="utf-8")
    environment = Environment(keep_trailing_newline=True, autoescape=False)
    return environment.from_string(source).render(name=name, number=number)


def _write(root: Path, files: dict[str, str]) -> list[Path]:
    written = []
    try:
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(path)
    except OSError as error:
        raise UserError(f"{root} cannot be written: {error.strerror or error}") from error
    return written
