"""Which hand-ins a path means: the root of many assignments, one assignment, one student, or one file."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from grader.intake._read import HandIn, readable_name
from grader.records import UserError

_SUFFIXES = (".py", ".ipynb")


@dataclass(frozen=True)
class Found:
    """Hand-ins, in order, and what was passed over with the reason."""

    handins: tuple[HandIn, ...]
    passed_over: tuple[str, ...] = ()


def discover(path: Path, assignments: Collection[str], assignment: str | None = None) -> Found:
    """All hand-ins below `path`.

    assignments: ids that the course has. assignment: the one named with -a, if any.
    Raises UserError when the path is not there or the assignment cannot be told.
    """
    if not path.exists():
        raise UserError(f"{path} is not there; give a folder of hand-ins or one file")
    path = path.resolve()
    if path.is_file():
        return Found((_one_file(path, assignments, assignment),))
    if not path.is_dir():
        raise UserError(f"{path} is neither a folder nor a file")
    if path.name in assignments and assignment in (None, path.name):
        return _class(path, path.name)
    if path.parent.name in assignments and assignment in (None, path.parent.name):
        return Found((HandIn(path.parent.name, readable_name(path.name), path),))
    below = [p for p in sorted(path.iterdir()) if p.is_dir() and p.name in assignments]
    if below:
        return _many(path, [p for p in below if assignment in (None, p.name)], assignment)
    if assignment is not None:
        return (
            Found((HandIn(assignment, readable_name(path.name), path),))
            if _looks_like_one(path)
            else _class(path, assignment)
        )
    known = ", ".join(sorted(assignments)) or "none"
    raise UserError(f"cannot tell which assignment {path} is for; name it with -a (there are: {known})")


def _one_file(path: Path, assignments: Collection[str], assignment: str | None) -> HandIn:
    if path.suffix not in _SUFFIXES:
        raise UserError(f"{path} is not a hand-in; give a .py file, a notebook or a folder")
    parents = [p for p in path.parents if p.name in assignments]
    chosen = assignment or (parents[0].name if parents else None)
    if chosen is None and len(assignments) == 1:
        chosen = next(iter(assignments))
    if chosen is None:
        known = ", ".join(sorted(assignments)) or "none"
        raise UserError(f"cannot tell which assignment {path} is for; name it with -a (there are: {known})")
    in_folder = path.stem == "solution" and path.parent.name not in (*assignments, "")
    return HandIn(chosen, readable_name(path.parent.name if in_folder else path.stem), path)


def _many(path: Path, folders: list[Path], assignment: str | None) -> Found:
    if not folders:
        raise UserError(f"{path} has no hand-ins for {assignment}")
    classes = [_class(folder, folder.name) for folder in folders]
    strangers = [
        f"{readable_name(p.name)}: no assignment of this name"
        for p in sorted(path.iterdir())
        if p.is_dir() and p not in folders and not _hidden(p) and assignment is None
    ]
    return Found(
        tuple(h for c in classes for h in c.handins),
        (*strangers, *(s for c in classes for s in c.passed_over)),
    )


def _class(folder: Path, assignment: str) -> Found:
    handins: list[HandIn] = []
    passed: list[str] = []
    taken: set[str] = set()
    for entry in sorted(folder.iterdir(), key=lambda p: (p.is_file(), p.name)):
        if _hidden(entry):
            continue
        shown = readable_name(entry.name)
        if entry.is_symlink():
            passed.append(f"{assignment}/{shown}: a symbolic link, not followed")
        elif entry.is_dir() or (entry.is_file() and entry.suffix in _SUFFIXES):
            name = shown if entry.is_dir() else readable_name(entry.stem)
            name = unused_name(name if name not in taken else shown, taken)
            taken.add(name)
            handins.append(HandIn(assignment, name, entry))
        else:
            passed.append(f"{assignment}/{shown}: neither a folder nor a .py file nor a notebook")
    handins.sort(key=lambda h: h.student)
    return Found(tuple(handins), tuple(passed))


def unused_name(name: str, taken: Collection[str], key: Callable[[str], str] = str) -> str:
    """The name, or with a number where its `key` is among the taken ones: another name became the same text."""
    number, candidate = 1, name
    while key(candidate) in taken:
        number += 1
        candidate = f"{name}-{number}"
    return candidate


def _looks_like_one(folder: Path) -> bool:
    return (folder / "solution.py").is_file()


def _hidden(path: Path) -> bool:
    return path.name.startswith((".", "__"))
