"""What the benchmarks measure with: their class deserves what it says, and marks are counted as they are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.classroom import Made, hand_ins, write_course
from benchmarks.peer_outcomes import Graded, marks_of


def test_a_right_variant_in_the_class_leaves_the_other_functions_right(tmp_path: Path) -> None:
    course = write_course(tmp_path, topics=("inpainting",))
    image, mask = torch.tensor([[0.25, 0.5]]), torch.tensor([[True, False]])
    texts = {m.files["inpainting.py"] for m in hand_ins(course, 40, hostile=False) if not m.wrong}
    assert any("step_loops" in text for text in texts)
    for text in texts:
        space: dict[str, Any] = {"__name__": "submitted"}
        exec(text, space)
        found = space["inpaint"](lambda x: -(x**2).sum(dim=1) / 2, image.clone(), mask, 0.5, 2)
        array = np.asarray(found.detach() if isinstance(found, torch.Tensor) else found)
        np.testing.assert_allclose(array, [[0.25, 0.125]], rtol=1e-6)


def test_marks_are_lost_by_right_topics_and_given_to_wrong_ones() -> None:
    tests = ["projection::a", "projection::b", "glow::a", "ruin::a"]
    marks = marks_of({"projection::a": True, "projection::b": False, "glow::a": True}, tests)
    files = {f"{topic}.py": "" for topic in ("projection", "glow", "ruin")}
    graded = Graded(Made("s0004_dies", files, ("glow",)), marks)
    assert graded.hostile
    assert graded.marks == {"projection": 0.5, "glow": 1.0}
    assert {"projection", "ruin"} <= set(graded.lost)
    assert graded.given == ("glow",)
