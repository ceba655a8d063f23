"""What to examine, in which order, how many at a time; what ended is kept.

Imports exam and the rooms below it. Promises: one hand-in's death, loop or flood costs no other hand-in
anything, and an interrupted run goes on where it stopped.
"""

from grader.engine._audit import audit_topics
from grader.engine._budget import fitting_jobs, free_memory_mb
from grader.engine._keeping import OwnResults
from grader.engine._kit import Kit, verify_kit, write_kit
from grader.engine._options import Options, server_setup
from grader.engine._package import ANY as ANY_LEVEL
from grader.engine._package import write_package
from grader.engine._replay import Replayed, replay_check
from grader.engine._run import Listener, Outcome, run_handins
from grader.engine._schedulers import asked_for
from grader.engine._units import Examiners, Unit, UnitResult, run_units

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
