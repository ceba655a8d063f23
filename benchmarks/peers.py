"""The same class graded by other harnesses: time, marks lost and given, hangs. Writes docs/performance.md with --write.

    python -m benchmarks.peers [--class bank|six] [--students N] [--sample N] [--big N] [--big-only] [--honest]
        [--only PEER]... [--folder FOLDER] [--write]

The class is one of benchmarks/classroom.py, hostile hand-ins included; the peers run benchmarks/peer_suite or, for `six`,
benchmarks/six/peer_suite. Each peer is
installed by pip into an environment of its own, below FOLDER or the user's cache. Submitted code runs without walls in
most peers: the class is of our own making. Linux only; about an hour on two cores with all peers.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.classroom import KINDS
from benchmarks.peer_harnesses import PEERS, XDIST
from benchmarks.peer_outcomes import counts_table
from benchmarks.peer_processes import adopt_orphans
from benchmarks.peer_runs import Setting, large_class, measure, ours, write_class
from benchmarks.tables import write


def main() -> int:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [p.name for p in (*PEERS, XDIST)]
    parser.add_argument("--class", dest="kind", choices=KINDS, default="bank")
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument(
        "--sample", type=int, default=8, help="honest hand-ins for peers with a process for each"
    )
    parser.add_argument("--honest", action="store_true", help="leave out the hostile hand-ins")
    parser.add_argument("--big", type=int, default=500, help="hand-ins of the large class; 0: none")
    parser.add_argument("--big-only", action="store_true", help="nothing but the large class")
    parser.add_argument("--patience", type=float, default=120, help="seconds until a hand-in is killed")
    parser.add_argument("--only", action="append", choices=names, help="these peers only")
    parser.add_argument("--folder", type=Path, help="where to work; default: a temporary folder")
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    given = parser.parse_args()
    kind, ending = KINDS[given.kind], "" if given.kind == "bank" else f"-{given.kind}"
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="peers-") as name:
        root = (given.folder or Path(name)).resolve()
        cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "grader-peers"
        made = write_class(root / "whole", kind, given.students, hostile=not given.honest)
        write_class(root / "theirs", kind, given.students, hostile=not given.honest)
        counts, tests = json.loads(ours("peer_counts", str(root / "whole")))
        environments = root / "environments" if given.folder else cache
        setting = Setting(kind, root, environments, made, given.sample, given.patience, tuple(tests))
        if not given.big_only:
            _show(f"peers-counts{ending}", counts_table(counts), put=given.write)
            for place, text in measure(setting, given.only or names):
                _show(place + ending, text, put=given.write)
        if given.big:
            _show(f"peers-big{ending}", large_class(setting, given.big, given.only or names), put=given.write)
    return 0


def _show(place: str, text: str, *, put: bool) -> None:
    print(f"{place}\n\n{text}", flush=True)
    if put:
        write("performance.md", place, text)


if __name__ == "__main__":
    sys.exit(main())
