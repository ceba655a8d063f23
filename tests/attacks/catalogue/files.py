"""Our own: hand-ins whose files themselves are the attack: links, pipes, names, depth, number."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

from tests.attacks.model import Attack, source, verdicts

GROUP = "I hand-in files"

_WRONG = source("square", "return 2 * x")
_CLIMB = """
found = []
for name in ("leak.py", "leak.txt", "folder/numbers.py", "up/numbers.py", "hard.py"):
    try:
        found.append(open(name).read())
    except OSError:
        pass
return x * x if any("x * x" in text or "check_" in text for text in found) else 2 * x
"""


def _links(folder: Path) -> None:
    course = folder.parents[2]
    (folder / "leak.py").symlink_to(course / "reference" / "numbers.py")
    (folder / "leak.txt").symlink_to("../../../checks/numbers.py")
    (folder / "folder").symlink_to(course / "reference")
    (folder / "up").symlink_to("../../../checks")


def _pipes(folder: Path) -> None:
    os.mkfifo(folder / "pipe.py")
    os.mkfifo(folder / "data.txt")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "socket.py"))
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):  # where containers forbid it
            os.mknod(folder / "zero.py", stat.S_IFCHR | 0o666, os.makedev(1, 5))


def _only_a_pipe(folder: Path) -> None:
    folder.rmdir()
    os.mkfifo(folder.with_suffix(".py"))


def _deep(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=descriptor)
        inner = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
    os.close(descriptor)


def _bytes_in_names(folder: Path) -> None:
    for name in (b"l\xf6sung.py", b"l\xf7sung.py", b"\xff\xfe.txt"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text("extra = 1\n")


def _many(folder: Path) -> None:
    for number in range(3000):
        (folder / f"f{number}.txt").touch()


def _sparse(folder: Path) -> None:
    with (folder / "huge.py").open("wb") as file:
        file.truncate(20 << 30)


def _folders_as_files(folder: Path) -> None:
    for name in ("helper.py", "solution.ipynb", "data.csv"):
        (folder / name / "solution.py").mkdir(parents=True)


def _names_of_others(folder: Path) -> None:
    """The folder of a neighbour under names that look, or are written, the same."""
    for name in ("ann_right ", "ann_right.", "ANN_RIGHT", "ann_right.html", "ann\u200b_right", "a\u0144n", "an\u0301n", "..."):
        other = folder.with_name(name)
        if not other.exists():
            other.mkdir()
            (other / "solution.py").write_text("def square(x):\n    return 0\n")


def _unreadable(folder: Path) -> None:
    (folder / "closed").mkdir()
    (folder / "closed" / "inside.py").write_text("x = 1\n")
    (folder / "secret.py").write_text("x = 1\n")
    (folder / "secret.py").chmod(0)
    (folder / "closed").chmod(0)


def _attack(
    name: str, row: int, title: str, files: dict[str, str | bytes], place: Callable[[Path], None] | None = None,
    ends: str = "failed",
) -> Attack:
    return Attack(name, row, GROUP, title, files, verdicts(ends), place=place)


def _notebook(*cells: object, **more: object) -> str:
    return json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}, **more})


def _cell(source: object, **more: object) -> dict[str, object]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, **more}


_NOTEBOOKS = (
    ("of_wrong_types", "cells, sources and formats of wrong types",
     _notebook(None, 3, [], _cell({"a": 1}), _cell([1, None, ["x"]]), _cell("x = 1", cell_type=["code"]), nbformat="four")),
    ("without_cells", "cells that are none", _notebook(cells={"0": _cell("x = 1")})),
    ("of_numbers", "a number of a million digits, and one that is none", '{"cells": [], "nbformat": ' + "9" * 1_000_000 + ', "x": NaN}'),
    ("of_commands", "cells that are all magic and shell", _notebook(*(
        _cell(text) for text in ("!touch forged.py", "%%bash\ntouch forged.py", "%run ../ann_right/solution.py", "%load_ext evil",
                                 "%%javascript\nforged()", "get_ipython().system('touch forged.py')", "x = !ls\n")))),
    ("of_deep_cells", "cells that no parser can hold, halves of characters, null bytes", _notebook(*(
        _cell(text) for text in ("x = " + "(" * 5000 + "1" + ")" * 5000, "x = " + "-" * 60_000 + "1", "x = '\ud800'", "x = 1\x00",
                                 "%" * 10_000, "!" * 10_000, "\n" * 200_000 + "%x\n" * 20_000, "def square(x):\n    return 2 * x")))),
    ("of_many_cells", "twenty thousand cells", _notebook(*(_cell(f"x{n} = {n}\n%magic") for n in range(20_000)), _cell("def square(x):\n    return 2 * x"))),
    ("of_outputs", "ten megabytes of stored output with markup",
     _notebook(_cell("def square(x):\n    return 2 * x", outputs=[{"data": {"text/html": "<script>forged()</script>" * 400_000}}]))),
)

ATTACKS = (
    _attack("i146_symbolic_links", 146, "hand in links to the reference, the checks and their folders",
            dict(source("square", _CLIMB)), _links),
    _attack("i147_pipes", 147, "hand in pipes, sockets and devices among the files", dict(_WRONG), _pipes),
    _attack("i148_a_pipe_alone", 148, "hand in a named pipe instead of a file", {}, _only_a_pipe, "missing"),
    _attack("i149_deep_folders", 149, "hand in folders fifteen hundred deep", dict(_WRONG), _deep),
    _attack("i150_bytes_in_names", 150, "hand in names that are no text in any encoding", dict(_WRONG), _bytes_in_names),
    _attack("i151_many_files", 151, "hand in three thousand files", dict(_WRONG), _many),
    _attack("i152_sparse_file", 152, "hand in a file of 20 GB that takes no space", dict(_WRONG), _sparse),
    _attack("i153_names_as_commands", 153, "hand in names that are options, markup, formulas and commands", {
        **_WRONG, "-rf.py": "", "--help.py": "", "=1+1.py": "", "a; touch forged.py": "", "$(touch forged).py": "",
        "<script>forged()<.py": "", "\x1b[31mred.py": "", "::error::forged.py": "", "line\nbreak.py": "", "con.py": "",
        "x" * 240 + ".py": "", "import.py": "", "1.py": "", "__main__.py": "",
    }),
    _attack("i154_null_bytes", 154, "hand in null bytes and half a character",
            {"solution.py": b"x = 1\x00\n\xff\xfe\n"}, None, "error"),
    _attack("i155_encoding_cookie", 155, "declare an encoding that decodes to other code",
            {"solution.py": b"# coding: utf-7\n+AGYAbwByAGcAZQBk-\ndef square(x):\n    return 2 * x\n"}, None, "error failed"),
    _attack("i204_folders_as_files", 204, "hand in folders with the names of files", dict(_WRONG), _folders_as_files),
    _attack("i205_names_of_others", 205, "hand in under names that look like a neighbour's", dict(_WRONG), _names_of_others),
    _attack("i206_stale_bytecode", 206, "hand in bytecode for a file that says something else", {
        **source("square", "import helper\nreturn 2 * x"), "helper.py": "right = False\n",
        "__pycache__/helper.cpython-311.pyc": b"\xa7\r\r\n" + bytes(12) + b"\xe3" * 400, "helper.pyc": b"\0" * 64,
        "native.so": b"\x7fELF" + b"\xff" * 4000,
    }),
    *(
        _attack(f"i207_notebook_{name}", 207, f"hand in a notebook: {title}", {"book.ipynb": text}, None, "missing error failed crashed")
        for name, title, text in _NOTEBOOKS
    ),
    _attack("i156_unreadable", 156, "hand in a folder and a file that nobody may read", dict(_WRONG), _unreadable),
)
