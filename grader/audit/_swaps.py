"""Names that are easily taken for one another, where both exist."""

from __future__ import annotations

import ast
import builtins
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

_CONFUSED = (
    "min max", "minimum maximum", "amin amax", "Min Max", "argmin argmax", "nanmin nanmax", "any all",
    "sum mean", "sum prod", "mean median", "sum max", "cumsum cumprod", "var std", "sin cos", "tan tanh",
    "sinh cosh", "sigmoid tanh", "softmax log_softmax", "log log1p", "log log2", "log log10", "exp expm1",
    "exp exp2", "logsumexp max", "logaddexp maximum", "floor ceil", "floor round", "zeros ones",
    "zeros_like ones_like", "tril triu", "vstack hstack", "real imag", "normal uniform",
    "standard_normal random", "randn rand", "randn_like rand_like", "add subtract", "greater less",
    "greater greater_equal", "less less_equal", "ge gt", "le lt", "logical_and logical_or", "isfinite isnan",
    "erf erfc", "cdf pdf", "cdf sf", "sqrt square", "clamp_min clamp_max", "det trace", "kron outer",
    "re im", "gamma loggamma", "argsort sort", "union intersection", "tril_indices triu_indices",
)  # fmt: skip


@dataclass(frozen=True)
class Swaps:
    """Answers which other names could stand in place of one, given what a module imports."""

    modules: dict[str, ModuleType]
    """Local name of each imported module -> the module."""
    methods: tuple[type, ...]
    """Types whose methods a swapped method name must be found on."""
    imported: frozenset[str]
    """Names imported from modules: another name in their place would not be there."""

    @classmethod
    def of(cls, module: ast.Module) -> Swaps:
        """For a module's imports; trusted code, so what it imports is imported here as well."""
        modules: dict[str, ModuleType] = {}
        imported: set[str] = set()
        for node in ast.walk(module):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    whole = importlib.import_module(alias.name)
                    top = alias.name.partition(".")[0]
                    modules[alias.asname or top] = whole if alias.asname else importlib.import_module(top)
            elif isinstance(node, ast.ImportFrom):
                imported |= {alias.asname or alias.name for alias in node.names}
                modules |= _submodules(node)
        torch: Any = modules.get("torch")
        methods = (np.ndarray, np.random.Generator, *((torch.Tensor,) if torch is not None else ()))
        return cls(modules, methods, frozenset(imported))

    def module(self, node: ast.expr) -> ModuleType | None:
        """The module that `np.linalg` names, or None where the expression is no module."""
        if isinstance(node, ast.Name):
            return self.modules.get(node.id)
        owner = self.module(node.value) if isinstance(node, ast.Attribute) else None
        found = getattr(owner, node.attr, None) if owner and isinstance(node, ast.Attribute) else None
        return found if isinstance(found, ModuleType) else None

    def others(self, node: ast.Name | ast.Attribute) -> Iterator[str]:
        """Names that exist where this one is looked up, and are confused with it."""
        name = node.id if isinstance(node, ast.Name) else node.attr
        for pair in _CONFUSED:
            first, second = pair.split()
            if name in (first, second):
                other = second if name == first else first
                if self._exists(node, other):
                    yield other

    def _exists(self, node: ast.Name | ast.Attribute, other: str) -> bool:
        if isinstance(node, ast.Name):
            return node.id not in self.imported and hasattr(builtins, node.id) and hasattr(builtins, other)
        owner = self.module(node.value)
        return hasattr(owner, other) if owner else any(hasattr(kind, other) for kind in self.methods)


def _submodules(node: ast.ImportFrom) -> dict[str, ModuleType]:
    """`from scipy import stats` and `from torch import nn` import modules, too."""
    if node.level or not node.module or node.module == "__future__":
        return {}
    try:
        package = importlib.import_module(node.module)
    except ImportError:  # a file beside the reference
        return {}
    found = {alias.asname or alias.name: getattr(package, alias.name, None) for alias in node.names}
    return {name: value for name, value in found.items() if isinstance(value, ModuleType)}
