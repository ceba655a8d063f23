"""Known right and wrong versions of `argmax_lemma`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from grader import right, slip


@right("where, as NumPy returns it", of="maximizers_of_f")
def by_where(g: Any) -> Any:
    f = g.max(axis=1)
    return np.where(f == f.max())


@right("argwhere: a column", of="maximizers_of_f")
def by_argwhere(g: Any) -> Any:
    f = g.max(axis=1)
    return np.argwhere(f == f.max())


@right("Python loops that keep the best so far", of="maximizers_of_f")
def by_loops(g: Any) -> Any:
    best, found = -float("inf"), []
    for theta in range(len(g)):
        f = g[theta][0]
        for value in g[theta]:
            if value > f:
                f = value
        if f > best:
            best, found = f, [theta]
        elif f == best:
            found.append(theta)
    return found


@right("built-in max over lists", of="maximizers_of_f")
def by_lists(g: Any) -> Any:
    rows = [max(row) for row in g.tolist()]
    return tuple(i for i, f in enumerate(rows) if f == max(rows))


@right("torch in single precision", of="maximizers_of_f")
def by_torch(g: Any) -> Any:
    f = torch.tensor(g, dtype=torch.float32).amax(dim=1)
    return torch.nonzero(f == f.max()).flatten()


@right("rows of the joint maximisers, each once", of="maximizers_of_f")
def by_pairs(g: Any) -> Any:
    return np.unique(np.argwhere(g == g.max())[:, 0])


@right("a sorted set", of="maximizers_of_f")
def by_set(g: Any) -> Any:
    top = np.amax(g)
    return sorted({int(theta) for theta, phi in zip(*np.nonzero(g >= top), strict=True)})


@right("a stable sort by -f", of="maximizers_of_f")
def by_sort(g: Any) -> Any:
    f = np.max(g, axis=1)
    order = np.argsort(-f, kind="stable")
    return [float(i) for i in order if not f[i] < f[order[0]]]


@right("any entry of the row equals the maximum", of="maximizers_of_f")
def by_any(g: Any) -> Any:
    return np.arange(g.shape[0], dtype=np.int32)[(g == np.max(g)).any(1)]


@slip("only the first maximiser: argmax finds one", of="maximizers_of_f")
def first_only(g: Any) -> Any:
    return [int(np.argmax(g.max(axis=1)))]


@slip("only the last maximiser", of="maximizers_of_f")
def last_only(g: Any) -> Any:
    f = g.max(axis=1)
    return [int(np.flatnonzero(f == f.max())[-1])]


@slip("indices start at 1", of="maximizers_of_f")
def from_one(g: Any) -> Any:
    f = g.max(axis=1)
    return np.flatnonzero(f == f.max()) + 1


@slip("maximum over theta instead of phi: indices of columns", of="maximizers_of_f")
def columns(g: Any) -> Any:
    f = g.max(axis=0)
    return np.flatnonzero(f == f.max())


@slip("index into the flattened table", of="maximizers_of_f")
def flattened(g: Any) -> Any:
    return np.flatnonzero(g == g.max())


@slip("a theta is listed once for every phi that attains the maximum", of="maximizers_of_f")
def repeated(g: Any) -> Any:
    return np.where(g == g.max())[0]


@slip("pairs (theta, phi) instead of theta", of="maximizers_of_f")
def pairs(g: Any) -> Any:
    return np.argwhere(g == g.max())


@slip("minimises f: argmin instead of argmax", of="maximizers_of_f")
def smallest(g: Any) -> Any:
    f = g.max(axis=1)
    return np.flatnonzero(f == f.min())


@slip("minimum over phi instead of maximum", of="maximizers_of_f")
def max_of_min(g: Any) -> Any:
    f = g.min(axis=1)
    return np.flatnonzero(f == f.max())


@slip("minimum over phi and over theta", of="maximizers_of_f")
def min_of_min(g: Any) -> Any:
    f = g.min(axis=1)
    return np.flatnonzero(f == f.min())


@slip("sum over phi instead of the maximum", of="maximizers_of_f")
def by_sums(g: Any) -> Any:
    f = g.sum(axis=1)
    return np.flatnonzero(f == f.max())


@slip("the maximum of |g|", of="maximizers_of_f")
def by_size(g: Any) -> Any:
    f = np.abs(g).max(axis=1)
    return np.flatnonzero(f == f.max())


@slip("nearly equal values count as ties", of="maximizers_of_f")
def nearly(g: Any) -> Any:
    f = g.max(axis=1)
    return np.flatnonzero(np.isclose(f, f.max()))


@slip("differences below 1e-12 count as ties", of="maximizers_of_f")
def within_a_tolerance(g: Any) -> Any:
    f = g.max(axis=1)
    return [int(theta) for theta in range(len(f)) if abs(f[theta] - f.max()) < 1e-12]


@slip("the search starts from 0: negative g has no maximiser", of="maximizers_of_f")
def from_zero(g: Any) -> Any:
    best, found = 0.0, []
    for theta, f in enumerate(g.max(axis=1)):
        if f > best:
            best, found = f, [theta]
        elif f == best:
            found.append(theta)
    return found


@slip("earlier maximisers stay in the list when a larger value is found", of="maximizers_of_f")
def running(g: Any) -> Any:
    best, found = -np.inf, []
    for theta, f in enumerate(g.max(axis=1)):
        if f >= best:
            best = f
            found.append(theta)
    return found


@slip("the best theta of every phi", of="maximizers_of_f")
def best_of_each_column(g: Any) -> Any:
    return sorted(set(g.argmax(axis=0).tolist()))


@slip("only the last column of g is looked at", of="maximizers_of_f")
def last_column(g: Any) -> Any:
    return np.flatnonzero(g[:, -1] == g[:, -1].max()).tolist()


@slip("only the first column of g is looked at", of="maximizers_of_f")
def first_column(g: Any) -> Any:
    return np.flatnonzero(g[:, 0] == g[:, 0].max())


@slip("the values f(theta) instead of the indices", of="maximizers_of_f")
def values(g: Any) -> Any:
    f = g.max(axis=1)
    return f[f == f.max()]


@slip("a mask instead of indices", of="maximizers_of_f")
def mask(g: Any) -> Any:
    f = g.max(axis=1)
    return (f == f.max()).astype(int)


@slip("from the last to the first", of="maximizers_of_f")
def backwards(g: Any) -> Any:
    f = g.max(axis=1)
    return np.flatnonzero(f == f.max())[::-1]
