"""Formulas for HTML pages: LaTeX as MathML, of which only harmless elements and attributes are let through."""

from __future__ import annotations

from functools import lru_cache
from xml.etree import ElementTree

from markupsafe import Markup

LIMIT = 1500
"""Longer formulas are shown as LaTeX."""
_SPACE = "http://www.w3.org/1998/Math/MathML"
_ELEMENTS = frozenset(
    [
        "math",
        "mrow",
        "mi",
        "mn",
        "mo",
        "mtext",
        "mspace",
        "mfrac",
        "msqrt",
        "mroot",
        "msub",
        "msup",
        "msubsup",
        "mover",
        "munder",
        "munderover",
        "mtable",
        "mtr",
        "mtd",
        "mstyle",
        "mpadded",
        "mphantom",
    ]
)
_ATTRIBUTES = frozenset(
    [
        "display",
        "stretchy",
        "fence",
        "form",
        "mathvariant",
        "width",
        "accent",
        "accentunder",
        "columnalign",
        "movablelimits",
        "linethickness",
        "displaystyle",
        "scriptlevel",
        "minsize",
        "maxsize",
        "largeop",
        "separator",
    ]
)


@lru_cache(maxsize=4096)
def mathml(latex: str) -> Markup | None:
    """The formula as an inline `math` element; None where it is too long or no formula. Never raises.

    The converter knows commands that make links, so that what it gives is filtered and written anew.
    """
    if not latex or len(latex) > LIMIT:
        return None
    try:
        from latex2mathml.converter import convert  # takes long to import, and few pages have formulas

        root = ElementTree.fromstring(convert(latex))
    except Exception:  # noqa: BLE001 - the converter raises whatever comes; the LaTeX itself is shown then
        return None
    if not _harmless(root):
        return None
    root.set("xmlns", _SPACE)
    root.set("alttext", latex)
    # Elements carry no namespace prefix any more, and ElementTree escapes all text.
    return Markup(ElementTree.tostring(root, encoding="unicode", short_empty_elements=False))


def _harmless(root: ElementTree.Element) -> bool:
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{_SPACE}}}")
        if element.tag not in _ELEMENTS:
            return False
        for name in set(element.attrib) - _ATTRIBUTES:
            del element.attrib[name]
    return True
