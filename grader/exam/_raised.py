"""What a hand-in raised, as a verdict and in words."""

from __future__ import annotations

from grader.exam._outcomes import CallEnded
from grader.records import Verdict
from grader.sandbox import Died, Loaded, Raised


def failed_load(loaded: Loaded | Died) -> CallEnded | None:
    """How every call of a hand-in ends that could not be loaded; None where it could."""
    if isinstance(loaded, Died):
        return CallEnded(Verdict(loaded.verdict), f"while the hand-in was imported: {loaded.detail}")
    if loaded.error is not None:
        return CallEnded(
            raised_verdict(loaded.error),
            f"the hand-in cannot be imported: {raised_text(loaded.error)}",
            starved=loaded.error.starved,
        )
    return None


def raised_verdict(raised: Raised) -> Verdict:
    """`forbidden` for a denial of the sandbox, `memory` for a failed allocation, else `error`."""
    if raised.denied:
        return Verdict.FORBIDDEN
    return Verdict.MEMORY if raised.memory else Verdict.ERROR


_WAY_OUT = {
    "process": "the sandbox allows no new process: work in this one, with loops or threads (in a DataLoader"
    " num_workers=0; without torch.compile, subprocess and multiprocessing)",
    "network": "the sandbox has no network: hand the data in as a file beside the solution and read that",
    "file": "the sandbox shows no file but those handed in, and the libraries: hand the file in and open it by its"
    " relative name",
    "other": "the sandbox does not allow this operation",
}


def raised_text(raised: Raised) -> str:
    """`ZeroDivisionError: division by zero (solution.py, line 12: return a / b)`, and what a denial means."""
    text = f"{raised.type}: {raised.message}" if raised.message else raised.type
    if raised.where is not None:
        file, line, code = raised.where
        text += f" ({file}, line {line}{': ' + code.strip() if code.strip() else ''})"
    return f"{text}; {_WAY_OUT[raised.denial]}" if raised.denial else text
