"""Values as a person would type them: short for reading, complete for replaying."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from grader.bank import Rng
from grader.exam._arguments import is_tensor
from grader.records import clean_text
from grader.sandbox import Expression, ExpressionMatrix, Handle

_SHORT = 160
"""Characters of a value that is shown, and so more than enough of its items."""
_REPLAY = 1500


def shown(value: object) -> str:
    """A value as short text, without memory addresses: `[0.0, 2.0]`."""
    return clean_text(_text(value, code=False), _SHORT)


def call_text(function: str, arguments: Sequence[object]) -> str:
    """The call as a person would type it: `project([0.0, 2.0], 1.0)`."""
    return f"{function}({', '.join(shown(a) for a in arguments)})"


def replay_line(module: str, function: str, arguments: Sequence[object], seed: int) -> str:
    """One line that repeats a call: of shell, in the folder of the hand-in, or a cell of its notebook; empty where a call cannot be typed."""
    try:
        texts = [_code(a, seed) for a in arguments]
    except TypeError:
        return ""
    imports = ["import numpy as np"] if any("np." in t for t in texts) else []
    imports += ["import torch"] if any("torch." in t for t in texts) else []
    if any("sympy." in t for t in texts):
        imports.append("import sympy")
    if module.endswith(".ipynb"):
        line = "; ".join([*imports, f"print({function}({', '.join(texts)}))"]) + f" # as the last cell of {module}"
        return line if len(line) <= _REPLAY else ""
    imports.append(f"from {module} import {function}")
    body = "; ".join([*imports, f"print({function}({', '.join(texts)}))"])
    line = f'python -c "{body}"'
    return line if len(line) <= _REPLAY and '"' not in body else ""


def _text(value: Any, *, code: bool) -> str:
    if isinstance(value, np.ndarray):
        if value.size > 24 and not code:
            head = ", ".join(repr(x) for x in value.ravel()[:4].tolist())
            return f"array of shape {value.shape}: [{head}, ...]"
        return repr(_tidy(value).tolist())
    if is_tensor(value):
        inside = _text(value.detach().numpy(), code=code)
        return inside if inside.startswith("array") else f"tensor({inside})"
    if isinstance(value, np.generic):
        return repr(value.item())
    if isinstance(value, Rng):
        return "rng"
    if isinstance(value, Handle):
        return f"<{value.type_name}>"
    if isinstance(value, Expression | ExpressionMatrix):
        return "<a SymPy formula>"
    if isinstance(value, Fraction):
        return f"Fraction({value.numerator}, {value.denominator})"
    if isinstance(value, list | tuple):
        inside = ", ".join(_text(v, code=code) for v in (value if code else value[:_SHORT]))
        if isinstance(value, list):
            return f"[{inside}]"
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, dict):
        items = value.items() if code else itertools.islice(value.items(), _SHORT)
        return "{" + ", ".join(f"{k!r}: {_text(v, code=code)}" for k, v in items) + "}"
    if isinstance(value, str | bytes) and not code:
        return repr(value[: 4 * _SHORT])
    if isinstance(value, Callable):  # type: ignore[arg-type]
        return getattr(value, "__name__", type(value).__name__)
    return str(value) if type(value).__module__.startswith(("sympy", "grader")) else repr(value)


def _tidy(value: np.ndarray) -> np.ndarray:
    """Floats at the precision they came in: 0.1 in float32 shows as 0.1."""
    if value.dtype in (np.float32, np.float16):
        return np.array([float(str(x)) for x in value.ravel()]).reshape(value.shape)
    return value


def _code(value: Any, seed: int) -> str:
    if isinstance(value, Rng):
        return f"np.random.default_rng({seed})"
    if isinstance(value, np.ndarray):
        return f"np.array({_plain_code(value)})"
    if is_tensor(value):
        return f"torch.tensor({_plain_code(value.detach().numpy())})"
    if isinstance(value, list | tuple):
        inside = ", ".join(_code(v, seed) for v in value)
        return f"[{inside}]" if isinstance(value, list) else f"({inside},)"
    if type(value).__module__.startswith("sympy") and getattr(value, "is_Symbol", False):
        facts = [f"{k}=True" for k in ("real", "positive") if getattr(value, f"is_{k}", False)]
        return f"sympy.Symbol({', '.join([repr(str(value)), *facts])})"
    if value is None or isinstance(value, bool | int | float | complex | str | Fraction | np.generic):
        return _plain_code(value)
    raise TypeError("not typeable")


def _plain_code(value: object) -> str:
    return _text(value, code=True).replace("nan", "np.nan").replace("inf", "np.inf")
