"""Where a run's units are examined when it is not on this machine alone: a Dask cluster, if its libraries are there."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from grader.engine._pool import Bench
from grader.records import UserError

CLUSTERS: Final = {"slurm": "SLURMCluster"}
"""Names for `--cluster`, and the classes of dask-jobqueue that ask such a system for workers."""
_WAIT_S: Final = 3600
"""A full queue of a cluster may give the first worker late."""


@contextlib.contextmanager
def cluster_examiners(setup: Mapping[str, Any], address: str, name: str) -> Iterator[Bench]:
    """The workers of the scheduler at `address`. Raises UserError where they cannot be used."""
    cluster = _library("grader.engine._cluster", "--scheduler")
    with cluster.ClusterExaminers(
        {**setup, "course": str(Path(setup["course"]).resolve())}, address, name
    ) as bench:
        yield bench


@contextlib.contextmanager
def asked_for(kind: str, jobs: int) -> Iterator[str]:
    """Ask a cluster's queue for `jobs` workers, and give the address of their scheduler; they end with the context.

    How they are asked for (queue, cores, time) is in the configuration of dask-jobqueue. Raises UserError.
    """
    if kind not in CLUSTERS:
        raise UserError(
            f"--cluster knows {', '.join(CLUSTERS)}; for others start a Dask scheduler and give --scheduler"
        )
    queues = _library("dask_jobqueue", "--cluster")
    try:
        cluster = getattr(queues, CLUSTERS[kind])()
    except (ValueError, TypeError, OSError) as problem:
        raise UserError(
            f"the {kind} queue cannot be asked ({problem}); describe it in ~/.config/dask/jobqueue.yaml (cores, memory, queue)"
        ) from problem
    with cluster:
        try:
            cluster.scale(jobs=jobs)
            cluster.wait_for_workers(1, timeout=_WAIT_S)
        except (OSError, RuntimeError, TimeoutError) as problem:
            raise UserError(f"the {kind} queue gave no worker ({problem})") from problem
        yield str(cluster.scheduler_address)


def _library(name: str, option: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as missing:
        raise UserError(
            f"{option} needs Dask ({missing.name} is not installed): pip install -c constraints.txt 'grader[cluster]'"
        ) from missing
