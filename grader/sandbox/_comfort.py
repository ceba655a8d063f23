"""What notebooks expect around them: `display`, `get_ipython`, and the modules behind them, all doing nothing; runs in the worker.

Progress bars are among them, which student code wraps around its loops; without tqdm they show nothing and loop all the same.
"""

from __future__ import annotations

import builtins
import importlib.machinery
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.abc import Loader
from types import ModuleType
from typing import Any, Final

_ABSENT: Final = ("IPython", "google.colab", "ipywidgets")
_BARS: Final = ("tqdm", *(f"tqdm.{part}" for part in ("asyncio", "auto", "autonotebook", "gui", "notebook", "rich", "std")))
"""Modules of progress bars: all have the same names in them."""


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


class Bar(Nothing):
    """A progress bar that shows nothing: gives what it is put around, and counts."""

    def __init__(self, iterable: Iterable[Any] | None = None, desc: object = None, total: Any = None, *args: Any, **kwargs: Any) -> None:
        length = getattr(iterable, "__len__", None)
        self.iterable: Any = iterable
        self.total = length() if total is None and length is not None else total
        self.n = 0

    def __iter__(self) -> Iterator[Any]:
        for item in self.iterable:
            yield item
            self.n += 1

    def __len__(self) -> int:
        return int(self.total)

    def __bool__(self) -> bool:
        return self.total is None or self.total > 0

    def update(self, n: Any = 1) -> None:
        """Count n more."""
        self.n += n

    @staticmethod
    def write(text: object = "", *args: Any, **kwargs: Any) -> None:
        """Print a line, as a bar would above itself."""
        sys.stdout.write(f"{text}\n")


def bar_range(*args: int, **kwargs: Any) -> Bar:
    """A bar around `range`."""
    return Bar(range(*args), **kwargs)


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
        if name in _BARS:
            return importlib.machinery.ModuleSpec(name, self, is_package=name == "tqdm")
        if any(
            name == known or name.startswith(f"{known}.") or known.startswith(f"{name}.") for known in _ABSENT
        ):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """The module."""
        return ModuleType(spec.name) if spec.name in _BARS else _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run, but for what progress bars are called."""
        if module.__name__ in _BARS:
            vars(module).update(dict.fromkeys(("tqdm", "tqdm_notebook"), Bar))
            vars(module).update(dict.fromkeys(("trange", "tnrange"), bar_range))


def comfort() -> None:
    """Put all of it in place, behind what is really there."""
    nothing = Nothing()
    for name, value in (("display", nothing), ("get_ipython", lambda: nothing)):
        if not hasattr(builtins, name):
            setattr(builtins, name, value)
    if not any(isinstance(finder, Stand) for finder in sys.meta_path):
        sys.meta_path.append(Stand())
