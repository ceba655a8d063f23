"""The fixed vocabulary of notes on a value or a call. Nothing else passes as a note."""

from __future__ import annotations

from typing import Final

SEEDED: Final = "seeded itself"
OBJECT_ARRAY: Final = "object array"
MASKED: Final = "masked array"
MATRIX: Final = "numpy matrix"
NAMED_TUPLE: Final = "named tuple"
RANGE: Final = "range"
SEQUENCE: Final = "other sequence"
TEXT_ARRAY: Final = "array of text"
REDUCED: Final = "extended precision reduced"
HALF: Final = "bfloat16 widened"
SPARSE: Final = "sparse tensor"
SUBCLASS: Final = "subclass made plain"
MPMATH: Final = "mpmath number"
TOO_LARGE: Final = "too large to send"
NOT_UNDERSTOOD: Final = "expression not understood"
CUT_OFF: Final = "called without long work at the top level, which might change what it uses and takes too long"

NOTES: Final = frozenset(
    {
        SEEDED,
        OBJECT_ARRAY,
        MASKED,
        MATRIX,
        NAMED_TUPLE,
        RANGE,
        SEQUENCE,
        TEXT_ARRAY,
        REDUCED,
        HALF,
        SPARSE,
        SUBCLASS,
        MPMATH,
        TOO_LARGE,
        NOT_UNDERSTOOD,
        CUT_OFF,
    }
)
