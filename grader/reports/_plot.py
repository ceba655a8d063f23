"""A small plot as inline SVG: a few kilobytes, coloured by the page's own style sheet, so light and dark both work."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

Point = tuple[float, float]
LEFT, RIGHT, TOP, BOTTOM = 46.0, 12.0, 10.0, 40.0


class Plot:
    """Axes in data units. Marks are drawn in the order given; what lies outside is cut off.

    Class names: `good` what is right, `bad` the submission's, `ink`, `soft`, `area`.
    """

    def __init__(
        self,
        x: Point,
        y: Point,
        *,
        size: Point = (380.0, 280.0),
        labels: tuple[str, str] = ("", ""),
        equal: bool = False,
        y_ticks: bool = True,
    ) -> None:
        """`x` and `y` are the ranges shown; with `equal`, one of them is widened so that units have equal length."""
        self._inner = (size[0] - LEFT - RIGHT, size[1] - TOP - BOTTOM)
        self._x, self._y = _even(x, y, self._inner) if equal else (_wide(x), _wide(y))
        self._size, self._labels, self._y_ticks = size, labels, y_ticks
        self._marks: list[str] = []
        self._legend: list[tuple[str, str]] = []

    def line(self, points: Iterable[Point], style: str, *, name: str = "", dashed: bool = False) -> None:
        """A line through points."""
        inside = [
            f"{x:.1f},{y:.1f}" for x, y in map(self._at, points) if math.isfinite(x) and math.isfinite(y)
        ]
        dash = ' stroke-dasharray="4 3"' if dashed else ""
        self._add(f'<polyline class="{style} stroke" points="{" ".join(inside)}"{dash}/>', style, name)

    def dot(self, point: Point, style: str, *, name: str = "", radius: float = 4.5) -> None:
        """A disc."""
        x, y = self._at(point)
        self._add(f'<circle class="{style} fill" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>', style, name)

    def cross(self, point: Point, style: str, *, name: str = "") -> None:
        """A diagonal cross, which shows what lies below it."""
        x, y = self._at(point)
        path = f"M{x - 5:.1f} {y - 5:.1f}l10 10m0 -10l-10 10"
        self._add(f'<path class="{style} stroke thick" d="{path}"/>', style, name)

    def box(self, low: Point, high: Point, style: str, *, name: str = "") -> None:
        """A filled rectangle between two corners."""
        (x0, y1), (x1, y0) = self._at(low), self._at(high)
        place = f'x="{x0:.1f}" y="{y0:.1f}" width="{max(x1 - x0, 1):.1f}" height="{max(y1 - y0, 1):.1f}"'
        self._add(f'<rect class="{style} fill" {place}/>', style, name)

    def render(self, words: str) -> Markup:
        """The picture; `words` say what it shows to those who do not see it."""
        width, height = self._size
        w, h = self._inner
        legend = self._legend_lines()
        parts = [
            f'<svg viewBox="0 0 {width:g} {height + 18 * len(legend):g}" role="img" aria-label="{escape(words)}" class="plot">',
            *self._ticks(),
            f'<svg x="{LEFT}" y="{TOP}" width="{w}" height="{h}" overflow="hidden" aria-hidden="true">{"".join(self._marks)}</svg>',
            f'<rect class="frame" x="{LEFT}" y="{TOP}" width="{w}" height="{h}"/>',
            f'<text x="{LEFT + w / 2:g}" y="{height - 6:g}" text-anchor="middle">{escape(self._labels[0])}</text>',
            f'<text x="12" y="{TOP + h / 2:g}" text-anchor="middle" transform="rotate(-90 12 {TOP + h / 2:g})">{escape(self._labels[1])}</text>',
            *legend,
            "</svg>",
        ]
        return Markup("".join(parts))

    def _add(self, mark: str, style: str, name: str) -> None:
        self._marks.append(mark)
        if name and (style, name) not in self._legend:
            self._legend.append((style, name))

    def _legend_lines(self) -> list[str]:
        lines = []
        for index, (style, name) in enumerate(self._legend):
            y = self._size[1] + 10 + 18 * index
            key = f'<rect class="{style} fill" x="{LEFT}" y="{y - 8:g}" width="14" height="8" rx="2"/>'
            lines.append(f'{key}<text x="{LEFT + 20}" y="{y:g}">{escape(name)}</text>')
        return lines

    def _ticks(self) -> Iterable[str]:
        w, h = self._inner
        for value in _nice(self._x):
            x = LEFT + self._at((value, 0))[0]
            yield f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{TOP + h}"/>'
            yield f'<text x="{x:.1f}" y="{TOP + h + 14:g}" text-anchor="middle">{value:g}</text>'
        for value in _nice(self._y) if self._y_ticks else ():
            y = TOP + self._at((0, value))[1]
            yield f'<line class="tick" x1="{LEFT}" x2="{LEFT + w}" y1="{y:.1f}" y2="{y:.1f}"/>'
            yield f'<text x="{LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'

    def _at(self, point: Point) -> Point:
        (x0, x1), (y0, y1) = self._x, self._y
        return (point[0] - x0) / (x1 - x0) * self._inner[0], (y1 - point[1]) / (y1 - y0) * self._inner[1]


def cells(
    rows: Sequence[Sequence[float]], low: float, high: float, words: str, *, size: float = 150.0
) -> Markup:
    """A grid of numbers as squares, from `low` (pale) to `high` (strong); not-a-number is crossed out."""
    step = size / max(len(rows), len(rows[0]))
    parts = [f'<svg viewBox="0 0 {size:g} {size:g}" role="img" aria-label="{escape(words)}" class="cells">']
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            place = f'x="{j * step:.1f}" y="{i * step:.1f}" width="{step:.1f}" height="{step:.1f}"'
            if not math.isfinite(value):
                parts.append(f'<rect class="odd" {place}/>')
                continue
            share = 0.5 if high <= low else min(1.0, max(0.0, (value - low) / (high - low)))
            parts.append(f'<rect {place} fill-opacity="{share:.2f}"/>')
    extent = f'width="{step * len(rows[0]):.1f}" height="{step * len(rows):.1f}"'
    return Markup("".join([*parts, f'<rect class="frame" {extent}/></svg>']))


def around(values: Iterable[float], margin: float = 0.15, least: float = 1e-9) -> Point:
    """A range that holds all values, with some room."""
    inside = [value for value in values if math.isfinite(value)]
    low, high = min(inside), max(inside)
    room = max(margin * (high - low), least, 1e-6 * max(abs(low), abs(high)))
    return low - room, high + room


def _nice(extent: Point) -> list[float]:
    from matplotlib.ticker import MaxNLocator  # slow to load, and most reports draw nothing

    low, high = extent
    return [
        float(v) for v in MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high) if low <= v <= high
    ]


def _wide(extent: Point) -> Point:
    low, high = extent
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _even(x: Point, y: Point, inner: Point) -> tuple[Point, Point]:
    (x0, x1), (y0, y1) = _wide(x), _wide(y)
    unit = max((x1 - x0) / inner[0], (y1 - y0) / inner[1])
    return _stretched(x0, x1, unit * inner[0]), _stretched(y0, y1, unit * inner[1])


def _stretched(low: float, high: float, length: float) -> Point:
    room = (length - (high - low)) / 2
    return low - room, high + room
