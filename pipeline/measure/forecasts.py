"""Forecasts: what each reason will cost in twelve months if nothing is done.

The last full weeks are taken for what a week is like, and a year for so many of them; the range is that of their mean
(Student's t, 95 %). It knows no season and no trend: it says what today costs, not what tomorrow brings.

Errors: none of its own. Fewer than `MIN_WEEKS` full weeks say what a week costs and forecast no year; none at all
give no row.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from statistics import fmean, stdev

import pyarrow as pa

from pipeline.tables import make_table

WEEKS_A_YEAR = 365.25 / 7
MIN_WEEKS = 4  # fewer say too little of a year
CONFIDENCE = 0.95
Row = Mapping[str, object]


def list_full_weeks(first_day: date, last_day: date) -> list[date]:
    """List the Mondays of the weeks that lie wholly between two days."""
    monday = first_day + timedelta(days=-first_day.weekday() % 7)
    n_weeks = max(0, ((last_day - monday).days + 1) // 7)
    return [monday + timedelta(weeks=n) for n in range(n_weeks)]


def forecast_costs(reason_rows: Sequence[Row], first_day: date, last_day: date, *, n_weeks: int) -> pa.Table:
    """Forecast every reason's cost.

    Args:
        reason_rows: Rows of `reason_metrics`.
        first_day: First day of all calls.
        last_day: Last day of all calls.
        n_weeks: How many of the last full weeks count.

    Returns:
        Table `reason_forecasts`.
    """
    weeks = list_full_weeks(first_day, last_day)[-n_weeks:]
    costs: dict[tuple[str, str], dict[object, float]] = {}
    for row in reason_rows:
        by_week = costs.setdefault((str(row["reason_kind"]), str(row["reason_id"])), {})
        if row["period"] == "week":
            by_week[row["period_start"]] = float(str(row["caused_cost"]))
    return make_table(
        "reason_forecasts",
        [
            {"reason_kind": kind, "reason_id": reason_id, **_forecast([by_week.get(week, 0.0) for week in weeks])}
            for (kind, reason_id), by_week in costs.items()
            if weeks
        ],
    )


def _forecast(weekly: Sequence[float]) -> dict[str, object]:
    from scipy.stats import t

    mean = fmean(weekly)
    made: dict[str, object] = {"n_weeks": len(weekly), "weekly_cost": mean}
    if len(weekly) >= MIN_WEEKS:
        error = stdev(weekly) / len(weekly) ** 0.5
        half = float(t.ppf((1 + CONFIDENCE) / 2, len(weekly) - 1)) * error
        made |= {
            "yearly_cost": mean * WEEKS_A_YEAR,
            "yearly_cost_low": max(0.0, mean - half) * WEEKS_A_YEAR,
            "yearly_cost_high": (mean + half) * WEEKS_A_YEAR,
        }
    return made
