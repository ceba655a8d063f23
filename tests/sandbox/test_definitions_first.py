"""Top-level work waits until something needs it: scripts and notebooks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from grader.sandbox import Limits, Loaded, Returned, Worker
from grader.sandbox._notes import CUT_OFF
from tests.support.submissions import Desk, died, raised, source, value


def notebook(*cells: str | tuple[str, str]) -> bytes:
    """A notebook of these code cells; a pair is kind and text."""
    rows: list[dict[str, Any]] = []
    for cell in cells:
        kind, text = cell if isinstance(cell, tuple) else ("code", cell)
        rows.append({"cell_type": kind, "source": source(text).decode().splitlines(keepends=True), "metadata": {}})
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": rows}).encode()


def load(desk: Desk, files: dict[str, bytes], limits: Limits | None = None) -> tuple[Worker, Loaded]:
    worker = desk.spawn(limits) if limits else desk.spawn()
    loaded = worker.load(files, [n for n in files if n.endswith((".py", ".ipynb"))], seed=0)
    assert isinstance(loaded, Loaded), loaded
    return worker, loaded


def call(worker: Worker, name: str, *args: object) -> Any:
    return value(worker.call(name, args, seed=0))


def test_a_script_that_trains_for_ever_below_its_functions_is_loaded(desk: Desk) -> None:
    text = """
    import numpy as np
    rate = 0.5
    def step(x): return x - rate * x
    x = 1.0
    for _ in range(10**12):
        x = step(x)
    print(x)
    """
    worker, loaded = load(desk, {"solution.py": source(text)})
    assert loaded.error is None
    assert loaded.notes == ("solution.py: work at the top level (line 6, 8) is run only for functions that need what it builds",)
    assert call(worker, "step", 2.0) == 1.0


def test_what_a_function_needs_is_run_and_nothing_else(desk: Desk) -> None:
    text = """
    calls = []
    def build(n):
        calls.append(n)
        return [i * i for i in range(n)]
    table = build(5)
    scale = 2 * table[1]
    def look(i): return scale * table[i]
    def count(): return len(calls)
    def train():
        while True: pass
    model = train()
    """
    worker, loaded = load(desk, {"solution.py": source(text)})
    assert loaded.error is None
    assert call(worker, "look", 3) == 18
    assert call(worker, "look", 4) == 32
    assert call(worker, "count") == 1


@pytest.mark.parametrize(
    "text",
    [
        "table = {}\nfor i in range(5):\n    table[i] = i * i\ndef f(): return table[4]\n",
        "table = []\nfor i in range(5):\n    table.append(i * i)\ndef f(): return table[4]\n",
        "table = 0\nfor i in range(5):\n    table += 4\ntotal = table - 4\ndef f(): return total\n",
        "def make(): return lambda: 16\nf = make()\n",
        "def g(): return 16\nimport functools\nf = functools.partial(g)\n",
        "class Net:\n    def __init__(self): self.w = 0\n    def fit(self): self.w = 16\n    def __call__(self): return self.w\n"
        "net = Net()\nfor _ in range(2):\n    net.fit()\ndef f(): return net()\n",
        "w = None\ndef fit():\n    global w\n    w = 16\nfit()\ndef f(): return w\n",
        "def fit(d): d['w'] = 16\nd = {}\nfit(d)\ndef f(): return d['w']\n",
        "lr = 1\ndef fit(): return 16 * lr\nw = fit()\nlr = 2\ndef f(): return w\n",
        "def square(x): return x * x\nif square(2) == 4:\n    def f(): return 16\nelse:\n    def f(): return 0\n",
        "def half(x): return x / 2\ntable = [half(i) for i in range(40)]\ndef f(k=table[32]): return k\n",
        "def twice(g): return lambda: 2 * g()\n@twice\ndef f(): return 8\n",
        "def a(): return 4\nb = a()\nclass C:\n    size = b * b\ndef f(): return C.size\n",
        "n = 3\nwhile n < 16:\n    n += 1\ndef f(): return g()\ndef g(): return n\n",
    ],
)
def test_state_that_top_level_work_builds_is_there(desk: Desk, text: str) -> None:
    worker, loaded = load(desk, {"solution.py": text.encode()})
    assert loaded.error is None
    assert call(worker, "f") == 16


def test_a_name_of_a_local_variable_needs_nothing(desk: Desk) -> None:
    text = "def f(x):\n    mu = x + 1\n    return mu\ndef run():\n    while True: pass\nmu = run()\n"
    worker, _ = load(desk, {"solution.py": text.encode()})
    assert call(worker, "f", 1) == 2


ENDLESS = "def step(x): return x\nseen = []\nfor i in range(10**12):\n    "


@pytest.mark.parametrize(
    "text",
    [
        ENDLESS + "seen.append(step(i) / len(str(i)))\ndef f(x): return len(x) + 14\n",
        ENDLESS + "print(f([i, i]), sum([i]))\ndef f(x): return sum(x) + 13 + abs(0)\n",
        "from torch.distributions import Normal\nlaw = Normal(0.0, 1.0)\n"
        + ENDLESS
        + "seen.append(law.sample()); print(law.log_prob(law.mean))\ndef f(x): return law.mean.item() + 16\n",
        "import numpy as np\ndata = np.full(2, 8.0)\n"
        + ENDLESS
        + "print(data.mean(), len(data), max(data))\ndef f(x): return data.sum()\n",
        "import torch\ndevice = torch.device('cpu')\n" + ENDLESS + "step(device)\ndef f(x): return 16 if device else 0\n",
        "from fractions import Fraction\nhalf = Fraction(1, 2)\n" + ENDLESS + "step(half)\ndef f(x): return int(32 * half)\n",
    ],
)
def test_a_function_does_not_wait_for_work_that_only_looks_at_what_it_uses(desk: Desk, text: str) -> None:
    worker, loaded = load(desk, {"solution.py": text.encode()}, Limits(call_s=5.0))
    assert loaded.error is None
    assert call(worker, "f", [1, 2]) == 16


@pytest.mark.parametrize(
    "text",
    [
        "def make(): return lambda x: 16\nlen = make()\ndef f(x): return len(x)\n",
        "input = []\nfor i in range(16):\n    input.append(i)\ndef f(x): return len(input)\n",
    ],
)
def test_a_builtin_that_the_file_replaces_is_its_own(desk: Desk, text: str) -> None:
    worker, _ = load(desk, {"solution.py": text.encode()})
    assert call(worker, "f", [1]) == 16


def test_work_that_only_may_change_something_is_cut_off_and_the_function_called_without_it(desk: Desk) -> None:
    text = """
    config = {"scale": 8}
    history = []
    def step(c, i): return c["scale"] * i
    for i in range(10**12):
        history.append(step(config, i))
    def f(x): return config["scale"] * x
    def g(x): return config["scale"] + x
    def h(): return len(history)
    """
    worker, loaded = load(desk, {"solution.py": source(text)}, Limits(call_s=20.0))
    assert loaded.error is None
    answer = worker.call("f", (2,), seed=0)
    assert value(answer) == 16
    assert isinstance(answer, Returned)
    assert answer.notes == (CUT_OFF,)
    assert call(worker, "g", 8) == 16
    assert call(worker, "h") == 0


def test_work_that_is_needed_and_does_not_end_is_a_timeout(desk: Desk) -> None:
    text = "def run():\n    while True: pass\nw = run()\ndef f(): return w\ndef g(): return 1\n"
    worker, _ = load(desk, {"solution.py": text.encode()}, Limits(call_s=1.0))
    assert call(worker, "g") == 1
    assert died(worker.call("f", (), seed=0)).verdict == "timeout"


def test_a_loop_without_an_end_is_no_work_to_wait_for(desk: Desk) -> None:
    worker = desk.spawn(Limits(load_s=1.0))
    outcome = worker.load({"solution.py": b"def f(): return 1\nwhile True: pass\n"}, ["solution.py"], seed=0)
    assert died(outcome).verdict == "timeout"


def test_work_that_is_needed_and_fails_is_an_error_of_that_function(desk: Desk) -> None:
    text = "def run(): raise OSError('no data')\nw = run()\ndef f(): return w\ndef g(): return 1\n"
    worker, loaded = load(desk, {"solution.py": text.encode()})
    assert loaded.error is None
    assert raised(worker.call("f", (), seed=0)).message == "no data"
    assert call(worker, "g") == 1


def test_a_failing_statement_still_fails_the_import_of_a_file(desk: Desk) -> None:
    _, loaded = load(desk, {"solution.py": b"def f(): return 1\nx = 1 / 0\n"})
    assert loaded.error is not None
    assert loaded.error.where is not None
    assert loaded.error.where.line == 2


def test_a_notebook_as_it_comes(every_desk: Desk) -> None:
    worker, loaded = load(
        every_desk,
        {
            "hw.ipynb": notebook(
                ("markdown", "# Problem 1"),
                "%matplotlib inline\n!pip install torch\nfrom IPython.display import display, clear_output\nimport numpy as np",
                "%%bash\nrm -rf everything",
                "def project(y, a):\n    return np.array([a, clip(y[1])])",
                "%%time\nfor i in range(3):\n    display(project(np.zeros(2), 1.0))",
                "def clip(t):\n    return min(max(t, 0.0), 1.0)",
                "project?",
                "x = project(",
                "1 / 0",
            )
        },
    )
    assert loaded.error is None
    assert call(worker, "project", [3.0, 5.0], 2.0).tolist() == [2.0, 1.0]
    assert loaded.callables["project"] == "hw.ipynb"
    text = "\n".join(loaded.notes)
    for words in ("skipped (cells 2, 3, 5, 7)", "cell 8 (SyntaxError", "cell 9 (ZeroDivisionError", "work in cells 5"):
        assert words in text, text


def test_cells_out_of_order_find_each_other(desk: Desk) -> None:
    worker, _ = load(desk, {"hw.ipynb": notebook("scale = base * 2", "def f(x): return scale * x", "base = 3")})
    assert call(worker, "f", 2) == 12


def test_a_broken_cell_costs_what_depends_on_it(desk: Desk) -> None:
    worker, loaded = load(
        desk,
        {"hw.ipynb": notebook("import nowhere_to_be_found", "rate = float('x')", "def f(): return rate", "def g(): return 1")},
    )
    assert loaded.error is None
    assert call(worker, "g") == 1
    error = raised(worker.call("f", (), seed=0))
    assert (error.type, error.where and error.where.file) == ("NameError", "hw.ipynb, cell 3")


def test_a_function_in_a_cell_that_cannot_be_read_says_why(desk: Desk) -> None:
    worker, loaded = load(desk, {"hw.ipynb": notebook("def f(x):\n    return x +", "def g(): return 1")})
    assert "f" in loaded.callables
    error = raised(worker.call("f", (1,), seed=0))
    assert error.type == "SyntaxError"
    assert error.where is not None
    assert (error.where.file, error.where.line) == ("hw.ipynb, cell 1", 2)


def test_the_last_definition_of_a_notebook_counts(desk: Desk) -> None:
    worker, _ = load(desk, {"hw.ipynb": notebook("def f(): return 1", "def f(): return 2")})
    assert call(worker, "f") == 2


def test_a_notebook_and_its_export_are_both_read(desk: Desk) -> None:
    worker, loaded = load(
        desk,
        {
            "hw.ipynb": notebook("def f(): return 1"),
            "hw.py": b"get_ipython().run_line_magic('matplotlib', 'inline')\ndef f(): return 1\ndef g(): return 2\n",
        },
    )
    assert loaded.error is None
    assert (call(worker, "f"), call(worker, "g")) == (1, 2)
    assert loaded.notes == ("f is defined in hw.ipynb and again in hw: the first counts",)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"cells": 3}', b"\xff\xfe\x00", b"[" * 100_000])
def test_what_is_no_notebook_is_said(desk: Desk, content: bytes) -> None:
    _, loaded = load(desk, {"hw.ipynb": content})
    assert loaded.error is not None
    assert "not a notebook" in loaded.error.message
    worker, beside = load(desk, {"hw.ipynb": content, "solution.py": b"def f(): return 1\n"})
    assert call(worker, "f") == 1
    assert "hw.ipynb was left out: not a notebook" in beside.notes[0]


def test_old_notebooks_are_read(desk: Desk) -> None:
    old = {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": "def f(): return 1"}]}]}
    worker, _ = load(desk, {"hw.ipynb": json.dumps(old).encode()})
    assert call(worker, "f") == 1


@pytest.mark.parametrize(
    "cell",
    [
        *("return 3", "yield 1", "break", "nonlocal x", "from __future__ import nonsense", "def h(a, a): pass"),
        *("def h():\n    from os import *", "class A:\n    return 3", "raise KeyboardInterrupt", "exit()"),
        "class Stop(BaseException): pass\nraise Stop",
    ],
)
def test_a_cell_that_cannot_run_costs_nothing_else(desk: Desk, cell: str) -> None:
    worker, loaded = load(desk, {"hw.ipynb": notebook("def f(x): return x", cell, "def g(x): return f(x)")})
    assert loaded.error is None
    assert call(worker, "g", 3) == 3
    assert "cell 2 (" in "\n".join(loaded.notes)


def test_a_function_that_cannot_be_compiled_says_why(desk: Desk) -> None:
    worker, loaded = load(desk, {"hw.ipynb": notebook("def f(a, a): return a\ndef g(): return 1")})
    assert call(worker, "g") == 1
    assert "f" in loaded.callables
    assert raised(worker.call("f", (1,), seed=0)).type == "SyntaxError"


def test_cells_may_await(desk: Desk) -> None:
    cells = (
        "import asyncio\nasync def twice(x):\n    await asyncio.sleep(0)\n    return 2 * x",
        "eight = await twice(4)\ntask = asyncio.create_task(twice(8))",
        "async def count(n):\n    for i in range(n): yield i\ntotal = 0\nasync for i in count(3):\n    total += i",
        "def f(x): return x + eight",
        "def g(): return total",
        "sixteen = await task\ndef h(): return sixteen",
    )
    worker, loaded = load(desk, {"hw.ipynb": notebook(*cells)})
    assert loaded.error is None
    assert (call(worker, "f", 1), call(worker, "g"), call(worker, "h")) == (9, 3, 16)


def test_cells_that_become_files_can_be_imported(desk: Desk) -> None:
    cells = (
        "%pylab inline",
        "%%writefile helper.py\nSCALE = 2\ndef twice(x):\n    return SCALE * x\n",
        "%%writefile -a helper.py\nimport math\nTHREE = 3\n",
        "from helper import twice, THREE\ndef f(x): return twice(x) + THREE",
        "%run ./other.py\ndef g(): return ONE",
        "def h(): return float(clip(np.array(5.0), 0, 1))",
    )
    worker, loaded = load(desk, {"hw.ipynb": notebook(*cells), "other.py": b"ONE = 1\n"})
    assert loaded.error is None
    assert (call(worker, "f", 4), call(worker, "g"), call(worker, "h")) == (11, 1, 1.0)


def test_progress_bars_are_put_up_with(desk: Desk) -> None:
    text = """
    from tqdm import tqdm, trange
    from tqdm.auto import tqdm as auto
    import tqdm.notebook as nb
    def f(n):
        total = 0
        for i in (bar := tqdm(range(n), desc="training", leave=False)):
            total += i
            bar.set_postfix(loss=total)
        with auto(total=n) as bar:
            bar.update(2)
            total += bar.n
        for _, i in zip(trange(n, desc="x"), nb.tqdm(enumerate(range(n)), total=n), strict=True):
            total += i[1]
        return total, len(tqdm([1, 2]))
    """
    worker, loaded = load(desk, {"solution.py": source(text)})
    assert loaded.error is None
    assert call(worker, "f", 4) == (14, 2)


def test_a_file_saved_from_a_notebook_keeps_its_magics(desk: Desk) -> None:
    text = b"\xef\xbb\xbf# exported\n!pip install -q numpy\n%matplotlib inline\nimport numpy as np\ndef f(x):\n    return x % 5\n%time f(3)\n"
    worker, loaded = load(desk, {"hw.py": text})
    assert loaded.error is None
    assert call(worker, "f", 7) == 2
    assert loaded.notes[0] == "hw.py: shell and magic lines were skipped (line 2, 3, 7)"
    _, broken = load(desk, {"hw.py": b"!pip install x\ndef f(:\n"})
    assert broken.error is not None
    assert broken.error.type == "SyntaxError"


def test_lines_of_a_cell_are_those_of_python(desk: Desk) -> None:
    worker, _ = load(desk, {"hw.ipynb": notebook("def f(): return 'a\u2028b\x0cc'\ndef g():\n    return 1 / 0")})
    assert call(worker, "f") == "a\u2028b\x0cc"
    error = raised(worker.call("g", (), seed=0))
    assert error.where is not None
    assert error.where.line == 3


def test_type_hints_cost_no_function_of_a_notebook(desk: Desk) -> None:
    cells = ("from __future__ import annotations", "def f(x: Unknown) -> Unknown: return x")
    worker, loaded = load(desk, {"hw.ipynb": notebook(*cells)})
    assert (call(worker, "f", 3), loaded.notes) == (3, ())
    cells = ("def f(x: Tensor, n: Tuple[int, ...] = (1,)) -> Tensor: return x", "def g(x=nowhere): return x", "def h(): return f(1)")
    worker, loaded = load(desk, {"hw.ipynb": notebook(*cells)})
    assert (call(worker, "f", 3), call(worker, "h")) == (3, 1)
    assert len(loaded.notes) == 1
    assert raised(worker.call("g", (), seed=0)).type == "NameError"
