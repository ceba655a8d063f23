"""Units on the workers of a Dask cluster (https://distributed.dask.org), in place of examiners on this machine.

Each worker has an examination server of its own, which tries the canaries there: hand-ins are walled in wherever they
are examined. What a worker gives is plain data. A worker that is lost costs time only: Dask gives its units to
another. Only what fits is used: another version of anything that verdicts depend on is refused.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any, Final, cast

from distributed import Client, Future, KilledWorker, Worker, WorkerPlugin, get_worker

from grader.bank import find_course
from grader.engine._identity import grader_digest, library_versions
from grader.engine._server import ServerGoneError
from grader.engine._units import Examiners, Unit, UnitResult
from grader.records import UserError

_CONNECT_S: Final = 20
_SERVER_S: Final = 300.0
"""A cold disk takes long to read torch, on every worker at once."""
_AHEAD: Final = 2
"""Jobs for each worker at a time, so that none waits for the next to arrive."""

Done = tuple[int, Sequence[Unit], "Future[list[UnitResult]]"]


class Desk(WorkerPlugin):
    """Lives on each worker while a run lasts: an examination server, started when first used."""

    def __init__(self, name: str, setup: Mapping[str, Any]) -> None:
        self.name = name
        self._setup = setup
        self._open: Examiners | None = None
        self._one_at_a_time = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {"name": self.name, "setup": self._setup}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]

    def setup(self, worker: Worker) -> None:
        """Dask calls it where the plugin arrives; starting a server there would hold up the worker's heartbeat."""

    def teardown(self, worker: Worker) -> None:
        """End the server."""
        with self._one_at_a_time:
            if self._open is not None:
                self._open.__exit__()
                self._open = None

    def welcome(self) -> tuple[str, list[dict[str, str]]]:
        """Level of isolation here, and the checks. Raises UserError where the server refuses."""
        with self._one_at_a_time:
            server = self._server()
            return server.level, server.exams

    def examine(self, units: Sequence[Unit], unloadable: Sequence[str]) -> list[UnitResult]:
        """The results of these units of one hand-in."""
        with self._one_at_a_time:
            server = self._server()
            try:
                number = server.start(units, unloadable)
                found = itertools.takewhile(lambda r: r[0] != number or r[2] is not None, server.results())
                return [result for _, _, result in found if result is not None]
            except (ServerGoneError, OSError) as gone:
                server.__exit__()
                self._open = None  # the next unit starts another
                return [UnitResult(u.topic, broken=f"the examination server ended: {gone}") for u in units]

    def _server(self) -> Examiners:
        if self._open is None:
            self._open = Examiners(self._setup)
        return self._open


def _desk(name: str) -> Desk:
    return cast(Desk, get_worker().plugins[name])


def _welcome(name: str) -> tuple[str, list[dict[str, str]]]:
    return _desk(name).welcome()


def _examine(name: str, units: Sequence[Unit], unloadable: Sequence[str]) -> list[UnitResult]:
    return _desk(name).examine(units, unloadable)


def fingerprint(course: str, topics: Sequence[str]) -> dict[str, str]:
    """What has to be the same wherever units of one run are examined. Raises UserError where there is no such course."""
    here = find_course(Path(course), Path(course))
    return {
        **library_versions(),
        "the grader": grader_digest()[:12],
        f"the course {course}": here.digest(tuple(topics))[:12],
    }


