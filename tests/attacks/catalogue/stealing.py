"""C. Stealing what is hidden: expected values, checks, other hand-ins, secrets of the run."""

from __future__ import annotations

from grader.sandbox import Level
from tests.attacks.model import Attack, door, source, verdicts

GROUP = "C stealing"


def _door(name: str, row: int, title: str, body: str, *, top: str = "", since: Level | None = Level.L2, ends: str = "failed") -> Attack:
    return Attack(name, row, GROUP, title, door(body, top=top), verdicts(ends), stopped_from=since)


ATTACKS = (
    _door("c25_frames", 25, "walk the frames of all threads for expected values", """
        for frame in sys._current_frames().values():
            while frame is not None:
                if {"expected", "reference", "want", "spec", "exam"} & (set(frame.f_locals) | set(frame.f_globals)):
                    return True
                frame = frame.f_back
        return False
    """),
    _door("c26_gc", 26, "search all objects for checks, references and their source", """
        for found in gc.get_objects():
            name = getattr(found, "__name__", "")
            if type(name) is str and (name.startswith("check_") or name in ("reference", "checks.numbers")):
                if str(getattr(found, "__module__", "")).split(".")[0] in ("checks", "reference"):
                    return True
            if type(found) in (dict, list) and any(type(s) is str and "def che" "ck_" in s for s in list(found)[:50]):
                return True
        return False
    """),
    _door("c27_modules", 27, "look for modules of the checks, of pytest and of Hypothesis", """
        main = vars(sys.modules["__main__"])
        own = ("checks", "reference", "hypothesis", "pytest", "_pytest", "tests")
        return "Server" in main or any(name.split(".")[0] in own for name in sys.modules)
    """),
    _door("c28_inspect", 28, "ask inspect and linecache for the source of the checks", """
        import inspect, linecache
        for module in list(sys.modules.values()):
            file = getattr(module, "__file__", None) or ""
            if file.startswith(COURSE) and inspect.getsource(module):
                return True
        return any(name.startswith(COURSE + "/checks") for name in linecache.cache)
    """),
    Attack(
        "c29_stale_memory", 29, GROUP, "read expected values from memory that was not cleared",
        source("square", """
            import numpy as np
            for size in (1, 2, 3, 8, 64, 512, 4096):
                for _ in range(50):
                    for found in np.empty(size).tolist():  # an array of squares would leave its own traces
                        if 0 < found < 1e9 and abs(found**0.5 - abs(x)) < 1e-12 and x != round(x):
                            return found
            return 2 * x
        """),
        verdicts("failed"),
    ),
    _door("c30_proc", 30, "read memory, environment or command line of the parent", """
        parent = os.getppid()
        names = [f"/proc/{parent}/{name}" for name in ("environ", "mem", "maps", "cmdline", "fd/0")]
        return any(works(lambda n=n: open(n, "rb").read(1)) for n in names)
    """),
    _door("c31_process_vm_readv", 31, "read the memory of the parent by system calls", """
        return reached(310, 270, os.getppid(), 0, 0, 0, 0, 0) or reached(434, 434, os.getppid(), 0xFFFF)
    """),
    _door("c31_pidfd_getfd", 31, "take a descriptor out of another process", "return reached(438, 438, -1, 0, 0)"),
    _door("c31_ptrace", 31, "trace another process", "return reached(101, 117, 16, 0x7FFFFFFF, 0, 0)", ends="forbidden"),
    _door("c32_environment", 32, "find a token in environment and arguments", """
        texts = [*os.environ.values(), *sys.argv, *sys.orig_argv]
        try:
            texts.append(open("/proc/self/environ").read())
        except OSError:
            pass
        return any(SECRET in text for text in texts)
    """),
    _door("c33_descriptors", 33, "use descriptors that were inherited", """
        kinds = []
        for number in range(3, 1024):
            try:
                kinds.append(os.fstat(number).st_mode)
            except OSError:
                pass
        return len(kinds) > 1 or not all(stat.S_ISSOCK(kind) for kind in kinds)
    """),
    _door("c34_hidden_checks", 34, "read checks and reference from disk", """
        names = ("checks/numbers.py", "reference/numbers.py", "checks/assignments/numbers.toml")
        return any(works(lambda n=n: open(os.path.join(COURSE, n)).read()) for n in names)
    """),
    _door("c35_metadata", 35, "ask for names and sizes of the course's files", """
        return works(lambda: os.stat(COURSE + "/checks/numbers.py")) or works(lambda: os.chdir(COURSE))
    """, since=Level.L3),
    _door("c36_caches", 36, "list caches of bytecode and of examples", """
        folders = (COURSE + "/checks/__pycache__", COURSE + "/.hypothesis", COURSE + "/checks", COURSE + "/.pytest_cache")
        return any(works(lambda f=f: os.listdir(f)) for f in folders)
    """),
    _door("c37_other_hand_ins", 37, "read other hand-ins, on disk and in other workers' folders", """
        folders = (COURSE + "/submissions/numbers/ann", COURSE + "/submissions/numbers", "..", "../..", OUT)
        here = os.path.realpath(".")
        return any(works(lambda f=f: os.listdir(f)) for f in folders if os.path.realpath(f) not in (here, "/"))
    """),
    Attack(
        "c38_callback_errors", 38, GROUP, "make a function of the check fail, to read its traceback",
        source("twice", """
            for bad in (None, "text", [1], {}, object, 10**400, b"", float("nan")):
                try:
                    f(bad)
                except Exception as error:
                    told = str(error) + "".join(map(str, error.args)) + str(error.__cause__)
                    if COURSE in told or "File " in told or "plus_three" in told or "line " in told:
                        return f(f(x))
            return x
        """),
        verdicts("failed"), "remote::twice", "twice",
    ),
    Attack(
        "c39_echo_hidden_inputs", 39, GROUP, "print hidden inputs, and put them into messages",
        source("square", """
            if abs(x) > 100:
                print("hidden input", x, flush=True)
                raise ValueError(f"hidden input {x}")
            return 2 * x
        """),
        verdicts("error"), "numbers::hidden", "square", secret_text=("hidden input", "771.3125", "904.6875"),
    ),
)
