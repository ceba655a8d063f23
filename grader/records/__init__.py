"""What is known about a hand-in after it was examined: frozen, typed records, their JSON and their store.

Imports nothing of the other rooms. Promises: what was written can be read back equal, and equal inputs
give equal bytes (`started`, `duration_s` and the run's id excepted).
"""

from grader.records._decided import all_decided, decided, is_complete, outdated
from grader.records._decisions import Added, Conflict, Decision, Decisions, Ruling, decisions_in, standing
from grader.records._errors import StoreFault, UserError
from grader.records._items import OPEN_STEPS, Item, items_of
from grader.records._json import from_json, plain, restore, run_document, to_json
from grader.records._lateness import Lateness, lateness_of, moment_of
from grader.records._model import (
    SCHEMA_VERSION,
    CheckResult,
    Counterexample,
    Derivation,
    DerivationStep,
    Environment,
    Kind,
    Place,
    ProblemResult,
    Report,
    Run,
    Submission,
    SubmittedFile,
    Verdict,
    Visibility,
)
from grader.records._policy import (
    EVERYTHING,
    Adjustment,
    HandedIn,
    LateRule,
    Policy,
    Settlement,
    amount_of,
)
from grader.records._runs import summed_run
from grader.records._settle import settled
from grader.records._shelf import Shelf, user_shelf
from grader.records._store import Store
from grader.records._text import clean_text

__all__ = [
    "EVERYTHING",
    "OPEN_STEPS",
    "SCHEMA_VERSION",
    "Added",
    "Adjustment",
    "CheckResult",
    "Conflict",
    "Counterexample",
    "Decision",
    "Decisions",
    "Derivation",
    "DerivationStep",
    "Environment",
    "HandedIn",
    "Item",
    "Kind",
    "LateRule",
    "Lateness",
    "Place",
    "Policy",
    "ProblemResult",
    "Report",
    "Ruling",
    "Run",
    "Settlement",
    "Shelf",
    "Store",
    "StoreFault",
    "Submission",
    "SubmittedFile",
    "UserError",
    "Verdict",
    "Visibility",
    "all_decided",
    "amount_of",
    "clean_text",
    "decided",
    "decisions_in",
    "from_json",
    "is_complete",
    "items_of",
    "lateness_of",
    "moment_of",
    "outdated",
    "plain",
    "restore",
    "run_document",
    "settled",
    "standing",
    "summed_run",
    "to_json",
    "user_shelf",
]
