"""Trends: calls by day or by week, without a gap.

Errors: none of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.report.actions import Row
from pipeline.tables import NO_CODES

MAX_DAYS = 35  # a longer time is shown by week


@dataclass(frozen=True)
class Trend:
    """Counts by day or week; `starts` are the first days, without a gap."""

    period: str
    starts: tuple[date, ...]
    counts: Mapping[str, tuple[int, ...]]
    last_day: date | None

    @property
    def is_last_open(self) -> bool:
        """Say whether the last week of calls ends before its Sunday."""
        return self.period == "week" and bool(self.last_day) and self.last_day != self.starts[-1] + timedelta(days=6)


def make_total_trend(periods: Sequence[Row], reason_rows: Sequence[Row], days: Sequence[date]) -> Trend:
    """Line up all calls, those with a code and those of each kind of no-code."""
    return _make_trend(_add_no_codes(periods, reason_rows), ("n_calls", "n_coded", *NO_CODES), days)


def make_trends(reason_rows: Sequence[Row], days: Sequence[date]) -> dict[str, Trend]:
    """Line up the calls of each reason, by its anchor."""
    rows: dict[str, list[Row]] = {}
    for row in reason_rows:
        rows.setdefault(f"{row['reason_kind']}-{row['reason_id']}", []).append(row)
    return {anchor: _make_trend(theirs, ("n_calls",), days) for anchor, theirs in rows.items()}


def _add_no_codes(periods: Sequence[Row], reason_rows: Sequence[Row]) -> list[Row]:
    """Add to each period how many of its calls are of each kind of no-code."""
    counts = {
        (row["period"], row["period_start"], row["reason_id"]): row["n_calls"]
        for row in reason_rows
        if row["reason_kind"] == "no_code"
    }
    return [
        {**row, **{kind: counts.get((row["period"], row["period_start"], kind), 0) for kind in NO_CODES}}
        for row in periods
    ]


def _make_trend(rows: Sequence[Mapping[str, object]], names: Sequence[str], days: Sequence[date]) -> Trend:
    """Line counts up by day, or by week when the time is long; a day without calls is a zero."""
    if not days:
        return Trend("day", (), dict.fromkeys(names, ()), None)
    first, last = min(days), max(days)
    period, step = ("day", 1) if (last - first).days < MAX_DAYS else ("week", 7)
    start = first if step == 1 else first - timedelta(days=first.weekday())
    starts = tuple(start + timedelta(days=n) for n in range(0, (last - start).days + 1, step))
    found = {row["period_start"]: row for row in rows if row["period"] == period}
    counts = {name: tuple(int(str(found[one][name])) if one in found else 0 for one in starts) for name in names}
    return Trend(period, starts, counts, last)
