"""Images for the flow model: scikit-learn's digits and photographs, and MNIST or KMNIST files that the user has."""

from __future__ import annotations

import gzip
import os
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.records import UserError

Images = NDArray[np.float64]
IDX = ("mnist", "kmnist")
NAMES = ("digits", *IDX)
_MAGIC = 2051
"""Of an IDX file that holds unsigned bytes in three dimensions."""


class Split(NamedTuple):
    """Images (n, H, W) of intensities 0 to levels - 1, as integers."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]
    levels: int

    def unit(self, images: NDArray[np.int64]) -> Images:
        """Intensities in (0, 1): the middle of each level."""
        return (images + 0.5) / self.levels


def load(name: str, folder: Path | None = None) -> Split:
    """The images of a name in NAMES, always split alike.

    MNIST and KMNIST are read from `folder` (or the folder in GRADER_DATA), from `<name>/train-images-idx3-ubyte` and
    `<name>/t10k-images-idx3-ubyte`, gzipped or not; half of the test images are for validation. Raises UserError.
    """
    if name == "digits":
        from sklearn.datasets import load_digits

        images = load_digits().images.astype(np.int64)
        images = images[np.random.default_rng(0).permutation(len(images))]
        return Split(images[:1297], images[1297:1547], images[1547:], 17)
    if name not in IDX:
        raise UserError(f"there are no images {name!r}; choose one of {', '.join(NAMES)}")
    place = folder or (Path(os.environ["GRADER_DATA"]) if os.environ.get("GRADER_DATA") else None)
    if place is None:
        raise UserError(
            f"{name} does not come with the grader: name the folder that holds {name}/ with GRADER_DATA"
        )
    train, test = (read_idx(_found(place / name, f"{part}-images-idx3-ubyte")) for part in ("train", "t10k"))
    half = len(test) // 2
    return Split(train, test[:half], test[half:], 256)


def _found(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise UserError(f"{folder / name} is missing (or {name}.gz); download it and put it there")


def read_idx(path: Path) -> NDArray[np.int64]:
    """The images (n, H, W) of an IDX file of bytes, gzipped where its name ends in .gz. Raises UserError."""
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError) as error:
        raise UserError(f"{path} cannot be read: {error}") from error
    if len(content) < 16:
        raise UserError(f"{path} is no IDX file of images: it is too short")
    magic, count, height, width = struct.unpack(">4I", content[:16])
    if magic != _MAGIC or len(content) != 16 + count * height * width:
        raise UserError(f"{path} is no IDX file of images, or it is not complete")
    return np.frombuffer(content, np.uint8, offset=16).reshape(count, height, width).astype(np.int64)


def photograph_patches(count: int, side: int, levels: int, seed: int = 0) -> NDArray[np.int64]:
    """Grey patches (count, side, side) of scikit-learn's two photographs, in 0 to levels - 1, at random places.

    The photographs are shrunk eightfold first, so that a patch shows more than a plain surface.
    """
    from sklearn.datasets import load_sample_images

    rng = np.random.default_rng(seed)
    grey = [photo.mean(axis=2) for photo in load_sample_images().images]
    small = [
        g[: len(g) // 8 * 8, : g.shape[1] // 8 * 8].reshape(len(g) // 8, 8, -1, 8).mean(axis=(1, 3))
        for g in grey
    ]
    patches = []
    for number in range(count):
        photo = small[number % len(small)]
        top, left = (int(rng.integers(0, size - side + 1)) for size in photo.shape)
        patches.append(photo[top : top + side, left : left + side])
    return np.floor(np.array(patches) / 256 * levels).astype(np.int64)
