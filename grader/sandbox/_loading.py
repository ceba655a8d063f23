"""Running submitted files as modules, the way `import` would but definitions first; runs in the worker."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import itertools
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any, Final, NamedTuple

from grader.intake import NotebookError
from grader.sandbox._comfort import comfort
from grader.sandbox._script import Script
from grader.sandbox._toplevel import defined

_MAX_NAMES: Final = 2000
_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass
class Table:
    """What the submitted files define, the first definition of a name first."""

    objects: dict[str, Any] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    duplicates: list[tuple[str, str, str]] = field(default_factory=list)
    """Name, module that counts, module that does not."""
    hidden: list[str] = field(default_factory=list)
    """Files that have the name of a library and cannot be imported under it."""
    names: set[str] = field(default_factory=set)
    scripts: dict[str, Script] = field(default_factory=dict)
    """Names that may depend on what has not been run yet, each with the file that counts."""
    remarks: list[tuple[str, str, str]] = field(default_factory=list)
    """What was not run: file, kind, places."""
    error: BaseException | None = None


class Loader:
    """Writes files to the working folder and runs modules in order."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._run: list[tuple[str, ModuleType | Script, ast.Module]] = []
        self.files: dict[str, str] = {}
        """Path -> name as handed in, for every Python file; for notebooks a path for each cell."""
        self.table = Table()
        self._known = len(sys.modules)

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write everything handed in below the working folder. Raises OSError."""
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            if name.endswith(".py"):
                self.files[str(path)] = name

    def run(self, modules: Sequence[str]) -> None:
        """Run the modules in order; the first exception ends it and is kept in the table.

        Work at the top level of a file waits until `function` is asked for something that depends on it.
        """
        places = [_place(name, self.files.values()) for name in modules]
        libraries = {place.name for place in places if _is_library(place.name.partition(".")[0])}
        folders = (self.root, *(self.root / PurePosixPath(name).parent for name in modules))
        sys.path += map(str, dict.fromkeys([*folders, *(self.root / place.folder for place in places)]))
        comfort()
        try:
            scripts = [self._parsed(name, alone=len(modules) == 1) for name in modules]
            stems = {PurePosixPath(name).stem for name in modules}
            own = set[str]().union(*(defined(script.tree, stems) for script in scripts))
            for name, place, script in zip(modules, places, scripts, strict=True):
                self._run_one(name, place.name, script, own, place.name in libraries)
        except BaseException as error:  # noqa: BLE001 - SystemExit of a submission is an error of it, like any other
            self.table.error = error
        self._collect()

    def function(self, name: str) -> tuple[Any, bool]:
        """What the files define under a name, after what it depends on has run, and whether anything ran just now.

        Raises what that raised, and NameError where it did not define the name in the end.
        """
        script = self.table.scripts.get(name)
        ran = script is not None and script.provide(name)
        if ran:
            self._collect()
        if name in self.table.objects:
            return self.table.objects[name], ran
        raise (script.errors.get(name) if script is not None else None) or NameError(f"{name} is not defined")

    def cut_off(self, name: str) -> bool:
        """Whether what a function may depend on took too long and was left out."""
        script = self.table.scripts.get(name)
        return script is not None and script.cut_off(name)

    def _parsed(self, name: str, *, alone: bool) -> Script:
        script = Script(self.root / name, ModuleType("submitted"), notebook=name.endswith(".ipynb"))
        try:
            script.parse()
        except NotebookError as error:
            if alone:
                raise
            script.remarks.append(("unreadable", str(error)))
        self.files.update(
            {path: str(PurePosixPath(name).parent / called) for path, called in script.files.items()}
        )
        return script

    def _run_one(self, name: str, dotted: str, script: Script, own: set[str], library: bool) -> None:
        path = self.root / name
        sys.argv[:] = [name]
        if name.endswith(".ipynb"):
            dotted, library = f"notebook_{PurePosixPath(name).stem}", False
        else:
            module = _imported_from(path, self._known)
            if module is None and "." in dotted and not library:
                module = importlib.import_module(dotted)
            if module is not None:
                self._run.append((module.__name__, module, script.tree))
                return
        inside = dotted
        if library or inside in sys.modules:
            self.table.hidden.append(name)
            while inside in sys.modules or inside == dotted:
                inside = f"submitted_{inside}"
        script.module = sys.modules[inside] = ModuleType(inside)
        script.module.__file__ = str(path)
        stem = PurePosixPath(name).name if name.endswith(".ipynb") else PurePosixPath(name).stem
        self._run.append((stem, script, script.tree))
        script.define(own)
        self.table.remarks += [(name, kind, places) for kind, places in script.remarks]

    def _collect(self) -> None:
        """Fill the table: what files define, then what they took from libraries by name; never by a star."""
        table = self.table
        table.objects, table.owners, table.duplicates, table.scripts = {}, {}, [], {}
        found = [(stem, s.module if isinstance(s, Script) else s, s, tree) for stem, s, tree in self._run]
        own = {module.__name__ for _, module, _, _ in found}
        own |= {PurePosixPath(name).stem for name in self.files.values()} - set(sys.stdlib_module_names)
        for borrowed in (False, True):
            for stem, module, source, tree in found:
                bound = _imported(tree) if borrowed else _assigned(tree)
                for name, value in list(vars(module).items())[:_MAX_NAMES]:
                    if name.startswith("__") or not callable(value):
                        continue
                    if name in bound or (not borrowed and _module_of(value) in own):
                        self._define(name, stem, value, source)
                if not borrowed and isinstance(source, Script):
                    self._expect(stem, source)
        for _, module, _, _ in found:
            table.names |= {n for n, v in list(vars(module).items())[:_MAX_NAMES] if _public(n, v)}

    def _expect(self, stem: str, script: Script) -> None:
        """Names that a file binds only where it has not been run, or failed."""
        for name in sorted(script.late_names)[:_MAX_NAMES]:
            if name not in self.table.owners and not name.startswith("_"):
                self.table.owners[name], self.table.scripts[name] = stem, script

    def _define(self, name: str, stem: str, value: Any, source: ModuleType | Script) -> None:
        table = self.table
        if name not in table.owners:
            table.objects[name], table.owners[name] = value, stem
            if isinstance(source, Script):
                table.scripts[name] = source
        elif table.objects.get(name) is not value and not name.startswith("_"):
            table.duplicates.append((name, table.owners[name], stem))


class _Place(NamedTuple):
    """Where a file is imported from, and as what."""

    folder: PurePosixPath
    name: str


def _place(name: str, files: Collection[str]) -> _Place:
    """Inside a package (folders with `__init__.py`) the dotted name, else the stem."""
    path = PurePosixPath(name)
    folder, parts = path.parent, [] if path.name == "__init__.py" else [path.stem]
    while folder.name.isidentifier() and str(folder / "__init__.py") in files:
        parts.insert(0, folder.name)
        folder = folder.parent
    return _Place(folder, ".".join(parts) or path.stem)


def _imported_from(path: Path, known: int) -> ModuleType | None:
    """The module that another file already imported from here.

    Looks only at what came after the first `known` modules: to look at those of the zygote would copy their memory.
    """
    newest = itertools.islice(reversed(sys.modules.values()), max(len(sys.modules) - known, 0))
    for module in list(newest):
        if type(module) is ModuleType and vars(module).get("__file__") == str(path):
            return module
    return None


def _module_of(value: object) -> str:
    """The module that says it defines this object; empty where the object does not say."""
    try:
        name = getattr(value, "__module__", None)
    except Exception:  # noqa: BLE001 - attribute access is submitted code
        return ""
    return name if type(name) is str else ""


def _public(name: str, value: object) -> bool:
    return not name.startswith("_") and not issubclass(type(value), ModuleType)


def _top_level(tree: ast.Module) -> Iterator[ast.AST]:
    """All nodes outside the bodies of functions and classes."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _SCOPES):
            waiting += ast.iter_child_nodes(node)


def _assigned(tree: ast.Module) -> set[str]:
    return {n.id for n in _top_level(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _imported(tree: ast.Module) -> set[str]:
    imports = [node for node in _top_level(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {alias.asname or alias.name for node in imports for alias in node.names}


def _is_library(stem: str) -> bool:
    """Whether this name already belongs to a module that libraries may import."""
    if stem in sys.modules or stem in sys.stdlib_module_names:
        return True
    try:
        return importlib.util.find_spec(stem) is not None
    except (ImportError, ValueError, AttributeError):
        return False
