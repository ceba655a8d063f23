"""The only door to submitted code: a zygote that forks locked workers, and the wire to them.

Imports `records` only. Promises: what comes back is plain data that was checked, every failure of submitted
code is an outcome, and every failure of the sandbox itself is a `SandboxFault`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader._lazy import lazy
from grader.sandbox import _notes as notes

if TYPE_CHECKING:
    from grader.sandbox._canaries import CANARIES as CANARIES
    from grader.sandbox._canaries import Canary as Canary
    from grader.sandbox._canaries import reading_canary as reading_canary
    from grader.sandbox._client import Connection as Connection
    from grader.sandbox._client import Zygote as Zygote
    from grader.sandbox._level import Level as Level
    from grader.sandbox._level import LockError as LockError
    from grader.sandbox._pages import HugePages as HugePages
    from grader.sandbox._parent import end_with_parent as end_with_parent
    from grader.sandbox._probe import Availability as Availability
    from grader.sandbox._probe import LevelStatus as LevelStatus
    from grader.sandbox._probe import available as available
    from grader.sandbox._probe import level_status as level_status
    from grader.sandbox._remote import Skim as Skim
    from grader.sandbox._remote import Worker as Worker
    from grader.sandbox._replies import Unread as Unread
    from grader.sandbox._requests import Prepared as Prepared
    from grader.sandbox._requests import Target as Target
    from grader.sandbox._selftest import CanaryResult as CanaryResult
    from grader.sandbox._selftest import effective_level as effective_level
    from grader.sandbox._selftest import selftest as selftest
    from grader.sandbox._trees import TreeError as TreeError
    from grader.sandbox._trees import build as build
    from grader.sandbox._trees import check_tree as check_tree
    from grader.sandbox._trees import free_names as free_names
    from grader.sandbox._trees import to_tree as to_tree
    from grader.sandbox._types import Callback as Callback
    from grader.sandbox._types import Died as Died
    from grader.sandbox._types import Expression as Expression
    from grader.sandbox._types import ExpressionMatrix as ExpressionMatrix
    from grader.sandbox._types import Handle as Handle
    from grader.sandbox._types import Limits as Limits
    from grader.sandbox._types import Loaded as Loaded
    from grader.sandbox._types import Method as Method
    from grader.sandbox._types import Outcome as Outcome
    from grader.sandbox._types import Raised as Raised
    from grader.sandbox._types import Returned as Returned
    from grader.sandbox._types import Rng as Rng
    from grader.sandbox._types import SandboxFault as SandboxFault
    from grader.sandbox._types import Source as Source
    from grader.sandbox._types import Submitted as Submitted
    from grader.sandbox._types import Tensor as Tensor
    from grader.sandbox._types import Tree as Tree
    from grader.sandbox._types import Where as Where
    from grader.sandbox._warm import NO_DEVICE as NO_DEVICE
    from grader.sandbox._warm import WARM as WARM

__all__ = [
    "CANARIES",
    "NO_DEVICE",
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
    "Prepared",
    "Raised",
    "Returned",
    "Rng",
    "SandboxFault",
    "Skim",
    "Source",
    "Submitted",
    "Target",
    "Tensor",
    "Tree",
    "TreeError",
    "Unread",
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

_PLACES = {
    "CANARIES": "grader.sandbox._canaries",
    "Canary": "grader.sandbox._canaries",
    "reading_canary": "grader.sandbox._canaries",
    "NO_DEVICE": "grader.sandbox._warm",
    "WARM": "grader.sandbox._warm",
    "Connection": "grader.sandbox._client",
    "Zygote": "grader.sandbox._client",
    "Level": "grader.sandbox._level",
    "LockError": "grader.sandbox._level",
    "HugePages": "grader.sandbox._pages",
    "end_with_parent": "grader.sandbox._parent",
    "Availability": "grader.sandbox._probe",
    "LevelStatus": "grader.sandbox._probe",
    "available": "grader.sandbox._probe",
    "level_status": "grader.sandbox._probe",
    "Skim": "grader.sandbox._remote",
    "Prepared": "grader.sandbox._requests",
    "Target": "grader.sandbox._requests",
    "Worker": "grader.sandbox._remote",
    "Unread": "grader.sandbox._replies",
    "CanaryResult": "grader.sandbox._selftest",
    "effective_level": "grader.sandbox._selftest",
    "selftest": "grader.sandbox._selftest",
    "TreeError": "grader.sandbox._trees",
    "build": "grader.sandbox._trees",
    "check_tree": "grader.sandbox._trees",
    "free_names": "grader.sandbox._trees",
    "to_tree": "grader.sandbox._trees",
    "Callback": "grader.sandbox._types",
    "Died": "grader.sandbox._types",
    "Expression": "grader.sandbox._types",
    "ExpressionMatrix": "grader.sandbox._types",
    "Handle": "grader.sandbox._types",
    "Limits": "grader.sandbox._types",
    "Loaded": "grader.sandbox._types",
    "Method": "grader.sandbox._types",
    "Outcome": "grader.sandbox._types",
    "Raised": "grader.sandbox._types",
    "Returned": "grader.sandbox._types",
    "Rng": "grader.sandbox._types",
    "SandboxFault": "grader.sandbox._types",
    "Source": "grader.sandbox._types",
    "Submitted": "grader.sandbox._types",
    "Tensor": "grader.sandbox._types",
    "Tree": "grader.sandbox._types",
    "Where": "grader.sandbox._types",
}

__getattr__ = lazy(__name__, _PLACES)
