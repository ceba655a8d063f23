"""Which entity of the sheet a typed symbol names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.derivation._ast import Node
from grader.derivation._lexer import Token
from grader.derivation._sheet import Sheet
from grader.derivation._tokens import tokenize


@dataclass(frozen=True, slots=True)
class Definition:
    """A symbol that stands for an expression."""

    name: str
    """Canonical spelling."""
    params: tuple[str, ...]
    """Names bound by the arguments: spaces' and variables' keys, index letters, or functions."""
    index: tuple[str, ...]
    """Index letters: the k of `w_k := ...`."""
    body: Node
    functional: tuple[str, ...] = ()
    """Those params that are functions of a space's variable."""
    doubtful: bool = False
    """Whether the body can be read in several ways: then nothing that mentions it is refuted."""


DRAWN = "draw:"
"""Begins the name of a definition by which one random variable is made of another: `X = \\mu + \\sigma Z`."""


@dataclass(frozen=True, slots=True)
class Entity:
    """What a name stands for."""

    kind: str
    """space, density, prior, function, variable, definition, index."""
    key: str
    rank: int = 0
    """How many indices it takes."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that are known at one place of a write-up."""

    sheet: Sheet
    entities: Mapping[str, Entity]
    definitions: Mapping[str, Definition] = field(default_factory=dict)

    def with_definition(
        self, definition: Definition, spelling: str, functions: tuple[str, ...] = ()
    ) -> Scope:
        """The scope in which one more symbol is defined."""
        rank = len(definition.index)
        entities = dict(self.entities) | {spelling: Entity("definition", definition.name, rank)}
        return replace(
            self, entities=entities, definitions=dict(self.definitions) | {definition.name: definition}
        )

    def with_index(self, *names: str) -> Scope:
        """The scope in which letters are bound as indices."""
        return replace(
            self, entities=dict(self.entities) | {name: Entity("index", name, 0) for name in names}
        )

    def with_function(self, name: str, space: str) -> Scope:
        """The scope in which a name is a function parameter of a definition."""
        return replace(self, entities=dict(self.entities) | {name: Entity("parameter", name, 0)})


def scope_of(sheet: Sheet) -> Scope:
    """The names of a sheet, without its definitions."""
    entities: dict[str, Entity] = {}
    for space in sheet.spaces.values():
        for letter in space.letters:
            entities[spelling(letter)] = Entity("space", space.key, 1)
    for density in sheet.densities.values():
        for name in density.names:
            entities[spelling(name)] = Entity("density", density.key)
        for name in density.prior_names:
            entities[spelling(name)] = Entity("prior", density.key)
    for function in sheet.functions.values():
        rank = {"vector": 1, "matrix": 2}.get(function.values, 0)
        for name in function.names:
            entities[spelling(name)] = Entity("function", function.key, rank)
    for box in sheet.boxes.values():
        for name in box.names:
            entities[spelling(name)] = Entity("box", box.key)
    for subset in sheet.subsets.values():
        for name in subset.names:
            entities[spelling(name)] = Entity("subset", subset.key)
        entities[spelling(subset.element)] = Entity("element", subset.key, 1)
    for variable in sheet.variables.values():
        rank = {"vector": 1, "simplex": 1, "basis": 1, "matrix": 2}.get(variable.sort, 0)
        for name in variable.names:
            rank = len(variable.dims) or rank
            kind = "permutation" if variable.sort == "permutation" else "variable"
            entities[spelling(name)] = Entity(kind, variable.key, rank)
            if kind == "permutation":
                entities[variable.key + "^-1"] = Entity(kind, variable.key + "^-1", rank)
    return Scope(sheet, entities)


def spelling(name: str) -> str:
    """The canonical spelling of a symbol given in LaTeX."""
    tokens = tokenize(name, 1)
    base, sub, sup = split_symbol(tokens)
    return joined(base, sub, sup)


def joined(base: str, sub: Sequence[Token] | None, sup: Sequence[Token] | None) -> str:
    """Base, subscript and superscript in one canonical string."""
    below = "_" + _plain(sub) if sub else ""
    above = "^" + _plain(sup) if sup else ""
    return base + below + above


def _plain(tokens: Sequence[Token]) -> str:
    inner = {r"\star": "*", "^": "⌃", "_": "⌄", "{": "", "}": ""}
    return "".join(inner.get(t.text, t.text) for t in tokens)


def split_symbol(tokens: Sequence[Token]) -> tuple[str, list[Token] | None, list[Token] | None]:
    """Base, subscript and superscript of a symbol written alone."""
    base, at = tokens[0].text, 1
    parts: dict[str, list[Token] | None] = {"_": None, "^": None}
    while at + 1 < len(tokens) and tokens[at].text in parts:
        group, after = script(tokens, at + 1)
        parts[tokens[at].text] = group
        at = after
    return base, parts["_"], parts["^"]


def script(tokens: Sequence[Token], at: int) -> tuple[list[Token], int]:
    """The tokens of a sub- or superscript and where reading goes on."""
    if at >= len(tokens):
        return [], at
    if tokens[at].kind != "open":
        return [tokens[at]], at + 1
    depth = 0
    for end in range(at, len(tokens)):
        depth += {"open": 1, "close": -1}.get(tokens[end].kind, 0)
        if depth == 0:
            return list(tokens[at + 1 : end]), end + 1
    return list(tokens[at + 1 :]), len(tokens)
