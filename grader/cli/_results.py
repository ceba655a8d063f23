"""Results that are there already: from a store, or from a file that `grader run --json` wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from grader.records import (
    SCHEMA_VERSION,
    Report,
    Run,
    Store,
    UserError,
    all_decided,
    decisions_in,
    restore,
    summed_run,
)

STORE = "results.sqlite"


class Results(NamedTuple):
    """What is known of a class."""

    run: Run
    reports: tuple[Report, ...]


def load_results(place: Path, assignment: str | None = None, student: str | None = None) -> Results:
    """The results in an output folder, a `results.sqlite` (with what people decided) or a JSON file; those of one assignment or student where asked.

    Raises UserError when there are none.
    """
    run, reports = _from_json(place) if place.suffix == ".json" else _from_store(place)
    shown = [r for r in reports if assignment in (None, r.assignment) and student in (None, r.student)]
    if reports and not shown:
        wanted = " of ".join(f"{name!r}" for name in (student, assignment) if name is not None)
        there = sorted({r.student if student is not None else r.assignment for r in reports})
        raise UserError(f"there is no result for {wanted} in {place} (there are: {', '.join(there[:8])})")
    return Results(run, tuple(shown))


def load_named(name: str, out: Path) -> tuple[Report, ...]:
    """The reports in a place (see `load_results`), or as they stood after a run of the store in `out`.

    A run is named by its id, or `last`, or `previous`. Raises UserError when there is neither.
    """
    path = out / STORE if out.is_dir() else out
    if Path(name).exists() or not path.is_file():
        return load_results(Path(name)).reports
    with Store(path) as store:
        ids = [run.id for run in store.runs()]
        if name in ("last", "previous"):
            if len(ids) < 1 + (name == "previous"):
                raise UserError(
                    f"{out} has no {name} run; `grader run` makes one, --fresh even where nothing has changed"
                )
            name = ids[-1] if name == "last" else ids[-2]
        if name not in ids:
            return load_results(Path(name)).reports
        # Decisions belong to content, not to runs: what they say is on both sides, so what differs is the regrade's.
        return tuple(all_decided(store.reports_of(name), decisions_in(path)))


def _from_store(place: Path) -> tuple[Run, list[Report]]:
    path = place / STORE if place.is_dir() or place.suffix != ".sqlite" else place
    if not path.is_file():
        raise UserError(f"there are no results in {place}; `grader run` makes them, -o names its folder")
    with Store(path) as store:
        runs, reports = store.runs(), all_decided(store.reports(), decisions_in(path))
    if not runs and not reports:
        raise UserError(f"there are no results in {place} yet; `grader run` makes them")
    return summed_run(runs, reports), reports


def _from_json(path: Path) -> tuple[Run, list[Report]]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["schema_version"] != SCHEMA_VERSION:
            raise UserError(f"{path} was written by another version (schema {document['schema_version']})")
        return restore(Run, document["run"]), [restore(Report, r) for r in document["reports"]]
    except OSError as error:
        raise UserError(
            f"cannot read {path}: {error.strerror}; give an output folder or a file of `run --json`"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{path} holds no results; give an output folder or a file of `grader run --json`"
        ) from error
