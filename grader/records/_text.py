"""Text that came from submitted code, made safe to keep."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def clean_text(text: str, limit: int = 2000) -> str:
    """Text without terminal escapes, control or direction characters and memory addresses, at most `limit` long.

    Addresses go because they differ from run to run; the rest because a report is read in terminals,
    browsers and CI logs that would obey it. Line breaks and tabs stay.
    """
    text = text[: 4 * limit].encode("utf-8", "replace").decode("utf-8")
    text = _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _ADDRESS.sub("0x…", _CONTROL.sub("�", text))
    return text if len(text) <= limit else text[: limit - 1] + "…"
