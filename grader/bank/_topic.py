"""What a topic asks for: its functions, their signatures and one sentence each. Starters are made from this."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

TAKEN: Final = frozenset((
    "ahead", "bench", "called", "calls_made", "certainty", "check", "judged", "mark", "measured", "memo",
    "note", "parameters", "recall", "record", "remarks", "row_judged", "seed", "seeds", "share", "skips",
    "slips", "trace", "tracing", "unjudged", "variants",
))
"""Names that `student` has in a check: a function of such a name could not be called there."""


@dataclass(frozen=True)
class Function:
    """One function (or class) that students write."""

    signature: str
    """As typed after `def`: `project(y, a)`. With `class ` before it, a class that is made with these arguments."""
    summary: str
    """What it takes and returns, with shapes."""

    @cached_property
    def name(self) -> str:
        """The name before the parenthesis."""
        return self._call.partition("(")[0].strip()

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Parameter names, in order."""
        definition = ast.parse(f"def {self._call}: ...").body[0]
        assert isinstance(definition, ast.FunctionDef)
        return tuple(a.arg for a in definition.args.args)

    @property
    def starter(self) -> list[str]:
        """Lines of a definition without a body."""
        summary = textwrap.wrap(self.summary, 92) or [""]
        head = f"class {self.name}" if self._is_class else f"def {self.signature}"
        lines = [f"{head}:", f'    """{summary[0]}', *(f"    {s}" for s in summary[1:])]
        lines[-1] += '"""'
        return lines if self._is_class else [*lines, "    raise NotImplementedError"]

    @property
    def _is_class(self) -> bool:
        return self.signature.startswith("class ")

    @property
    def _call(self) -> str:
        return self.signature.removeprefix("class ").strip()


class Topic:
    """One topic of the bank: a file of this name in `checks/` and one in `reference/`.

    Each `checks/<name>.py` assigns one to the module variable `topic`.
    """

    def __init__(self, name: str, *, source: str, functions: Mapping[str, str]) -> None:
        """`functions` maps signatures (`"project(y, a)"`, `"class Net(n)"`) to one sentence with shapes; `source` names the document."""
        if not name.isidentifier():
            raise ValueError(f"a topic's name must be a Python identifier, not {name!r}")
        self.name = name
        self.source = source
        self.functions = {f.name: f for f in (Function(s, text) for s, text in functions.items())}
        hidden = next((f for f in self.functions if f in TAKEN), None)
        if hidden is not None:
            raise ValueError(
                f"topic {name}: in a check student.{hidden} is something else; call the function otherwise, and let the"
                f' sheet take this name for it: [aliases] other_name = ["{hidden}"]'
            )
        for function in self.functions.values():
            try:
                _ = function.parameters
            except SyntaxError as error:
                raise ValueError(f"topic {name}: {function.signature!r} is not a signature") from error

    def starter(self) -> str:
        """The source that students start from: every function with its docstring, none with a body."""
        return starter_file(f"{self.name}: {self.source}.", [self])


def starter_file(title: str, topics: Sequence[Topic]) -> str:
    """One Python file to start from, with a section per topic. Made from the signatures that the checks use."""
    lines = [f'"""{title}', "", "Fill in the bodies; keep the names and the order of the arguments.", '"""', ""]
    lines += ["import numpy as np", "import sympy", ""]
    for topic in topics:
        lines += ["", f"# {topic.name}: {topic.source}", ""]
        for function in topic.functions.values():
            lines += ["", *function.starter, ""]
    return "\n".join(lines)
