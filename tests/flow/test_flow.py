"""The flow model that inpainting and anomaly detection run on: its mathematics, its weights, and where images come from."""

from __future__ import annotations

import gzip
import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from checks.support.images import load, photograph_patches, read_idx
from checks.support.nice import LogLikelihood, Nice, from_arrays
from checks.support.train_nice import bits_per_dimension
from grader.records import UserError

ROOT = Path(__file__).parents[2]
SUPPORT = ROOT / "checks" / "support"


def _random_model(dim: int) -> Nice:
    torch.manual_seed(0)
    model = Nice(dim, hidden=8, couplings=3).double()
    with torch.no_grad():
        for weight in model.parameters():
            weight.normal_(0, 0.5)
    return model.requires_grad_(False)


def test_the_inverse_undoes_the_flow_and_the_determinant_is_that_of_the_jacobian() -> None:
    model = _random_model(6)
    x = torch.randn(4, 6, dtype=torch.float64)
    z, log_det = model(x)
    assert torch.allclose(model.inverse(z), x, atol=1e-12)
    for row, found in zip(x, log_det, strict=True):
        jacobian = torch.autograd.functional.jacobian(lambda v: model(v[None])[0][0], row)
        assert float(torch.linalg.slogdet(jacobian)[1]) == pytest.approx(float(found))


def test_the_density_integrates_to_one() -> None:
    model = _random_model(2)
    line = torch.linspace(-40, 40, 401, dtype=torch.float64)
    grid = torch.cartesian_prod(line, line)
    mass = sum(float(part.exp().sum()) for part in map(model.log_prob, grid.split(100_000)))
    assert mass * 0.2**2 == pytest.approx(1, abs=2e-2)


@pytest.fixture(scope="module")
def weights() -> dict[str, np.ndarray]:
    return load_file(SUPPORT / "nice_digits.safetensors")


def test_the_weights_are_small_and_give_the_recorded_bits_on_held_out_digits(
    weights: dict[str, np.ndarray],
) -> None:
    record = json.loads((SUPPORT / "nice_digits.json").read_text())
    assert (SUPPORT / "nice_digits.safetensors").stat().st_size < 3_000_000
    split = load("digits")
    bits = bits_per_dimension(from_arrays(weights), split.test, split.levels)
    assert bits == pytest.approx(record["bits_per_dimension"]["test"], abs=2e-3)
    assert bits < np.log2(17)
    assert record["command"].startswith("python -m checks.support.train_nice")


def test_the_samples_are_what_the_model_says_of_digits_and_photographs(
    weights: dict[str, np.ndarray],
) -> None:
    samples, split = load_file(SUPPORT / "nice_digits_samples.safetensors"), load("digits")
    log_p = LogLikelihood(weights)
    for name, images in (
        ("validation", split.validation),
        ("test", split.test),
        ("anomalies", photograph_patches(len(split.test), 8, split.levels)),
    ):
        found = log_p(torch.tensor(split.unit(images).reshape(len(images), -1)))
        assert samples[name] == pytest.approx(found.numpy(), abs=1e-2, rel=1e-4)
    assert samples["images"] == pytest.approx(split.unit(split.test[:12]), abs=1e-6)


def _idx(images: np.ndarray) -> bytes:
    return struct.pack(">4I", 2051, *images.shape) + images.astype(np.uint8).tobytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Made-up KMNIST files, one of them gzipped."""
    (tmp_path / "kmnist").mkdir()
    images = np.random.default_rng(0).integers(0, 256, (40, 6, 6))
    (tmp_path / "kmnist" / "train-images-idx3-ubyte").write_bytes(_idx(images))
    (tmp_path / "kmnist" / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(_idx(images[:24])))
    return tmp_path


def test_idx_files_are_read_gzipped_or_not(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    split = load("kmnist", folder)
    assert (split.train.shape, split.validation.shape, split.test.shape) == (
        (40, 6, 6),
        (12, 6, 6),
        (12, 6, 6),
    )
    assert np.array_equal(split.validation, split.train[:12])
    assert 0 < split.unit(split.train).min() < split.unit(split.train).max() < 1
    monkeypatch.setenv("GRADER_DATA", str(folder))
    assert np.array_equal(load("kmnist").test, split.test)


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 20, _idx(np.zeros((2, 3, 3)))[:-1], struct.pack(">4I", 2049, 1, 1, 1) + b"0"]
)
def test_a_broken_file_is_one_clear_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(UserError, match="IDX"):
        read_idx(tmp_path / "a")
    (tmp_path / "a.gz").write_bytes(content)
    with pytest.raises(UserError):
        read_idx(tmp_path / "a.gz")


def test_images_that_are_not_there_say_where_they_are_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRADER_DATA", raising=False)
    with pytest.raises(UserError, match="GRADER_DATA"):
        load("mnist")
    with pytest.raises(UserError, match="train-images"):
        load("mnist", tmp_path)
    with pytest.raises(UserError, match="digits"):
        load("cats")


def test_the_same_commands_train_and_draw_on_the_user_s_images(folder: Path) -> None:
    out = folder / "model"
    environment = {"PATH": "", "GRADER_DATA": str(folder), "MPLCONFIGDIR": str(folder)}
    run = [sys.executable, "-m"]
    train = [
        *run,
        "checks.support.train_nice",
        "--images",
        "kmnist",
        "--epochs",
        "2",
        "--hidden",
        "8",
        "--out",
        str(out),
    ]
    draw = [*run, "checks.support.show_flow", "--model", str(out), "--out", str(folder / "flow.png")]
    for command in (train, draw):
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stderr
    assert (folder / "flow.png").read_bytes().startswith(b"\x89PNG")
    assert load_file(f"{out}_samples.safetensors")["images"].shape == (12, 6, 6)
    again = [*train[:-1], str(folder / "again")]
    subprocess.run(again, cwd=ROOT, env=environment, capture_output=True, timeout=300, check=True)
    assert (folder / "again.safetensors").read_bytes() == Path(f"{out}.safetensors").read_bytes()
