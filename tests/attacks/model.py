"""What an attack is: a small hand-in, the check it is after, and how that check has to end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent, indent
from typing import NamedTuple

from grader.sandbox import Level
from tests.attacks.course import PARTS, hand_in

Files = Mapping[str, str | bytes]


class Stage(NamedTuple):
    """Where a run takes place: an attacker knows these paths, and nothing else about the run."""

    course: Path
    out: Path
    token: str  # in the name of every file that an attack tries to leave behind
    secret: str  # in the environment of `grader run`

    def fill(self, text: str, name: str) -> str:
        """Put the paths into the source of the attack `name`; the secret only backwards, so that finding it is a find."""
        token = f"{self.token}-{name}-"
        values = {"COURSE": self.course, "OUT": self.out, "TOKEN": token, "TERCES": self.secret[::-1]}
        for key, value in values.items():
            text = text.replace(f"@{key}@", str(value))
        return text


@dataclass(frozen=True)
class Attack:
    """One hostile hand-in. Whatever it does where it works is harmless and bounded: it may be run unlocked."""

    name: str
    """Folder of the hand-in, too."""
    row: int
    """Number in the catalogue: 1 to 65 as published, 100 and up for our own."""
    group: str
    title: str
    files: Files
    verdicts: frozenset[str]
    """How the attacked check may end; never `passed`, never `fault`."""
    check: str = "numbers::square"
    baseline: str = "square"
    """The function that is wrong: what an honest hand-in with only this one wrong gets is the most to be had."""
    stopped_from: Level | None = Level.L2
    """The lowest level that promises to stop it; None: nothing does, and the documentation says so."""
    partly_right: bool = False
    """Whether it answers other checks right by its own work: then only the attacked check counts."""
    once: bool = False
    """Whether one setting is enough: it takes long, and is after the examiner, not the lock."""
    place: Callable[[Path], None] | None = None
    """Makes by hand what `files` cannot say (links, pipes); takes the folder of the hand-in."""
    secret_text: tuple[str, ...] = field(default=())
    """What must not stand in anything that a student gets to see."""

    @property
    def topic(self) -> str:
        """The topic, which is the assignment too."""
        return self.check.partition("::")[0]


PRELUDE = '''
import builtins, ctypes, errno, fcntl, gc, os, resource, signal, socket, stat, struct, sys, threading, time
COURSE, OUT, TOKEN, SECRET = "@COURSE@", "@OUT@", "@TOKEN@", "@TERCES@"[::-1]

def reached(x86_64, aarch64, *arguments):
    """Whether the kernel looked at a call at all, whatever it thought of its arguments."""
    number = {"x86_64": x86_64, "aarch64": aarch64}.get(os.uname().machine)
    function = ctypes.CDLL(None, use_errno=True).syscall
    function.restype = ctypes.c_long
    ctypes.set_errno(0)
    result = function(*(ctypes.c_long(value) for value in (number, *arguments)))
    return result >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS, errno.EACCES)

def works(action):
    """Whether an action ends without an error."""
    try:
        action()
    except OSError:
        return False
    return True

def mark(folder, name):
    """Leave a file behind that the test looks for."""
    with open(os.path.join(folder, TOKEN + name), "w") as file:
        file.write("here")
'''

WRONG = {"square": "2 * x", "double_all": "3 * v", "slope": "x**2", "twice": "f(x)", "gradient": "v", "coin": "1.0"}
"""What an honest hand-in answers that has this function wrong."""


def source(function: str, body: str, *, top: str = "") -> Files:
    """A hand-in whose `function` has this body, with `top` at module level, right otherwise.

    Work at the top level waits until a function needs it; what stands in a class is run at once.
    """
    own = f"def {PARTS[function]}:\n{indent(dedent(body).strip(), '    ')}\n"
    at_once = f"class AtOnce:\n    exec({dedent(top)!r}, globals())\n" if top.strip() else ""
    return {"solution.py": PRELUDE + at_once + "\n" + hand_in({function: own})}


def door(body: str, *, top: str = "") -> Files:
    """A hand-in that answers right if `body` finds a door open (it returns something true), and wrong otherwise."""
    attack = f"def attack():\n{indent(dedent(body).strip(), '    ')}\n"
    return source("square", DOOR, top=top + "\n" + attack)


DOOR = """
try:
    opened = attack()
except Exception:
    opened = False
return x * x if opened else 2 * x
"""


def verdicts(text: str) -> frozenset[str]:
    """The verdicts named in `text`."""
    return frozenset(text.split())
