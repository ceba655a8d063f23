"""Pictures of what a check found, from its record alone."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from markupsafe import Markup

from grader.records import CheckResult, Verdict, Visibility
from grader.reports._plot import Plot, around, cells
from grader.reports._safe import one_line

MAX_SIDE = 40
MAX_POINTS = 4000
_BRACKETS = re.compile(r"[\[(]([^\[\]()]*)[\])]")


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture with what it shows."""

    caption: str
    drawings: tuple[tuple[str, Markup], ...]
    """(name, SVG); the name is empty where there is one only."""


Draw = Callable[[CheckResult], Picture | None]


def pictures(check: CheckResult, topics: Mapping[str, Draw] = MappingProxyType({})) -> tuple[Picture, ...]:
    """What can be drawn of a visible check: by its topic, by what it recorded, or by its answer. Of a hidden one, nothing.

    `topics` maps a topic to a function of one record. Any check may record `estimate` with `accepted` (low, high), or
    `picture`, a mapping with `kind` (`images`, `histogram`): see docs/checks.md. What does not fit is not drawn.
    """
    if check.visibility is not Visibility.VISIBLE:
        return ()
    found = []
    for draw in (topics.get(check.id.partition("::")[0]), _recorded, _interval, _arrays):
        try:
            picture = draw(check) if draw is not None else None
        except (
            TypeError,
            ValueError,
            KeyError,
            IndexError,
            AttributeError,
            OverflowError,
            ZeroDivisionError,
        ):
            picture = None  # numbers that nobody thought of: the words below say it all
        if picture is not None:
            found.append(picture)
    return tuple(found[:2])


def vector(text: str, length: int) -> tuple[float, ...] | None:
    """The last bracket in the text that holds `length` finite numbers and nothing else."""
    for inside in reversed(_BRACKETS.findall(text[:4000])):
        try:
            values = tuple(float(part) for part in inside.split(",") if part.strip())
        except ValueError:
            continue
        if len(values) == length and all(map(math.isfinite, values)):
            return values
    return None


def matrix(value: object) -> list[list[float]] | None:
    """Rows of numbers, given as such or as text, with NaN for None; None for anything else or more than 40 by 40."""
    if isinstance(value, str):
        try:
            value = ast.literal_eval(value) if len(value) <= 20_000 else None
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return None
    if not isinstance(value, list | tuple) or not 0 < len(value) <= MAX_SIDE:
        return None
    rows = [list(row) if isinstance(row, list | tuple) else [] for row in value]
    if not 0 < len(rows[0]) <= MAX_SIDE or any(len(row) != len(rows[0]) for row in rows):
        return None
    if not all(v is None or isinstance(v, int | float) for row in rows for v in row):
        return None
    return [[math.nan if v is None else float(v) for v in row] for row in rows]


def _interval(check: CheckResult) -> Picture | None:
    """An estimate against the interval in which right ones lie."""
    estimate, accepted = check.evidence.get("estimate"), check.evidence.get("accepted")
    if not isinstance(estimate, int | float) or not isinstance(accepted, list | tuple) or len(accepted) != 2:
        return None
    low, high = float(accepted[0]), float(accepted[1])
    value = float(estimate)
    if not (math.isfinite(low) and math.isfinite(high) and math.isfinite(value) and low <= high):
        return None
    inside = low <= value <= high
    plot = Plot(
        around((low, high, value), 0.2), (0, 1), size=(380, 110), labels=("estimate", ""), y_ticks=False
    )
    plot.box((low, 0.2), (high, 0.8), "area", name="accepted: where right estimates lie")
    plot.line([(value, 0.05), (value, 0.95)], "ink" if inside else "bad", name="yours")
    words = f"The estimate {value:.4g} lies {'in' if inside else 'outside'} the accepted interval from {low:.4g} to {high:.4g}"
    return Picture(words, (("", plot.render(words)),))


