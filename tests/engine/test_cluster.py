"""A Dask cluster gives the records that this machine gives; what is lost there is done again, and what differs is refused."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.bank import Course
from grader.engine import Options, Outcome, run_handins
from grader.records import Report, UserError, plain
from grader.sandbox import Limits
from tests.support.course import write_course, write_handins
from tests.support.two_topics import hand_ins

distributed = pytest.importorskip("distributed", reason="Dask is an extra of its own")
RIGHT = """
import numpy as np
def square(x): return x * x
def double_all(v): return 2.0 * np.asarray(v)
def coin(rng): return float(rng.integers(0, 2))
"""
LIMITS = Limits(call_s=2.0, topic_s=6.0)
HANDINS = {
    "ann": RIGHT,
    "bob": RIGHT.replace("x * x", "2 * x"),
    "cem": "import os\nos._exit(0)\n",
    "dee": "def square(x):\n    while True: pass\n",
    "eva": RIGHT.replace("2.0 * ", "2 * "),
    "fay": "this is no Python",
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as workers:
        yield workers


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    root = write_course(tmp_path_factory.mktemp("cluster") / "course")
    write_handins(root, HANDINS)
    return Course(root)


@pytest.fixture(scope="module")
def here(course: Course) -> dict[str, Any]:
    """What this machine's own examiners say."""
    return records(graded(course))


def graded(course: Course, scheduler: str = "", **listening: Any) -> Outcome:
    return run_handins(
        course, hand_ins(course), Options(jobs=2, scheduler=scheduler, limits=LIMITS), **listening
    )


def records(outcome: Outcome) -> dict[str, Any]:
    assert outcome.fault == ""
    return {r.student: plain(timeless(r)) for r in outcome.reports}


def timeless(report: Report) -> Report:
    checked = [replace(p, checks=tuple(replace(c, duration_s=0) for c in p.checks)) for p in report.problems]
    return replace(report, problems=tuple(checked), started="", duration_s=0)


def test_the_records_are_those_of_this_machine(course: Course, cluster: Any, here: dict[str, Any]) -> None:
    assert records(graded(course, cluster.scheduler_address)) == here
    assert {name: r["score"] for name, r in here.items()} == {
        "ann": 10, "bob": here["bob"]["score"], "cem": 0, "dee": 0, "eva": 10, "fay": 0,
    }  # fmt: skip
    assert 0 < here["bob"]["score"] < 10


def test_a_worker_that_is_lost_costs_only_time(course: Course, cluster: Any, here: dict[str, Any]) -> None:
    killed: list[int] = []

    def kill_one(report: Report, done: int, total: int) -> None:
        if not killed:
            with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
                killed.extend(list(client.run(os.getpid).values())[:1])
            os.kill(killed[0], signal.SIGKILL)

    assert records(graded(course, cluster.scheduler_address, listener=kill_one)) == here
    assert killed


def test_a_worker_with_another_version_is_refused(
    course: Course, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.engine._cluster.library_versions", lambda: {"numpy": "0.1"})
    with pytest.raises(UserError, match=r"worker tcp://.* has another version of numpy \(.*, here 0\.1\)"):
        graded(course, cluster.scheduler_address)


def test_an_address_without_a_scheduler_is_refused(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.engine._cluster._CONNECT_S", 1)
    with pytest.raises(UserError, match=r"no Dask scheduler at tcp://127\.0\.0\.1:9"):
        graded(course, "tcp://127.0.0.1:9")


def test_no_server_of_a_run_is_left_on_the_workers(course: Course, cluster: Any) -> None:
    graded(course, cluster.scheduler_address)
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        workers = list(client.run(os.getpid).values())
    children = [
        Path(f"/proc/{pid}/task/{task.name}/children").read_text().split()
        for pid in workers
        for task in Path(f"/proc/{pid}/task").iterdir()
    ]
    assert [c for c in children if c] == []
