"""Submitted files as modules."""

from __future__ import annotations

from grader.sandbox import Loaded, notes
from tests.support.submissions import Desk, raised, source, value


def load(desk: Desk, files: dict[str, str], *modules: str) -> tuple[Loaded, object]:
    worker = desk.spawn()
    loaded = worker.load(
        {name: source(text) for name, text in files.items()}, modules or tuple(files), seed=0
    )
    assert isinstance(loaded, Loaded), loaded
    return loaded, worker


def call(worker: object, name: str, *args: object) -> object:
    return value(worker.call(name, args, seed=0))  # type: ignore[attr-defined]


def test_functions_classes_and_names_are_reported(every_desk: Desk) -> None:
    loaded, _ = load(
        every_desk,
        {
            "solution.py": "import numpy as np\nLIMIT = 3\ndef f(): pass\nclass C: pass\ng = lambda: 0\n_h = g\n"
        },
    )
    assert loaded.error is None
    assert set(loaded.callables) == {"f", "C", "g", "_h"}
    assert loaded.names == ("C", "LIMIT", "f", "g")


def test_a_module_runs_under_its_own_name(desk: Desk) -> None:
    _, worker = load(
        desk,
        {
            "solution.py": """
            import sys
            ran = __name__ == "__main__"
            def f(): return [__name__, ran, sys.argv, sys.modules[__name__].f is f, __file__.endswith("solution.py")]
            if __name__ == "__main__":
                raise SystemExit("never")
            """
        },
    )
    assert call(worker, "f") == ["solution", False, ["solution.py"], True, True]


def test_files_import_each_other_and_run_once(every_desk: Desk) -> None:
    loaded, worker = load(
        every_desk,
        {
            "solution.py": "import helper\nfrom helper import g\ndef f(): return helper.count + [g()]\n",
            "helper.py": "count = []\ncount.append(1)\nimport solution\ndef g(): return 5\n",
        },
    )
    assert loaded.error is None
    assert loaded.notes == ()
    assert loaded.callables["g"] in ("solution", "helper")
    assert call(worker, "f") == [1, 5]


def test_the_first_definition_counts(desk: Desk) -> None:
    loaded, worker = load(
        desk, {"solution.py": "def f(): return 1\n", "a.py": "def f(): return 2\ndef g(): return 3\n"}
    )
    assert call(worker, "f") == 1
    assert call(worker, "g") == 3
    assert loaded.callables == {"f": "solution", "g": "a"}
    assert loaded.notes == ("f is defined in solution and again in a: the first counts",)


def test_a_name_from_a_library_never_hides_a_definition(desk: Desk) -> None:
    loaded, worker = load(
        desk,
        {
            "solution.py": "from sympy import *\nfrom scipy.linalg import inv as inverse, solve\n",
            "b.py": "def solve(): return 'mine'\n",
        },
    )
    assert call(worker, "solve") == "mine"
    assert "inverse" in loaded.callables
    assert "simplify" not in loaded.callables
    assert loaded.notes == ("solve is defined in b and again in solution: the first counts",)


def test_an_assigned_callable_is_a_definition(desk: Desk) -> None:
    loaded, worker = load(
        desk,
        {
            "solution.py": "import numpy as np, functools\ninverse = np.linalg.inv\nf = functools.partial(int, base=2)\n"
        },
    )
    assert {"inverse", "f"} <= set(loaded.callables)
    assert call(worker, "f", "101") == 5


def test_a_file_with_the_name_of_a_library_does_not_replace_it(desk: Desk) -> None:
    loaded, worker = load(
        desk,
        {
            "numpy.py": "def f(): return 'shadow'\ndef array(*a): return 'forged'\n",
            "queue.py": "def g(): return 'q'\n",
            "solution.py": "import numpy, queue\ndef h(): return [numpy.array([1.0]), hasattr(queue, 'Queue')]\n",
        },
        "solution.py",
        "numpy.py",
        "queue.py",
    )
    assert loaded.error is None
    assert call(worker, "f") == "shadow"
    got = call(worker, "h")
    assert isinstance(got, list) and got[0].tolist() == [1.0] and got[1] is True
    assert len([note for note in loaded.notes if "name of a library" in note]) == 2


def test_data_files_and_folders_are_there(every_desk: Desk) -> None:
    worker = every_desk.spawn()
    files = {
        "part 1/solution-v2.py": b"import tools\nfrom pathlib import Path\ndef f(): return [Path('data/x.csv').read_text(), tools.t()]\n",
        "part 1/tools.py": b"def t(): return 't'\n",
        "data/x.csv": b"1,2",
    }
    loaded = worker.load(files, ["part 1/solution-v2.py"], seed=0)
    assert isinstance(loaded, Loaded) and loaded.error is None
    assert value(worker.call("f", [], seed=0)) == ["1,2", "t"]


