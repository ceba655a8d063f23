"""A. Forging the report: results files, exit statuses, verdicts on the wire and on the screen, configuration."""

from __future__ import annotations

from tests.attacks.model import PRELUDE, Attack, door, source, verdicts

GROUP = "A report forging"

_SENTINEL = """
for place in (COURSE, OUT, os.getcwd() + "/..", "/tmp", os.path.expanduser("~")):
    try:
        mark(place, "%s")
    except OSError:
        pass
"""


def _trusted(name: str) -> str:
    """Source that leaves a mark where it can: it can only where it is run by the grader itself."""
    return PRELUDE + _SENTINEL % name


ATTACKS = (
    Attack(
        "a01_results_file", 1, GROUP, "open the results file for writing",
        door("""
            names = ("results.sqlite", "results.sqlite-wal", "report.html", "gradebook.csv", "numbers/ann.json")
            return any(works(lambda n=n: open(os.path.join(OUT, n), "ab").close()) for n in names)
        """),
        verdicts("failed"),
    ),
    Attack(
        "a02_exit_at_import", 2, GROUP, "end with status 0 while being imported",
        {"solution.py": "import sys\nsys.exit(0)\n"}, verdicts("error"),
    ),
    Attack(
        "a02_exit_by_os", 2, GROUP, "end the process with status 0 while being imported",
        {"solution.py": "import os\nos._exit(0)\n"}, verdicts("crashed"),
    ),
    Attack(
        "a03_exit_0_in_call", 3, GROUP, "end the process with status 0 during a call",
        source("square", "os._exit(0)"), verdicts("crashed"),
    ),
    Attack(
        "a03_exit_3_in_call", 3, GROUP, "end the process with the grader's own status for a fault",
        source("square", "os._exit(3)"), verdicts("crashed"),
    ),
    Attack(
        "a03_exit_130_in_call", 3, GROUP, "end the process as if the run had been interrupted",
        source("square", "os._exit(130)"), verdicts("crashed"),
    ),
    Attack(
        "a03_interrupt", 3, GROUP, "raise what interrupts a run",
        source("square", "raise KeyboardInterrupt"), verdicts("error"),
    ),
    Attack(
        "a04_atexit", 4, GROUP, "write when the interpreter ends",
        source("square", "return 2 * x", top=f"""
            import atexit
            def late():
                exec({_SENTINEL % "atexit"!r})
            atexit.register(late)
        """),
        verdicts("failed"),
    ),
    Attack(
        "a05_late_thread", 5, GROUP, "write from a thread that outlives the call",
        source("square", "return 2 * x", top=f"""
            def late():
                for _ in range(20):
                    time.sleep(0.05)
                    exec({_SENTINEL % "thread"!r})
            threading.Thread(target=late, daemon=False).start()
        """),
        verdicts("failed"),
    ),
    Attack(
        "a06_child", 6, GROUP, "write from a child in a session of its own",
        door(f"""
            child = os.fork()
            if child == 0:
                try:
                    os.setsid()
                    time.sleep(0.3)
                    exec({_SENTINEL % "child"!r})
                finally:
                    os._exit(0)
            return True
        """),
        verdicts("failed"),
    ),
    Attack(
        "a07_destructor", 7, GROUP, "write from a destructor and from signal handlers",
        source("square", "return Late() and 2 * x", top=f"""
            class Late(float):
                def __del__(self):
                    exec({_SENTINEL % "del"!r})
            def handler(*_):
                exec({_SENTINEL % "signal"!r})
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGUSR1):
                signal.signal(number, handler)
            signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
        """),
        verdicts("failed error"),
    ),
    Attack(
        "a08_verdict_on_the_wire", 8, GROUP, "send a verdict where an answer is due",
        source("square", """
            import msgpack
            verdict = msgpack.packb({"verdict": "passed", "score": 10, "check": {"id": "numbers::square"}})
            for fd in range(3, 64):
                try:
                    os.write(fd, struct.pack("<II", len(verdict), 0) + verdict)
                except OSError:
                    pass
            return x * x
        """),
        verdicts("crashed"),
    ),
    Attack(
        "a09_fake_passed", 9, GROUP, "print what a test runner or a grader prints when all is well",
        source("square", """
            line = '{"unit": 0, "check": {"id": "numbers::square", "verdict": "passed", "score": 3.0}}'
            print(f"PASSED\\n1 passed in 0.01s\\n{line}\\n" + '{"done": {}, "unit": 0}', flush=True)
            os.write(2, line.encode() + b"\\n")
            return 2 * x
        """),
        verdicts("failed"),
    ),
    Attack(
        "a10_commands_in_output", 10, GROUP, "print commands for CI systems, terminals and browsers",
        source("square", """
            print("::set-env name=GRADE::10\\n::error::forged\\n\\x1b[2J\\x1b]0;forged\\x07<script>forged()</script>")
            return 2 * x
        """),
        verdicts("failed"),
    ),
    Attack(
        "a11_pytest_files", 11, GROUP, "hand in a conftest.py, a plugin and configuration of pytest",
        {
            **source("square", "return 2 * x"),
            "conftest.py": _trusted("conftest"),
            "plugin.py": _trusted("plugin"),
            "pytest.ini": "[pytest]\naddopts = -p plugin\n",
            "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-p plugin'\n",
            "setup.cfg": "[tool:pytest]\naddopts = -p plugin\n",
            "checks/conftest.py": _trusted("checks-conftest"),
        },
        verdicts("failed"),
    ),
    Attack(
        "a12_shadow_libraries", 12, GROUP, "hand in files with the names of libraries and start-up hooks",
        {
            **source("square", "return 2 * x"),
            **{
                f"{name}.py": _trusted(name)
                for name in ("numpy", "torch", "json", "msgpack", "grader", "pytest", "sitecustomize", "usercustomize")
            },
            "evil.pth": f"import os; exec({_trusted('pth')!r})\n",
            "grader/__init__.py": _trusted("package"),
        },
        verdicts("failed error crashed"),
    ),
)