class ClusterExaminers:
    """The workers of a cluster, used as `Examiners` are. Use as a context manager."""

    def __init__(self, setup: Mapping[str, Any], address: str, name: str) -> None:
        """setup: as `server_setup` makes it. address: of the scheduler. name: of the run, another one for each.

        Raises UserError where the scheduler cannot be reached, has no worker, or has one that does not fit.
        """
        self._address, self._name = address, f"grader-{name}"
        self._client: Any = _connected(address)
        try:
            workers = self._fitting(setup)
            self._client.register_plugin(Desk(self._name, setup), name=self._name)
            answers = self._everywhere(_welcome, workers)
        except BaseException:
            self.__exit__()
            raise
        self.level: str = min(level for level, _ in answers.values())
        """Of isolation, the lowest of all workers."""
        self.exams: list[dict[str, str]] = next(exams for _, exams in answers.values())
        """All checks there are: `id`, `topic` and `part`, in order."""
        self.lanes = _AHEAD * len(workers)
        """Jobs that may be under way at a time."""
        self._done: queue.SimpleQueue[Done | None] = queue.SimpleQueue()
        self._count = 0
        self._flying: dict[int, Future[list[UnitResult]]] = {}

    def __enter__(self) -> ClusterExaminers:
        return self

    def __exit__(self, *_: object) -> None:
        if hasattr(self, "_done"):
            self._client.cancel(list(self._flying.values()))
            self._done.put(None)
        with contextlib.suppress(Exception):  # the cluster may be gone
            self._client.unregister_worker_plugin(self._name)
        self._client.close(timeout=5)

    def _fitting(self, setup: Mapping[str, Any]) -> list[str]:
        """Addresses of all workers."""
        workers = list(self._client.scheduler_info(n_workers=-1)["workers"])
        if not workers:
            raise UserError(
                f"the scheduler at {self._address} has no workers; start some (`dask worker {self._address}`)"
            )
        mine = fingerprint(setup["course"], setup["topics"])
        theirs = self._everywhere(fingerprint, workers, setup["course"], setup["topics"])
        for address, prints in theirs.items():
            other = [name for name in mine if prints.get(name) != mine[name]]
            if other:
                raise UserError(
                    f"worker {address} has another version of {other[0]} ({prints.get(other[0], 'none')}, here"
                    f" {mine[other[0]]}); give all workers the same, or verdicts would depend on where they were made"
                )
        return workers

    def _everywhere(self, function: Any, workers: Sequence[str], *arguments: object) -> dict[str, Any]:
        """What a function gives on each worker, by address; its arguments are the run's name, or those given."""
        given = arguments or (self._name,)
        futures = {
            w: self._client.submit(function, *given, workers=[w], allow_other_workers=False, pure=False)
            for w in workers
        }
        found = {}
        for address, future in futures.items():
            try:
                found[address] = future.result(timeout=_SERVER_S)
            except UserError as refused:
                raise UserError(f"worker {address}: {refused}") from refused
            except Exception as problem:
                raise UserError(
                    f"worker {address} cannot examine ({type(problem).__name__}: {str(problem).splitlines()[0] if str(problem) else ''});"
                    " install the same grader there"
                ) from problem
        return found

    def start(self, units: Sequence[Unit], unloadable: Sequence[str] = ()) -> int:
        """Give these units of one hand-in to a worker; gives the number of the job. Raises ServerGoneError."""
        self._count += 1
        number = self._count
        try:
            future = self._client.submit(
                _examine, self._name, list(units), list(unloadable), pure=False, key=f"{self._name}-{number}"
            )
        except Exception as problem:
            raise ServerGoneError(f"the scheduler at {self._address} is gone ({problem})") from problem
        self._flying[number] = future
        cast(Any, future).add_done_callback(lambda done: self._done.put((number, units, done)))
        return number

    def results(self) -> Iterator[tuple[int, Unit, UnitResult | None]]:
        """As `Examiners.results`. Raises ServerGoneError when the scheduler is gone."""
        while (done := self._done.get()) is not None:
            number, units, future = done
            for unit, result in zip(units, self._results_of(units, future), strict=True):
                yield number, unit, result
            del self._flying[number]
            yield number, units[-1], None

    def _awaited(self, future: Future[list[UnitResult]]) -> list[UnitResult]:
        """The result; where its worker was lost before it was fetched, that of the worker which does it again.

        Raises TimeoutError when the scheduler does not answer any more.
        """
        while True:
            try:
                return future.result(timeout=_CONNECT_S)
            except TimeoutError:
                if self._client.status != "running":
                    raise

    def _results_of(self, units: Sequence[Unit], future: Future[list[UnitResult]]) -> Sequence[UnitResult]:
        try:
            found = {result.topic: result for result in self._awaited(future)}
        except KilledWorker as lost:
            why = f"worker after worker was lost while examining it ({str(lost).splitlines()[0]})"
            return [UnitResult(unit.topic, broken=why) for unit in units]
        except (CancelledError, OSError, TimeoutError) as gone:
            raise ServerGoneError(f"the scheduler at {self._address} is gone ({gone})") from gone
        except Exception as problem:  # noqa: BLE001 - whatever went wrong there costs these units and no others
            why = f"a worker of the cluster failed ({type(problem).__name__}: {problem})"
            return [UnitResult(unit.topic, broken=why) for unit in units]
        return [found.get(u.topic) or UnitResult(u.topic, broken="the worker gave no result") for u in units]


def _connected(address: str) -> Any:
    connect: Any = Client  # which has no types of its own
    try:
        return connect(address, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as problem:
        raise UserError(
            f"there is no Dask scheduler at {address} ({problem}); start one with `dask scheduler`, or leave --scheduler out"
        ) from problem
