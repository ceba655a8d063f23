"""Draws what the flow model does: `python -m checks.support.show_flow` writes flow.png.

Top: images, the same with pixels missing, and restored by `inpaint`. Below: log-likelihoods of held-out images and of
patches of photographs, with the threshold below which an image counts as an anomaly. `--solution` draws the work of
another file with `inpaint` and `anomaly_threshold` instead of the reference's.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from safetensors.numpy import load_file

from checks.support.nice import LogLikelihood
from grader.records import UserError

HERE = Path(__file__).parent
COUNT = 8


def masks(height: int, width: int) -> list[NDArray[np.bool_]]:
    """Four ways to lose half of an image (height, width); true where it is observed."""
    rows, columns = np.indices((height, width))
    return [rows < height // 2, columns < width // 2, columns % 2 == 0, (rows + columns) % 2 == 0]


def restored(inpaint: Any, log_p: LogLikelihood, images: NDArray[Any]) -> list[NDArray[Any]]:
    """Rows of COUNT images (H, W): originals, corrupted, restored with the homework's step size and number of steps."""
    rows: list[list[NDArray[Any]]] = [[], [], []]
    for number, image in enumerate(images[:COUNT]):
        mask = torch.tensor(masks(*image.shape)[number % 4])
        corrupted = torch.where(mask, torch.tensor(image), 0.5)
        result = torch.as_tensor(inpaint(log_p, corrupted, mask)).detach()
        for row, picture in zip(rows, (image, corrupted.numpy(), result.numpy()), strict=True):
            row.append(picture)
    return [np.array(row) for row in rows]


def draw(rows: list[NDArray[Any]], samples: dict[str, NDArray[Any]], threshold: float, out: Path) -> None:
    """The picture."""
    figure = Figure(figsize=(COUNT, 6), layout="constrained")
    parts: Any = figure.subfigures(2, 1, height_ratios=[3, 2])
    upper, lower = parts
    axes = upper.subplots(3, COUNT)
    for row, (name, pictures) in enumerate(zip(("original", "corrupted", "restored"), rows, strict=True)):
        axes[row, 0].set_ylabel(name)
        for axis, picture in zip(axes[row], pictures, strict=True):
            axis.imshow(picture, cmap="gray", vmin=0, vmax=1)
            axis.set(xticks=[], yticks=[])
    axis = lower.subplots()
    low, high = (
        np.quantile(np.concatenate([samples[name] for name in ("test", "anomalies")]), q) for q in (0.02, 1)
    )
    for name in ("test", "anomalies"):
        axis.hist(np.clip(samples[name], low, high), bins=60, range=(low, high), alpha=0.6, label=name)
    axis.axvline(threshold, color="black", label="threshold")
    axis.set_xlabel("log p")
    axis.legend()
    figure.savefig(out, dpi=150)


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise UserError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> int:
    """Draw; 2 for files that are not there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--model", type=Path, default=HERE / "nice_digits", help="As given to train_nice --out."
    )
    parser.add_argument("--solution", type=Path, action="append", help="Files to take the functions from.")
    parser.add_argument("--out", type=Path, default=Path("flow.png"))
    options = parser.parse_args()
    reference = HERE.parents[1] / "reference"
    try:
        found: dict[str, Any] = {}
        for path in options.solution or (reference / "inpainting.py", reference / "anomaly.py"):
            found |= vars(_module(path))
        log_p = LogLikelihood(load_file(options.model.with_name(f"{options.model.name}.safetensors")))
        samples = load_file(options.model.with_name(f"{options.model.name}_samples.safetensors"))
        inpaint, threshold_of = found["inpaint"], found["anomaly_threshold"]
    except (UserError, OSError, KeyError) as error:
        sys.stderr.write(f"cannot draw: {error}\n")
        return 2
    threshold = float(threshold_of(torch.tensor(samples["validation"])))
    draw(restored(inpaint, log_p, samples["images"]), samples, threshold, options.out)
    alarms, missed = (float(np.mean(samples[name] < threshold)) for name in ("test", "anomalies"))
    sys.stdout.write(f"{options.out}: type I error {alarms:.3f}, type II error {1 - missed:.3f}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
