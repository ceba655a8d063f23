"""A program that holds a zygote with busy workers: `python -m tests.support.zygote_host LEVEL`.

Prints the process ids of zygote and workers, then waits; with `call` as second argument it calls once and ends.
"""

from __future__ import annotations

import sys
import threading
import time

from grader.sandbox import Level, Limits, Zygote

SOURCE = b"def f():\n    while True: pass\ndef g(x):\n    return x + 1\n"


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def main(level: str, mode: str) -> None:
    zygote = Zygote.start(Level[level])
    connection = zygote.connect()
    workers = [connection.spawn(Limits()) for _ in range(2)]
    for worker in workers:
        worker.load({"solution.py": SOURCE}, ["solution.py"], seed=0)
    if mode == "call":
        say(workers[0].call("g", [1], seed=0), zygote.environment["level"])
        zygote.close()
        return
    for worker in workers:
        threading.Thread(
            target=worker.call, args=("f", []), kwargs={"seed": 0, "timeout": 100.0}, daemon=True
        ).start()
    time.sleep(0.3)
    say(zygote.pid, *(worker.pid for worker in workers))
    time.sleep(100)


if __name__ == "__main__":
    main(*sys.argv[1:3])
