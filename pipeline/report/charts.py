"""Charts: Altair's descriptions drawn as SVG inside the page, by vl-convert, offline.

Every chart reads without colour: one bar is one number, and shades come with a pattern of light and dark and a legend.
Colours are those of the page's style sheet, which exchanges them in the dark.

Errors: ValueError when a drawing is not a plain picture.
"""

import base64
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from pipeline.report.actions import Corner
from pipeline.report.content import Reason, Trend
from pipeline.report.csvs import make_csv
from pipeline.words import Words

if TYPE_CHECKING:
    import altair as alt

INK, MUTED, LINE, STRONG, SOFT = "#1c2733", "#5a6775", "#dfe4e8", "#0e6274", "#a9ccd3"
FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
WIDTH_PX = 560
HALF_PX = 470  # beside another chart
PLAIN_TAGS = frozenset({"svg", "g", "path", "rect", "text", "line", "tspan", "defs", "clipPath", "title"})
MAX_BARS = 10
LABEL_PX = 90  # for the amount beside a bar
# Where each action's reasons stand: the customer from left to right, the company from below.
ACTIONS = {"eliminate": (-0.5, -0.5), "automate": (0.5, -0.5), "simplify": (-0.5, 0.5), "keep": (0.5, 0.5)}
MAX_NAME = 34  # characters of a reason's name beside its bar


@dataclass(frozen=True)
class Chart:
    """A drawing, what it says in words, and its numbers as a CSV that opens with one click."""

    svg: str
    title: str
    summary: str
    csv: str
    file_name: str

    @property
    def csv_link(self) -> str:
        """The numbers inside a link, so that the page needs no other file."""
        return "data:text/csv;charset=utf-8;base64," + base64.b64encode(self.csv.encode("utf-8-sig")).decode()


def draw_trend(trend: Trend, title: str, words: Words, *, file_name: str) -> Chart | None:
    """Draw calls by day or week; None when there are not two of them."""
    import altair as alt

    if len(trend.starts) < 2:
        return None
    rows = [
        {"start": start.isoformat(), "n": n} for start, n in zip(trend.starts, trend.counts["n_calls"], strict=True)
    ]
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(color=STRONG, cornerRadiusTopLeft=2, cornerRadiusTopRight=2)
        .encode(x=_time_axis(trend, words), y=_count_axis(words, max(trend.counts["n_calls"])))
        .properties(width=WIDTH_PX, height=120)
    )
    return Chart(
        svg=draw(chart),
        title=title,
        summary=_summarize(trend, words),
        csv=_write_csv(trend, {"n_calls": words("column.n_calls")}, words),
        file_name=file_name,
    )


def draw_coverage(trend: Trend, words: Words) -> Chart | None:
    """Draw all counted calls by day or week, those with a code dark and those without light."""
    import altair as alt

    if len(trend.starts) < 2:
        return None
    names = {"coded": words("chart.coded"), "other": words("chart.not_coded")}
    n_calls, n_coded = trend.counts["n_calls"], trend.counts["n_coded"]
    rows = [
        {"start": start.isoformat(), "n": n, "kind": names[kind], "order": order}
        for start, total, coded in zip(trend.starts, n_calls, n_coded, strict=True)
        for order, (kind, n) in enumerate((("coded", coded), ("other", total - coded)))
    ]
    color = alt.Color("kind:N", title=None, sort=None)
    color = color.scale(domain=list(names.values()), range=[STRONG, SOFT]).legend(orient="top", symbolType="square")
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar()
        .encode(x=_time_axis(trend, words), y=_count_axis(words, max(n_calls)), color=color, order="order:Q")
        .properties(width=HALF_PX, height=170)
    )
    columns = {"n_calls": words("column.n_calls"), "n_coded": names["coded"]}
    title = words(f"chart.all_by_{trend.period}")
    return Chart(draw(chart), title, _summarize(trend, words), _write_csv(trend, columns, words), "calls.csv")


