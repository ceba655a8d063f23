"""Public source beside the checks (`checks/support/*.py`): what a check ships into the student's process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True)
class Support:
    """One file that students may read; it imports libraries only, none of its neighbours."""

    path: Path

    @cached_property
    def text(self) -> str:
        """The source. Raises OSError when the file is missing."""
        return self.path.read_text(encoding="utf-8")

    def ship(self, name: str, *arguments: object) -> Shipped:
        """The object of this name, or with arguments what it returns for them, made where it is used."""
        return Shipped(self, name, arguments)


@dataclass(frozen=True, eq=False)
class Shipped:
    """A callable of public source, such as a likelihood that torch can differentiate.

    As an argument of a submitted function it is made anew in the student's process; called here, it is made here.
    """

    support: Support
    name: str
    arguments: tuple[object, ...] = ()

    @property
    def __name__(self) -> str:
        return self.name

    @cached_property
    def made(self) -> Callable[..., Any]:
        """The callable in this process, with nothing but the shipped source around it."""
        namespace: dict[str, Any] = {"__name__": "support"}
        exec(compile(self.support.text, str(self.support.path), "exec", dont_inherit=True), namespace)
        found: Callable[..., Any] = namespace[self.name]
        return found(*self.arguments) if self.arguments else found

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.made(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.made, name)

    def __deepcopy__(self, memo: object) -> Self:
        return self


def support(checks_file: str, name: str) -> Support:
    """`checks/support/<name>.py` beside a checks file (its `__file__`)."""
    return Support(Path(checks_file).resolve().parent / "support" / f"{name}.py")
