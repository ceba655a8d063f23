"""One submitted file run definitions first: long work at its top level waits until a function that needs its results is called.

Runs in the worker, on what submitted code says it is.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import signal
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import cached_property
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np

from grader.intake import Cell, code_cells, lines_of, python_of
from grader.sandbox._toplevel import (
    Refuse,
    Statement,
    bound,
    future_flags,
    needed,
    statements,
    waiting,
    without_annotations,
)

if TYPE_CHECKING:
    import asyncio

_FIXED: Final = (
    *(int, float, complex, bool, str, bytes, type(None), tuple, frozenset, type, range),
    *(FunctionType, BuiltinFunctionType, ModuleType, np.generic, np.random.Generator, np.random.RandomState),
)
"""Objects that a call which they are passed to leaves as they are; drawing from a generator is no change that counts."""
_LIBRARIES: Final = tuple(
    f"{name}."
    for name in (
        "torch.distributions",
        "sympy",
        "scipy.stats",
        "decimal",
        "fractions",
        "datetime",
        "pathlib",
        "re",
    )
)
"""Where classes are defined whose objects nobody changes: laws, formulas, numbers, times, paths, patterns."""
_PATIENCE_S: Final = 4.0
"""Processor time for work that may change what a function uses and binds nothing of it: well below what a call may take,
since most such work is training that no check is about, and the function is right without it."""
_TORCH_FIXED: Final = frozenset({"torch.device", "torch.dtype", "torch._C.Generator"})


class CutOffError(BaseException):
    """Work at the top level took too long. Not an `Exception`: submitted code that catches those goes on otherwise."""


class Script:
    """The parsed file and its namespace. `define` first; `provide` when a name is asked for."""

    def __init__(self, path: Path, module: ModuleType, *, notebook: bool) -> None:
        self.module = module
        self.tree = ast.Module([], [])
        self.files: dict[str, str] = {}
        """File names in tracebacks -> what to call them, beside the path itself."""
        self.remarks: list[tuple[str, str]] = []
        """What was not run: kind and places."""
        self.errors: dict[str, BaseException] = {}
        """Names that a notebook's broken statements would have bound, with what went wrong."""
        self._path = path
        self._notebook = notebook
        self._trees: list[tuple[ast.Module, str, int | None]] = []
        self._parts: list[Statement] = []
        self._late: frozenset[int] = frozenset()
        self._done: frozenset[int] = frozenset()
        self._settled: set[str] = set()
        self._slow: frozenset[int] = frozenset()
        self._without: set[str] = set()

    def parse(self) -> None:
        """Read the file. Raises SyntaxError, ValueError as `compile` does, NotebookError for a notebook that is none."""
        source = self._path.read_bytes()
        if not self._notebook:
            self._remember(str(self._path), source.decode("utf-8", "replace"))
            self.tree = self._parsed(source)
            self._trees = [(self.tree, str(self._path), None)]
            return
        cells = code_cells(source)
        skipped = [cell.number for cell in cells if cell.skipped]
        if skipped:
            self.remarks.append(("magic", _places(skipped)))
        for cell in cells:
            self._parse_cell(cell)
        self.tree = ast.Module([node for tree, _, _ in self._trees for node in tree.body], [])

    def _parsed(self, source: bytes) -> ast.Module:
        """A file of Python, or what was saved as one from a notebook: its shell and magic lines are skipped."""
        try:
            return ast.parse(source, str(self._path))
        except SyntaxError:
            text = source.decode("utf-8-sig", "replace")
            python = python_of(text)[0]
            pairs = enumerate(zip(lines_of(text), lines_of(python), strict=True), 1)
            changed = [number for number, (old, new) in pairs if old != new]
            with suppress(SyntaxError):
                tree = ast.parse(python, str(self._path)) if changed else None
                if tree is not None:
                    self.remarks.append(("magic lines", _places(changed)))
                    return tree
            raise

    def _parse_cell(self, cell: Cell) -> None:
        name = f"{self._path}[{cell.number}]"
        self.files[name] = f"{self._path.name}, cell {cell.number}"
        self._remember(name, cell.text)
        try:
            tree = ast.parse(cell.text, name)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self._broken(cell.number, error, _lost_names(cell.text))
            return
        self._trees.append((tree, name, cell.number))

    def _remember(self, name: str, text: str) -> None:
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)

    def _broken(self, place: int, error: BaseException, names: Collection[str]) -> None:
        what = f"{type(error).__name__}: {error.msg if isinstance(error, SyntaxError) else error}"
        self.remarks.append(("broken", f"{place} ({what[:200]})"))
        self.errors.update(dict.fromkeys(names, error))

    def define(self, own: Collection[str]) -> None:
        """Run what does not wait. `own`: functions and classes of the hand-in. Raises what the file raises, if it is no notebook."""
        flags = future_flags(self.tree)
        for tree, name, cell in self._trees:
            refuse = None if cell is None else self._refuse(cell)
            self._parts += statements(tree, name, own, flags=flags, place=cell, refuse=refuse)
        self._late = waiting(self._parts)
        self._execute(frozenset())
        if self._late:
            self.remarks.append(
                (
                    "late cells" if self._notebook else "late",
                    _places(self._parts[i].place for i in self._late),
                )
            )

    def _refuse(self, cell: int) -> Refuse:
        return lambda node, error: self._broken(cell, error, bound(node))

    @property
    def late_names(self) -> frozenset[str]:
        """Names that are bound only by what waits, or by what failed."""
        bound = frozenset().union(*(self._parts[i].names.binds for i in self._late))
        return (bound | frozenset(self.errors)) - frozenset(vars(self.module))

    def provide(self, name: str) -> bool:
        """Run what `name` depends on and has waited, from the start in a new namespace; False where there is nothing to run.

        Raises what the file raises, if it is no notebook.
        """
        if not self._late or name in self._settled:
            return False
        self._settled.add(name)
        wanted = needed(name, self._parts, self._late, self._unchangeable()) - self._done
        if not wanted:
            return False
        binding = needed(name, self._parts, self._late, self._touched())
        if not self._try(wanted - self._slow, binding - self._done):
            self._slow |= wanted - binding
        if wanted & self._slow:
            self._without.add(name)
        return True

    def cut_off(self, name: str) -> bool:
        """Whether `name` is there without work that may change what it uses and takes too long."""
        return name in self._without

    @cached_property
    def _loop(self) -> asyncio.AbstractEventLoop | None:
        """Where a cell awaits, all of them run in an event loop, as in a notebook."""
        if not any(part.code.co_flags & inspect.CO_COROUTINE for part in self._parts):
            return None
        import asyncio  # no other hand-in needs it

        return asyncio.new_event_loop()

    async def _within_loop(self, part: Statement) -> None:
        result = eval(part.code, self.module.__dict__)
        if part.code.co_flags & inspect.CO_COROUTINE:
            await result

    def _try(self, wanted: frozenset[int], binding: frozenset[int]) -> bool:
        """Run what is wanted; where some of it binds nothing that is asked for, for a while only, then without it: False."""
        done = self._done
        try:
            with nullcontext() if wanted <= binding else _deadline(_PATIENCE_S):
                self._again(done | wanted)
        except CutOffError:
            self._again(done | binding)
            return False
        return True

    def _again(self, late: frozenset[int]) -> None:
        """From the start, in a new namespace."""
        fresh = ModuleType(self.module.__name__)
        fresh.__file__ = self.module.__file__
        self.module = sys.modules[fresh.__name__] = fresh
        self._done = late
        self._execute(late)

    def _touched(self) -> frozenset[str]:
        """All names whose objects what waits may change."""
        return frozenset().union(*(self._parts[i].changes | self._parts[i].passes for i in self._late))

    def _unchangeable(self) -> list[str]:
        return [n for n, value in vars(self.module).items() if _is_fixed(type(value))]

    def _execute(self, late: frozenset[int]) -> None:
        todo = [part for i, part in enumerate(self._parts) if i not in self._late or i in late]
        while todo:
            again = [part for part in todo if not self._run(part, retry=True)]
            if len(again) == len(todo):
                for part in again:
                    self._run(part, retry=False)
                return
            todo = again

    def _run(self, part: Statement, *, retry: bool) -> bool:
        """Run one statement; False where a notebook's may be told to wait for names of later cells."""
        try:
            if self._loop is not None:
                self._loop.run_until_complete(self._within_loop(part))
            else:
                exec(part.code, self.module.__dict__)
        except CutOffError:
            raise
        except BaseException as error:
            if not self._notebook:
                raise
            if isinstance(error, NameError):
                if retry:
                    return False
                code = without_annotations(part)
                with suppress(Exception):
                    if code is not None:
                        exec(code, self.module.__dict__)
                        return True
            self._broken(part.place, error, part.names.binds)
        return True


@contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """Raises CutOffError in what runs inside once it has used that much processor time; on Windows it never does."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGPROF, _cut)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _cut(number: int, frame: object) -> NoReturn:
    raise CutOffError


def _is_fixed(kind: type) -> bool:
    if issubclass(kind, _FIXED):
        return True
    module = type.__dict__["__module__"].__get__(kind)
    if not isinstance(module, str) or kind.__name__.startswith("Mutable"):
        return False
    return f"{module}.{kind.__name__}" in _TORCH_FIXED or f"{module}.".startswith(_LIBRARIES)


def _places(numbers: Any) -> str:
    found: Sequence[int] = sorted(set(numbers))
    return ", ".join(map(str, found[:10])) + (", ..." if len(found) > 10 else "")


def _lost_names(text: str) -> list[str]:
    """Functions and classes that a cell which cannot be read seems to define."""
    heads = (
        line.split("(")[0].split(":")[0].split()
        for line in text.splitlines()
        if line.startswith(("def ", "class "))
    )
    return [head[1] for head in heads if len(head) == 2 and head[1].isidentifier()]
