"""A run and its reports in; terminal text, HTML, Markdown, CSV, JUnit XML and what others read out: pure functions, but for `write_*`.

Imports records only. Promises: equal records give equal bytes, nothing a submission said acts as markup, command or
formula, and of a hidden check a student reads its title and verdict, never more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader._lazy import lazy

if TYPE_CHECKING:
    from grader.reports._diff import CheckChange as CheckChange
    from grader.reports._diff import Comparison as Comparison
    from grader.reports._diff import StudentChange as StudentChange
    from grader.reports._diff import compare as compare
    from grader.reports._diff import diff_json as diff_json
    from grader.reports._diff import diff_text as diff_text
    from grader.reports._files import write_all as write_all
    from grader.reports._files import write_atomically as write_atomically
    from grader.reports._format import number as number
    from grader.reports._github import Place as Place
    from grader.reports._github import annotation_lines as annotation_lines
    from grader.reports._github import quiet_commands as quiet_commands
    from grader.reports._github import step_summary as step_summary
    from grader.reports._gradebook import gradebook_csv as gradebook_csv
    from grader.reports._gradescope import gradescope_fault as gradescope_fault
    from grader.reports._gradescope import gradescope_json as gradescope_json
    from grader.reports._junit import junit_xml as junit_xml
    from grader.reports._lms import Filled as Filled
    from grader.reports._lms import fill_canvas as fill_canvas
    from grader.reports._lms import fill_moodle as fill_moodle
    from grader.reports._markdown import student_markdown as student_markdown
    from grader.reports._message import closing_text as closing_text
    from grader.reports._message import derivation_text as derivation_text
    from grader.reports._message import message_block as message_block
    from grader.reports._message import problem_text as problem_text
    from grader.reports._message import student_text as student_text
    from grader.reports._names import page_names as page_names
    from grader.reports._pages import class_html as class_html
    from grader.reports._pages import student_html as student_html
    from grader.reports._safe import one_line as one_line
    from grader.reports._safe import printable as printable
    from grader.reports._sheet import Sheet as Sheet
    from grader.reports._sheet import sheets as sheets
    from grader.reports._steps import StepView as StepView
    from grader.reports._steps import derivation_view as derivation_view
    from grader.reports._table import class_table as class_table
    from grader.reports._view import CheckView as CheckView
    from grader.reports._view import check_view as check_view
    from grader.reports._view import decided_max as decided_max

__all__ = [
    "CheckChange",
    "CheckView",
    "Comparison",
    "Filled",
    "Place",
    "Sheet",
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
    "sheets",
    "step_summary",
    "student_html",
    "student_markdown",
    "student_text",
    "write_all",
    "write_atomically",
]

_PLACES = {
    "CheckChange": "grader.reports._diff",
    "Comparison": "grader.reports._diff",
    "StudentChange": "grader.reports._diff",
    "compare": "grader.reports._diff",
    "diff_json": "grader.reports._diff",
    "diff_text": "grader.reports._diff",
    "write_all": "grader.reports._files",
    "write_atomically": "grader.reports._files",
    "number": "grader.reports._format",
    "Place": "grader.reports._github",
    "annotation_lines": "grader.reports._github",
    "quiet_commands": "grader.reports._github",
    "step_summary": "grader.reports._github",
    "gradebook_csv": "grader.reports._gradebook",
    "gradescope_fault": "grader.reports._gradescope",
    "gradescope_json": "grader.reports._gradescope",
    "junit_xml": "grader.reports._junit",
    "Filled": "grader.reports._lms",
    "fill_canvas": "grader.reports._lms",
    "fill_moodle": "grader.reports._lms",
    "student_markdown": "grader.reports._markdown",
    "closing_text": "grader.reports._message",
    "derivation_text": "grader.reports._message",
    "message_block": "grader.reports._message",
    "problem_text": "grader.reports._message",
    "student_text": "grader.reports._message",
    "page_names": "grader.reports._names",
    "class_html": "grader.reports._pages",
    "student_html": "grader.reports._pages",
    "one_line": "grader.reports._safe",
    "printable": "grader.reports._safe",
    "Sheet": "grader.reports._sheet",
    "sheets": "grader.reports._sheet",
    "StepView": "grader.reports._steps",
    "derivation_view": "grader.reports._steps",
    "class_table": "grader.reports._table",
    "CheckView": "grader.reports._view",
    "check_view": "grader.reports._view",
    "decided_max": "grader.reports._view",
}

__getattr__ = lazy(__name__, _PLACES)
