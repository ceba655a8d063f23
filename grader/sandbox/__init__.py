"""The only door to submitted code: a zygote that forks locked workers, and the wire to them.

Imports `records` only. Promises: what comes back is plain data that was checked, every failure of submitted
code is an outcome, and every failure of the sandbox itself is a `SandboxFault`.
"""

from grader.sandbox import _notes as notes
from grader.sandbox._canaries import CANARIES, Canary, reading_canary
from grader.sandbox._client import WARM, Connection, Zygote
from grader.sandbox._level import Level, LockError
from grader.sandbox._pages import HugePages
from grader.sandbox._parent import end_with_parent
from grader.sandbox._probe import Availability, LevelStatus, available, level_status
from grader.sandbox._remote import Target, Worker
from grader.sandbox._selftest import CanaryResult, effective_level, selftest
from grader.sandbox._trees import TreeError, build, check_tree, free_names, to_tree
from grader.sandbox._types import (
    Callback,
    Died,
    Expression,
    ExpressionMatrix,
    Handle,
    Limits,
    Loaded,
    Method,
    Outcome,
    Raised,
    Returned,
    Rng,
    SandboxFault,
    Source,
    Submitted,
    Tensor,
    Tree,
    Where,
)

__all__ = [
    "CANARIES",
    "WARM",
    "Availability",
    "Callback",
    "Canary",
    "CanaryResult",
    "Connection",
    "Died",
    "Expression",
    "ExpressionMatrix",
    "Handle",
    "HugePages",
    "Level",
    "LevelStatus",
    "Limits",
    "Loaded",
    "LockError",
    "Method",
    "Outcome",
    "Raised",
    "Returned",
    "Rng",
    "SandboxFault",
    "Source",
    "Submitted",
    "Target",
    "Tensor",
    "Tree",
    "TreeError",
    "Where",
    "Worker",
    "Zygote",
    "available",
    "build",
    "check_tree",
    "effective_level",
    "end_with_parent",
    "free_names",
    "level_status",
    "notes",
    "reading_canary",
    "selftest",
    "to_tree",
]
