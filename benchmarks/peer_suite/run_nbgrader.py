"""nbgrader by its API: `python -m peer_suite.run_nbgrader COURSE prepare`, or `COURSE STUDENT RESULTS.json`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

ASSIGNMENT = "classroom"


def main() -> int:
    """Makes the assignment, or grades one notebook and writes which test cells have all their points."""
    config = Config()
    config.CourseDirectory.root = sys.argv[1]
    config.CourseDirectory.db_url = f"sqlite:///{sys.argv[1]}/gradebook.db"
    config.Execute.timeout = 10
    config.Execute.iopub_timeout = 10  # seconds, for output after the reply
    api = NbGraderAPI(config=config)
    if sys.argv[2] == "prepare":
        return int(not api.generate_assignment(ASSIGNMENT)["success"])
    student = sys.argv[2]
    done = api.autograde(ASSIGNMENT, student)
    sys.stderr.write(f"{done.get('error')}\n{done['log']}")
    with api.gradebook as book:
        graded = book.find_submission(ASSIGNMENT, student)
        grades = [grade for notebook in graded.notebooks for grade in notebook.grades]
        passed = {g.name.replace("--", "::"): g.score == g.max_score for g in grades}
    Path(sys.argv[3]).write_text(json.dumps(passed))
    return int(not done["success"])


sys.exit(main())
