"""`grader derivation` on a write-up of our own: right steps are never refuted, a wrong end is, with numbers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
RIGHT = r"""# Homework 10

## Problem 1

$$
\begin{aligned}
\nabla_\phi \mathbb{E}_{Z\sim q_\phi}\left[\log \frac{h(Z)}{q_\phi(Z)}\right]
 &= \nabla_\phi \int q_\phi(z) \log\frac{h(z)}{q_\phi(z)}\,dz \\
 &= \int \nabla_\phi q_\phi(z) \log h(z)\,dz - \int (1 + \log q_\phi(z)) \nabla_\phi q_\phi(z)\,dz \\
 &= \int \nabla_\phi q_\phi(z) \log h(z)\,dz - \int \log q_\phi(z) \nabla_\phi q_\phi(z)\,dz \\
 &= \mathbb{E}_{Z\sim q_\phi}\left[\nabla_\phi \log q_\phi(Z) \log\frac{h(Z)}{q_\phi(Z)}\right]
\end{aligned}
$$
"""


def _checked(text: str, folder: Path) -> dict[str, Any]:
    path = folder / "writeup.md"
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "grader", "derivation", str(path), "-a", "hw10", "--json", "-"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    (derivation,) = json.loads(done.stdout)["derivations"]
    assert derivation["problem"] == "1"
    return dict(derivation)


def test_right_steps_are_supported_and_reach_the_goal(tmp_path: Path) -> None:
    derivation = _checked(RIGHT, tmp_path)
    assert [(s["line"], s["verdict"]) for s in derivation["steps"]] == [(n, "supported") for n in (8, 9, 10, 11)]
    assert derivation["goal_reached"] is True


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (r"\left[\nabla_\phi \log q_\phi(Z) \log", r"\left[\nabla_\phi q_\phi(Z) \log", "refuted"),
        (r"\log\frac{h(Z)}{q_\phi(Z)}\right]" + "\n\\end", r"\log\frac{q_\phi(Z)}{h(Z)}\right]" + "\n\\end", "refuted"),
        (r"dz - \int \log q_\phi(z) \nabla", r"dz + \int \log q_\phi(z) \nabla", "recovers"),
    ],
    ids=["gradient of q for that of log q", "h and q swapped", "a sign in the middle"],
)
def test_a_wrong_line_is_found_with_a_model_and_both_values(
    tmp_path: Path, before: str, after: str, verdict: str
) -> None:
    assert RIGHT.count(before) == 1
    steps = _checked(RIGHT.replace(before, after), tmp_path)["steps"]
    found = [s for s in steps if s["verdict"] != "supported"]
    assert {s["verdict"] for s in found} == {verdict}
    assert {"model", "left", "right"} <= set(found[0]["witness"])


def test_what_is_not_understood_costs_nothing(tmp_path: Path) -> None:
    steps = _checked(RIGHT.replace(r"&= \nabla_\phi \int", r"&= \mathcal{W}(\nabla_\phi) \int"), tmp_path)["steps"]
    assert steps[0]["verdict"] in ("unreadable", "undecided")
    assert "refuted" not in {s["verdict"] for s in steps}
