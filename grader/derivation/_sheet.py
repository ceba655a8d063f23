"""Notation sheets: what each symbol of a problem means, on which models it is tried, what is to be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SORTS = frozenset(
    [
        "real",
        "positive",
        "nonnegative",
        "nonzero",
        "unit",
        "integer",
        "index",
        "vector",
        "matrix",
        "simplex",
        "permutation",
        "basis",
    ]
)
KINDS = frozenset(
    [
        "general",
        "positive",
        "nonzero",
        "unit",
        "direction",
        "lower",
        "unit-lower",
        "strict-upper",
        "upper",
        "diagonal",
        "permutation",
        "invertible",
        "spd",
    ]
)


@dataclass(frozen=True, slots=True)
class Space:
    """What a variable such as `z` ranges over."""

    key: str
    letters: tuple[str, ...]
    cells: tuple[int, ...] = ()
    """Numbers of cells tried; empty for the real line."""
    law: str = ""
    """Density that `E_z` means; `normal(m, v)` as LaTeX `\\mathcal{N}(m, v)` on the line."""
    density: str = ""
    """On the line: name of the density that the law has, so that `E_{z ~ q}` is known."""
    size: str = ""
    """On the line: dimension of the variable, empty for a number."""
    first: bool = False
    """Whether the bare variable and the first draw are the same: `z` is `z_1`."""


@dataclass(frozen=True, slots=True)
class Density:
    """A family of densities: over a space, maybe given others; or the joint density of two spaces."""

    key: str
    names: tuple[str, ...]
    over: str
    given: tuple[str, ...] = ()
    joint: str = ""
    """Observed space: `p(x, z)`, `p(x | z)`, `p(z)`, `p(z | x)`, `p(x)` are then all known."""
    parameter: str = ""
    prior: str = ""
    """Another density over the same space that serves as the joint density's marginal."""
    equals: str = ""
    """`p(z|x)`: this density is a conditional of that joint one."""
    prior_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """An unknown function, filled with a random smooth one (or a random table over cells)."""

    key: str
    names: tuple[str, ...]
    of: tuple[str, ...]
    """Spaces or variables it is a function of."""
    values: str = "real"
    """real, positive, nonnegative, increasing, vector, matrix."""
    size: str = ""
    slope: str = ""
    """`>-1`: bound on the derivative."""
    kind: str = ""
    """Of matrix values: as for variables."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A number, index, vector or matrix."""

    key: str
    names: tuple[str, ...]
    sort: str
    rows: str = ""
    """Size of a vector, rows of a matrix, upper end of an index: a number or a size's name."""
    columns: str = ""
    kind: str = "general"
    ranges: tuple[tuple[float, float], ...] = ()
    """Intervals tried in turn, model by model."""
    choices: tuple[int, ...] = ()
    fixed: bool = False
    """Whether it is a constant of the problem, which no derivative is taken in."""
    dims: tuple[str, ...] = ()
    """Of a tensor that is stored as a matrix: sizes of its three indices, the last two along the columns."""
    unknown: bool = False
    """Whether equations in it are to be solved: then they are no identities."""


@dataclass(frozen=True, slots=True)
class Subset:
    """A uniformly drawn set of distinct indices: `I = \\{i_1, \\dots, i_M\\}` out of 1..K."""

    key: str
    names: tuple[str, ...]
    element: str
    size: str
    of: str


@dataclass(frozen=True, slots=True)
class Box:
    """A set of vectors: bounds of each coordinate, as LaTeX."""

    key: str
    names: tuple[str, ...]
    bounds: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """A statement that a chain's ends should entail."""

    name: str
    statement: str
    instead: tuple[str, ...] = ()
    """Statements often proved in its place, which do not count."""
    also: tuple[str, ...] = ()
    """Other ways to state it: any of them will do."""
    via: tuple[str, ...] = ()
    """What it rests on: where one of these is shown, stating the goal is enough."""
    parts: tuple[str, ...] = ()
    """Statements that together are the goal: enough where all are shown."""
    stated: bool = False
    """Whether stating it is all that was asked."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The notation of one problem."""

    problem: str
    title: str = ""
    spaces: Mapping[str, Space] = field(default_factory=dict)
    densities: Mapping[str, Density] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)
    variables: Mapping[str, Variable] = field(default_factory=dict)
    boxes: Mapping[str, Box] = field(default_factory=dict)
    subsets: Mapping[str, Subset] = field(default_factory=dict)
    definitions: tuple[str, ...] = ()
    """LaTeX `name := body`, read in order."""
    assume: tuple[str, ...] = ()
    """LaTeX conditions that hold in every model."""
    given: tuple[str, ...] = ()
    """LaTeX statements of the problem's text that the models satisfy by construction; a writer may repeat them."""
    constant: tuple[str, ...] = ()
    """Parameters whose gradients are asked for: additive constants free of them are slips, not errors."""
    goals: tuple[Goal, ...] = ()
    exists: str = ""
    """A whole-number variable whose value is free to choose: a step that holds for one of its choices holds."""
    imaginary: bool = False
    """Whether `i` is the imaginary unit."""
    models: int = 6
