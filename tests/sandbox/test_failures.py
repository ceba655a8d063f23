"""How submitted code can fail, and what is said of it: never an exception here, never a fault."""

from __future__ import annotations

import time

import pytest

from grader.sandbox import Callback, Level, Limits, Loaded, Raised
from tests.support.submissions import Desk, died, raised, value

SHORT = Limits(call_s=1.0, load_s=10.0, topic_s=60.0)


def test_an_exception_says_what_and_where(every_desk: Desk) -> None:
    outcome = raised(
        every_desk.run(
            """
            import numpy as np
            def helper(x):
                return np.linalg.inv(x)
            def f(x):
                return helper(x)
            """,
            [[1.0, 1.0], [1.0, 1.0]],
        )
    )
    assert (outcome.type, outcome.message) == ("LinAlgError", "Singular matrix")
    assert outcome.where == ("solution.py", 4, "return np.linalg.inv(x)")
    assert outcome.traceback == (
        'File "solution.py", line 6, in f\n    return helper(x)\n'
        'File "solution.py", line 4, in helper\n    return np.linalg.inv(x)\n'
        "LinAlgError: Singular matrix"
    )
    assert not outcome.denied and not outcome.memory


def test_messages_are_clean_and_the_same_each_time(desk: Desk) -> None:
    text = "def f():\n    raise ValueError('a\\x1b[31mb\\x00 ' + repr(object()) + 'x' * 10_000)\n"
    first, second = raised(desk.run(text)), raised(desk.run(text))
    assert first == second
    assert len(first.message) <= 500
    assert "\x1b" not in first.message and "\x00" not in first.message
    assert first.message.startswith("ab") or first.message.startswith("a")


def test_the_working_folder_is_not_named(every_desk: Desk) -> None:
    outcome = raised(every_desk.run("import os\ndef f():\n    open(os.getcwd() + '/data.csv')\n"))
    assert outcome.message.endswith("'data.csv'")


def test_an_exception_that_cannot_even_print_itself(desk: Desk) -> None:
    outcome = raised(
        desk.run(
            """
            class Odd(Exception):
                def __str__(self): raise RuntimeError("no")
            def f(): raise Odd()
            """
        )
    )
    assert (outcome.type, outcome.message) == ("Odd", "")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("import sys; sys.exit(3)", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise GeneratorExit", "GeneratorExit"),
        ("return f()", "RecursionError"),
        ("import warnings; warnings.simplefilter('error'); warnings.warn('w')", "UserWarning"),
        ("raise EOFError", "EOFError"),
        ("raise BrokenPipeError", "BrokenPipeError"),
        ("assert False", "AssertionError"),
    ],
)
def test_the_worker_survives_what_is_raised(desk: Desk, code: str, kind: str) -> None:
    worker = desk.hand_in(f"def f():\n    {code}\ndef g():\n    return 1\n")
    assert raised(worker.call("f", [], seed=0)).type == kind
    assert value(worker.call("g", [], seed=0)) == 1


def test_warnings_and_prints_do_not_fail(every_desk: Desk) -> None:
    worker = every_desk.hand_in(
        "import warnings\nprint('at import')\ndef f():\n    warnings.warn('w')\n    print('σ')\n    return 1\n"
    )
    assert value(worker.call("f", [], seed=0)) == 1
    assert "at import" in worker.output() and "σ" in worker.output() and "UserWarning" in worker.output()


DEATHS = [
    ("import os; os._exit(0)", "crashed", "status 0"),
    ("import os; os._exit(3)", "crashed", "status 3"),
    ("import os; os._exit(130)", "crashed", "status 130"),
    ("import os; os.abort()", "crashed", "SIGABRT"),
    ("import os; os.kill(os.getpid(), 9)", "crashed", "killed"),
    ("import os; os.kill(os.getpid(), 15)", "crashed", "SIGTERM"),
    ("import ctypes; ctypes.string_at(0)", "crashed", "SIGSEGV"),
    ("import signal; signal.raise_signal(signal.SIGXCPU)", "timeout", "processor time"),
    ("import os; os.closerange(3, 400)", "crashed", ""),
    ("import time; time.sleep(1000)", "timeout", "within 1 s"),
    ("while True: pass", "timeout", "within 1 s"),
    ("while True: print('x' * 1000)", "timeout", "within 1 s"),
    (
        "import threading; threading.Lock().acquire(); l = threading.Lock(); l.acquire(); l.acquire()",
        "timeout",
        "1 s",
    ),
]


@pytest.mark.parametrize(("code", "verdict", "words"), DEATHS, ids=[d[0] for d in DEATHS])
def test_a_death_has_a_verdict_and_the_next_worker_is_unharmed(
    every_desk: Desk, code: str, verdict: str, words: str
) -> None:
    worker = every_desk.hand_in(f"def f():\n    {code}\n", SHORT)
    outcome = died(worker.call("f", [], seed=0))
    assert outcome.verdict == verdict, outcome
    assert words in outcome.detail
    assert worker.call("f", [], seed=0) is outcome
    assert value(every_desk.run("def f():\n    return 1\n")) == 1


def test_a_death_while_loading(every_desk: Desk) -> None:
    for text, verdict in [("import os\nos._exit(0)\n", "crashed"), ("while True: pass\n", "timeout")]:
        _, loaded = every_desk.load(text, Limits(load_s=1.0))
        assert died(loaded).verdict == verdict  # type: ignore[arg-type]


