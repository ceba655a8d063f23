"""How good are the checks? Hand-ins whose fate is known, mutants of the reference, and what the checks made of them.

Imports bank and records. Pure: the engine runs the trials. Promises: whatever falls short is named.
"""

from grader.audit._cases import Case, Fate, cases
from grader.audit._equivalents import Equivalent, equivalents
from grader.audit._findings import Examined, Survivor, TopicAudit, findings
from grader.audit._margins import CheckAudit, Gap
from grader.audit._mutants import Key, Mutant, mutants
from grader.audit._trials import Trial, case_trials, mutant_trials, repeat_name

__all__ = [
    "Case",
    "CheckAudit",
    "Equivalent",
    "Examined",
    "Fate",
    "Gap",
    "Key",
    "Mutant",
    "Survivor",
    "TopicAudit",
    "Trial",
    "case_trials",
    "cases",
    "equivalents",
    "findings",
    "mutant_trials",
    "mutants",
    "repeat_name",
]