def _arrays(check: CheckResult) -> Picture | None:
    """Expected and got side by side, where both are matrices of one shape."""
    shown = check.counterexample
    if check.verdict is not Verdict.FAILED or shown is None:
        return None
    expected, got = matrix(shown.expected), matrix(shown.got)
    if expected is None or got is None or len(expected) * len(expected[0]) < 4:
        return None
    if (len(got), len(got[0])) != (len(expected), len(expected[0])) or len(got) < 2 or len(got[0]) < 2:
        return None
    off = [[abs(a - b) for a, b in zip(r, s, strict=True)] for r, s in zip(expected, got, strict=True)]
    return _grids(
        {"expected": expected, "yours": got},
        "Expected and yours; the stronger, the larger",
        {"difference": off},
    )


def _recorded(check: CheckResult) -> Picture | None:
    data = check.evidence.get("picture")
    if not isinstance(data, Mapping):
        return None
    caption = one_line(str(data.get("caption", "")), 300)
    if data.get("kind") == "images":
        named = {one_line(str(k), 40): matrix(v) for k, v in list(data["images"].items())[:6]}
        return _grids({k: v for k, v in named.items() if v is not None}, caption)
    return _histogram(data, caption) if data.get("kind") == "histogram" else None


def _grids(
    named: Mapping[str, list[list[float]]],
    caption: str,
    others: Mapping[str, list[list[float]]] = MappingProxyType({}),
) -> Picture | None:
    """Grids on one scale; `others` are on a scale of their own that begins at 0."""
    values = [v for rows in named.values() for row in rows for v in row if math.isfinite(v)]
    if not values:
        return None
    low, high = min(values), max(values)
    drawings = [
        (name, cells(rows, low, high, f"{name}: {len(rows)} by {len(rows[0])}"))
        for name, rows in named.items()
    ]
    for name, rows in others.items():
        most = max((v for row in rows for v in row if math.isfinite(v)), default=0.0)
        drawings.append((name, cells(rows, 0.0, most or 1.0, f"{name}, at most {most:.4g}")))
    return Picture(caption, tuple(drawings))


def _histogram(data: Mapping[str, object], caption: str) -> Picture | None:
    """One or two groups of values, with a curve (a density) and a threshold where given."""
    groups, curve, threshold = data["groups"], data.get("curve"), data.get("threshold")
    if not isinstance(groups, Mapping) or not groups:
        return None
    named = {one_line(str(k), 60): sorted(_finite(v)) for k, v in list(groups.items())[:2]}
    everything = [v for values in named.values() for v in values]
    line = [(float(x), float(y)) for x, y in _pairs(curve)]
    marks = [float(threshold)] if isinstance(threshold, int | float) else []
    low, high = around([*everything, *(x for x, _ in line), *marks], 0.02)
    count = max(8, min(48, round(2 * math.sqrt(len(everything)))))
    edges = [low + (high - low) * n / count for n in range(count + 1)]
    bars = {name: list(_density(values, edges)) for name, values in named.items()}
    top = max([1e-12, *(d for heights in bars.values() for d in heights), *(y for _, y in line)])
    plot = Plot((low, high), (0, 1.08 * top), labels=(one_line(str(data.get("label", "")), 60), "density"))
    for style, (name, heights) in zip(("area", "other"), bars.items(), strict=False):
        for (a, b), height in zip(pairwise(edges), heights, strict=True):
            if height:
                plot.box((a, 0), (b, height), style, name=name)
    if line:
        plot.line(line, "ink", name=one_line(str(data.get("curve_name", "density")), 60))
    for value in marks:
        plot.line([(value, 0), (value, 2 * top)], "bad", name=f"threshold {value:.4g}", dashed=True)
    return Picture(caption, (("", plot.render(caption or "A histogram")),))


def _density(values: Sequence[float], edges: Sequence[float]) -> Iterator[float]:
    for a, b in pairwise(edges):
        yield sum(a <= v < b for v in values) / (len(values) * (b - a)) if values else 0.0


def _finite(values: object) -> Iterator[float]:
    if isinstance(values, list | tuple):
        yield from (float(v) for v in values[:MAX_POINTS] if isinstance(v, int | float) and math.isfinite(v))


def _pairs(curve: object) -> Iterator[tuple[float, float]]:
    if isinstance(curve, list | tuple):
        for x, y in curve[:MAX_POINTS]:
            if math.isfinite(x) and math.isfinite(y):
                yield x, y
