"""What to say loudly when submitted code ran behind weak walls."""

from __future__ import annotations

from grader.reports._safe import one_line

STRONG = ("L2", "L3")
"""Levels at which the kernel, and not good manners, keeps submitted code from the grade."""


def isolation_warning(level: str) -> str:
    """One sentence for reports from an isolation level below L2, empty otherwise."""
    if level in STRONG:
        return ""
    return (
        f"ISOLATION {one_line(level, 20) or 'UNKNOWN'}: submitted code ran without a sandbox of the kernel. "
        "These verdicts can be trusted only as far as the code can."
    )
