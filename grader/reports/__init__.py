"""A run and its reports in; terminal text, HTML, Markdown, CSV, JUnit XML and what others read out: pure functions, but for `write_*`.

Imports records only. Promises: equal records give equal bytes, nothing a submission said acts as markup, command or
formula, and of a hidden check a student reads its title and verdict, never more.
"""

from grader.reports._diff import CheckChange, Comparison, StudentChange, compare, diff_json, diff_text
from grader.reports._files import write_all, write_atomically
from grader.reports._format import number
from grader.reports._github import Place, annotation_lines, quiet_commands, step_summary
from grader.reports._gradebook import gradebook_csv
from grader.reports._gradescope import gradescope_fault, gradescope_json
from grader.reports._junit import junit_xml
from grader.reports._lms import Filled, fill_canvas, fill_moodle
from grader.reports._markdown import student_markdown
from grader.reports._message import closing_text, derivation_text, message_block, problem_text, student_text
from grader.reports._names import page_names
from grader.reports._pages import class_html, student_html
from grader.reports._safe import one_line, printable
from grader.reports._steps import StepView, derivation_view
from grader.reports._table import class_table
from grader.reports._view import CheckView, check_view, decided_max

__all__ = [
    "CheckChange",
    "CheckView",
    "Comparison",
    "Filled",
    "Place",
    "StepView",
    "StudentChange",
    "annotation_lines",
    "check_view",
    "class_html",
    "class_table",
    "closing_text",
    "compare",
    "decided_max",
    "derivation_text",
    "derivation_view",
    "diff_json",
    "diff_text",
    "fill_canvas",
    "fill_moodle",
    "gradebook_csv",
    "gradescope_fault",
    "gradescope_json",
    "junit_xml",
    "message_block",
    "number",
    "one_line",
    "page_names",
    "printable",
    "problem_text",
    "quiet_commands",
    "step_summary",
    "student_html",
    "student_markdown",
    "student_text",
    "write_all",
    "write_atomically",
]
