"""Numbers as a person reads them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from grader.reports._safe import one_line


def number(value: float) -> str:
    """At most two decimals, no trailing zeros: `2`, `1.5`, `0.67`; "?" for what is no finite number."""
    if not math.isfinite(value):
        return "?"
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def fraction(score: float, max_score: float) -> str:
    """`1.5/2`."""
    return f"{number(score)}/{number(max_score)}"


def signed(points: float) -> str:
    """`+1.5`, `−3`, `0`."""
    return f"+{number(points)}" if points > 0 else number(points).replace("-", "−")


def ratio(score: float, max_score: float) -> float | None:
    """Share of the points in [0, 1], or None where there are none to get."""
    if not (math.isfinite(score) and math.isfinite(max_score)) or max_score <= 0:
        return None
    return min(1.0, max(0.0, score / max_score))


def percent(share: float | None) -> str:
    """`72.5 %`; a dash for None."""
    return "–" if share is None else f"{number(round(100 * share, 1))} %"


def duration(seconds: float) -> str:
    """`4.2 s`, `3 min 20 s`, `2 h 5 min`."""
    if not math.isfinite(seconds) or seconds < 0:
        return "?"
    if seconds < 60:
        return f"{number(round(seconds, 1))} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, left = divmod(minutes, 60)
    return f"{hours} h {left} min" if hours else f"{minutes} min {rest} s"


def moment(iso: str) -> str:
    """`2024-11-20 12:00 UTC` for an ISO 8601 time with its offset; any other text as it is."""
    try:
        time = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if time.tzinfo else iso


def value_text(value: object, limit: int = 500) -> str:
    """A value from a record's `evidence` or `witness` on one line; floats with six digits."""
    return one_line(_compact(value, depth=0), limit)


def _compact(value: object, depth: int) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "–"}[value]
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str | int):
        return str(value) if depth == 0 else json.dumps(value, ensure_ascii=False)
    if depth > 4:
        return "…"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {_compact(v, depth + 1)}" for k, v in list(value.items())[:50]) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(_compact(v, depth + 1) for v in list(value)[:100]) + "]"
    return str(value)