def test_python_code_that_ignores_signals_is_stopped(desk: Desk) -> None:
    outcome = desk.run(
        """
        import signal
        for s in signal.valid_signals():
            try: signal.signal(s, lambda *a: None)
            except (OSError, ValueError): pass
        def f():
            while True:
                try:
                    while True: pass
                except BaseException: pass
        """,
        limits=SHORT,
    )
    assert died(outcome).verdict == "timeout"


def test_memory_that_python_is_refused_is_an_error_of_memory(every_desk: Desk) -> None:
    small = Limits(call_s=20.0, memory_mb=2048)
    worker = every_desk.hand_in(
        "import numpy, torch\ndef f(): return numpy.ones(10**10)\ndef g(): return torch.ones(10**10)\ndef h(): return 1\n",
        small,
    )
    for name in "fg":
        assert raised(worker.call(name, [], seed=0)).memory
    assert value(worker.call("h", [], seed=0)) == 1


def test_a_slow_hog_is_stopped_at_the_limit(every_desk: Desk) -> None:
    text = "def f():\n    x = []\n    while True: x.append(bytearray(10**6))\n"
    outcome = every_desk.run(text, limits=Limits(call_s=20.0, memory_mb=1536))
    assert isinstance(outcome, Raised) and outcome.memory, outcome


def test_a_hog_that_keeps_what_it_took_still_gets_a_verdict_of_memory(desk: Desk) -> None:
    text = "x = []\ndef f():\n    while True: x.append(bytes(10**5))\n"
    outcome = desk.run(text, limits=Limits(call_s=60.0, memory_mb=1300))
    assert (isinstance(outcome, Raised) and outcome.memory) or died(outcome).verdict == "memory", outcome


def test_endless_recursion_in_python_ends_at_the_memory_limit(desk: Desk) -> None:
    text = "import sys\nsys.setrecursionlimit(10**9)\ndef f(): return f()\n"
    outcome = desk.run(text, limits=Limits(call_s=60.0, memory_mb=1300))
    assert (isinstance(outcome, Raised) and outcome.memory) or died(outcome).verdict == "memory", outcome


def test_a_denied_act_is_told_from_an_ordinary_error(desk: Desk, best: Level) -> None:
    if best < Level.L2:
        pytest.skip("level L1 denies nothing")
    denied = raised(desk.run("import socket\ndef f(): socket.socket()\n"))
    assert denied.denied
    chained = raised(
        desk.run(
            """
            import socket
            def f():
                try: socket.socket()
                except OSError as e: raise RuntimeError("no download") from e
            """
        )
    )
    assert chained.denied
    ordinary = raised(desk.run("def f(): open('missing.csv')\n"))
    assert (ordinary.type, ordinary.denied) == ("FileNotFoundError", False)


def test_output_is_capped_and_the_rest_counted(every_desk: Desk) -> None:
    worker = every_desk.hand_in(
        "def f():\n    for _ in range(5000): print('x' * 999)\n    return 1\n",
        Limits(call_s=30.0, output_bytes=10_000),
    )
    assert value(worker.call("f", [], seed=0)) == 1
    text = worker.output()
    assert len(text) < 11_000
    assert text.endswith(f"... ({5000 * 1000 - 10_000} bytes dropped)")


def test_output_before_a_death_is_kept_and_harmless(desk: Desk) -> None:
    worker = desk.hand_in(
        "import os\ndef f():\n    print('\\x1b]0;title\\x07 PASSED \\x1b[2J 100/100')\n    os._exit(0)\n"
    )
    died(worker.call("f", [], seed=0))
    assert "PASSED" in worker.output()
    assert "\x1b" not in worker.output()


def test_output_is_the_same_at_every_run(every_desk: Desk) -> None:
    text = "import warnings\ndef f():\n    warnings.warn('w')\n    print(__file__)\n"
    first, second = every_desk.hand_in(text), every_desk.hand_in(text)
    for worker in (first, second):
        value(worker.call("f", [], seed=0))
    assert first.output() == second.output()
    assert first.output().endswith("solution.py\n")


def test_time_that_a_callback_takes_here_is_not_the_students(desk: Desk) -> None:
    worker = desk.hand_in("def f(g):\n    return g(1)\n")
    assert value(worker.call("f", [Callback(lambda x: time.sleep(1.0) or x)], seed=0, timeout=0.7)) == 1


def test_an_endless_conversation_with_a_callback_ends(desk: Desk) -> None:
    worker = desk.hand_in("def f(g):\n    while True:\n        try: g(1)\n        except Exception: pass\n")
    assert died(worker.call("f", [Callback(lambda x: x)], seed=0, timeout=0.5)).verdict == "timeout"


def test_no_more_files_than_fit_are_written(every_desk: Desk) -> None:
    worker = every_desk.hand_in(
        """
        def f():
            with open("big", "wb") as file:
                for _ in range(100): file.write(bytes(10**6))
        """,
        Limits(call_s=20.0, file_mb=8, scratch_mb=16),
    )
    assert raised(worker.call("f", [], seed=0)).type == "OSError"


def test_too_many_threads_are_an_error(desk: Desk) -> None:
    text = """
    import threading, time
    def f():
        for _ in range(5000): threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
    """
    outcome = desk.run(text, limits=Limits(call_s=20.0, threads=32))
    assert raised(outcome).type == "RuntimeError"


def test_threads_left_running_change_nothing(desk: Desk) -> None:
    worker, loaded = desk.load(
        """
        import threading, time
        def run():
            while True: time.sleep(0.001)
        threading.Thread(target=run).start()
        def f(): return 1
        """
    )
    assert isinstance(loaded, Loaded)
    assert value(worker.call("f", [], seed=0)) == 1
