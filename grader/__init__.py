"""grader: grades mathematical homework and can defend every grade.

Everything a check author needs is importable from here; names load on first use, so that importing the
package costs nothing (a worker process for submitted code must not carry what it does not need).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader._lazy import lazy

if TYPE_CHECKING:
    from grader.bank import RNG as RNG
    from grader.bank import Shipped as Shipped
    from grader.bank import Topic as Topic
    from grader.bank import cases as cases
    from grader.bank import check as check
    from grader.bank import forall as forall
    from grader.bank import right as right
    from grader.bank import slip as slip
    from grader.bank import support as support
    from grader.exam import Answer as Answer
    from grader.exam import Student as Student
    from grader.exam import WrongAnswer as WrongAnswer
    from grader.exam import agree as agree
    from grader.exam import holds as holds
    from grader.exam import proves as proves
    from grader.exam import unchanged as unchanged

__version__ = "0.1.0"

__all__ = [
    "RNG",
    "Answer",
    "Shipped",
    "Student",
    "Topic",
    "WrongAnswer",
    "__version__",
    "agree",
    "cases",
    "check",
    "forall",
    "holds",
    "proves",
    "right",
    "slip",
    "support",
    "unchanged",
]

_BANK = frozenset({"RNG", "Shipped", "Topic", "cases", "check", "forall", "right", "slip", "support"})
_PLACES = {name: "grader.bank" if name in _BANK else "grader.exam" for name in __all__ if name != "__version__"}
__getattr__ = lazy(__name__, _PLACES)
