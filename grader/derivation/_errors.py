"""What can keep a formula from being read or evaluated; none of these is ever a verdict against the writer."""

from __future__ import annotations


class Unreadable(Exception):
    """The reader does not understand the notation. The message names the part."""


class Undefined(Exception):
    """The expression has no value at this point: a logarithm of a negative number, a division by zero."""


class TypeMismatch(Exception):
    """Shapes that do not fit: a vector where a number is due."""


class Unsupported(Exception):
    """The evaluator's own limit: too large, no quadrature, an operation it does not know."""