def test_packages_work_as_packages(every_desk: Desk) -> None:
    files = {
        "solution.py": "from lib.core.maths import f\nfrom plain.extra import e\n",
        "lib/__init__.py": "from .core import maths\n",
        "lib/core/__init__.py": "",
        "lib/core/maths.py": "runs = []\nruns.append(1)\nfrom ..helpers import g\ndef f(): return [g(), runs]\n",
        "lib/helpers.py": "def g(): return 3\n",
        "plain/extra.py": "count = []\ncount.append(1)\ndef e(): return count\n",
    }
    loaded, worker = load(every_desk, files)
    assert loaded.error is None
    assert loaded.notes == ()
    assert {"f", "g", "e"} <= set(loaded.callables)
    assert call(worker, "f") == [3, [1]]
    assert call(worker, "e") == [1]


def test_a_package_file_alone_is_imported_as_part_of_its_package(desk: Desk) -> None:
    files = {
        "lib/__init__.py": "",
        "lib/a.py": "from . import b\ndef f(): return b.x\n",
        "lib/b.py": "x = 4\n",
    }
    loaded, worker = load(desk, files, "lib/a.py")
    assert loaded.error is None
    assert call(worker, "f") == 4


def test_a_hidden_file_still_has_a_module_for_its_classes(desk: Desk) -> None:
    text = """
    from __future__ import annotations
    from dataclasses import dataclass
    @dataclass
    class Point:
        x: int
    def f(): return Point(3).x
    """
    loaded, worker = load(desk, {"random.py": text})
    assert loaded.error is None
    assert call(worker, "f") == 3


def test_source_in_another_encoding_and_future_imports(desk: Desk) -> None:
    worker = desk.spawn()
    files = {
        "a.py": "# -*- coding: latin-1 -*-\ndef f(): return 'é'\n".encode("latin-1"),
        "b.py": "\ufefffrom __future__ import annotations\ndef g(x: Undefined = 1): return 'σ'\n".encode(),
    }
    loaded = worker.load(files, ["a.py", "b.py"], seed=0)
    assert isinstance(loaded, Loaded) and loaded.error is None
    assert [value(worker.call(n, [], seed=0)) for n in "fg"] == ["é", "σ"]


def test_an_error_at_the_top_level_says_where(desk: Desk) -> None:
    loaded, _ = load(desk, {"solution.py": "def f(): pass\nx = 1\ny = x / 0\n"})
    assert loaded.error is not None
    assert (loaded.error.type, loaded.error.message) == ("ZeroDivisionError", "division by zero")
    assert loaded.error.where == ("solution.py", 3, "y = x / 0")
    assert "f" in loaded.callables


def test_a_syntax_error_says_where(desk: Desk) -> None:
    loaded, _ = load(desk, {"solution.py": "x = 1\ndef f(:\n    pass\n"})
    assert loaded.error is not None and loaded.error.type == "SyntaxError"
    assert loaded.error.where is not None and loaded.error.where[:2] == ("solution.py", 2)


def test_a_file_that_ends_the_interpreter_is_an_error(desk: Desk) -> None:
    for text in (
        "import sys\nsys.exit(0)\n",
        "exit()\n",
        "raise KeyboardInterrupt\n",
        "raise BaseException('x')\n",
    ):
        loaded, _ = load(desk, {"solution.py": text})
        assert loaded.error is not None
        assert loaded.error.type in ("SystemExit", "KeyboardInterrupt", "BaseException")


def test_a_missing_import_is_an_error_not_a_denial(every_desk: Desk) -> None:
    loaded, _ = load(every_desk, {"solution.py": "import pandas_that_is_not_there\n"})
    assert loaded.error is not None and loaded.error.type == "ModuleNotFoundError"
    assert not loaded.error.denied


def test_no_path_leads_to_the_graders_own_files(every_desk: Desk) -> None:
    for name in ("tests.support.submissions", "checks", "reference"):
        loaded, _ = load(every_desk, {"solution.py": f"import {name}\n"})
        assert loaded.error is not None, name


def test_late_imports_work(every_desk: Desk) -> None:
    _, worker = load(
        every_desk,
        {
            "solution.py": """
            def f():
                import scipy.signal, sympy.physics.units, torch.distributions, numpy.polynomial.chebyshev
                import sqlite3, xml.dom.minidom, tempfile, concurrent.futures, matplotlib.pyplot as plt
                plt.plot([1, 2]); plt.show()
                with tempfile.TemporaryFile() as t: t.write(b"x")
                with concurrent.futures.ThreadPoolExecutor(2) as pool: return sum(pool.map(abs, [-1, 2]))
            """
        },
    )
    assert call(worker, "f") == 3


def test_seeding_at_the_top_level_is_noted(desk: Desk) -> None:
    loaded, _ = load(desk, {"solution.py": "import numpy as np\nnp.random.seed(0)\n"})
    assert loaded.notes == (notes.SEEDED,)


def test_input_ends_at_once(desk: Desk) -> None:
    assert raised(desk.run("def f():\n    return input('?')\n")).type == "EOFError"


def test_no_gpu_is_there_for_torch_to_start_threads_for(desk: Desk) -> None:
    _, worker = load(desk, {"solution.py": "import os\ndef f(name): return os.environ[name]\n"})
    assert [call(worker, "f", name) for name in ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")] == ["", ""]
