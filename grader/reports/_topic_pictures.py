"""Pictures of single topics: where one looks rather than reads."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from grader.records import CheckResult, Verdict
from grader.reports._pictures import Draw, Picture, vector
from grader.reports._plot import Plot, Point, around

FARTHEST = 1e6
"""Beyond, no picture helps."""
STEPS = 2000


def projection(check: CheckResult) -> Picture | None:
    """The segment C = {x : x1 = a, 0 <= x2 <= 1}, the point y, the answer, and the closest point."""
    shown = check.counterexample
    if shown is None or not {"y", "a"} <= set(shown.arguments) or check.verdict is not Verdict.FAILED:
        return None
    y, a = vector(shown.arguments["y"], 2), float(shown.arguments["a"])
    got = vector(shown.got, 2)
    if y is None or not math.isfinite(a) or max(map(abs, (*y, a, *(got or ())))) > FARTHEST:
        return None
    closest = (a, min(1.0, max(0.0, y[1])))
    points: list[Point] = [(y[0], y[1]), closest, *([(got[0], got[1])] if got else [])]
    xs, ys = [a, *(p[0] for p in points)], [0.0, 1.0, *(p[1] for p in points)]
    plot = Plot(around(xs, 0.25, 0.3), around(ys, 0.2), labels=("x1", "x2"), equal=True)
    plot.line([(a, 0.0), (a, 1.0)], "ink", name=f"C: x1 = {a:g}, 0 ≤ x2 ≤ 1")
    plot.line([points[0], closest], "soft", dashed=True)
    plot.dot(points[0], "soft", name=f"y = ({y[0]:g}, {y[1]:g})")
    plot.dot(closest, "good", name=f"closest point of C: ({closest[0]:g}, {closest[1]:g})")
    words = f"y = ({y[0]:g}, {y[1]:g}); the closest point of C is ({closest[0]:g}, {closest[1]:g})"
    if got:
        plot.cross((got[0], got[1]), "bad", name=f"yours: ({got[0]:g}, {got[1]:g})")
        words += f"; yours is ({got[0]:g}, {got[1]:g})"
    return Picture("The point, the set, and the answers", (("", plot.render(words)),))


def gaussian_sgd(check: CheckResult) -> Picture | None:
    """Where a run ended, over the contours of the objective, with exact gradient descent from the same start."""
    shown = check.counterexample
    if shown is None or check.verdict is not Verdict.FAILED:
        return None
    known = {
        key: float(shown.arguments[key]) for key in ("mu0", "tau0", "lr", "n_steps") if key in shown.arguments
    }
    end = vector(shown.got, 2)
    if (
        len(known) < 4
        or end is None
        or max(map(abs, (*end, *known.values()))) > FARTHEST
        or known["tau0"] > 10
    ):
        return None
    from grader.reports._landscape import contours, minima  # slow to load

    path = list(_descent(known["mu0"], known["tau0"], known["lr"], int(known["n_steps"])))
    lowest = minima()
    # An answer far away must not make the rest too small to see.
    far = not (-8 < end[0] < 8 and -0.5 < end[1] < 6)
    seen = [*path, *lowest, *([] if far else [(end[0], end[1])])]
    x, y = around([p[0] for p in seen], 0.2, 0.3), around([p[1] for p in seen], 0.2, 0.3)
    plot = Plot(x, (max(y[0], 0.0) if far or end[1] > 0 else y[0], y[1]), labels=("mu", "sigma"))
    for line in contours(*(round(v, 3) for v in (*x, max(y[0], 0.02), y[1]))):
        plot.line(line, "level")
    plot.line(path, "good", name=f"gradient descent with the exact gradient, {len(path) - 1} steps")
    for minimum in lowest:
        plot.dot(minimum, "good", radius=3.5, name="minima of the objective")
    plot.dot(path[0], "soft", name=f"start ({path[0][0]:.3g}, {path[0][1]:.3g})")
    plot.cross(
        (end[0], end[1]),
        "bad",
        name=f"your run ends at ({end[0]:.4g}, {end[1]:.4g})" + (", outside" if far else ""),
    )
    words = f"Gradient descent leads from ({path[0][0]:.3g}, {path[0][1]:.3g}) to ({path[-1][0]:.4g}, {path[-1][1]:.4g})"
    words += f"; the run ended at ({end[0]:.4g}, {end[1]:.4g}). Minima lie at "
    words += " and ".join(f"({m:.3g}, {s:.3g})" for m, s in lowest)
    return Picture("The run over the contours of the objective", (("", plot.render(words)),))


def _descent(mu: float, tau: float, rate: float, steps: int) -> Iterator[Point]:
    """Gradient descent on (mu, tau), sigma = exp(tau), as points (mu, sigma)."""
    yield mu, math.exp(tau)
    for _ in range(min(max(steps, 0), STEPS)):
        s = math.exp(tau)
        damp, sin, cos = math.exp(-s * s / 2), math.sin(mu), math.cos(mu)
        by_mu = damp * (sin + mu * cos - s * s * sin) + mu - 1
        by_sigma = damp * (2 * s * cos - s * (mu * sin + s * s * cos)) + 1 - 1 / s
        mu, tau = mu - rate * by_mu, tau - rate * s * by_sigma
        if abs(mu) > FARTHEST or abs(tau) > 10:
            return
        yield mu, math.exp(tau)


TOPICS: Mapping[str, Draw] = MappingProxyType({"projection": projection, "gaussian_sgd": gaussian_sgd})
"""Topic -> what draws its checks."""
