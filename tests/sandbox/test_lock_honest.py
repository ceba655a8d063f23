"""What honest submissions do works under the lock: with everything imported before, and with nothing imported before.

The second is the harder one: each import then reads its files, and maps its libraries, from inside.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.hosts import combinations, name_of, open_host
from tests.support.locked import LockedHost

WORK = {
    "linear algebra": """
        import numpy as np, scipy.linalg
        matrix = np.random.default_rng(0).normal(size=(200, 200))
        value = bool(np.abs(scipy.linalg.solve(matrix, matrix) - np.eye(200)).max() < 1e-6)
    """,
    "optimisers": """
        from scipy import integrate, interpolate, ndimage, optimize, signal, sparse, spatial, special, stats
        from scipy.sparse.linalg import eigsh
        smooth = optimize.minimize(lambda x: ((x - 1) ** 2).sum(), [0.0, 0.0])
        linear = optimize.linprog([1, 1], bounds=[(0, 1)] * 2)
        global_ = optimize.differential_evolution(lambda x: x[0] ** 2, [(-1, 1)], maxiter=3, seed=0)
        value = bool(smooth.success and linear.success and global_.x[0] ** 2 < 1 and stats.norm.cdf(0) == 0.5)
        value = value and eigsh(sparse.eye(50, format="csr"), k=2)[0].shape == (2,)
    """,
    "symbolic": """
        import numpy as np, sympy as s
        x = s.Symbol("x")
        value = str(s.integrate(s.exp(-x**2), (x, -s.oo, s.oo))) == "sqrt(pi)"
        value = value and s.lambdify(x, s.sin(x), "numpy")(np.zeros(2)).tolist() == [0.0, 0.0]
    """,
    "training": """
        import torch
        torch.manual_seed(0)
        net = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1))
        optimizer, x = torch.optim.Adam(net.parameters(), 1e-2), torch.randn(64, 4)
        losses = []
        for _ in range(30):
            optimizer.zero_grad()
            loss = ((net(x) - x.sum(1, keepdim=True)) ** 2).mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        value = losses[-1] < losses[0]
    """,
    "convolution and recurrence": """
        import torch
        torch.nn.Conv2d(3, 8, 3)(torch.randn(2, 3, 16, 16)).sum().backward()
        output, _ = torch.nn.LSTM(3, 5, batch_first=True)(torch.randn(2, 7, 3))
        output.sum().backward()
        value = list(output.shape) == [2, 7, 5]
    """,
    "low precision": """
        import torch
        matrix = torch.randn(256, 256).bfloat16()
        value = bool(torch.isfinite((matrix @ matrix).float()).all())
    """,
    "torch.func": """
        import torch
        from torch.func import hessian, jacrev, vmap
        value = bool(torch.allclose(jacrev(lambda x: x**2)(torch.ones(3)), 2 * torch.eye(3)))
        value = value and list(vmap(hessian(lambda x: (x**3).sum()))(torch.ones(2, 3)).shape) == [2, 3, 3]
    """,
    "torch threads": """
        import torch
        torch.set_num_threads(2)
        matrix = torch.randn(400, 400, requires_grad=True)
        (matrix @ matrix).sum().backward()
        value = matrix.grad is not None
    """,
    "trace": """
        import torch
        traced = torch.jit.trace(lambda x: (x * 2 + 1).tanh().sigmoid(), torch.ones(3))
        value = all(list(traced(torch.ones(3)).shape) == [3] for _ in range(5))
    """,
    "data loader": """
        import torch
        from torch.utils.data import DataLoader, TensorDataset
        value = len(list(DataLoader(TensorDataset(torch.ones(10, 2)), batch_size=3, shuffle=True))) == 4
    """,
    "thread pool": """
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(8) as pool:
            value = sum(pool.map(lambda i: i, range(100))) == 4950
    """,
    "event loop": """
        import asyncio
        async def work():
            await asyncio.sleep(0.01)
            return await asyncio.get_running_loop().run_in_executor(None, lambda: 3)
        value = asyncio.run(work()) == 3
    """,
    "plots": """
        import os
        import matplotlib
        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
        plt.plot([1, 2])
        plt.title("a $x^2$")
        plt.savefig("figure.png")
        plt.show()
        value = os.path.getsize("figure.png") > 1000
    """,
    "temporary files": """
        import os, tempfile
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x")
        with tempfile.TemporaryDirectory() as folder, open(os.path.join(folder, "a"), "w") as file:
            file.write("x")
        with tempfile.TemporaryFile() as file:
            file.write(b"x")
        value = True
    """,
    "own files": """
        import os, pathlib, shutil, zipfile
        import numpy as np
        os.makedirs("a/b")
        pathlib.Path("a/b/c").write_text("x")
        os.replace("a/b/c", "a/d")
        pathlib.Path("a/d").touch()
        shutil.copyfile("a/d", "e")
        shutil.rmtree("a")
        np.savez("f.npz", a=np.ones(3))
        mapped = np.memmap("g", dtype=float, mode="w+", shape=(10,))
        mapped[:] = 1
        mapped.flush()
        with zipfile.ZipFile("h.zip", "w") as archive:
            archive.writestr("b", "c")
        with zipfile.ZipFile("h.zip") as archive:
            archive.extractall("i")
        value = sorted(os.listdir(".")) == ["e", "f.npz", "g", "h.zip", "i"]
    """,
    "model files": """
        import torch
        torch.save({"a": torch.ones(2)}, "model.pt")
        value = torch.load("model.pt")["a"].tolist() == [1.0, 1.0]
    """,
    "time": """
        import datetime, time, zoneinfo
        time.sleep(0.01)
        time.localtime()
        zone = zoneinfo.ZoneInfo("Europe/Paris")
        value = datetime.datetime(2024, 7, 1, tzinfo=zone).utcoffset() == datetime.timedelta(hours=2)
    """,
    "signals to oneself": """
        import signal, time
        seen = []
        signal.signal(signal.SIGALRM, lambda *_: seen.append("alarm"))
        signal.signal(signal.SIGUSR1, lambda *_: seen.append("raised"))
        signal.raise_signal(signal.SIGUSR1)
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        signal.pause()
        value = seen == ["raised", "alarm"]
    """,
    "callbacks from C": """
        import ctypes
        value = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda x: x + 1)(2) == 3
    """,
    "standard library": """
        import csv, decimal, doctest, email, fractions, gzip, hashlib, inspect, json, logging, lzma, multiprocessing
        import os, pickle, platform, random, secrets, ssl, statistics, subprocess, unittest, urllib.request, uuid
        secrets.token_bytes(4)
        uuid.uuid4()
        platform.platform()
        value = (os.cpu_count() or 1) >= 1 and os.path.exists(os.getcwd()) and os.isatty(0) is False
    """,
}

# Enough to load every compiled library and data file once from inside.
LATE = ("optimisers", "symbolic", "training", "torch.func", "event loop", "plots", "time", "standard library")


@pytest.fixture(scope="module", params=combinations(), ids=name_of)
def warm(request: pytest.FixtureRequest) -> Iterator[LockedHost]:
    yield from open_host(request.param, warm=True)


@pytest.fixture(scope="module", params=combinations(), ids=name_of)
def cold(request: pytest.FixtureRequest) -> Iterator[LockedHost]:
    yield from open_host(request.param)


def dedented(source: str) -> str:
    return "\n".join(line.removeprefix("        ") for line in source.splitlines())


@pytest.mark.parametrize("name", WORK)
def test_honest_work_succeeds_in_a_fork_of_a_warm_process(warm: LockedHost, name: str) -> None:
    assert warm.value(dedented(WORK[name]), timeout=120) is True


@pytest.mark.parametrize("name", LATE)
def test_honest_work_succeeds_where_every_import_comes_late(cold: LockedHost, name: str) -> None:
    assert cold.value(dedented(WORK[name]), timeout=240) is True


def test_the_source_of_a_module_in_the_scratch_directory_can_be_inspected(cold: LockedHost) -> None:
    source = """
import inspect, sys
with open("helper.py", "w") as file:
    file.write("def double(x):\\n    return 2 * x\\n")
sys.path.append(".")
import helper
value = "2 * x" in inspect.getsource(helper.double)
"""
    assert cold.value(source) is True
