"""`grader derivation`: write-ups checked step by step."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from grader.bank import find_course
from grader.cli._common import in_color, width, write_output
from grader.derivation import WriteupReader
from grader.intake import decoded, writeup_kind
from grader.records import SCHEMA_VERSION, Derivation, UserError, plain
from grader.reports import derivation_text

_MAX_BYTES = 16 << 20


def derivation(
    paths: Annotated[list[Path], typer.Argument(help="Write-ups (.tex, .md, .ipynb), or folders with them.")],
    assignment: Annotated[str, typer.Option("-a", "--assignment", help="Assignment ID.")],
    course: Annotated[Path | None, typer.Option(help="Course folder (holds checks/).")] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Records as JSON ('-': standard output).")
    ] = None,
) -> None:
    """Check written derivations: each step gets a verdict, a wrong one a counterexample."""
    where = find_course(paths[0], course)
    place = where.root / "checks" / "notation" / assignment
    if not place.is_dir():
        raise UserError(f"{assignment} has no notation sheets: {place} is missing")
    files = [{"file": str(f), "kind": writeup_kind(f.name), "text": _text(f)} for f in _writeups(paths)]
    checked = WriteupReader(place).check(files)
    found = [d for c in checked for d in c.derivations]
    troubles = [c.trouble for c in checked if c.trouble]
    if troubles and not found:
        raise UserError(troubles[0])
    sys.stderr.writelines(f"grader: {trouble}\n" for trouble in troubles)
    if json_file is not None:
        document = {"schema_version": SCHEMA_VERSION, "derivations": [plain(d) for d in found]}
        write_output(json_file, json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    if json_file is None or str(json_file) != "-":
        sys.stdout.write(_shown(found))


def _writeups(paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise UserError(f"{path} is not there; give a write-up (.tex, .md, .ipynb) or a folder")
        if path.is_dir():
            below = sorted(path.rglob("*"))
            files += [p for p in below if writeup_kind(p.name) and p.is_file() and not p.is_symlink()]
        elif writeup_kind(path.name):
            files.append(path)
        else:
            raise UserError(f"{path} is not a write-up; give a .tex, .md or .ipynb file or a folder")
    if not files:
        raise UserError(f"there is no write-up (.tex, .md, .ipynb) in {paths[0]}")
    return files


def _text(file: Path) -> str:
    content = file.read_bytes()
    if len(content) > _MAX_BYTES:
        raise UserError(f"{file} is larger than {_MAX_BYTES >> 20} MiB; give the write-up alone")
    return decoded(content)


def _shown(found: Sequence[Derivation]) -> str:
    if not found:
        return "no derivation was found for the problems of this assignment\n"
    parts = [derivation_text(d, width=width(sys.stdout), color=in_color(sys.stdout)) for d in found]
    return "\n".join(parts)
