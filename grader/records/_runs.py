"""All runs of a store as one."""

from __future__ import annotations

from collections.abc import Sequence

from grader.records._model import Report, Run


def summed_run(runs: Sequence[Run], reports: Sequence[Report]) -> Run:
    """The last run, with the titles of all assignments; after a kill before its end, what the reports tell of it."""
    names = tuple(dict.fromkeys(r.assignment for r in reports))
    titles = {name: title for run in runs for name, title in run.titles.items() if name in names}
    last = runs[-1] if runs else None
    weakest = min([r.environment.isolation for r in reports], default="L3")
    return Run(
        id=last.id if last else "unfinished",
        started=last.started if last else max(r.started for r in reports),
        duration_s=last.duration_s if last else 0.0,
        seed=last.seed if last else reports[0].environment.seed,
        isolation=last.isolation if last else weakest,
        assignments=names,
        titles=titles,
        missing=last.missing if last else (),
    )
