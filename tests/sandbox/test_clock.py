"""A deadline counts a worker's own time, not the machine's."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox._clock import Deadline, Process


@dataclass
class Machine:
    """A clock, and a process of which a share of the time is spent in the queue for a processor."""

    queued_share: float
    used_share: float = 0.0
    now: float = 0.0

    def queued_s(self) -> float:
        return self.now * self.queued_share

    def used_s(self) -> float:
        return self.now * self.used_share

    def look(self) -> None: ...

    def time(self) -> float:
        return self.now


def ends_at(queued_share: float, budget: float, excused_every_s: float = 0.0, used_share: float = 0.0) -> float:
    machine = Machine(queued_share, used_share)
    deadline = Deadline(machine, budget, clock=machine.time)
    while (wait_ms := deadline.wait_ms()) > 0:
        machine.now += wait_ms / 1000
        deadline.excuse(excused_every_s)
        assert machine.now < 1000
    return machine.now


def test_a_process_that_has_its_processor_gets_its_budget() -> None:
    assert 10.0 <= ends_at(0.0, 10.0) < 10.1


def test_a_process_that_waits_half_the_time_gets_twice_as_long() -> None:
    assert 19.5 <= ends_at(0.5, 10.0) < 20.3


def test_a_process_that_never_runs_is_ended_at_twenty_times_the_budget() -> None:
    assert 199.5 <= ends_at(1.0, 10.0) < 200.5


def test_a_process_that_waits_for_its_own_threads_gets_no_longer() -> None:
    assert 10.0 <= ends_at(0.95, 10.0, used_share=1.0) < 10.3
    assert 19.5 <= ends_at(0.95, 10.0, used_share=0.5) < 20.3


def test_threads_that_use_several_processors_at_once_cost_nothing_extra() -> None:
    assert 10.0 <= ends_at(0.0, 10.0, used_share=4.0) < 10.1


def test_excuses_end_too() -> None:
    assert 39.5 <= ends_at(0.0, 10.0, excused_every_s=100.0) < 40.3


def test_a_real_process_tells_its_waiting_and_its_size() -> None:
    process = Process(os.getpid())
    process.look()
    assert process.queued_s() >= 0
    assert process.used_s() > 0 or not Path("/proc/self/stat").exists()
    assert process.peak_mb > 1 or not Path("/proc/self/status").exists()
    nobody = Process(2**22 + 1)
    nobody.look()
    assert (nobody.queued_s(), nobody.used_s(), nobody.peak_mb) == (0.0, 0.0, 0.0)


def test_no_time_at_all_is_over_soon() -> None:
    assert ends_at(0.0, 0.0) < 0.3