def draw_costs(reasons: Sequence[Reason], words: Words, *, n_digits: int = 0) -> Chart | None:
    """Draw the dearest reasons as bars with their amounts; None when nothing costs anything."""
    import altair as alt

    dearest = sorted((one for one in reasons if one.cost > 0), key=lambda one: (-one.cost, one.reason_id))[:MAX_BARS]
    if not dearest:
        return None
    currency = dearest[0].currency
    rows = [
        {"name": _shorten(one), "cost": one.cost, "label": words.money(one.cost, currency, n_digits), "order": order}
        for order, one in enumerate(dearest)
    ]
    extent = max(_find_width_px(_shorten(one)) for one in dearest)
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("name:N", title=None, sort=alt.EncodingSortField("order")).axis(
            labelLimit=0, minExtent=extent, domain=False, ticks=False, labelColor=INK, labelPadding=8
        ),
        x=alt.X("cost:Q", title=words("chart.cost_axis", currency=currency)).axis(tickCount=5),
    )
    bars = base.mark_bar(color=STRONG, cornerRadiusEnd=2, height={"band": 0.62})
    labels = base.mark_text(align="left", dx=5, color=INK, fontSize=12).encode(text="label:N")
    chart = (bars + labels).properties(width=HALF_PX - extent - LABEL_PX, height=26 * len(rows))
    headings = [words("column.code"), words("column.reason"), words("column.cost", currency=currency)]
    table = make_csv(headings, [(one.number, one.name, round(one.cost, 2)) for one in dearest])
    summary = words("chart.cost_summary", name=dearest[0].name, cost=words.money(dearest[0].cost, currency, n_digits))
    return Chart(draw(chart), words("chart.cost"), summary, table, "cost.csv")


def draw_corners(corners: Sequence[Corner], words: Words) -> Chart | None:
    """Draw what reasons are worth to the customer and to the company: a bubble a reason, as large as its cost."""
    import altair as alt

    if not corners:
        return None
    rows = [row for action in ACTIONS for row in _place([one for one in corners if one.action == action])]
    names = [{"x": x, "y": y + 0.43, "label": words(f"action.{name}.name")} for name, (x, y) in ACTIONS.items()]
    x = alt.X("x:Q", title=words("corners.customer"), scale=alt.Scale(domain=[-1, 1], nice=False))
    y = alt.Y("y:Q", title=words("corners.company"), scale=alt.Scale(domain=[-1, 1], nice=False))
    bare = alt.Axis(values=[0], labels=False, ticks=False, domain=False, gridColor=MUTED)
    base = alt.Chart(alt.Data(values=rows)).encode(x=x.axis(bare), y=y.axis(bare))
    bubbles = base.mark_circle(color=SOFT, opacity=1, stroke=STRONG, strokeWidth=1).encode(
        size=alt.Size("cost:Q", legend=None, scale=alt.Scale(range=[420, 2800]))
    )
    labels = base.mark_text(color=INK, fontSize=10).encode(text="label:N")
    heads = alt.Chart(alt.Data(values=names)).mark_text(color=MUTED, fontSize=13, fontWeight=600)
    heads = heads.encode(x="x:Q", y="y:Q", text="label:N")
    chart = (bubbles + labels + heads).properties(width=WIDTH_PX, height=400)
    headings = [
        words(f"column.{name}") for name in ("code", "reason", "to_customer", "to_company", "action", "n_calls")
    ]
    table = make_csv([*headings, words("corners.cost")], [_tell_corner(one, words) for one in corners])
    summary = words("corners.summary", n=words.number(sum(one.action == "eliminate" for one in corners)))
    return Chart(draw(chart), words("corners.chart"), summary, table, "value_irritant.csv")


def _place(corners: Sequence[Corner]) -> list[dict[str, object]]:
    """Place a corner's bubbles on a spiral, the dearest in the middle."""
    turn = math.pi * (3 - math.sqrt(5))
    rows: list[dict[str, object]] = []
    for index, one in enumerate(corners):
        x, y = ACTIONS[one.action]
        far = 0.38 * math.sqrt(index / max(6, len(corners)))
        place = {"x": x + far * math.cos(index * turn), "y": y - 0.08 + far * math.sin(index * turn)}
        rows.append({**place, "cost": one.cost, "label": one.reason.number or "?"})
    return rows


