"""A class to measure with: six questions in NumPy, SymPy and torch, right, wrong and hostile hand-ins, the same each time.

    python -m benchmarks.classroom FOLDER [--class bank|six] [--students N] [--honest]

Writes a course with its assignment `classroom`, and the hand-ins below `submissions/classroom/`: of every ten, eight
put together from the reference, right variants and known slips, one or two that loop, die, hoard memory or flood.

`bank` is six topics of this repository with all their checks; `six` is the small course in benchmarks/six, with two
light checks a topic, where what a harness takes for itself weighs most.
"""

from __future__ import annotations

import argparse
import ast
import copy
import inspect
import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import numpy as np

from grader.bank import Course, Variant

HERE = Path(__file__).resolve().parents[1]
ASSIGNMENT = "classroom"
HOSTILE: Mapping[str, tuple[str, str]] = {
    "endless": ("project", "def project(y, a):\n    while True:\n        pass\n"),
    "flood": ("project", "def project(y, a):\n    while True:\n        print('x' * 4096)\n"),
    "dies": ("plu_log_abs_det", "def plu_log_abs_det(P, L, U, s):\n    import os\n    os._exit(0)\n"),
    "hoards": (
        "inverse_permutation",
        "def inverse_permutation(sigma):\n    hoard = []\n    while True:\n        hoard.append(bytearray(1 << 26))\n",
    ),
}
"""What a hostile hand-in does, in place of which function. The rest of it is right."""


@dataclass(frozen=True)
class Kind:
    """Where a class comes from."""

    origin: Path
    """Folder with `checks/` and `reference/`."""
    topics: tuple[str, ...]
    suite: Path
    """The peers' tests: a package, whose files stand for those of benchmarks/peer_suite or beside them."""


SUITE = HERE / "benchmarks" / "peer_suite"
KINDS: Mapping[str, Kind] = {
    "bank": Kind(HERE, ("projection", "glow", "ruin", "gaussian_sgd", "permutations", "inpainting"), SUITE),
    "six": Kind(
        HERE / "benchmarks" / "six",
        ("projection", "log_determinant", "ruin", "sgd", "permutation", "coupling"),
        HERE / "benchmarks" / "six" / "peer_suite",
    ),
}
_WORKING = """
import functools

def _working(function):
    @functools.wraps(function)
    def working(*arguments):
        sum(range({additions}))
        return function(*arguments)
    return working
"""


@dataclass(frozen=True)
class Made:
    """One hand-in of the class."""

    student: str
    files: Mapping[str, str]
    wrong: tuple[str, ...]
    """Topics in which it must lose points; no other may."""

    @property
    def topics(self) -> tuple[str, ...]:
        """All of the class: each hand-in has a file for every one."""
        return tuple(name.removesuffix(".py") for name in self.files)


