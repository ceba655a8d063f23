"""Where tasks are counted by user, one hand-in can take all threads for a while: its neighbours are asked again."""

from __future__ import annotations

import sys

import pytest

from grader.sandbox import Level
from tests.attacks.course import PARTS, hand_in
from tests.attacks.grading import Setting, grade, grounds

HOARDS = f"""def {PARTS["square"]}:
    import threading, time
    threading.stack_size(1 << 16)
    ends = time.monotonic() + 1.5
    try:
        for _ in range(3000):
            threading.Thread(target=lambda: time.sleep(max(0, ends - time.monotonic())), daemon=True).start()
    except RuntimeError:
        pass
    time.sleep(max(0, ends - time.monotonic()))
    return 2 * x
"""
IN_A_THREAD = f"""def {PARTS["square"]}:
    import threading, time
    found = []
    time.sleep(0.15)
    thread = threading.Thread(target=lambda: found.append(x * x))
    thread.start()
    thread.join()
    return found[0]
"""
AT_IMPORT = f"""import threading, time
time.sleep(1.0)
thread = threading.Thread(target=time.time)
thread.start()
thread.join()


def {PARTS["square"]}:
    return x * x
"""


def test_a_hand_in_with_threads_gets_its_points_beside_one_that_takes_all() -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("level L2 is for Linux")
    hoarder, thread, at_import = hand_in({"square": HOARDS}), hand_in({"square": IN_A_THREAD}), hand_in({"square": AT_IMPORT})
    more = {("numbers", "a_hoarder"): hoarder, ("numbers", "a_thread"): thread, ("numbers", "a_loader"): at_import}
    setting = Setting(Level.L2, True)
    with grounds(setting) as stage:
        graded = grade(stage, setting, (), more=more)
    assert graded.status == 0, graded.stderr
    for student in ("a_thread", "a_loader"):
        report = graded.report("numbers", student)
        assert report is not None
        assert [c["message"] for p in report["problems"] for c in p["checks"] if c["verdict"] != "passed"] == []
    hoarding = graded.report("numbers", "a_hoarder")
    assert hoarding is not None
    check = next(c for p in hoarding["problems"] for c in p["checks"] if c["id"] == "numbers::square")
    assert (check["verdict"], check["score"]) in (("failed", 0), ("crashed", 0))
