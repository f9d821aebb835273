"""Chances: reasons that rose or fell in the last full week, and the region, queue or channel that is behind a rise.

A company that knows can tell these customers before they call. A change is told from chance by the exact binomial test
on the last week's calls among those of the weeks before it (Przyborowski and Wilenski 1940), at `MAX_P` over the number
of reasons looked at.

Errors: none of its own.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import pyarrow as pa

from pipeline.tables import make_table

N_WEEKS_BEFORE = 8
MIN_WEEKS_BEFORE = 2
MIN_CALLS, MIN_TIMES = 5, 1.5  # a change of less is of no use to anyone
MAX_P = 0.01
MIN_SHARE_RATIO = 0.6  # of the rise, for one value to be behind it
Counts = Mapping[date, int]


def compare_weeks(
    counts: Mapping[tuple[str, str], Counts], weeks: Sequence[date]
) -> dict[tuple[str, str], dict[str, object]]:
    """Compare each reason's last full week with the weeks before it.

    Args:
        counts: Calls by week of each reason, by kind and id.
        weeks: Mondays of the full weeks, in order.

    Returns:
        For each reason `n_weeks`, `observed`, `expected`, `p_value` and `change`: rose, fell or same. Nothing when
        there are too few weeks.
    """
    before, last = weeks[-1 - N_WEEKS_BEFORE : -1], weeks[-1:]
    if len(before) < MIN_WEEKS_BEFORE:
        return {}
    changes = {}
    for key, by_week in counts.items():
        n_before = sum(by_week.get(week, 0) for week in before)
        changes[key] = _compare(by_week.get(last[0], 0), n_before, len(before), max_p=MAX_P / len(counts))
    return changes


def _compare(observed: int, n_before: int, n_weeks: int, *, max_p: float) -> dict[str, object]:
    expected = n_before / n_weeks
    less, more = sorted((float(observed), expected))
    p_value = _test(observed, n_before, n_weeks)
    is_changed = more >= MIN_CALLS and more >= MIN_TIMES * less and p_value < max_p
    change = ("rose" if observed > expected else "fell") if is_changed else "same"
    return {"n_weeks": n_weeks, "observed": observed, "expected": expected, "p_value": p_value, "change": change}


def _test(observed: int, n_before: int, n_weeks: int) -> float:
    """Test how likely so many calls are, or so few, if the last week was like those before it."""
    from scipy.stats import binomtest

    if not observed + n_before:
        return 1.0
    side = "greater" if observed * n_weeks > n_before else "less"
    return float(binomtest(observed, observed + n_before, 1 / (1 + n_weeks), alternative=side).pvalue)


def find_what_is_behind(rows: Sequence[Mapping[str, object]], weeks: Sequence[date]) -> tuple[str, str, float] | None:
    """Find the dimension and value that most of a rise comes from, with its share; None when it is spread.

    Args:
        rows: One reason's calls: `week`, `dimension`, `value`, `n_calls`.
        weeks: Mondays of the full weeks, in order.
    """
    before, last = set(weeks[-1 - N_WEEKS_BEFORE : -1]), weeks[-1]
    rises: dict[tuple[str, str], float] = {}
    totals: dict[str, float] = {}
    for row in rows:
        key, n_calls = (str(row["dimension"]), str(row["value"])), int(str(row["n_calls"]))
        change = n_calls if row["week"] == last else -n_calls / len(before) if row["week"] in before else 0.0
        rises[key] = rises.get(key, 0.0) + change
        totals[key[0]] = totals.get(key[0], 0.0) + change
    n_values = {name: sum(key[0] == name for key in rises) for name in totals}
    shares = {key: rise / totals[key[0]] for key, rise in rises.items() if totals[key[0]] > 0 and n_values[key[0]] > 1}
    best = max(shares, key=lambda key: (shares[key], key), default=None)
    return (*best, min(1.0, shares[best])) if best and shares[best] >= MIN_SHARE_RATIO else None


def list_changes(week_rows: Sequence[Mapping[str, object]], weeks: Sequence[date]) -> pa.Table:
    """List every reason's last full week beside the weeks before it.

    Args:
        week_rows: `reason_kind`, `reason_id`, `week`, `dimension`, `value` and `n_calls`, for each dimension.
        weeks: Mondays of the full weeks, in order.

    Returns:
        Table `reason_changes`.
    """
    counts = {key: _count_weeks(rows) for key, rows in _part_by_reason(week_rows).items()}
    made = [
        {"reason_kind": kind, "reason_id": reason_id, "week": weeks[-1], **change}
        for (kind, reason_id), change in compare_weeks(counts, weeks).items()
    ]
    return make_table("reason_changes", made)


def list_chances(week_rows: Sequence[Mapping[str, object]], changes: pa.Table, weeks: Sequence[date]) -> pa.Table:
    """List what customers could be told before they call.

    Args:
        week_rows: As for `list_changes`.
        changes: Table `reason_changes`.
        weeks: Mondays of the full weeks, in order.

    Returns:
        Table `chances`.
    """
    theirs = _part_by_reason(week_rows)
    made = []
    for row in changes.to_pylist():
        if row["change"] == "rose":
            behind = find_what_is_behind(theirs[row["reason_kind"], row["reason_id"]], weeks) or (None, None, None)
            made.append({**row, **dict(zip(("dimension", "value", "share_ratio"), behind, strict=True))})
    return make_table("chances", made)


def _part_by_reason(week_rows: Sequence[Mapping[str, object]]) -> dict[tuple[str, str], list[Mapping[str, object]]]:
    theirs: dict[tuple[str, str], list[Mapping[str, object]]] = {}
    for row in week_rows:
        theirs.setdefault((str(row["reason_kind"]), str(row["reason_id"])), []).append(row)
    return theirs


def _count_weeks(rows: Sequence[Mapping[str, object]]) -> dict[date, int]:
    """Count a reason's calls by week; every dimension has all of them."""
    counts: dict[date, int] = {}
    for row in rows:
        if row["dimension"] == "contact_channel":
            week: date = row["week"]  # type: ignore[assignment]
            counts[week] = counts.get(week, 0) + int(str(row["n_calls"]))
    return counts
