"""Charts: Altair's descriptions drawn as SVG inside the page, by vl-convert, offline.

Every chart reads without colour: one bar is one number, and shades come with a pattern of light and dark and a legend.

Errors: ValueError when a drawing is not a plain picture.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.report.actions import Corner
from pipeline.report.csvs import link_csv, make_csv
from pipeline.report.drawings import INK, MUTED, SOFT, STRONG, draw, make_spec
from pipeline.report.trends import Trend
from pipeline.tables import NO_CODES
from pipeline.words import Words

if TYPE_CHECKING:
    import altair as alt

WIDTH_PX = 560
HALF_PX = 470  # beside another chart
# Where each action's reasons stand: the customer from left to right, the company from below.
ACTIONS = {"eliminate": (-0.5, -0.5), "automate": (0.5, -0.5), "simplify": (-0.5, 0.5), "keep": (0.5, 0.5)}


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
        return link_csv(self.csv)


def draw_trends(trends: Mapping[str, Trend], title: str, words: Words) -> dict[str, Chart | None]:
    """Draw calls by day or week of every reason, by its anchor; None when there are not two days or weeks.

    All are of the same time, so that the chart is described once and only its numbers are exchanged.
    """
    import altair as alt

    shape = next(iter(trends.values()), None)
    if shape is None or len(shape.starts) < 2:
        return dict.fromkeys(trends)
    chart = (
        alt.Chart(alt.Data(values=[]))
        .mark_bar(color=STRONG, cornerRadiusTopLeft=2, cornerRadiusTopRight=2)
        .encode(x=_time_axis(shape, words), y=_count_axis(max(shape.counts["n_calls"])))
        .properties(width=WIDTH_PX, height=120)
    )
    spec = make_spec(chart)
    return {anchor: _draw_trend(spec, anchor, trend, title, words) for anchor, trend in trends.items()}


def _draw_trend(spec: Mapping[str, Any], anchor: str, trend: Trend, title: str, words: Words) -> Chart:
    rows = [
        {"start": start.isoformat(), "n": n} for start, n in zip(trend.starts, trend.counts["n_calls"], strict=True)
    ]
    return Chart(
        svg=draw({**spec, "data": {"values": rows}, "encoding": _count_to(spec, max(trend.counts["n_calls"]))}),
        title=title,
        summary=_summarize(trend, words),
        csv=_write_csv(trend, {"n_calls": words("column.n_calls")}, words),
        file_name=f"{anchor}.csv",
    )


def _count_to(spec: Mapping[str, Any], most: int) -> dict[str, Any]:
    """Take a description's axes, with no more ticks than there are whole numbers up to the largest."""
    y = spec["encoding"]["y"]
    return {**spec["encoding"], "y": {**y, "axis": {**y["axis"], "tickCount": _count_ticks(most)}}}


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
        .encode(x=_time_axis(trend, words), y=_count_axis(max(n_calls)), color=color, order="order:Q")
        .properties(width=HALF_PX, height=170)
    )
    columns = {"n_calls": words("column.n_calls"), "n_coded": names["coded"]}
    title = words(f"chart.all_by_{trend.period}")
    return Chart(
        draw(make_spec(chart)), title, _summarize(trend, words), _write_csv(trend, columns, words), "calls.csv"
    )


def draw_shares(trend: Trend, words: Words) -> Chart | None:
    """Draw the share of calls with a code by day or week; its numbers have every kind of no-code too."""
    import altair as alt

    if len(trend.starts) < 2:
        return None
    n_calls, n_coded = trend.counts["n_calls"], trend.counts["n_coded"]
    rows = [
        {"start": start.isoformat(), "share": coded / total if total else None}
        for start, total, coded in zip(trend.starts, n_calls, n_coded, strict=True)
    ]
    axis = alt.Axis(values=[0, 0.5, 1], format="%", domain=False, ticks=False)
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(color=STRONG)
        .encode(
            x=_time_axis(trend, words),
            y=alt.Y("share:Q", title=None, axis=axis, scale=alt.Scale(domain=[0, 1])),
        )
        .properties(width=HALF_PX, height=110)
    )
    columns = {"n_calls": words("column.n_calls"), "n_coded": words("chart.coded")}
    columns |= {kind: words(f"no_code.{kind}") for kind in NO_CODES}
    summary = words("coverage.summary", share=words.share(sum(n_coded) / sum(n_calls) if sum(n_calls) else None))
    title = words(f"coverage.by_{trend.period}")
    return Chart(draw(make_spec(chart)), title, summary, _write_csv(trend, columns, words), "coverage.csv")


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
    return Chart(draw(make_spec(chart)), words("corners.chart"), summary, table, "value_irritant.csv")


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


def _time_axis(trend: Trend, words: Words) -> "alt.X":
    import altair as alt

    shown = trend.starts[:: -(-len(trend.starts) // 8)]
    labels = {
        start.isoformat(): words("format.axis.day", day=start.day, month=words(f"format.axis.months.{start.month}"))
        for start in shown
    }
    axis = alt.Axis(
        values=list(labels), labelExpr=name_values(labels), labelAngle=0, grid=False, ticks=False, labelPadding=6
    )
    return alt.X("start:O", title=None, axis=axis, scale=alt.Scale(paddingInner=0.25))


def name_values(names: Mapping[str, str]) -> str:
    """Tell an axis what to write for each of its values."""
    return f"({json.dumps(names, ensure_ascii=False)})[datum.value]"


def _count_ticks(most: int) -> int:
    return min(4, max(1, most))


def _count_axis(most: int) -> "alt.Y":
    import altair as alt

    axis = alt.Axis(tickCount=_count_ticks(most), tickMinStep=1, format=",d", domain=False, ticks=False)
    return alt.Y("sum(n):Q", title=None, axis=axis, scale=alt.Scale(nice=4))


def _summarize(trend: Trend, words: Words) -> str:
    counts = trend.counts["n_calls"]
    most = max(range(len(counts)), key=lambda index: counts[index])
    key = "chart.trend_summary_week" if trend.period == "week" else "chart.trend_summary"
    summary = words(key, n=words.number(counts[most]), day=words.day(trend.starts[most]))
    return f"{summary} {words('chart.open_week')}" if trend.is_last_open else summary


def _write_csv(trend: Trend, columns: Mapping[str, str], words: Words) -> str:
    rows = zip(trend.starts, *(trend.counts[name] for name in columns), strict=True)
    return make_csv([words(f"chart.{trend.period}"), *columns.values()], rows)
