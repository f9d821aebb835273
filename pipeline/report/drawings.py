"""Drawings: Altair's descriptions of charts as SVG that stands inside a page, by vl-convert, offline.

Colours are those of the page's style sheet, which exchanges them in the dark; the page's fonts are the browser's own.
Most of the time goes into measuring words, and more the more fonts there are to choose from: charts are laid out in one
plain font, wider than most, and shown in the page's.

Errors: ValueError when a drawing is not a plain picture.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    import altair as alt

INK, MUTED, LINE, STRONG, SOFT = "#1c2733", "#5a6775", "#dfe4e8", "#0e6274", "#a9ccd3"
FONT = "sans-serif"
CONFIG = {
    "background": "transparent",
    "font": FONT,
    "aria": False,
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED, "titleColor": MUTED, "gridColor": LINE, "domainColor": LINE, "tickColor": LINE,
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "titlePadding": 8,
    },
    "legend": {"labelColor": INK, "labelFontSize": 12},
}  # fmt: skip
PLAIN_TAGS = frozenset({"svg", "g", "path", "rect", "text", "line", "tspan", "defs", "clipPath", "title"})
# What says nothing in a picture whose words stand beside it: roles, classes, fonts, and shapes without an extent.
SILENT = re.compile(
    r' (?:role|class|aria-[a-z]+|pointer-events|font-family|stroke-miterlimit)="[^"]*"| opacity="1"| stroke-width="1"'
)
EMPTY = re.compile(r'<path class="(?:background|foreground)"[^>]*/>')
LONG_DIGITS = re.compile(r' (?:d|transform|x2|y2)="[^"]*"')
SIZE = re.compile(r'^<svg([^>]*?) width="[^"]*" height="[^"]*"')


def make_spec(chart: "alt.Chart | alt.LayerChart") -> dict[str, Any]:
    """Describe a chart in the report's style, for `draw`."""
    spec: dict[str, Any] = chart.configure(**CONFIG).to_dict()
    return spec


def draw(spec: Mapping[str, object]) -> str:
    """Draw a described chart as an SVG without its own size, so that it fits where it stands."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(dict(spec))
    check_svg(svg)
    svg = SILENT.sub("", EMPTY.sub("", svg))
    svg = LONG_DIGITS.sub(lambda shape: re.sub(r"(\.\d\d)\d+", r"\1", shape[0]), svg)
    return SIZE.sub(r'<svg\1 aria-hidden="true" focusable="false"', svg)


def check_svg(svg: str) -> None:
    """Check that a drawing is shapes and text alone: no script, link or picture from elsewhere.

    Raises:
        ValueError: It is not.
    """
    for element in ET.fromstring(svg).iter():  # noqa: S314 - drawn by vl-convert a moment ago
        tag = element.tag.rpartition("}")[2]
        if tag not in PLAIN_TAGS or any("href" in name or name.startswith("on") for name in element.attrib):
            raise ValueError(f"a chart should be shapes and text, got <{tag}>")
