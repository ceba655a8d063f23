"""What notebooks expect around them: `display`, `get_ipython`, and the modules behind them, all doing nothing; runs in the worker."""

from __future__ import annotations

import builtins
import importlib.machinery
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import Loader
from types import ModuleType
from typing import Any, Final

_ABSENT: Final = ("IPython", "google.colab", "ipywidgets")


class Nothing:
    """Takes every call, attribute and item, and gives itself."""

    def __call__(self, *args: Any, **kwargs: Any) -> Nothing:
        return self

    def __getattr__(self, name: str) -> Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: Any) -> Nothing:
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __enter__(self) -> Nothing:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def __repr__(self) -> str:
        return "<nothing>"


class _Module(ModuleType):
    def __getattr__(self, name: str) -> Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()


class Stand(Loader):
    """Finds a module that does nothing for what notebooks import and this machine lacks."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A spec for the modules of notebooks, None for all others."""
        if any(
            name == known or name.startswith(f"{known}.") or known.startswith(f"{name}.") for known in _ABSENT
        ):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """The module."""
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


def comfort() -> None:
    """Put all of it in place, behind what is really there."""
    nothing = Nothing()
    for name, value in (("display", nothing), ("get_ipython", lambda: nothing)):
        if not hasattr(builtins, name):
            setattr(builtins, name, value)
    if not any(isinstance(finder, Stand) for finder in sys.meta_path):
        sys.meta_path.append(Stand())
