"""A check's result in plain text, for pytest's output."""

from __future__ import annotations

from grader.records import CheckResult, Visibility


def explain(result: CheckResult) -> str:
    """Call, expected, why and replay, one line each."""
    lines = [f"{result.id}  {result.title}  {result.score:g}/{result.max_score:g}  {result.verdict}"]
    if result.visibility is Visibility.HIDDEN:
        return lines[0]
    example = result.counterexample
    if example is not None:
        lines += [f"  You        {example.call}  ->  {example.got}", f"  Expected   {example.expected}"]
    lines.append(f"  Why        {result.message}")
    if example is not None and example.replay:
        lines.append(f"  Replay     {example.replay}")
    return "\n".join(lines)
