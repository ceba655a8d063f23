"""What to examine, in which order, how many at a time; what ended is kept.

Imports exam and the rooms below it. Promises: one hand-in's death, loop or flood costs no other hand-in
anything, and an interrupted run goes on where it stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader._lazy import lazy

if TYPE_CHECKING:
    from grader.engine._audit import audit_topics as audit_topics
    from grader.engine._budget import fitting_jobs as fitting_jobs
    from grader.engine._budget import free_memory_mb as free_memory_mb
    from grader.engine._keeping import OwnResults as OwnResults
    from grader.engine._kit import Kit as Kit
    from grader.engine._kit import verify_kit as verify_kit
    from grader.engine._kit import write_kit as write_kit
    from grader.engine._options import Options as Options
    from grader.engine._options import server_setup as server_setup
    from grader.engine._package import ANY_LEVEL as ANY_LEVEL
    from grader.engine._package import write_package as write_package
    from grader.engine._replay import Replayed as Replayed
    from grader.engine._replay import replay_check as replay_check
    from grader.engine._run import Listener as Listener
    from grader.engine._run import Outcome as Outcome
    from grader.engine._run import run_handins as run_handins
    from grader.engine._schedulers import asked_for as asked_for
    from grader.engine._units import Examiners as Examiners
    from grader.engine._units import Unit as Unit
    from grader.engine._units import UnitResult as UnitResult
    from grader.engine._units import run_units as run_units

__all__ = [
    "ANY_LEVEL",
    "Examiners",
    "Kit",
    "Listener",
    "Options",
    "Outcome",
    "OwnResults",
    "Replayed",
    "Unit",
    "UnitResult",
    "asked_for",
    "audit_topics",
    "fitting_jobs",
    "free_memory_mb",
    "replay_check",
    "run_handins",
    "run_units",
    "server_setup",
    "verify_kit",
    "write_kit",
    "write_package",
]

_PLACES = {
    "audit_topics": "grader.engine._audit",
    "fitting_jobs": "grader.engine._budget",
    "free_memory_mb": "grader.engine._budget",
    "OwnResults": "grader.engine._keeping",
    "Kit": "grader.engine._kit",
    "verify_kit": "grader.engine._kit",
    "write_kit": "grader.engine._kit",
    "Options": "grader.engine._options",
    "server_setup": "grader.engine._options",
    "ANY_LEVEL": "grader.engine._package",
    "write_package": "grader.engine._package",
    "Replayed": "grader.engine._replay",
    "replay_check": "grader.engine._replay",
    "Listener": "grader.engine._run",
    "Outcome": "grader.engine._run",
    "run_handins": "grader.engine._run",
    "asked_for": "grader.engine._schedulers",
    "Examiners": "grader.engine._units",
    "Unit": "grader.engine._units",
    "UnitResult": "grader.engine._units",
    "run_units": "grader.engine._units",
}

__getattr__ = lazy(__name__, _PLACES)
