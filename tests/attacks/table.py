"""Makes every attack at every level that this machine has, and counts which were stopped.

    python -m tests.attacks.table            prints the table (some minutes)
    python -m tests.attacks.table --write    writes it between the markers of docs/security.md as well

Stopped means: the attacked check ended as it has to, the hand-in got no more marks than an honest one with the same wrong
answer, and no file or process of the attack was left. What works does no harm, so that it is safe to run at L1.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.sandbox import Level, available
from tests.attacks.catalogue import ATTACKS
from tests.attacks.grading import Setting, grade, grounds, left_behind, settings, shortfall
from tests.attacks.model import Attack

PAGE = Path(__file__).parents[2] / "docs" / "security.md"
BEGIN, END = "<!-- table: begin", "<!-- table: end -->"
LATE_S = 1.0
"""What an attack left running writes within this time, if ever."""

Found = Mapping[Setting, Mapping[str, str]]


def all_settings() -> list[Setting]:
    """Those of the suite, weakest first, and L1."""
    return [Setting(Level.L1, True), *sorted(settings(), key=lambda s: (s.level, not s.nobody))]


def attempt(setting: Setting) -> dict[str, str]:
    """What each attack gained in this setting, by name; empty where it was stopped."""
    with grounds(setting) as stage:
        graded = grade(stage, setting, ATTACKS)
        time.sleep(LATE_S)
        left = [*left_behind(stage.token), *(name for name in graded.after if stage.token in Path(name).name)]
        found = {attack.name: shortfall(graded, attack) for attack in ATTACKS}
        for attack in ATTACKS:
            mine = sum(f"{stage.token}-{attack.name}-" in name for name in left)
            found[attack.name] = found[attack.name] or (f"left {mine} files" if mine else "")
    for path in left_behind(stage.token):
        Path(path).unlink()
    return found


def lines(found: Found) -> Iterator[str]:
    """The table as Markdown, and below it what was not stopped."""
    machine = available()
    yield f"{len(ATTACKS)} attacks; {machine.system}, Landlock ABI {machine.landlock_abi}; stopped / tried:"
    yield ""
    yield "| | " + " | ".join(title(setting) for setting in found) + " |"
    yield "|:--|" + "--:|" * len(found)
    for group in dict.fromkeys(attack.group for attack in ATTACKS):
        members = [attack for attack in ATTACKS if attack.group == group]
        cells = [f"{sum(not gains[a.name] for a in members)}/{len(members)}" for gains in found.values()]
        yield f"| {group} | " + " | ".join(cells) + " |"
    yield ""
    yield "Not stopped:"
    yield ""
    for attack in ATTACKS:
        where = [title(setting) for setting, gains in found.items() if gains[attack.name]]
        if where:
            yield f"- {attack.row}: {attack.title} ({'everywhere' if len(where) == len(found) else ', '.join(where)})"


def title(setting: Setting) -> str:
    """Head of a column."""
    return f"{setting.level.name} {'user' if setting.nobody else 'root'}"


def unexpected(found: Found) -> list[tuple[Setting, Attack, str]]:
    """Attacks that gained something where a level promises to stop them."""
    return [
        (setting, attack, gains[attack.name])
        for setting, gains in found.items()
        for attack in ATTACKS
        if gains[attack.name] and attack.stopped_from is not None and attack.stopped_from <= setting.level
    ]


def write(text: str) -> None:
    """Put the table between the markers."""
    before, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    marker, _, old = rest.partition("\n")
    after = old.partition(END)[2]
    new = PAGE.with_suffix(".new")
    new.write_text(f"{before}{begin}{marker}\n{text}\n{END}{after}", encoding="utf-8")
    os.replace(new, PAGE)  # noqa: PTH105 - whole or not at all


def main() -> int:
    """Run it all; exit code 1 where a promise was broken."""
    found = {}
    for setting in all_settings():
        start = time.monotonic()
        found[setting] = attempt(setting)
        sys.stderr.write(f"{title(setting)}: {time.monotonic() - start:.0f} s\n")
    text = "\n".join(lines(found))
    sys.stdout.write(text + "\n")
    if "--write" in sys.argv[1:]:
        write(text)
    broken = unexpected(found)
    for setting, attack, gain in broken:
        sys.stderr.write(f"{title(setting)}: {attack.name}: {gain}\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
