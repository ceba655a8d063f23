"""Arguments on their way to a worker: both ends. The reading end trusts the grader, and runs in the worker."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol

import numpy as np

from grader.sandbox._decode import Decoder
from grader.sandbox._encode import Encoder
from grader.sandbox._trees import build, to_tree
from grader.sandbox._types import (
    Callback,
    Expression,
    ExpressionMatrix,
    Handle,
    Rng,
    Source,
    Submitted,
    Tensor,
)
from grader.sandbox._wire import Frame, WireError


class ArgumentEncoder(Encoder):
    """Writes what a check passes to submitted code. Callbacks are collected in `callbacks`, numbered in order.

    `put` raises TypeError for a type that cannot be sent and TreeError for an expression off the list.
    """

    def __init__(self) -> None:
        super().__init__()
        self.callbacks: list[Callback] = []

    def put_other(self, value: object) -> None:
        """Append an argument that is more than plain data."""
        match value:
            case Tensor(array=array, requires_grad=requires_grad):
                self.message("T", requires_grad).put_array(np.asarray(array))
            case Rng():
                self.message("r")
            case Callback():
                self.message("k", len(self.callbacks), value.torch)
                self.callbacks.append(value)
            case Source(text=text, name=name, arguments=arguments):
                self.message("S", text, name).put(arguments)
            case Submitted(name=name):
                self.message("F", name)
            case Handle(id=number, type_name=type_name):
                self.message("h", number, type_name)
            case Expression(tree=tree):
                self.message("x").put(tree)
            case ExpressionMatrix(rows=rows, cols=cols, trees=trees):
                self._put_matrix(rows, cols, trees)
            case _:
                self._put_foreign(value)

    def _put_foreign(self, value: object) -> None:
        torch, sympy = sys.modules.get("torch"), sys.modules.get("sympy")
        if torch is not None and isinstance(value, torch.Tensor):
            self.put(Tensor(value.detach().cpu().numpy(), bool(value.requires_grad)))
        elif sympy is not None and isinstance(value, sympy.MatrixBase):
            self._put_matrix(int(value.rows), int(value.cols), tuple(map(to_tree, value)))
        elif sympy is not None and isinstance(value, sympy.Basic):
            self.message("x").put(to_tree(value))
        else:
            super().put_other(value)

    def _put_matrix(self, rows: int, cols: int, trees: tuple[Any, ...]) -> None:
        self.message("m", rows, cols)
        for tree in trees:
            self.put(tree)


class World(Protocol):
    """What arguments refer to inside a worker."""

    def held(self, number: int) -> Any:
        """The object behind a handle."""

    def submitted(self, name: str) -> Any:
        """The submitted function or class of a name."""

    def generator(self) -> np.random.Generator:
        """A generator of the call's seed."""

    def remote(self, number: int, torch: bool) -> Callable[..., Any]:
        """A function that calls back over the wire."""

    def support(self, text: str) -> Mapping[str, Any]:
        """The names that support source defines."""


class ArgumentDecoder(Decoder):
    """Reads arguments in a worker: handles become objects, trees become SymPy, tensors become tensors.

    Its errors are Python's own: the frame is the grader's, and what fails is support source or memory.
    """

    readers: ClassVar[Mapping[str, str]] = {
        **Decoder.readers,
        "T": "_tensor",
        "r": "_generator",
        "k": "_callback",
        "S": "_support",
        "F": "_submitted",
    }
    failures = ()

    def __init__(self, frame: Frame, world: World) -> None:
        super().__init__(frame)
        self._world = world

    def _handle(self) -> object:
        number = self.take(int)
        self.take(str)
        return self._world.held(number)

    def _generator(self) -> object:
        return self._world.generator()

    def _callback(self) -> object:
        return self._world.remote(self.take(int), self.take(bool))

    def _submitted(self) -> object:
        return self._world.submitted(self.take(str))

    def array(self) -> np.ndarray[Any, np.dtype[Any]]:
        """An array of its own memory, as if the student had made it (`resize` in place works)."""
        return super().array().copy()

    def _expression(self) -> object:
        return build(self._tree(), assumptions=True)

    def _matrix(self) -> object:
        import sympy

        rows, cols = self.take(int), self.take(int)
        return sympy.Matrix(rows, cols, [self._expression() for _ in range(rows * cols)])

    def _tensor(self) -> Any:
        import torch

        requires_grad = self.take(bool)
        self.take(str)  # the tag of an array
        return torch.from_numpy(self.array()).requires_grad_(requires_grad)

    def _support(self) -> Any:
        text, name = self.take(str), self.take(str)
        arguments = self.value()
        made = self._world.support(text).get(name)
        if made is None:
            raise WireError(f"support source does not define {name}")
        return made(*arguments) if arguments else made
