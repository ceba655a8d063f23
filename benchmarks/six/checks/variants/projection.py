"""Known right and wrong versions of `projection`."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader import right, slip


@right("by clip", of="project")
def by_clip(y: Any, a: Any) -> Any:
    return [a, float(np.clip(y[1], 0, 1))]


@slip("no clip from above", of="project")
def unbounded(y: Any, a: Any) -> Any:
    return np.array([a, max(y[1], 0.0)])


@slip("y1 kept", of="project")
def kept(y: Any, a: Any) -> Any:
    return np.array([y[0], min(max(y[1], 0.0), 1.0)])
