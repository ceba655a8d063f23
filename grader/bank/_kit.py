"""Kits for students: the stamp that says which one it is, and sheets without what would give answers away."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import tomli_w

from grader.bank._policy import PERSONAL
from grader.records import UserError

KIT_SCHEMA: Final = 1
"""Of a kit's layout and its records; a grader reads kits of its own only."""
STAMP: Final = "kit.json"
_MARKED = "A person marks this part"


@dataclass(frozen=True)
class KitStamp:
    """Which kit a folder is."""

    schema: int
    assignment: str
    version: str
    """12 hex digits of what the kit was made of: checks, references, sheets and the grader's version."""
    grader: str
    further: int
    """How many checks are run at grading only: hidden ones, and those that need the solution itself."""
    files: Mapping[str, str]
    """SHA-256 of each file but the solution, which students change."""

    def __str__(self) -> str:
        return f"kit {self.version} of {self.assignment} (made by grader {self.grader})"

    def write(self) -> bytes:
        """As JSON: equal kits, equal bytes."""
        return (json.dumps(asdict(self), indent=1, sort_keys=True) + "\n").encode()

    def changed(self, root: Path) -> list[str]:
        """Files of the kit that are gone or not as they were, by name."""
        return sorted(name for name, sha in self.files.items() if _sha(root / name) != sha)


def read_stamp(root: Path) -> KitStamp | None:
    """The stamp of a kit; None where the folder is none. Raises UserError where this grader cannot use the kit."""
    path = root / STAMP
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UserError(f"{path} is damaged; get the kit again") from error
    if not isinstance(data, dict) or not {"schema", "assignment"} <= set(data):
        return None  # somebody else's kit.json
    if data["schema"] != KIT_SCHEMA:
        raise UserError(
            f"{root} is a kit for another grader (it has format {data['schema']}, this grader reads {KIT_SCHEMA});"
            f" get a new kit, or install grader {data.get('grader', '')}"
        )
    try:
        return KitStamp(**data)
    except TypeError as error:
        raise UserError(f"{path} is damaged; get the kit again") from error


def public_sheet(text: str) -> str:
    """An assignment's TOML for students: without what earns points by its rubrics, what it grants to whom, and comments."""
    data: dict[str, Any] = tomllib.loads(text)
    for problem in data.get("problem", []):
        for line in problem.get("rubric", []):
            line["text"] = _MARKED
    rules = data.get("policy", {})
    for key in PERSONAL:
        if isinstance(rules.get(key), dict):
            del rules[key]
    return tomli_w.dumps(data)


def public_notation(text: str) -> str:
    """A notation sheet without its goals, which say what a derivation ends at; comments are left out."""
    data = tomllib.loads(text)
    data.pop("goals", None)
    return tomli_w.dumps(data)


def digest_of(content: bytes) -> str:
    """SHA-256 as hex digits."""
    return hashlib.sha256(content).hexdigest()


def _sha(path: Path) -> str:
    try:
        return digest_of(path.read_bytes())
    except OSError:
        return ""