def write_course(folder: Path, kind: Kind = KINDS["bank"], *, topics: Sequence[str] = ()) -> Course:
    """Topics as a course of their own, with one assignment that has a problem for each. topics: only these of the kind."""
    origin, topics = kind.origin, topics or kind.topics
    if (origin / "checks" / "support").is_dir():
        shutil.copytree(origin / "checks" / "support", folder / "checks" / "support", dirs_exist_ok=True)
    for topic in topics:
        for name in (f"checks/{topic}.py", f"reference/{topic}.py", f"checks/variants/{topic}.py"):
            if (origin / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(origin / name, folder / name)
        if (origin / "checks/variants" / topic).is_dir():
            shutil.copytree(
                origin / "checks/variants" / topic, folder / "checks/variants" / topic, dirs_exist_ok=True
            )
    sheet = folder / "checks" / "assignments" / f"{ASSIGNMENT}.toml"
    sheet.parent.mkdir(parents=True, exist_ok=True)
    problems = "".join(
        f'\n[[problem]]\nnumber = "{n}"\ntopic = "{topic}"\ntitle = "{topic}"\npoints = 10\n'
        for n, topic in enumerate(topics, start=1)
    )
    sheet.write_text(f'title = "A class to measure with"\n{problems}', encoding="utf-8")
    return Course(folder)


def hand_ins(course: Course, students: int = 40, *, hostile: bool = True, seed: int = 0) -> list[Made]:
    """The class. Every fifth hand-in is a hostile one, each kind in turn, unless there shall be none."""
    rng = np.random.default_rng(seed)
    parts = {topic: _Parts.of(course, topic) for topic in course.assignment(ASSIGNMENT).topics}
    known = {name for part in parts.values() for name in part.names}
    kinds = [kind for kind, (function, _) in HOSTILE.items() if function in known]
    made = []
    for number in range(students):
        if hostile and number % 5 == 4:
            kind = kinds[number // 5 % len(kinds)]
            made.append(_hostile(f"s{number:04}_{kind}", kind, parts))
            continue
        chosen: dict[str, Variant | None] = {}
        for topic in parts:
            wanted = rng.random() < 0.8
            options = [v for v in parts[topic].variants if v.correct is wanted]
            chosen[topic] = (
                options[int(rng.integers(len(options)))] if options and rng.random() < 0.8 else None
            )
        files = {f"{t}.py": parts[t].with_variant(v) for t, v in chosen.items()}
        wrong = tuple(t for t, v in chosen.items() if v is not None and not v.correct)
        files[next(iter(files))] += f"\n\nHANDED_IN_BY = {number}\n"
        made.append(Made(f"s{number:04}", files, wrong))
    return made


def with_work(made: Made, course: Course, additions: int) -> Made:
    """The hand-in with so many additions besides in each call of a function that is asked for."""

    def working(topic: str, text: str) -> str:
        asked = "".join(f"{name} = _working({name})\n" for name in course.topic(topic).functions if name in text)
        return f"{text}\n{_WORKING.format(additions=additions)}\n{asked}"

    files = {name: working(name.removesuffix(".py"), text) for name, text in made.files.items()}
    return replace(made, files=files)


def write_hand_ins(folder: Path, made: Iterable[Made]) -> Path:
    """Write them as `submissions/classroom/<student>/<topic>.py`; gives the folder `submissions`."""
    for one in made:
        place = folder / "submissions" / ASSIGNMENT / one.student
        place.mkdir(parents=True, exist_ok=True)
        for name, text in one.files.items():
            (place / name).write_text(text, encoding="utf-8")
    return folder / "submissions"


def _hostile(student: str, kind: str, parts: Mapping[str, _Parts]) -> Made:
    function, text = HOSTILE[kind]
    (topic,) = [t for t, p in parts.items() if function in p.names]
    files = {f"{t}.py": p.without({function}) for t, p in parts.items()}
    files[f"{topic}.py"] += f"\n\n{text}"
    return Made(student, files, (topic,))


@dataclass(frozen=True)
class _Parts:
    """The reference of one topic, and what may stand in its place."""

    topic: str
    tree: ast.Module
    variants: tuple[Variant, ...]

    @classmethod
    def of(cls, course: Course, topic: str) -> _Parts:
        tree = ast.parse((course.root / "reference" / f"{topic}.py").read_text(encoding="utf-8"))
        return cls(topic, tree, course.variants(topic))

    @property
    def names(self) -> set[str]:
        return {n.name for n in self.tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}

    def without(self, dropped: set[str]) -> str:
        """The reference, but for some of its functions."""
        kept = [n for n in self.tree.body if getattr(n, "name", "") not in dropped]
        return ast.unparse(ast.Module(kept, []))

    def with_variant(self, variant: Variant | None) -> str:
        """The reference with one function replaced; its others go on calling the reference's own, of another name.

        They rely on more than is asked: on an array, say, where a list is right as well.
        """
        if variant is None:
            return ast.unparse(self.tree)
        inside = f"{variant.of} = {variant.function.__name__}"
        rest = _Renamed(variant.of, f"_own_{variant.of}").visit(copy.deepcopy(self.tree))
        return "\n\n".join([ast.unparse(rest), _needed(variant), inside])


@dataclass(frozen=True)
class _Renamed(ast.NodeTransformer):
    """Gives a function another name wherever it stands."""

    old: str
    new: str

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A definition, with what is in it."""
        if node.name == self.old:
            node.name = self.new
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A use."""
        return ast.Name(self.new, node.ctx) if node.id == self.old else node


def _needed(variant: Variant) -> str:
    """A variant's function and what of its file it uses, without our decorators and imports."""
    module = inspect.getmodule(variant.function)
    assert isinstance(module, ModuleType)
    tree = ast.parse(inspect.getsource(module))
    wanted, before = {variant.function.__name__}, -1
    while len(wanted) > before:
        before = len(wanted)
        for node in tree.body:
            if not isinstance(node, ast.Import | ast.ImportFrom) and set(_defined(node)) & wanted:
                wanted |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    kept = [node for node in tree.body if set(_defined(node)) & wanted and not _ours(node)]
    for node in kept:
        if isinstance(node, ast.FunctionDef):
            node.decorator_list = []
    return ast.unparse(ast.Module(kept, []))


def _ours(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in (
        "grader",
        "__future__",
    )


def _defined(node: ast.stmt) -> Iterable[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(a.asname or a.name).partition(".")[0] for a in node.names]
    targets: Sequence[ast.expr] = getattr(node, "targets", [getattr(node, "target", None)])
    return [n.id for t in targets if t is not None for n in ast.walk(t) if isinstance(n, ast.Name)]


def main() -> int:
    """Write the class, and what each hand-in must lose as `expected.json`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--class", dest="kind", choices=KINDS, default="bank")
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--honest", action="store_true", help="no hostile hand-ins")
    given = parser.parse_args()
    course = write_course(given.folder, KINDS[given.kind])
    made = hand_ins(course, given.students, hostile=not given.honest)
    write_hand_ins(given.folder, made)
    (given.folder / "expected.json").write_text(json.dumps({m.student: m.wrong for m in made}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
