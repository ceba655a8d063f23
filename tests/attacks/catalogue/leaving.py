"""Our own: leaving something behind for the next worker, the next run, or whoever cleans up."""

from __future__ import annotations

from tests.attacks.model import Attack, door, source, verdicts

GROUP = "J persistence"

_ROUNDS = 1200

ATTACKS = (
    Attack(
        "j157_scratch_file", 157, GROUP, "leave a file for the next worker of the same hand-in",
        source("square", """
            if found:
                return x * x
            open("here", "w").close()
            os._exit(1)
        """, top='found = os.path.exists("here") or os.path.exists("/tmp/here")'),
        verdicts("crashed"),
    ),
    Attack(
        "j158_libraries", 158, GROUP, "plant code in the libraries and their caches",
        door("""
            import sysconfig
            folders = {*sysconfig.get_paths().values(), *sys.path, os.path.dirname(os.__file__) + "/__pycache__"}
            return any(works(lambda f=f: mark(f, "library")) for f in folders if os.path.realpath(f) != os.path.realpath("."))
        """),
        verdicts("failed"),
    ),
    Attack(
        "j159_home_and_shared", 159, GROUP, "leave files in the home folder, in shared memory and in temporary folders",
        door("""
            folders = ("~", "~/.config", "~/.cache", "~/.local", "/dev/shm", "/tmp", "/var/tmp", "/run", "/dev", "/", OUT, COURSE)
            places = [os.path.realpath(os.path.expanduser(f)) for f in folders]
            return any(works(lambda p=p: mark(p, "shared")) for p in places if p != os.path.realpath("."))
        """),
        verdicts("failed"),
    ),
    Attack(
        "j160_closed_folder", 160, GROUP, "leave folders that nobody may enter",
        source("square", """
            try:
                os.makedirs("a/b/c")
                os.mkdir("closed", 0)
                os.mkdir("a/b/c/closed", 0o100)
                os.mkdir("blind", 0o300)
                os.mkdir("blind/inside", 0)
            except OSError:
                pass
            return 2 * x
        """),
        verdicts("failed"),
    ),
    Attack(
        "j161_deep_folder", 161, GROUP, "leave folders so deep that whoever removes them runs out of stack",
        source("square", f"""
            try:
                for _ in range({_ROUNDS}):
                    os.mkdir("d")
                    os.chdir("d")
            except OSError:
                pass
            return 2 * x
        """),
        verdicts("failed"),
    ),
    Attack(
        "j162_busy_folder", 162, GROUP, "go on writing files while it is being removed",
        source("square", """
            def busy():
                for number in range(100_000):
                    try:
                        os.mkdir(f"d{number % 500}")
                        os.rmdir(f"d{(number - 250) % 500}")
                    except OSError:
                        pass
            threading.Thread(target=busy, daemon=True).start()
            return 2 * x
        """),
        verdicts("failed"),
    ),
    Attack(
        "j163_patched_for_the_next", 163, GROUP, "patch libraries for whoever is forked next",
        source("square", "return 2 * x", top="""
            import math, numpy as np, torch
            math.sqrt = np.sqrt = np.linalg.solve = torch.matmul = lambda *args, **kwargs: 0
            os.environ["PYTHONSTARTUP"] = os.environ["PYTHONPATH"] = os.environ["LD_PRELOAD"] = "/tmp/evil"
            import numpy.random
            numpy.random.seed(0)
        """),
        verdicts("failed"),
    ),
    Attack(
        "j164_room_of_others", 164, GROUP, "use up what other workers share: open files, disk, processes of the user",
        source("square", """
            kept = []
            try:
                while len(kept) < 2000:
                    kept.append(open("/dev/null"))
            except OSError:
                pass
            return 2 * x
        """),
        verdicts("failed"),
    ),
)
