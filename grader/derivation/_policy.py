"""Where typesetting leaves a scope open: the choices, and which of them are too unlikely to support a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Choice:
    """An open scope: what the options are; those from `lax` on only keep a step from being refuted."""

    options: tuple[str, ...]
    lax: int = 9


CHOICES: Mapping[str, Choice] = MappingProxyType(
    {
        "log": Choice(("tight", "product")),
        "logbig": Choice(("product", "tight")),
        "logparen": Choice(("tight", "product"), lax=1),
        "grad": Choice(("tight", "product", "sum")),
        "gradparen": Choice(("tight", "product"), lax=1),
        "int": Choice(("product", "sum")),
        "sum": Choice(("product", "sum")),
        "prod": Choice(("product", "tight", "sum")),
        "slash": Choice(("tight", "product")),
        "bars": Choice(("absdet", "det", "entrywise")),
        "expectparen": Choice(("tight", "product"), lax=1),
        "expect": Choice(("product", "tight", "sum")),
        "pm": Choice(("plus", "minus")),
        "power": Choice(("outer", "inner")),
        "selfcall": Choice(("product", "call")),
    }
)
