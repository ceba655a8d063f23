"""What goes to a worker and what comes back: the plain types of the door to submitted code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from numpy.typing import NDArray

Tree: TypeAlias = tuple[Any, ...]
"""An expression as nested tuples `(head, *parts)` of whitelisted heads; see `_trees.py`."""


@dataclass(frozen=True)
class Limits:
    """What one worker may use. The limit that was hit becomes the verdict."""

    call_s: float = 10.0
    """Wall clock of one call, in seconds (time spent waiting for a busy processor is not counted)."""
    topic_s: float = 60.0
    """Wall clock of all calls of one worker together, in seconds."""
    load_s: float = 20.0
    """Wall clock of running the submitted files, in seconds."""
    memory_mb: int = 4096
    """Address space in MiB; a worker with torch has about 754 MiB mapped before it starts."""
    output_bytes: int = 1 << 20
    """Bytes of standard output and error that are kept; more is counted and dropped."""
    threads: int = 64
    """Threads of the worker, where the system can count them."""
    file_mb: int = 64
    """Size of one file it may write, in MiB."""
    scratch_mb: int = 64
    """Size of all files it may write, in MiB, where the level can cap it."""


@dataclass(frozen=True)
class Handle:
    """An object that stays in the worker: a module, a class, a function, an instance, a generator."""

    id: int
    type_name: str


@dataclass(frozen=True)
class Method:
    """Call target: a method of an object in the worker, or the object itself."""

    handle: Handle
    name: str = "__call__"


@dataclass(frozen=True)
class Tensor:
    """Argument: a `torch.Tensor` of these values."""

    array: NDArray[Any]
    requires_grad: bool = False


@dataclass(frozen=True)
class Rng:
    """Argument: `numpy.random.default_rng` of the call's seed."""


@dataclass(frozen=True)
class Callback:
    """Argument: a function that runs here while the worker waits.

    Its arguments arrive as plain values; what it raises becomes a `ValueError` in the worker.
    torch: arrays that it returns become tensors in the worker.
    """

    function: Callable[..., Any]
    torch: bool = False


@dataclass(frozen=True)
class Source:
    """Argument or call target: `name`, after running this public support source in the worker.

    arguments: when not empty, `name` is called with them once and its result is used. Never put anything
    here that a student must not read.
    """

    text: str
    name: str
    arguments: tuple[object, ...] = ()


@dataclass(frozen=True)
class Submitted:
    """Argument: the submitted function or class of this name."""

    name: str


@dataclass(frozen=True)
class Expression:
    """A SymPy expression that came back, as inert data; `build` turns it into SymPy."""

    tree: Tree


@dataclass(frozen=True)
class ExpressionMatrix:
    """A SymPy matrix that came back; `trees` in row order, `rows * cols` of them."""

    rows: int
    cols: int
    trees: tuple[Tree, ...]


class Where(NamedTuple):
    """The deepest line of submitted code that an exception passed."""

    file: str
    line: int
    source: str


@dataclass(frozen=True)
class Returned:
    """The call returned."""

    value: Any
    mutated: tuple[int, ...] = ()
    """Positions of arguments whose content the call changed."""
    notes: tuple[str, ...] = ()
    """What was converted or noticed, from the fixed vocabulary `NOTES`."""
    duration_s: float = 0.0
    weight: int = 0
    """Bytes that it takes here, about: what a hand-in may send in all is limited by whoever keeps answers."""


@dataclass(frozen=True)
class Raised:
    """The call, or loading, ended with an exception of the submitted code."""

    type: str
    message: str
    """At most 500 characters, without control characters and addresses."""
    where: Where | None = None
    traceback: str = ""
    """Frames of submitted files only."""
    denial: str = ""
    """What the sandbox said no to (verdict `forbidden`): process, network, file or other; empty where to nothing."""
    memory: bool = False
    """Memory ran out (verdict `memory`)."""

    @property
    def denied(self) -> bool:
        """Whether the sandbox said no."""
        return self.denial != ""

    @property
    def starved(self) -> bool:
        """Whether no thread was to be had: the hand-in's own doing, or where tasks are counted by user, a neighbour's."""
        return self.type == "RuntimeError" and self.message == "can't start new thread"


@dataclass(frozen=True)
class Died:
    """The worker is gone; it answers no further call."""

    verdict: Literal["timeout", "memory", "crashed", "forbidden"]
    detail: str
    """One line for a person, the same at every run."""


Outcome: TypeAlias = Returned | Raised | Died


@dataclass(frozen=True)
class Loaded:
    """What the submitted files define."""

    callables: Mapping[str, str] = field(default_factory=dict)
    """Functions and classes by name, each with the module whose definition counts (the first)."""
    error: Raised | None = None
    """The exception that ended loading, if one did."""
    names: tuple[str, ...] = ()
    """All public names at the top level, sorted."""
    notes: tuple[str, ...] = ()


class SandboxFault(Exception):
    """The sandbox itself failed. Never the submitted code's doing, never a student's zero."""
