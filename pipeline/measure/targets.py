"""Targets: how far each code has come from where it was to what its owner promised.

Now is the mean of the last full weeks, the baseline that of the first ones, unless the taxonomy says another. A target
is behind when now is worse than the straight line from the baseline, on the first day, to the value, on the day it is
due.

Errors: TaxonomyError for a measure that there is not.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import pyarrow as pa

from pipeline.errors import TaxonomyError
from pipeline.measure.forecasts import list_full_weeks
from pipeline.tables import make_table
from pipeline.taxonomy import TAXONOMY_FILE, Code, Target, Taxonomy

N_WEEKS = 4  # that a baseline and now are the mean of
# Each measure of a code in a week, from its row and that of all calls: what is above and below the line.
MEASURES: Mapping[str, tuple[str, str]] = {
    "calls": ("n_calls", ""),
    "share": ("n_calls", "n_heard"),
    "cost": ("cost", ""),
    "caused_cost": ("caused_cost", ""),
    "hours": ("hours", ""),
    "repeats": ("n_repeat_calls", "n_customer_known"),
    "negative": ("n_negative", "n_calls"),
    "handle_time_s": ("handle_time_s", "n_calls"),
    "csat": ("csat", "n_csat"),
    "nps": ("nps", "n_nps"),
    "ces": ("ces", "n_ces"),
}
MEANS = ("handle_time_s", "csat", "nps", "ces")  # weighed by how many calls a week's mean is of
PER = {"": 1.0, "week": 1.0, "1000 calls": 1000.0}
Row = Mapping[str, object]
Weeks = Mapping[date, Row]
"""A code's rows of `reason_metrics` by week."""


def check_targets(taxonomy: Taxonomy) -> None:
    """Check that every target names a measure that there is.

    Raises:
        TaxonomyError: It does not.
    """
    for code in taxonomy.codes:
        if code.target and code.target.measure not in MEASURES:
            raise TaxonomyError(
                f"taxonomy/{TAXONOMY_FILE}: code {code.number}: target: measure is '{code.target.measure}'; it should "
                f"be one of {', '.join(MEASURES)}. Mend that line."
            )
        if code.target and code.target.per not in PER:
            raise TaxonomyError(
                f"taxonomy/{TAXONOMY_FILE}: code {code.number}: target: per is '{code.target.per}'; it should be "
                "'week' or '1000 calls'. Mend that line."
            )


def follow_targets(
    reason_rows: Sequence[Row], period_rows: Sequence[Row], taxonomy: Taxonomy, first_day: date, last_day: date
) -> pa.Table:
    """Follow every target.

    Args:
        reason_rows: Rows of `reason_metrics`.
        period_rows: Rows of `period_metrics`.
        taxonomy: Its codes' targets.
        first_day: First day of all calls.
        last_day: Last day of all calls.

    Returns:
        Table `target_progress`.
    """
    weeks = list_full_weeks(first_day, last_day)
    totals = {row["period_start"]: row for row in period_rows if row["period"] == "week"}
    rows = []
    for code in taxonomy.codes:
        if code.target is None:
            continue
        theirs = {
            row["period_start"]: row
            for row in reason_rows
            if row["period"] == "week" and row["reason_kind"] == "code" and row["reason_id"] == code.number
        }
        by_week = [(theirs.get(week), totals.get(week)) for week in weeks]
        rows.append(_follow(code, code.target, by_week, first_day, last_day))
    return make_table("target_progress", rows)


def _follow(
    code: Code, target: Target, weeks: Sequence[tuple[Row | None, Row | None]], first_day: date, last_day: date
) -> dict[str, object]:
    baseline = target.baseline if target.baseline is not None else measure_weeks(target, weeks[:N_WEEKS])
    has_later = len(weeks) > N_WEEKS or target.baseline is not None  # else both are of the same weeks
    now = measure_weeks(target, weeks[-N_WEEKS:]) if has_later else None
    return {
        "code": code.number,
        "measure": target.measure,
        "per": target.per,
        "who": target.who or code.owner,
        "due_on": target.by,
        "baseline": baseline,
        "value": target.value,
        "now": now,
        "progress_ratio": _find_progress(baseline, target.value, now),
        "state": _judge(target, baseline, now, first_day, last_day),
    }


def measure_weeks(target: Target, weeks: Sequence[tuple[Row | None, Row | None]]) -> float | None:
    """Measure a target's code over some weeks; None without any, or where nobody answered."""
    above, below = MEASURES[target.measure]
    if not weeks:
        return None
    found = [(_read(code, above), _read_below(code, total, below, target)) for code, total in weeks]
    if target.measure in MEANS:
        n_all = sum(n for _, n in found)
        return sum(value * n for value, n in found) / n_all if n_all else None
    if below or target.per == "1000 calls":
        n_all = sum(n for _, n in found)
        return PER[target.per] * sum(value for value, _ in found) / n_all if n_all else None
    return sum(value for value, _ in found) / len(weeks)


def _read(row: Row | None, name: str) -> float:
    return float(str(row[name])) if row and row[name] is not None else 0.0


def _read_below(code: Row | None, total: Row | None, name: str, target: Target) -> float:
    if not name or target.per == "1000 calls":
        return _read(total, "n_calls")
    return _read(total if name == "n_heard" else code, name)


def _find_progress(baseline: float | None, value: float, now: float | None) -> float | None:
    if baseline is None or now is None or baseline == value:
        return None
    return (baseline - now) / (baseline - value)


def _judge(target: Target, baseline: float | None, now: float | None, first_day: date, last_day: date) -> str:
    """Say reached, on_track, behind, missed, or unknown."""
    if baseline is None or now is None:
        return "unknown"
    sign = 1.0 if target.value <= baseline else -1.0
    if sign * now <= sign * target.value:
        return "reached"
    if target.by is None:
        return "on_track" if sign * now < sign * baseline else "behind"
    if last_day > target.by:
        return "missed"
    n_days = max(1, (target.by - first_day).days)
    due = baseline + (target.value - baseline) * (last_day - first_day).days / n_days
    return "on_track" if sign * now <= sign * due else "behind"
