"""One virtual environment for each peer. It sees the packages of the running one, which is not installed again."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from pathlib import Path

CONSTRAINTS = Path(__file__).resolve().parents[1] / "constraints.txt"


class NotInstalled(Exception):
    """The packages could not be had; the message says why."""


def environment(root: Path, packages: Sequence[str]) -> Path:
    """The Python of an environment with these packages, made below `root` unless it is there. Raises NotInstalled."""
    what = "\n".join([*packages, sys.version, sysconfig.get_path("purelib"), CONSTRAINTS.read_text()])
    folder = root / hashlib.sha256(what.encode()).hexdigest()[:16]
    python = folder / "bin" / "python"
    if (folder / "ready").is_file():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    if not packages:
        venv.create(folder)
    else:
        venv.create(folder, with_pip=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    seen = folder / "lib" / version / "site-packages" / "running.pth"
    seen.write_text("\n".join(dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))))
    if packages:
        install = [str(python), "-m", "pip", "install", "-q", "-c", str(CONSTRAINTS), *packages]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            raise NotInstalled((said or done.stderr.splitlines() or ["pip failed"])[-1])
    (folder / "ready").touch()
    return python