def _tell_corner(one: Corner, words: Words) -> tuple[object, ...]:
    sides = (words(f"worth.{one.customer}"), words(f"worth.{one.company}"), words(f"action.{one.action}.name"))
    return one.reason.number, one.reason.name, *sides, one.n_calls, round(one.cost, 2)


def draw(chart: "alt.Chart | alt.LayerChart") -> str:
    """Draw a chart as an SVG without its own size, so that it fits where it stands."""
    import vl_convert

    spec = chart.configure(
        background="transparent",
        font=FONT,
        aria=False,
        view={"stroke": None},
        axis={"labelColor": MUTED, "titleColor": MUTED, "gridColor": LINE, "domainColor": LINE, "tickColor": LINE}
        | {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "titlePadding": 8},
        legend={"labelColor": INK, "labelFontSize": 12},
    ).to_dict()
    svg: str = vl_convert.vegalite_to_svg(spec)
    check_svg(svg)
    svg = re.sub(r' (?:d|transform)="[^"]*"', lambda shape: re.sub(r"(\.\d\d)\d+", r"\1", shape[0]), svg)
    return re.sub(r'^<svg([^>]*?) width="[^"]*" height="[^"]*"', r'<svg\1 aria-hidden="true" focusable="false"', svg)


def check_svg(svg: str) -> None:
    """Check that a drawing is shapes and text alone: no script, link or picture from elsewhere.

    Raises:
        ValueError: It is not.
    """
    for element in ET.fromstring(svg).iter():  # noqa: S314 - drawn by vl-convert a moment ago
        tag = element.tag.rpartition("}")[2]
        if tag not in PLAIN_TAGS or any("href" in name or name.startswith("on") for name in element.attrib):
            raise ValueError(f"a chart should be shapes and text, got <{tag}>")


def _time_axis(trend: Trend, words: Words) -> "alt.X":
    import altair as alt

    values = [start.isoformat() for start in trend.starts]
    every = -(-len(values) // 8)
    labels = {
        start.isoformat(): words("format.short_day", day=start.day, month=words(f"months.{start.month}"))
        for start in trend.starts
    }
    expression = f"({json.dumps(labels, ensure_ascii=False)})[datum.value]"
    axis = alt.Axis(values=values[::every], labelExpr=expression, labelAngle=0, grid=False, ticks=False, labelPadding=6)
    return alt.X("start:O", title=words(f"chart.{trend.period}"), axis=axis, scale=alt.Scale(paddingInner=0.25))


def _count_axis(words: Words, maximum: int) -> "alt.Y":
    import altair as alt

    axis = alt.Axis(tickCount=min(4, max(1, maximum)), tickMinStep=1, format=",d", domain=False, ticks=False)
    return alt.Y("sum(n):Q", title=words("column.n_calls"), axis=axis, scale=alt.Scale(nice=4))


def _summarize(trend: Trend, words: Words) -> str:
    counts = trend.counts["n_calls"]
    most = max(range(len(counts)), key=lambda index: counts[index])
    key = "chart.trend_summary_week" if trend.period == "week" else "chart.trend_summary"
    summary = words(key, n=words.number(counts[most]), day=words.day(trend.starts[most]))
    return f"{summary} {words('chart.open_week')}" if trend.is_last_open else summary


def _write_csv(trend: Trend, columns: Mapping[str, str], words: Words) -> str:
    rows = zip(trend.starts, *(trend.counts[name] for name in columns), strict=True)
    return make_csv([words(f"chart.{trend.period}"), *columns.values()], rows)


def _find_width_px(text: str) -> float:
    """Leave room for words in the widest usual font; the browser's fonts are not known here."""
    return 8 + sum(13.0 if ord(sign) > 0x2E7F else 7.8 for sign in text)


def _shorten(reason: Reason) -> str:
    name = f"{reason.number} {reason.name}".strip()
    return name if len(name) <= MAX_NAME else name[: MAX_NAME - 1].rstrip() + "…"
