"""How well write-ups are read: steps by document and dialect, and one-token mutants of the right ones.

    python benchmarks/derivations.py [--every N] [--documents FOLDER] [--write]

Reads the write-ups in tests/derivation/writeups, all of them right, and changes one token at a time in their right
sides. `--documents` adds real documents (`000_*.txt`, ...), which are not part of the project. `--write` puts the
tables between the markers of docs/derivations.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "derivations.md"
VERDICTS = ("supported", "recovers", "refuted", "undecided", "unreadable")
DOCUMENTS = {"000": "hw10", "001": "hw10", "002": "generative", "003": "hw11", "004": "hw8"}


def main() -> None:
    """Measure, print, and write where asked."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--every", type=int, default=1, help="try every N-th mutant only")
    options.add_argument("--documents", type=Path, help="folder with real documents")
    options.add_argument("--write", action="store_true", help="into docs/derivations.md")
    chosen = options.parse_args()
    sys.path.insert(0, str(ROOT))
    tables = {"writeups": "\n".join(_steps()), "mutants": "\n".join(_mutants(chosen.every))}
    if chosen.documents:
        tables["documents"] = "\n".join(_documents(chosen.documents))
    for name, table in tables.items():
        sys.stdout.write(f"{table}\n\n")
        if chosen.write:
            _write(name, table)


def _row(name: str, found: Counter[str]) -> str:
    total = sum(found.values())
    readable = total - found["unreadable"]
    supported = found["supported"] + found["proved"]
    cells = [str(total), f"{readable} ({100 * readable / max(total, 1):.0f} %)", str(supported)]
    return f"| {name} | " + " | ".join([*cells, *(str(found[v]) for v in VERDICTS[1:])]) + " |"


HEAD = [
    "| | steps | readable | supported | recovers | refuted | undecided | unreadable |",
    "|:--|--:|--:|--:|--:|--:|--:|--:|",
]


def _steps() -> Iterator[str]:
    """Our own write-ups by assignment and dialect. All are right: anything refuted is an error of the reader's."""
    from tests.derivation.support import WRITEUPS, assignment_of, check_file, dialect_of, steps_of

    counts: dict[str, Counter[str]] = {}
    started = time.process_time()
    for path in WRITEUPS:
        verdicts = Counter(step.verdict for step in steps_of(check_file(path)))
        for group in (f"{assignment_of(path)[0]}, {dialect_of(path)}", f"all, {dialect_of(path)}"):
            counts.setdefault(group, Counter()).update(verdicts)
    spent = time.process_time() - started
    total = sum(sum(c.values()) for name, c in counts.items() if name.startswith("all"))
    yield from HEAD
    yield from (
        _row(name, found)
        for name, found in sorted(counts.items(), key=lambda i: (i[0].startswith("all"), i[0]))
    )
    yield ""
    yield f"{len(WRITEUPS)} write-ups, {total} steps, {100 * spent / total:.1f} s of processor time per 100 steps."


def _mutants(every: int) -> Iterator[str]:
    from tests.derivation.support import WRITEUPS, check_file, dialect_of, mutants, outcome_of, steps_of

    counts: dict[str, Counter[str]] = {}
    survivors: list[str] = []
    number = 0
    for path in [p for p in WRITEUPS if p.suffix != ".ipynb"]:
        text = path.read_text(encoding="utf-8")
        for step in steps_of(check_file(path)):
            if step.verdict not in ("supported", "proved"):
                continue
            kind = (
                "equalities" if step.source.lstrip("&").startswith(("=", ":")) else "inequalities and claims"
            )
            for name, mutant in mutants(text, step):
                number += 1
                if number % every == 0:
                    outcome = outcome_of(path, mutant, name)
                    counts.setdefault(f"{kind}, {dialect_of(path)}", Counter())[outcome] += 1
                    if outcome == "survived":
                        survivors.append(f"{path.name}, line {step.line}: {name}")
    yield "| | mutants | no longer readable | equivalent | detected | for a person | survived | detected of the rest |"
    yield "|:--|--:|--:|--:|--:|--:|--:|--:|"
    for group, found in sorted(counts.items()):
        rest = found["detected"] + found["for a person"] + found["survived"]
        share = f"{100 * found['detected'] / rest:.0f} %" if rest else "–"
        names = ("unreadable", "equivalent", "detected", "for a person", "survived")
        yield (
            f"| {group} | {sum(found.values())} | "
            + " | ".join(str(found[n]) for n in names)
            + f" | {share} |"
        )
    yield ""
    yield f"Every {every}. mutant was tried. Survived: " + ("; ".join(survivors) or "none") + "."


def _documents(folder: Path) -> Iterator[str]:
    """Real documents: displays, and their steps by verdict."""
    from grader.derivation import check_writeup, read_writeup
    from tests.derivation.support import sheets

    yield HEAD[0].replace("| | steps", "| | displays | steps")
    yield HEAD[1] + "--:|"
    for number, assignment in DOCUMENTS.items():
        (path,) = folder.glob(f"{number}_*.txt")
        text = path.read_text(encoding="utf-8")
        shown = sum(piece.kind == "display" for piece in read_writeup(text, kind="md", file=path.name).pieces)
        counts: dict[str, Counter[str]] = {}
        for record in check_writeup(text, file=path.name, kind="md", sheets=sheets(assignment)):
            group = _dialect(assignment, record.problem)
            counts.setdefault(group, Counter()).update(step.verdict for step in record.steps)
        together: Counter[str] = sum(counts.values(), Counter())
        yield from _with_displays(number, shown, {"all": together, **counts})


def _with_displays(number: str, shown: int, counts: Mapping[str, Counter[str]]) -> Iterator[str]:
    for group, found in counts.items():
        row = _row(f"{number}, {group}", found)
        name, _, rest = row.removeprefix("| ").partition(" | ")
        yield f"| {name} | {shown if group == 'all' else ''} | {rest}"


def _dialect(assignment: str, problem: str) -> str:
    from tests.derivation.support import dialect_of

    return dialect_of(Path(f"{assignment}-{problem}-x")) if problem != "?" else "no heading"


def _write(name: str, table: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    start, stop = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    head, found, rest = text.partition(start)
    if not found or stop not in rest:
        raise SystemExit(f"{PAGE} has no markers {start} ... {stop}")
    PAGE.write_text(f"{head}{start}\n{table}\n{stop}{rest.partition(stop)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
