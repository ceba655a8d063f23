"""Hostile hand-ins, graded as any other by `grader run`, and what must hold while they are."""
