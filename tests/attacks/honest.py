"""Honest hand-ins that ask much of the sandbox: what has to work there, and what is denied with a word on what to do."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent, indent

from tests.attacks.course import hand_in


def working(body: str) -> str:
    """A hand-in that does this work once, then answers right."""
    work = f"def work():\n{indent(dedent(body).strip(), '    ')}\n\n"
    return work + hand_in({"square": "DONE = []\ndef square(x):\n    DONE or DONE.append(work())\n    return x * x\n"})


WORK: Mapping[str, str] = {
    "training_loop": """
        import torch
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        inputs = torch.rand(64, 2)
        losses = []
        for _ in range(50):
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(model(inputs), inputs.sum(1, keepdim=True))
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert losses[-1] < losses[0]
    """,
    "convolution": """
        import torch
        layer = torch.nn.Conv2d(3, 8, 3, padding=1)
        out = torch.nn.functional.max_pool2d(layer(torch.rand(4, 3, 16, 16)), 2)
        out.sum().backward()
        assert out.shape == (4, 8, 8, 8) and layer.weight.grad is not None
    """,
    "lstm": """
        import torch
        out, _ = torch.nn.LSTM(5, 7, num_layers=2, bidirectional=True)(torch.rand(11, 3, 5))
        out.mean().backward()
        assert out.shape == (11, 3, 14)
    """,
    "torch_func": """
        import torch
        from torch.func import grad, hessian, jacrev, vmap
        f = lambda v: (v**3).sum()
        v = torch.tensor([1.0, 2.0])
        assert torch.allclose(grad(f)(v), 3 * v**2) and torch.allclose(hessian(f)(v), torch.diag(6 * v))
        assert vmap(grad(f))(torch.stack([v, v])).shape == (2, 2) and jacrev(torch.sin)(v).shape == (2, 2)
    """,
    "data_loader_in_one_process": """
        import torch
        from torch.utils.data import DataLoader, TensorDataset
        data = TensorDataset(torch.arange(10.0).reshape(10, 1))
        assert sum(len(batch) for (batch,) in DataLoader(data, batch_size=3, shuffle=True)) == 10
    """,
    "save_and_load": """
        import numpy as np, torch
        layer = torch.nn.Linear(2, 2)
        torch.save(layer.state_dict(), "weights.pt")
        layer.load_state_dict(torch.load("weights.pt"))
        np.savez("arrays.npz", a=np.eye(3))
        assert np.load("arrays.npz")["a"].trace() == 3
    """,
    "sympy": """
        import sympy as sp
        x, y = sp.symbols("x y", real=True)
        assert sp.simplify(sp.sin(x) ** 2 + sp.cos(x) ** 2) == 1 and sp.integrate(sp.exp(-x**2), (x, -sp.oo, sp.oo)) == sp.sqrt(sp.pi)
        assert sp.lambdify((x, y), sp.hessian(x**2 * y, (x, y)))(1.0, 2.0)[0][0] == 4
    """,
    "scipy": """
        import numpy as np
        from scipy import integrate, linalg, optimize, sparse, stats
        assert optimize.minimize(optimize.rosen, [0.0, 0.0]).fun < 1e-6
        assert abs(optimize.brentq(np.cos, 0, 3) - np.pi / 2) < 1e-9
        assert optimize.linprog([1, 1], bounds=[(1, 2)] * 2).status == 0
        assert linalg.expm(np.zeros((2, 2))).trace() == 2 and abs(integrate.quad(np.exp, 0, 1)[0] - np.e + 1) < 1e-9
        assert 0 < stats.kstest(stats.norm.rvs(size=50, random_state=0), "norm").pvalue <= 1
        assert sparse.linalg.spsolve(sparse.eye(3, format="csc"), np.ones(3)).sum() == 3
    """,
    "thread_pools": """
        import asyncio, queue, threading
        from concurrent.futures import ThreadPoolExecutor
        from multiprocessing.pool import ThreadPool
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(abs, range(-3, 3))) == [3, 2, 1, 0, 1, 2]
        async def add():
            await asyncio.sleep(0.001)
            return await asyncio.to_thread(sum, [1, 2])
        assert asyncio.run(add()) == 3
    """,
    "matplotlib": """
        import io
        import matplotlib
        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
        plt.plot([1, 2], [3, 4], label="$x^2$")
        plt.legend()
        plt.savefig("figure.png")
        buffer = io.BytesIO()
        plt.savefig(buffer, format="svg")
        plt.show()
        plt.close("all")
        assert len(buffer.getvalue()) > 1000
    """,
    "copies": """
        import os, shutil, tarfile, zipfile
        with open("a.txt", "w") as file:
            file.write("a")
        for copy in (shutil.copyfile, shutil.copy, shutil.copy2):
            copy("a.txt", "b.txt")
        os.makedirs("folder/inner")
        shutil.copytree("folder", "folder2")
        shutil.move("b.txt", "folder/c.txt")
        for name, kind in (("x.zip", "zip"), ("y.tar", "tar")):
            shutil.unpack_archive(shutil.make_archive(name, kind, "folder"), "out_" + kind)
            assert open(f"out_{kind}/c.txt").read() == "a"
        shutil.rmtree("folder")
    """,
    "temporary_files_and_time": """
        import datetime, logging, pathlib, platform, tempfile, time, uuid
        with tempfile.NamedTemporaryFile("w+") as file, tempfile.TemporaryDirectory() as folder:
            file.write("x")
            pathlib.Path(folder, "y").write_text("y")
        logging.warning("seen %s %s %s", datetime.datetime.now(), platform.machine(), uuid.uuid4())
        time.sleep(0.01)
    """,
}
"""What courses in deep learning do, each as the body of a function."""

DATA = {
    "solution.py": "import csv, json, numpy as np\n"
    "ROWS = list(csv.reader(open('data/points.csv')))\nTABLE = np.loadtxt('data/points.csv', delimiter=',')\n"
    "from helper import offset\nassert json.load(open('data/meta.json'))['n'] == len(ROWS) and TABLE.shape == (2, 2)\n"
    + hand_in({"square": "def square(x):\n    return x * x + offset(float(open('data/zero.txt').read()))\n"}),
    "helper.py": "def offset(value):\n    return value\n",
    "data/points.csv": "1,2\n3,4\n",
    "data/meta.json": '{"n": 2}\n',
    "data/zero.txt": "0\n",
}
"""A hand-in that reads data files which were handed in with it."""

DENIED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "pool": ("""
        import multiprocessing
        with multiprocessing.Pool(2) as pool:
            pool.map(abs, [1])
    """, ("no new process", "threads")),
    "process": ("""
        import multiprocessing
        process = multiprocessing.Process(target=print)
        process.start()
        process.join()
    """, ("no new process", "threads")),
    "process_pool_executor": ("""
        from concurrent.futures import ProcessPoolExecutor
        with ProcessPoolExecutor(2) as pool:
            list(pool.map(abs, [1]))
    """, ("no new process", "threads")),
    "subprocess": ("import subprocess\nsubprocess.run(['ls'], check=True)", ("no new process",)),
    "data_loader_workers": ("""
        import torch
        from torch.utils.data import DataLoader, TensorDataset
        list(DataLoader(TensorDataset(torch.zeros(4, 1)), num_workers=2))
    """, ("no new process", "num_workers=0")),
    "torch_compile": ("import torch\ntorch.compile(lambda v: torch.sin(v) + 1)(torch.ones(8))", ("no new process", "without torch.compile")),
    "download": ("import urllib.request\nurllib.request.urlopen('https://example.org/data.csv', timeout=1)", ("no network", "hand the data in")),
    "socket": ("import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=1)", ("no network", "hand the data in")),
    "name_lookup": ("import socket\nsocket.gethostbyname('example.org')", ("no network", "hand the data in")),
    "process_group": ("""
        import torch.distributed
        torch.distributed.init_process_group("gloo", init_method="tcp://127.0.0.1:29500", rank=0, world_size=1)
    """, ("no network",)),
    "shared_memory": ("from multiprocessing import shared_memory\nshared_memory.SharedMemory(create=True, size=8)", ("no new process",)),
    "folder_of_the_machine": ("import os\nos.makedirs('/data/out')", ("no file", "hand the file in")),
    "link": ("import os\nopen('a', 'w').close()\nos.symlink('a', 'b')", ("does not allow this operation",)),
    "file_of_the_machine": ("open('/etc/passwd').read()", ("no file", "hand the file in")),
    "file_in_home": ("open('/home/student/data.csv', 'w').write('x')", ("no file", "hand the file in")),
}
"""What the sandbox denies, and words that the message has to contain: the reason, and the way out."""
