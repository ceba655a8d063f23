"""Which definitions of a reference a topic's functions are made of."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

Definition = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


@dataclass(frozen=True)
class Part:
    """A function, a method or a constant that functions of the topic use."""

    name: str
    """`win_probability`, `Flow1d.forward`, `TABLE`."""
    node: Definition
    reached_from: frozenset[str]
    """The topic's functions that depend on it."""


def parts(module: ast.Module, functions: Iterable[str]) -> tuple[Part, ...]:
    """What the topic's functions are made of, in the order of the source; what only checks use is left out."""
    known = dict(_definitions(module))
    reach = {name: _reached(name, known) for name in functions if name in known}
    found = []
    for name, node in known.items():
        users = frozenset(f for f, reached in reach.items() if name in reached)
        if users:
            inside = node.body if isinstance(node, ast.ClassDef) else []
            methods = [Part(f"{name}.{m.name}", m, users) for m in inside if isinstance(m, ast.FunctionDef)]
            found += methods or [Part(name, node, users)]
    return tuple(found)


def _definitions(module: ast.Module) -> Iterator[tuple[str, Definition]]:
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Assign):
            yield from ((t.id, node) for t in node.targets if isinstance(t, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node


def _reached(name: str, known: Mapping[str, Definition]) -> frozenset[str]:
    reached, waiting = {name}, [name]
    while waiting:
        for other in _names(known[waiting.pop()]):
            if other in known and other not in reached:
                reached.add(other)
                waiting.append(other)
    return frozenset(reached)


def _names(node: ast.AST) -> Iterator[str]:
    """Names that a definition looks up when it runs: those of annotations are not."""
    if isinstance(node, ast.Name):
        yield node.id
    for field, value in ast.iter_fields(node):
        if field not in ("annotation", "returns"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _names(child)
