"""Bars: the ten reasons with most calls or cost, one bar each; after an audit with the range that holds the truth.

Errors: ValueError when a drawing is not a plain picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.report.audited import AuditedReason, Figure, find_amount
from pipeline.report.charts import HALF_PX, Chart, name_values
from pipeline.report.csvs import make_csv
from pipeline.report.drawings import INK, STRONG, draw, make_spec
from pipeline.report.reasons import Reason
from pipeline.words import Words

if TYPE_CHECKING:
    import altair as alt

MAX_BARS = 10
MAX_NAME = 34  # characters of a reason's name beside its bar


@dataclass(frozen=True)
class Bar:
    """A reason's bar: its amount, the interval of it where people audited, and both in words."""

    reason: Reason
    amount: float
    figure: Figure | None
    label: str

    @property
    def row(self) -> dict[str, Any]:
        """What is drawn of it."""
        low, high = (self.figure.low, self.figure.high) if self.figure else (self.amount, self.amount)
        return {"anchor": self.reason.anchor, "amount": self.amount, "label": self.label, "low": low, "high": high}


def draw_top(
    reasons: Sequence[Reason],
    key: str,
    words: Words,
    estimates: Mapping[str, AuditedReason] | None = None,
    *,
    n_digits: int = 0,
) -> Chart | None:
    """Draw the ten reasons with the highest `cost` or `n_calls` as bars with their amounts; None without any.

    Args:
        reasons: All of them.
        key: `cost` or `n_calls`.
        words: The words of the report's language.
        estimates: What an audit puts in place of the bare figures, by anchor.
        n_digits: Of amounts of money.
    """
    made = [_make_bar(one, key, words, estimates or {}, n_digits) for one in reasons]
    first = sorted((one for one in made if one.amount > 0), key=lambda one: (-one.amount, one.reason.reason_id))
    first = first[:MAX_BARS]
    if not first:
        return None
    currency = first[0].reason.currency
    headings = [words("column.code"), words("column.reason"), words(f"column.{key}", currency=currency)]
    headings += [words(f"audited.column.{end}", what=headings[-1]) for end in ("low", "high") if estimates]
    table = make_csv(headings, [_tell(one, has_range=bool(estimates)) for one in first])
    summary = words(f"top.{key}_summary", name=first[0].reason.name, amount=first[0].label)
    return Chart(draw(make_spec(_lay_out(first))), words(f"top.{key}"), summary, table, f"{key}.csv")


def _make_bar(reason: Reason, key: str, words: Words, estimates: Mapping[str, AuditedReason], n_digits: int) -> Bar:
    found = estimates.get(reason.anchor)
    figure, amount = found.find(key) if found else None, find_amount(reason, key, estimates)
    label = words.money(amount, reason.currency, n_digits) if key == "cost" else words.number(amount)
    if figure:
        digits = n_digits if key == "cost" else 0
        label += f" ({words.number(figure.low, digits)}–{words.number(figure.high, digits)})"
    return Bar(reason, amount, figure, label)


def _lay_out(bars: Sequence[Bar]) -> "alt.LayerChart":
    """Lay bars out under each other, amounts behind them; a thin line is the range."""
    import altair as alt

    rows = [{**one.row, "order": order} for order, one in enumerate(bars)]
    names = {one.reason.anchor: _shorten(one.reason) for one in bars}
    extent = max(map(_find_width_px, names.values()))
    order = alt.EncodingSortField("order")
    axis = alt.Axis(labelExpr=name_values(names), labelLimit=0, minExtent=extent, domain=False, ticks=False,
                    labelColor=INK, labelPadding=8)  # fmt: skip
    base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("anchor:N", title=None, sort=order).axis(axis))
    drawn = base.mark_bar(color=STRONG, cornerRadiusEnd=2, height={"band": 0.62})
    drawn = drawn.encode(x=alt.X("amount:Q", title=None, axis=None))
    labels = base.mark_text(align="left", dx=5, color=INK, fontSize=12).encode(x="high:Q", text="label:N")
    layers = [drawn, labels]
    if any(one.figure for one in bars):
        layers.insert(1, base.mark_rule(color=INK, strokeWidth=1.5).encode(x="low:Q", x2="high:Q"))
    width = HALF_PX - extent - max(_find_width_px(one.label) for one in bars)
    return alt.layer(*layers).properties(width=width, height=26 * len(rows))


def _tell(bar: Bar, *, has_range: bool) -> tuple[object, ...]:
    ends = (bar.figure.low, bar.figure.high) if bar.figure else (None, None)
    amount = bar.reason.n_calls if bar.amount == bar.reason.n_calls else round(bar.amount, 2)
    return bar.reason.number, bar.reason.name, amount, *(ends if has_range else ())


def _find_width_px(text: str) -> float:
    """Leave room for words in the widest usual font; the browser's fonts are not known here."""
    return 8 + sum(13.0 if ord(sign) > 0x2E7F else 7.8 for sign in text)


def _shorten(reason: Reason) -> str:
    name = f"{reason.number} {reason.name}".strip()
    return name if len(name) <= MAX_NAME else name[: MAX_NAME - 1].rstrip() + "…"
