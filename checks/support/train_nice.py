"""Trains the flow model: `python -m checks.support.train_nice` writes the weights that the checks use.

With `--images mnist` (and GRADER_DATA) the same on 28x28 images that the user has; `--out` says where it goes.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file

from checks.support.images import NAMES, Split, load, photograph_patches
from checks.support.nice import Nice
from grader.records import UserError

BATCH = 128
SCALE_MOST = 3.0
"""Keeps -log p smooth enough for gradient steps of 1e-3, also in pixels that are always black."""
HERE = Path(__file__).parent


def train(split: Split, *, seed: int, epochs: int, hidden: int) -> Nice:
    """A model of x / levels with uniform noise of one level added, fitted by maximum likelihood; the best epoch's.

    Best by the likelihood of the validation images. One thread, so that the same seed gives the same weights.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    data = _flat(split.train)
    model = Nice(data.shape[1], hidden)
    deviations = noisy(data, split.levels).std(dim=0)
    with torch.no_grad():
        model.scale.copy_(torch.cat([-deviations[0::2].log(), -deviations[1::2].log()]).clamp(max=SCALE_MOST))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    best, weights = np.inf, model.state_dict()
    for epoch in range(epochs):
        for rows in torch.split(torch.randperm(len(data)), BATCH):
            optimizer.zero_grad()
            loss = -model.log_prob(noisy(data[rows], split.levels)).mean()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            with torch.no_grad():
                model.scale.clamp_(max=SCALE_MOST)
        schedule.step()
        bits = bits_per_dimension(model, split.validation, split.levels)
        if bits < best:
            best, weights = bits, {name: value.clone() for name, value in model.state_dict().items()}
        if epoch % 20 == 0:
            sys.stderr.write(f"epoch {epoch}: {bits:.3f} bits per dimension on validation images\n")
    model.load_state_dict(weights)
    return model


def _flat(images: NDArray[np.int64]) -> torch.Tensor:
    return torch.tensor(images.reshape(len(images), -1), dtype=torch.float32)


def noisy(levels: torch.Tensor, count: int) -> torch.Tensor:
    """Intensities in [0, 1), each uniform over its level."""
    return (levels + torch.rand_like(levels)) / count


def bits_per_dimension(model: Nice, images: NDArray[np.int64], levels: int) -> float:
    """Bits per pixel of the discrete images, an upper bound estimated with 8 draws of noise (always the same)."""
    stream, flat = torch.Generator().manual_seed(1), _flat(images)
    with torch.no_grad():
        draws = [
            model.log_prob((flat + torch.rand(flat.shape, generator=stream)) / levels).mean()
            for _ in range(8)
        ]
    nats = float(-torch.stack(draws).mean()) / flat.shape[1] + np.log(levels)
    return float(nats / np.log(2))


def samples(model: Nice, split: Split) -> dict[str, NDArray[np.float32]]:
    """What checks need besides the model: a few test images in (0, 1), and log-likelihoods of three sets of images.

    `validation` and `test` are images like those that the model was trained on, `anomalies` patches of photographs.
    """
    side = split.test.shape[1]
    foreign = photograph_patches(len(split.test), side, split.levels)
    found = {"images": split.unit(split.test[:12]).astype(np.float32)}
    for name, images in (("validation", split.validation), ("test", split.test), ("anomalies", foreign)):
        found[name] = log_likelihoods(model, split.unit(images))
    return found


def log_likelihoods(model: Nice, images: NDArray[np.float64]) -> NDArray[np.float32]:
    """log p (n,) of images (n, H, W) in (0, 1)."""
    with torch.no_grad():
        return model.log_prob(torch.tensor(images.reshape(len(images), -1), dtype=torch.float32)).numpy()


def write(
    model: Nice, split: Split, out: Path, options: argparse.Namespace, seconds: float
) -> dict[str, object]:
    """The weights as `<out>.safetensors`; beside it samples, and how both came about, as `<out>.json`."""
    arrays = {name: value.numpy() for name, value in model.state_dict().items()}
    for path, content in ((out, arrays), (out.with_name(f"{out.name}_samples"), samples(model, split))):
        file = path.with_name(f"{path.name}.safetensors")
        save_file(content, file)
        file.chmod(0o644)  # it is made for its owner only
    command = f"python -m checks.support.train_nice --images {options.images} --seed {options.seed}"
    record: dict[str, object] = {
        "command": f"{command} --epochs {options.epochs} --hidden {options.hidden}",
        "seed": options.seed,
        "images": options.images,
        "sizes": {part: len(getattr(split, part)) for part in ("train", "validation", "test")},
        "bits_per_dimension": {
            part: round(bits_per_dimension(model, getattr(split, part), split.levels), 3)
            for part in ("train", "validation", "test")
        },
        "seconds": round(seconds),
        "torch": torch.__version__,
        "machine": platform.machine(),
    }
    out.with_name(f"{out.name}.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return record


def main() -> int:
    """Train and write; 2 for images that are not there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", choices=NAMES, default="digits")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=400)
    parser.add_argument("--hidden", type=int, default=192)
    parser.add_argument("--out", type=Path, help="Without ending; by default beside the checks.")
    options = parser.parse_args()
    try:
        split = load(options.images)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    started = time.monotonic()
    model = train(split, seed=options.seed, epochs=options.epochs, hidden=options.hidden)
    out = options.out or HERE / f"nice_{options.images}"
    record = write(model, split, out, options, time.monotonic() - started)
    sys.stdout.write(f"{out}.safetensors: {record['bits_per_dimension']} bits per dimension\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
