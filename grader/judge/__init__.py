"""Is this answer right? Numeric, symbolic and statistical judgement as pure functions of plain values.

Imports no other room. Promises: no input or output, no processes, no clock; randomness only from a seed
that is an argument; every tolerance and interval says where it comes from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader._lazy import lazy

if TYPE_CHECKING:
    from grader.judge._canonical import DOUBLE as DOUBLE
    from grader.judge._canonical import SINGLE as SINGLE
    from grader.judge._canonical import Canonical as Canonical
    from grader.judge._canonical import Mismatch as Mismatch
    from grader.judge._canonical import as_array as as_array
    from grader.judge._canonical import as_boolean_array as as_boolean_array
    from grader.judge._canonical import as_label as as_label
    from grader.judge._canonical import as_scalar as as_scalar
    from grader.judge._canonical import as_tuple as as_tuple
    from grader.judge._compare import Comparison as Comparison
    from grader.judge._compare import compare as compare
    from grader.judge._domain import Case as Case
    from grader.judge._domain import Domain as Domain
    from grader.judge._samples import all_samples as all_samples
    from grader.judge._statistical import FALSE_REJECT as FALSE_REJECT
    from grader.judge._statistical import Cell as Cell
    from grader.judge._statistical import FiniteLaw as FiniteLaw
    from grader.judge._statistical import Interval as Interval
    from grader.judge._statistical import binomial_interval as binomial_interval
    from grader.judge._statistical import closest_law as closest_law
    from grader.judge._statistical import ks_distance as ks_distance
    from grader.judge._statistical import ks_radius as ks_radius
    from grader.judge._statistical import mean_interval as mean_interval
    from grader.judge._statistical import median_radius as median_radius
    from grader.judge._statistical import misfit as misfit
    from grader.judge._statistical import nearest_values as nearest_values
    from grader.judge._statistical import samples_agree as samples_agree
    from grader.judge._symbolic import Claim as Claim
    from grader.judge._symbolic import Proof as Proof
    from grader.judge._symbolic import decide as decide
    from grader.judge._symbolic import equivalent as equivalent
    from grader.judge._symbolic import hunt as hunt
    from grader.judge._symbolic import prove as prove
    from grader.judge._tolerance import perturbation_tolerance as perturbation_tolerance

__all__ = [
    "DOUBLE",
    "FALSE_REJECT",
    "SINGLE",
    "Canonical",
    "Case",
    "Cell",
    "Claim",
    "Comparison",
    "Domain",
    "FiniteLaw",
    "Interval",
    "Mismatch",
    "Proof",
    "all_samples",
    "as_array",
    "as_boolean_array",
    "as_label",
    "as_scalar",
    "as_tuple",
    "binomial_interval",
    "closest_law",
    "compare",
    "decide",
    "equivalent",
    "hunt",
    "ks_distance",
    "ks_radius",
    "mean_interval",
    "median_radius",
    "misfit",
    "nearest_values",
    "perturbation_tolerance",
    "prove",
    "samples_agree",
]

_PLACES = {
    "all_samples": "grader.judge._samples",
    "Canonical": "grader.judge._canonical",
    "DOUBLE": "grader.judge._canonical",
    "Mismatch": "grader.judge._canonical",
    "SINGLE": "grader.judge._canonical",
    "as_array": "grader.judge._canonical",
    "as_boolean_array": "grader.judge._canonical",
    "as_label": "grader.judge._canonical",
    "as_scalar": "grader.judge._canonical",
    "as_tuple": "grader.judge._canonical",
    "Comparison": "grader.judge._compare",
    "compare": "grader.judge._compare",
    "Case": "grader.judge._domain",
    "Domain": "grader.judge._domain",
    "Cell": "grader.judge._statistical",
    "FALSE_REJECT": "grader.judge._statistical",
    "FiniteLaw": "grader.judge._statistical",
    "Interval": "grader.judge._statistical",
    "binomial_interval": "grader.judge._statistical",
    "closest_law": "grader.judge._statistical",
    "ks_distance": "grader.judge._statistical",
    "ks_radius": "grader.judge._statistical",
    "mean_interval": "grader.judge._statistical",
    "median_radius": "grader.judge._statistical",
    "misfit": "grader.judge._statistical",
    "nearest_values": "grader.judge._statistical",
    "samples_agree": "grader.judge._statistical",
    "Claim": "grader.judge._symbolic",
    "Proof": "grader.judge._symbolic",
    "decide": "grader.judge._symbolic",
    "equivalent": "grader.judge._symbolic",
    "hunt": "grader.judge._symbolic",
    "prove": "grader.judge._symbolic",
    "perturbation_tolerance": "grader.judge._tolerance",
}

__getattr__ = lazy(__name__, _PLACES)
