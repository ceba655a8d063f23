"""A course root: the folder that holds `checks/` and `reference/`."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

from grader.bank._assignment import Assignment, read_assignment
from grader.bank._check import CheckSpec, check_spec
from grader.bank._kit import KitStamp, read_stamp
from grader.bank._topic import Topic, starter_file
from grader.bank._variants import Variant, variants_of
from grader.records import UserError


@dataclass(frozen=True)
class Course:
    """Everything that an instructor keeps in one folder."""

    root: Path

    @cached_property
    def assignments(self) -> dict[str, Assignment]:
        """All assignments by id. Raises UserError where a file is not one."""
        folder = self.root / "checks" / "assignments"
        return {path.stem: read_assignment(path) for path in sorted(folder.glob("*.toml"))}

    @cached_property
    def kit(self) -> KitStamp | None:
        """The stamp, where this is a kit for students. Raises UserError for a kit that this grader cannot use."""
        return read_stamp(self.root)

    def assignment(self, name: str) -> Assignment:
        """One assignment by id. Raises UserError naming those there are."""
        try:
            return self.assignments[name]
        except KeyError:
            known = ", ".join(self.assignments) or "none"
            raise UserError(f"no assignment {name!r} in {self.root} (there are: {known}); choose one with -a") from None

    def checks_file(self, topic: str) -> Path:
        """The file with a topic's checks. Raises UserError when there is none."""
        path = self.root / "checks" / f"{topic}.py"
        if not path.is_file():
            raise UserError(f"topic {topic!r} has no checks: {path} is missing")
        return path

    def topic(self, name: str) -> Topic:
        """The topic that a checks file declares. Raises UserError when there is none or the file does not run."""
        path = self.checks_file(name)
        try:
            topic = getattr(_load(path, f"checks.{name}"), "topic", None)
        except Exception as error:
            raise UserError(f"{path} cannot be read: {type(error).__name__}: {error}") from error
        if not isinstance(topic, Topic):
            raise UserError(f'{path} needs `topic = Topic("{name}", ...)`')
        return topic

    def checks(self, name: str) -> tuple[CheckSpec, ...]:
        """The checks of a topic, in the order of its file. Raises UserError when the file cannot be read."""
        self.topic(name)
        found = (check_spec(value) for value in list(vars(sys.modules[f"checks.{name}"]).values()) if callable(value))
        return tuple(spec for spec in found if spec is not None and spec.function.__module__ == f"checks.{name}")

    def starter(self, assignment: str) -> str:
        """The starter file of an assignment. Raises UserError for an unknown one."""
        sheet = self.assignment(assignment)
        return starter_file(f"{sheet.id}: {sheet.title}", [self.topic(name) for name in sheet.topics])

    def reference(self, topic: str) -> ModuleType | None:
        """The trusted solution of a topic, or None in a kit that ships without references."""
        path = self.root / "reference" / f"{topic}.py"
        return _load(path, f"reference.{topic}") if path.is_file() else None

    def recorded(self, topic: str) -> Path:
        """Where a kit keeps what the reference of a topic gave; no such file in a course."""
        return self.root / "checks" / "recorded" / f"{topic}.msgpack"

    def variants(self, topic: str) -> tuple[Variant, ...]:
        """Known right and wrong variants of a topic's functions; empty when none are kept."""
        folder = self.root / "checks" / "variants"
        found: list[Variant] = []
        for path in self._variant_files(topic):
            name = ".".join(path.relative_to(folder).with_suffix("").parts)
            found += variants_of(_load(path, f"variants.{name}"))
        return tuple(found)

    def _variant_files(self, topic: str) -> list[Path]:
        """`checks/variants/<topic>.py`, and the files of a folder of that name where one would be too long."""
        folder = self.root / "checks" / "variants"
        return [p for p in (folder / f"{topic}.py", *sorted((folder / topic).glob("*.py"))) if p.is_file()]

    def shipped(self, topics: tuple[str, ...]) -> list[bytes]:
        """Content of the files whose code may be sent to a worker: checks, and the support modules that they name."""
        files = [self.root / "checks" / f"{topic}.py" for topic in topics]
        checks = [f.read_bytes() for f in files if f.is_file()]
        support = (self.root / "checks" / "support").glob("*.py")
        return checks + [f.read_bytes() for f in support if any(f.stem.encode() in content for content in checks)]

    def known(self, topics: Iterable[str]) -> list[bytes]:
        """Content of the files with answers whose fate is known: references and variants."""
        references = [p for p in (self.root / "reference" / f"{topic}.py" for topic in topics) if p.is_file()]
        return [f.read_bytes() for f in (*references, *(f for topic in topics for f in self._variant_files(topic)))]

    def digest(self, topics: tuple[str, ...]) -> str:
        """Content hash of all that verdicts on these topics depend on in this folder."""
        total = hashlib.sha256()
        for topic in sorted(topics):
            files = [self.root / part / f"{topic}.py" for part in ("checks", "reference")]
            kept = [p for p in (self.recorded(topic),) if p.is_file()]
            for path in (*files, *self._variant_files(topic), *kept):
                content = path.read_bytes() if path.is_file() else b""
                total.update(f"{path.relative_to(self.root)}:{len(content)}\n".encode() + content)
        for path in sorted(p for p in (self.root / "checks" / "support").glob("*") if p.is_file()):
            total.update(f"{path.name}\n".encode() + path.read_bytes())
        return total.hexdigest()


class _Reader(SourceFileLoader):
    """Reads source and leaves no bytecode beside it: a course and a kit hold what their authors put there."""

    def set_data(self, path: str, data: object, *, _mode: int = 0o666) -> None:
        """Nothing: this is where Python would keep bytecode."""


def _load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path, loader=_Reader(name, str(path)))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def find_course(start: Path, explicit: Path | None = None, *, beside: bool = False) -> Course:
    """The course that a path belongs to.

    `explicit` or GRADER_COURSE win; else the nearest folder with `checks/assignments/` upward from `start`, then from
    the current folder. A course's files are trusted and run, so a hand-in cannot bring its own: not counted are
    folders below another course's `submissions/`, and `start` itself (or the folder of the file `start`) unless the
    current folder is in it too, or `beside` is set and there is no other. Raises UserError when there is none.
    """
    chosen = explicit or (Path(os.environ["GRADER_COURSE"]) if os.environ.get("GRADER_COURSE") else None)
    if chosen is not None:
        if not (chosen / "checks").is_dir():
            raise UserError(f"{chosen} is not a course: it has no checks/ folder")
        return Course(chosen.resolve())
    start, here = start.resolve(), Path.cwd()
    found = [f for origin in (start, here) for f in (origin, *origin.parents) if (f / "checks" / "assignments").is_dir()]
    outer = [f for f in found if not any(f.is_relative_to(other / "submissions") for other in found)]
    own = (start, start.parent if start.is_file() else start)
    trusted = [f for f in outer if f not in own or here.is_relative_to(f)]
    for folder in (*trusted, *(outer if beside else ())):
        return Course(folder)
    raise UserError(f"no course found above {start} or the current folder; say where it is with --course DIR")
