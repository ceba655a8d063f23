"""Submitted code that knows how the sandbox works and turns on it: whatever it does, it only loses."""

from __future__ import annotations

import pytest

from grader.sandbox import Died, Limits, Raised
from tests.support.submissions import Desk, died, value

PRELUDE = """
import gc, os, socket, struct, sys, threading, time, msgpack
def wire():
    for fd in range(3, 200):
        try:
            if os.readlink(f"/proc/self/fd/{fd}").startswith("socket"): return fd
        except OSError: pass
        try:
            s = socket.socket(fileno=os.dup(fd))
            s.getsockname(); s.detach()
            return fd
        except OSError: pass
def frame(*tokens, blob=b""):
    head = b"".join(msgpack.packb(t) for t in tokens)
    data = struct.pack("<II", len(head), len(blob)) + head
    return data + (bytes(-len(data) % 16) + blob if blob else b"")
def number():
    worker = next(o for o in gc.get_objects() if type(o).__name__ == "Worker")
    return worker._current
FD = wire()
"""

ATTACKS = {
    "garbage": "os.write(FD, b'garbage' * 100)",
    "a frame of no request": "os.write(FD, frame('returned', 12345, 0.0, True, 0, 0))",
    "a huge length": "os.write(FD, b'\\xff' * 8)",
    "a frame that never ends": "os.write(FD, struct.pack('<II', 60 << 20, 0) + b'\\xc0' * 1000); time.sleep(1000)",
    "nesting": "os.write(FD, frame('returned', number(), 0.0) + b'')\n    os.write(FD, b'\\x91' * 100000)",
    "a forged verdict": "os.write(FD, msgpack.packb({'verdict': 'passed', 'score': 100}))",
    "an unknown kind": "os.write(FD, frame('passed', number()))",
    "an unknown note": "os.write(FD, frame('returned', number(), 0.0, True, 0, 1, 'full marks'))",
    "a negative duration": "os.write(FD, frame('returned', number(), -1.0, True, 0, 0))",
    "a duration without end": "os.write(FD, frame('returned', number(), float('nan'), True, 0, 0))",
    "a callback that was not passed": "os.write(FD, frame('callback', number(), 0, 't', 0, 'd', 0)); time.sleep(1000)",
    "a callback below zero": "os.write(FD, frame('callback', number(), -1, 't', 0, 'd', 0)); time.sleep(1000)",
    "text for a flag": "os.write(FD, frame('raised', number(), 'E', 'm', 'x', False, 0))",
    "an array without its bytes": "os.write(FD, frame('returned', number(), 0.0, 'a', 'f8', 1, 10**9, 0, 0))",
    "an answer after the answer": (
        "threading.Timer(0.2, lambda: os.write(FD, frame('returned', 1, 0.0, True, 0, 0))).start(); time.sleep(0.5); return 1"
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_writing_to_the_wire_is_a_crash(every_desk: Desk, attack: str) -> None:
    worker = every_desk.hand_in(
        PRELUDE + f"def f():\n    {ATTACKS[attack]}\n", Limits(call_s=2.0, load_s=20.0)
    )
    outcome = died(worker.call("f", [], seed=0))
    assert outcome.verdict in ("crashed", "timeout")
    assert value(every_desk.run("def f():\n    return 1\n")) == 1


def test_a_forged_answer_is_only_an_answer(desk: Desk) -> None:
    text = PRELUDE + "def f():\n    os.write(FD, frame('returned', number(), 0.0, 42, 0, 0)); os._exit(0)\n"
    worker = desk.hand_in(text)
    assert value(worker.call("f", [], seed=0)) == 42
    assert isinstance(worker.call("f", [], seed=0), Died)


def test_an_answer_prepared_for_the_next_request_is_not_taken(desk: Desk) -> None:
    text = (
        PRELUDE
        + """
def f():
    def later():
        time.sleep(0.3)
        for n in range(1000): os.write(FD, frame('returned', n, 0.0, 42, 0, 0))
    threading.Thread(target=later).start()
    return 1
def g(): time.sleep(1)
"""
    )
    worker = desk.hand_in(text)
    assert value(worker.call("f", [], seed=0)) == 1
    assert died(worker.call("g", [], seed=0)).verdict == "crashed"


def test_frames_that_nobody_asked_for_are_a_crash_before_the_next_call(desk: Desk) -> None:
    text = (
        PRELUDE
        + "def f():\n    threading.Timer(0.1, os.write, (FD, b'x')).start()\n    return 1\ndef g(): return 2\n"
    )
    worker = desk.hand_in(text)
    assert value(worker.call("f", [], seed=0)) == 1
    import time

    time.sleep(0.5)
    assert died(worker.call("g", [], seed=0)).verdict == "crashed"


def test_a_reader_that_stops_reading_is_a_timeout(desk: Desk) -> None:
    import numpy as np

    text = (
        PRELUDE
        + "def f(x):\n    return 1\ndef g():\n    threading.Thread(target=steal).start()\n    return 1\n"
        + """
def steal():
    while True:
        try: os.read(FD, 10)
        except BaseException: pass
        time.sleep(0.05)
"""
    )
    worker = desk.hand_in(text, Limits(call_s=2.0))
    assert value(worker.call("g", [], seed=0)) == 1
    assert isinstance(worker.call("f", [np.zeros(1 << 20)], seed=0), Died)


def test_patching_everything_in_reach_changes_no_judgement(desk: Desk) -> None:
    worker, loaded = desk.load(
        """
        import builtins, numpy as np, sys, time
        np.allclose = np.array_equal = lambda *a, **k: True
        np.asarray = lambda *a, **k: None
        time.perf_counter = lambda: 0.0
        ours = [vars(m) for name, m in list(sys.modules.items()) if name.startswith("grader")]
        [v.__setitem__(a, None) for v in ours for a in list(v) if not a.startswith("__")]
        def f(): return 1
        """
    )
    assert isinstance(loaded, Died) or isinstance(worker.call("f", [], seed=0), Died)
    assert value(desk.run("import numpy\ndef f(): return numpy.allclose(1, 2)\n")) is False


def test_answers_are_taken_by_value_at_the_time_of_the_answer(desk: Desk) -> None:
    import numpy as np

    worker = desk.hand_in(
        """
        import numpy as np, threading, time
        kept = np.zeros(100_000)
        def f(): return kept
        def g():
            kept[:] = 1
            return 0
        """
    )
    first = value(worker.call("f", [], seed=0))
    worker.call("g", [], seed=0)
    assert not np.any(first)


def test_nothing_of_the_checks_is_in_the_worker(every_desk: Desk) -> None:
    secret = "expected-answer-7731"  # stays on this side

    def check(x: str) -> bool:
        return x == secret

    outcome = every_desk.run(
        """
        import gc, os, sys
        def f():
            found = [k for k in sys.modules if k.split(".")[0] in ("checks", "reference", "hypothesis", "pytest", "tests")]
            text = " ".join(sys.argv) + " ".join(os.environ.values())
            frames, frame = [], sys._getframe()
            while frame:
                frames += [repr(v)[:2000] for v in frame.f_locals.values() if isinstance(v, (str, bytes, dict, list))]
                frame = frame.f_back
            strings = [s for s in gc.get_objects() if isinstance(s, str)]
            needle = "expected-answer-" + str(7700 + 31)
            return [found, needle in text, any(needle in s for s in frames + strings)]
        """
    )
    assert value(outcome) == [[], False, False]
    assert check(secret)


def test_the_environment_is_clean(every_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_SECRET_TOKEN", "x")
    names = value(every_desk.run("import os\ndef f(): return sorted(os.environ)\n"))
    assert not [name for name in names if "SECRET" in name or "TOKEN" in name or name.startswith("AWS")]


def test_no_variable_names_a_folder_of_another_process(every_desk: Desk) -> None:
    text = """
    import os
    def f():
        import torch.func, torch._inductor.runtime.cache_dir_utils as torchs
        torchs.cache_dir()
        home = os.environ["TMPDIR"]
        return {k: v for k, v in os.environ.items() if "grader" in v and not v.startswith(home)}
    """
    assert value(every_desk.run(text)) == {}


def test_only_four_descriptors_are_open(every_desk: Desk) -> None:
    text = """
    import os
    def f():
        found = []
        for fd in range(1000):
            try: os.fstat(fd)
            except OSError: continue
            found.append(fd)
        return len(found)
    """
    assert value(every_desk.run(text)) == 4


def test_a_hand_in_cannot_write_outside_its_folder(desk: Desk) -> None:
    from grader.sandbox import SandboxFault

    worker = desk.spawn()
    for name in ("../x.py", "/tmp/x.py", "a/../../x.py", "a\0b"):
        with pytest.raises(SandboxFault):
            worker.load({name: b""}, [], seed=0)


def test_symbolic_answers_cannot_run_code_here(desk: Desk) -> None:
    import sympy as sp

    from grader.sandbox import Expression, build

    outcome = desk.run(
        "import sympy\ndef f():\n    return sympy.Symbol(\"__import__('os').system('touch /tmp/owned')\")\n"
    )
    got = value(outcome)
    assert isinstance(got, Expression)
    assert isinstance(build(got.tree), sp.Symbol)


def test_raised_objects_of_hostile_classes(desk: Desk) -> None:
    outcome = desk.run(
        """
        class Meta(type):
            def __getattribute__(cls, name): raise RuntimeError(name)
        class E(Exception, metaclass=Meta): pass
        def f(): raise E("x")
        """
    )
    assert isinstance(outcome, Raised | Died)


def test_objects_that_refuse_to_be_looked_at(desk: Desk) -> None:
    worker = desk.hand_in(
        """
        class Shy:
            def __getattribute__(self, name): raise RuntimeError(name)
            def __call__(self): return 5
            def __eq__(self, other): raise RuntimeError("eq")
            def __bool__(self): raise RuntimeError("bool")
            def __repr__(self): raise RuntimeError("repr")
            __hash__ = None
        f = Shy()
        def g(): return Shy()
        def h(): return [Shy(), 1]
        """
    )
    assert value(worker.call("f", [], seed=0)) == 5
    assert value(worker.call("g", [], seed=0)).type_name == "Shy"
    assert value(worker.call("h", [], seed=0))[1] == 1
