"""What the statements at the top level of a file do, found without running them: which names they bind, read and change.

Long work at the top level (a training loop, a call of the file's own functions) can wait until something needs its results.
"""

from __future__ import annotations
import __future__

import ast
import builtins
import dis
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import CodeType
from typing import Final

_BODIES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_DEFINITIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_AT_ONCE: Final = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})
_LOADS: Final = frozenset({"LOAD_NAME", "LOAD_GLOBAL", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_GLOBALS"})
_PURE: Final = frozenset({
    "abs", "all", "any", "argmax", "argmin", "astype", "cdf", "clone", "copy", "count", "cumsum", "dot",
    "entropy", "exp", "format", "icdf", "index", "item", "items", "join", "keys", "log", "log_prob", "max",
    "mean", "min", "prod", "round", "sqrt", "std", "sum", "tolist", "values", "var",
})  # fmt: skip
"""Methods that leave their object as it is, whatever it is: numbers, arrays, tensors, laws, text, containers."""
_LOOKING: Final = frozenset({
    "abs", "all", "any", "bool", "complex", "enumerate", "float", "format", "int", "isinstance", "len",
    "max", "min", "print", "range", "repr", "reversed", "round", "sorted", "str", "sum", "tuple", "type",
    "zip",
})  # fmt: skip
"""Builtin functions that leave what they are given as it is."""
_STORES: Final = frozenset({"STORE_NAME", "STORE_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL"})


@dataclass(frozen=True, slots=True)
class Names:
    """What a piece of code does to global names."""

    binds: frozenset[str]
    reads: frozenset[str]
    """While it runs."""
    later: frozenset[str]
    """When a function that it defines is called."""
    later_binds: frozenset[str]
    """By `global` in such a function."""


@dataclass(frozen=True)
class Statement:
    """One statement at the top level. What it does to names is looked up when it is asked for: most files have nothing that can wait."""

    node: ast.stmt
    code: CodeType
    place: int
    """Line, or number of the notebook's cell."""
    works: bool
    """Whether it loops, or calls what is defined in the hand-in. A loop without an end does not count: nothing could be meant by it."""

    @cached_property
    def names(self) -> Names:
        """The global names that it binds and reads."""
        return names_of(self.code)

    @cached_property
    def changes(self) -> frozenset[str]:
        """Names whose objects it may change: `x.append(1)`, `x[0] = 1`, `x += 1`."""
        return frozenset(_changed(self.node))

    @cached_property
    def passes(self) -> frozenset[str]:
        """Names that it hands to calls, which may change their objects."""
        return frozenset(_passed(self.node))


Refuse = Callable[[ast.stmt, Exception], None]
"""Told a statement that can be parsed but not compiled, such as `return` outside a function, and why."""


def future_flags(tree: ast.Module) -> int:
    """What `compile` is told by the imports from `__future__` in a file, or in all cells of a notebook: there they last."""
    names = [a.name for n in tree.body if isinstance(n, ast.ImportFrom) and n.module == "__future__" for a in n.names]
    flags = 0
    for name in names:
        flags |= getattr(getattr(__future__, name, None), "compiler_flag", 0)
    return flags


def statements(
    tree: ast.Module,
    filename: str,
    own: Collection[str],
    *,
    flags: int = 0,
    place: int | None = None,
    refuse: Refuse | None = None,
) -> Iterator[Statement]:
    """Each statement of a parsed file, or of cell `place` of a notebook, compiled. `own`: functions and classes of the hand-in.

    Raises SyntaxError and ValueError as `compile` does, unless there is `refuse`.
    """
    flags |= 0 if place is None else ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    for node in tree.body:
        try:
            code = compile(ast.Module([node], []), filename, "exec", flags=flags, dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError) as error:
            if refuse is None:
                raise
            refuse(node, error)
            continue
        works = not isinstance(node, _DEFINITIONS) and _works(node, own)
        yield Statement(node, code, place or node.lineno, works)


def without_annotations(part: Statement) -> CodeType | None:
    """A function's definition that does not look its type hints up: in a notebook the cell that imported them may be gone."""
    if not isinstance(part.node, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    flags, place = __future__.annotations.compiler_flag, part.code.co_filename
    code: CodeType = compile(ast.Module([part.node], []), place, "exec", flags=flags, dont_inherit=True)
    return code


def bound(node: ast.stmt) -> set[str]:
    """Names that a statement would bind, told without compiling it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    return {n.id for n in _running(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def names_of(code: CodeType) -> Names:
    """The global names that compiled top-level code binds and reads, now and later."""
    binds, reads = _touched(code)
    later: set[str] = set()
    later_binds: set[str] = set()
    for inner in _inner(code):
        names = names_of(inner)
        if inner.co_name in _AT_ONCE or "__qualname__" in names.binds:
            reads |= names.reads
        else:
            later |= names.reads
            later_binds |= names.binds
        later |= names.later
        later_binds |= names.later_binds
    return Names(frozenset(binds), frozenset(reads), frozenset(later), frozenset(later_binds))


def _inner(code: CodeType) -> list[CodeType]:
    return [constant for constant in code.co_consts if isinstance(constant, CodeType)]


def _touched(code: CodeType) -> tuple[set[str], set[str]]:
    binds: set[str] = set()
    reads: set[str] = set()
    for instruction in dis.get_instructions(code):
        if instruction.opname in _LOADS:
            reads.add(instruction.argval)
        elif instruction.opname in _STORES:
            binds.add(instruction.argval)
    return binds, reads


def defined(tree: ast.Module, modules: Collection[str]) -> set[str]:
    """Functions and classes that a file defines or takes from other files of the hand-in (stems: `modules`), and those files."""
    found: set[str] = set()
    for node in _running(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.ImportFrom) and (
            node.level or (node.module or "").partition(".")[0] in modules
        ):
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.asname or a.name for a in node.names if a.name.partition(".")[0] in modules}
    return found


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes that run when the statement does: not the bodies of functions."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        if isinstance(current, _BODIES):
            waiting += [d for d in current.args.defaults + current.args.kw_defaults if d is not None]
            waiting += getattr(current, "decorator_list", [])
        else:
            waiting += ast.iter_child_nodes(current)


def _works(node: ast.stmt, own: Collection[str]) -> bool:
    if any(_endless(part) for part in _running(node)):
        return False
    for part in _running(node):
        if isinstance(part, ast.For | ast.AsyncFor | ast.While):
            return True
        if isinstance(part, ast.Call) and any(n in own for n in _loaded(part)):
            return True
    return False


def _endless(node: ast.AST) -> bool:
    if not isinstance(node, ast.While) or not isinstance(node.test, ast.Constant) or not node.test.value:
        return False
    return not any(isinstance(part, ast.Break | ast.Raise) for part in _running(node))


def _loaded(node: ast.AST) -> Iterator[str]:
    return (n.id for n in _running(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))


def _changed(node: ast.stmt) -> Iterator[str]:
    for part in _running(node):
        target: ast.AST | None = None
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            target = None if part.func.attr in _PURE else part.func
        elif isinstance(part, ast.Attribute | ast.Subscript) and not isinstance(part.ctx, ast.Load):
            target = part
        elif isinstance(part, ast.AugAssign):
            target = part.target
        while isinstance(target, ast.Attribute | ast.Subscript):
            target = target.value
        if isinstance(target, ast.Name):
            yield target.id


def _passed(node: ast.stmt) -> Iterator[str]:
    for part in _running(node):
        if isinstance(part, ast.Call) and not (isinstance(part.func, ast.Name) and part.func.id in _LOOKING):
            given: Iterable[ast.AST] = (*part.args, *(k.value for k in part.keywords))
            yield from (name for argument in given for name in _loaded(argument))


def waiting(parts: Sequence[Statement]) -> frozenset[int]:
    """Which statements can wait: those that work, and those that read what such a one gives."""
    late: set[int] = set()
    unready: set[str] = set()
    if not any(part.works for part in parts):
        return frozenset()
    modules = _modules(parts)
    for index, part in enumerate(parts):
        if part.works or part.names.reads & unready:
            late.add(index)
            unready |= part.names.binds | (part.changes - modules)
        else:
            unready -= part.names.binds
    return frozenset(late)


def _modules(parts: Sequence[Statement]) -> frozenset[str]:
    imported = [p for p in parts if isinstance(p.node, ast.Import | ast.ImportFrom)]
    return frozenset().union(*(p.names.binds for p in imported))


def needed(
    name: str, parts: Sequence[Statement], late: Collection[int], unchangeable: Collection[str]
) -> frozenset[int]:
    """Which of the waiting statements the function `name` depends on, directly or not.

    unchangeable: names whose objects no call can change (numbers, functions), as far as they are known.
    """
    bound = frozenset[str]().union(*(part.names.binds for part in parts))
    fixed = _modules(parts) | frozenset(unchangeable) | (frozenset(vars(builtins)) - bound)
    wanted, seen = {name}, set[int]()
    more = True
    while more:
        more = False
        for index, part in enumerate(parts):
            touched = part.names.binds
            if index in late:
                touched = touched | part.names.later_binds | ((part.changes | part.passes) - fixed)
                touched = touched | _bound_by_calls(part, parts)
            if index not in seen and touched & wanted:
                seen.add(index)
                wanted |= part.names.reads | part.names.later
                more = True
    return frozenset(seen & set(late))


def _bound_by_calls(part: Statement, parts: Sequence[Statement]) -> frozenset[str]:
    """Globals that functions set which this statement mentions, directly or not."""
    mentioned, found = set(part.names.reads), set[str]()
    size = -1
    while size != len(mentioned):
        size = len(mentioned)
        for other in parts:
            if other.names.binds & mentioned and (other.names.later or other.names.later_binds):
                mentioned |= other.names.later
                found |= other.names.later_binds
    return frozenset(found)
