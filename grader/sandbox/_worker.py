"""The worker's side of the wire: loads the submitted files, calls what it is told to, answers.

It shares its process with submitted code, so nothing here protects anything: whoever reads the answers
believes none of them. What it owes is convenience and honesty towards honest code.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import CodeType
from typing import Any, Final, NoReturn

import numpy as np

from grader.sandbox import _notes as notes
from grader.sandbox._arguments import ArgumentDecoder
from grader.sandbox._export import Exporter
from grader.sandbox._faults import forget_frames, put_exception
from grader.sandbox._loading import Loader
from grader.sandbox._mutation import changed, snapshot
from grader.sandbox._seeds import Seeds, generator
from grader.sandbox._wire import Frame, FrameReader, TooLarge

_RESERVE: Final = 8 << 20
"""Bytes set free when memory runs out, so that this can be said."""


def send(stream: socket.socket, parts: list[memoryview]) -> None:
    """Write a whole frame to a blocking socket."""
    for part in parts:
        stream.sendall(part)


class Worker:
    """Serves one connection until it ends; `World` of the arguments that arrive on it."""

    def __init__(self, stream: socket.socket, scratch: Path, seeds: Seeds) -> None:
        self._stream = stream
        self._reader = FrameReader()
        self._loader = Loader(scratch)
        self._seeds = seeds
        self._seed = 0
        self._objects: dict[int, object] = {}
        self._numbers = 0
        self._support: dict[str, CodeType] = {}
        self._current: int | None = None
        self._exchange = threading.Lock()
        self._reserve: bytes | None = bytes(_RESERVE)
        self._clock = time.perf_counter
        self._cut_off = False

    def serve(self) -> NoReturn:
        """Answer requests until the other side is gone, then end the process without any clean-up."""
        handlers: dict[str, Callable[[int, ArgumentDecoder], None]] = {
            "load": self._load,
            "call": self._call,
            "get": self._get,
            "release": self._release,
        }
        try:
            while True:
                request = ArgumentDecoder(self._receive(), self)
                kind, number = request.take(str), request.take(int)
                self._current = number
                handlers[kind](number, request)
                self._current = None
        except (OSError, EOFError):
            os._exit(0)

    def held(self, number: int) -> Any:
        """The object behind a handle."""
        return self._objects[number]

    def submitted(self, name: str) -> Any:
        """The submitted function or class of a name."""
        found, ran = self._loader.function(name)
        self._cut_off = self._loader.cut_off(name)
        if ran:
            self._seeds.start(self._seed)
        return found

    def generator(self) -> np.random.Generator:
        """A generator of the call's seed, whatever submitted code made of NumPy."""
        return generator(self._seed)

    def support(self, text: str) -> Mapping[str, Any]:
        """A fresh namespace in which the support source has run."""
        code = self._support.get(text)
        if code is None:
            code = self._support[text] = compile(text, "<support>", "exec", dont_inherit=True)
        namespace: dict[str, Any] = {"__name__": "support"}
        exec(code, namespace)
        return namespace

    def remote(self, number: int, torch: bool) -> Callable[..., Any]:
        """A function that asks the grader for its value while this call lasts."""
        owner = self._current

        def function(*args: Any, **kwargs: Any) -> Any:
            if self._current != owner:
                raise RuntimeError("this function can be called only during the call that it was passed to")
            if torch:
                _refuse_gradients((*args, *kwargs.values()))
            message = Exporter(self._keep)
            message.message("callback", owner, number).put(args)
            message.put(kwargs)
            with self._exchange:
                send(self._stream, message.frame())
                answer = ArgumentDecoder(self._receive(), self)
            if answer.take(str) == "raise":
                raise ValueError(answer.take(str))
            value = answer.value()
            return _tensors(value) if torch else value

        return function

    def _receive(self) -> Frame:
        while (frame := self._reader.next()) is None:
            if not self._reader.fill(self._stream):
                raise EOFError
        return frame

    def _keep(self, value: object) -> int:
        self._numbers += 1
        self._objects[self._numbers] = value
        return self._numbers

    def _load(self, number: int, request: ArgumentDecoder) -> None:
        files, modules, seed = request.value(), request.value(), request.value()
        self._seeds.start(seed)
        table = self._loader.table
        try:
            self._loader.write(files)
        except OSError as error:
            table.error = error
        else:
            self._loader.run(modules)
        _flush()
        reply = Exporter(self._keep)
        reply.message("loaded", number)
        reply.put([(name, owner) for name, owner in table.owners.items()])
        reply.put(sorted(table.names))
        reply.put(table.duplicates)
        reply.put(table.hidden)
        reply.put(table.remarks)
        reply.message(self._seeds.used, table.error is not None)
        if table.error is not None:
            self._make_room(table.error)
            put_exception(reply, table.error, self._loader.files, str(self._loader.root))
            table.error = None
        send(self._stream, reply.frame())

    def _call(self, number: int, request: ArgumentDecoder) -> None:
        left = request.take(int)
        while left:
            left -= 1
            try:
                self._seed = request.take(int)
                self._seeds.start(self._seed)
                call = request.value(), request.value(), request.value(), request.take(str)
            except BaseException as error:  # noqa: BLE001 - support source, or no memory for the arguments
                for _ in range(left + 1):  # where the next row begins is not known any more
                    self._raised(number, error)
                return
            try:
                self._call_one(number, *call)
            except BaseException as error:  # noqa: BLE001 - whatever submitted code raises is an answer
                self._raised(number, error)

    def _call_one(
        self, number: int, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any], method: str
    ) -> None:
        function = getattr(target, method) if method else target
        before = [snapshot(argument) for argument in args]
        started = self._clock()
        value = function(*args, **kwargs)
        duration = self._clock() - started
        mutated = [place for place, content in enumerate(before) if changed(content, args[place])]
        self._returned(number, value, mutated, duration)

    def _get(self, number: int, request: ArgumentDecoder) -> None:
        owner, name = request.value(), request.take(str)
        try:
            self._returned(number, getattr(owner, name), [], 0.0)
        except BaseException as error:  # noqa: BLE001 - a property is submitted code
            self._raised(number, error)

    def _release(self, number: int, request: ArgumentDecoder) -> None:
        for handle in request.value():
            self._objects.pop(handle, None)
        self._returned(number, None, [], 0.0)

    def _returned(self, number: int, value: object, mutated: list[int], duration: float) -> None:
        _flush()
        try:
            parts = self._reply(number, value, mutated, duration, Exporter.export)
        except TooLarge:
            parts = self._reply(number, value, mutated, duration, Exporter.opaque_large)
        send(self._stream, parts)

    def _reply(
        self,
        number: int,
        value: object,
        mutated: list[int],
        duration: float,
        export: Callable[[Exporter, object], None],
    ) -> list[memoryview]:
        reply = Exporter(self._keep)
        reply.message("returned", number, duration)
        export(reply, value)
        noted = sorted(reply.noted | self._noted())
        reply.message(len(mutated), *mutated, len(noted), *noted)
        return reply.frame()

    def _noted(self) -> set[str]:
        said = {notes.SEEDED: self._seeds.used, notes.CUT_OFF: self._cut_off}
        return {note for note, holds in said.items() if holds}

    def _raised(self, number: int, error: BaseException) -> None:
        self._make_room(error)
        _flush()
        reply = Exporter(self._keep)
        reply.message("raised", number)
        put_exception(reply, error, self._loader.files, str(self._loader.root))
        send(self._stream, reply.frame())

    def _make_room(self, error: BaseException) -> None:
        if isinstance(error, MemoryError):
            self._reserve = None
            forget_frames(error)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()  # type: ignore[union-attr]
        except Exception:  # noqa: BLE001 - whatever submitted code put there, it is not the answer
            continue


def _refuse_gradients(args: tuple[Any, ...]) -> None:
    import torch

    if torch.is_grad_enabled() and any(isinstance(a, torch.Tensor) and a.requires_grad for a in args):
        raise TypeError("this function cannot be differentiated: pass it detached tensors")


def _tensors(value: Any) -> Any:
    import torch

    if isinstance(value, np.ndarray | np.generic):
        return torch.from_numpy(np.array(value))
    if isinstance(value, tuple | list):
        return type(value)(map(_tensors, value))
    return value
