"""All attacks, group by group: the published catalogue (rows 1 to 65) and our own (from 100 on)."""

from __future__ import annotations

from tests.attacks.catalogue import (
    cheating,
    comparator,
    denial,
    escape,
    files,
    forging,
    leaving,
    objects,
    poisoning,
    stealing,
    symbols,
    wire,
)
from tests.attacks.model import Attack

_GROUPS = (
    forging, comparator, stealing, escape, denial, cheating, wire, symbols, files, leaving, poisoning, objects
)

ATTACKS: tuple[Attack, ...] = tuple(attack for group in _GROUPS for attack in group.ATTACKS)
