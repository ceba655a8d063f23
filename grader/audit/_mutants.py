"""Mutants: the reference with one likely mistake in it, or two in one function."""

from __future__ import annotations

import ast
import copy
import difflib
import hashlib
import warnings
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from grader.audit._operators import EXPRESSIONS
from grader.audit._scope import Part, parts
from grader.audit._sites import Site, sites
from grader.audit._swaps import Swaps
from grader.bank import Topic

PAIRS = 8
"""Mutants with two mistakes for each function: enough to meet mistakes that mask each other, at a tenth of the cost."""
_MOST_INPUTS = 4
"""Parameters that a function may return in place of its result."""
_KEPT = (ast.Return, ast.Pass, ast.FunctionDef, ast.Import, ast.ImportFrom)
"""Statements that are not left out: without them code only ends with an error or gives None."""


@dataclass(frozen=True, order=True)
class Key:
    """What a mutant is called: it stays the same as long as the mutated expression does."""

    function: str
    operator: str
    change: str
    """`y[1] -> y[0]`."""
    occurrence: int = 1
    """Which of several such places in the function, in the order of the source."""

    def __str__(self) -> str:
        again = f", occurrence {self.occurrence}" if self.occurrence > 1 else ""
        return f"{self.function}, {self.operator}: {self.change}{again}"


@dataclass(frozen=True)
class Mutant:
    """One hand-in that should lose marks."""

    key: Key
    source: str
    reached_from: frozenset[str]
    """The topic's functions that can show the difference."""


@dataclass(frozen=True)
class _Edit:
    key: Key
    site: Site
    other: ast.AST


def mutants(reference: str, topic: Topic, equivalent: Container[Key] = ()) -> tuple[Mutant, ...]:
    """All mutants of the functions of a topic and of what they call; no two have the same source.

    equivalent: mutants known to be right; no pair is made of them. Raises SyntaxError for no Python.
    """
    module = ast.parse(reference)
    swaps = Swaps.of(module)
    seen = {ast.unparse(module)}
    found: list[Mutant] = []
    for part in parts(module, topic.functions):
        # An input returned is often a term left out: then the more telling name is kept.
        edits = sorted(_edits(part, swaps), key=lambda edit: edit.key.operator == "input")
        kept = [e for e in edits if _add(found, seen, module, part, e.key, [e])]
        for key, pair in _pairs([e for e in kept if e.key not in equivalent]):
            _add(found, seen, module, part, key, pair)
    return tuple(found)


def difference(reference: str, mutant: Mutant) -> str:
    """The changed lines as a unified diff, both sides in the layout of `ast.unparse`."""
    before, after = ast.unparse(ast.parse(reference)).splitlines(), mutant.source.splitlines()
    lines = list(difflib.unified_diff(before, after, "reference", "mutant", lineterm="", n=0))
    return "\n".join(lines[2:])


def _add(
    found: list[Mutant], seen: set[str], module: ast.Module, part: Part, key: Key, edits: Sequence[_Edit]
) -> bool:
    """Keep the mutant if it compiles and nothing of the same source is there yet."""
    source = _source(module, edits)
    if source in seen:
        return False
    seen.add(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            compile(source, key.function, "exec")
    except (SyntaxError, ValueError):
        return False
    found.append(Mutant(key, source, part.reached_from))
    return True


def _source(module: ast.Module, edits: Sequence[_Edit]) -> str:
    if not edits:
        return ast.unparse(module)
    with edits[0].site.holding(edits[0].other):
        return _source(module, edits[1:])


def _edits(part: Part, swaps: Swaps) -> Iterator[_Edit]:
    counted: Counter[tuple[str, str]] = Counter()
    for site in sites(part.node):
        for operator, other in _changes(site, swaps, part.node):
            before, after = site.fragments(other)
            change = f"{before} -> {after}"
            counted[operator, change] += 1
            yield _Edit(Key(part.name, operator, change, counted[operator, change]), site, other)


def _changes(site: Site, swaps: Swaps, root: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for operator in EXPRESSIONS:
        for other in operator(site, swaps):
            yield operator.__name__, other
    if (
        isinstance(site.node, ast.stmt)
        and not isinstance(site.node, _KEPT)
        and not _only_binding(site.node, root)
    ):
        yield "statement", ast.Pass()
    if isinstance(site.node, ast.For | ast.While) and not isinstance(site.node.body[-1], ast.Return):
        once = copy.copy(site.node)
        once.body = [*site.node.body, ast.Break()]
        yield "loop", once
    if isinstance(site.node, ast.Return) and site.node.value is not None:
        for name in site.parameters[:_MOST_INPUTS]:
            yield "input", ast.Return(ast.Name(name, ast.Load()))


def _only_binding(node: ast.stmt, root: ast.AST) -> bool:
    """Whether a name gets its only value here: without it the code would just end with a NameError."""
    mine = _stored(node)
    if not mine:
        return False
    everywhere = _stored(root) + Counter(a.arg for a in ast.walk(root) if isinstance(a, ast.arg))
    return any(everywhere[name] <= count for name, count in mine.items())


def _stored(node: ast.AST) -> Counter[str]:
    names = (n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return Counter(n.id for n in names)


def _pairs(edits: Sequence[_Edit]) -> Iterator[tuple[Key, list[_Edit]]]:
    """Some pairs in places apart from each other, drawn by their names: a change elsewhere draws no others."""
    apart = [(a, b) for a, b in combinations(edits, 2) if a.site.apart_from(b.site)]
    chosen = sorted(apart, key=lambda pair: hashlib.sha256(f"{pair[0].key}|{pair[1].key}".encode()).digest())
    counted: Counter[str] = Counter()
    for first, second in chosen[:PAIRS]:
        change = f"{first.key.change} & {second.key.change}"
        counted[change] += 1
        yield Key(first.key.function, "pair", change, counted[change]), [first, second]
