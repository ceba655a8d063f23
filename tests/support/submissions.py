"""Short ways to hand something in to a real worker."""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import dedent
from typing import Any

from grader.sandbox import Connection, Died, Limits, Loaded, Outcome, Raised, Returned, Worker

ROOMY = Limits(call_s=20.0, load_s=30.0, topic_s=120.0)
"""Limits that a busy machine does not reach."""


def source(text: str) -> bytes:
    """A submitted file from an indented literal."""
    return dedent(text).encode()


@dataclass
class Desk:
    """Spawns workers on one connection and loads what is handed in."""

    connection: Connection
    workers: list[Worker] = field(default_factory=list)

    def spawn(self, limits: Limits = ROOMY) -> Worker:
        worker = self.connection.spawn(limits)
        self.workers.append(worker)
        return worker

    def load(self, text: str, limits: Limits = ROOMY, *, seed: int = 0) -> tuple[Worker, Loaded | Died]:
        worker = self.spawn(limits)
        return worker, worker.load({"solution.py": source(text)}, ["solution.py"], seed=seed)

    def hand_in(self, text: str, limits: Limits = ROOMY) -> Worker:
        """A worker whose loading went well."""
        worker, loaded = self.load(text, limits)
        assert isinstance(loaded, Loaded), loaded
        assert loaded.error is None, loaded.error
        return worker

    def run(self, text: str, *args: Any, seed: int = 0, limits: Limits = ROOMY) -> Outcome:
        """What `f(*args)` of this source gives."""
        return self.hand_in(text, limits).call("f", args, seed=seed)

    def close(self) -> None:
        for worker in self.workers:
            worker.close()


def value(outcome: Outcome) -> Any:
    assert isinstance(outcome, Returned), outcome
    return outcome.value


def raised(outcome: Outcome) -> Raised:
    assert isinstance(outcome, Raised), outcome
    return outcome


def died(outcome: Outcome | Loaded) -> Died:
    assert isinstance(outcome, Died), outcome
    return outcome
