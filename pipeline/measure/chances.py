"""Chances: reasons that rose in the last full week, and the one region, queue or channel that is behind it.

A company that knows can tell these customers before they call. A rise is told from chance by the exact binomial test on
the last week's calls among those of the weeks before it (Przyborowski and Wilenski 1940), at `MAX_P` over the number
of reasons looked at.

Errors: none of its own.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import pyarrow as pa

from pipeline.tables import make_table

N_WEEKS_BEFORE = 8
MIN_WEEKS_BEFORE = 2
MIN_CALLS, MIN_TIMES = 5, 1.5  # a rise of less is of no use to anyone
MAX_P = 0.01
MIN_SHARE_RATIO = 0.6  # of the rise, for one value to be behind it
Counts = Mapping[date, int]


def find_rises(
    counts: Mapping[tuple[str, str], Counts], weeks: Sequence[date]
) -> dict[tuple[str, str], dict[str, float]]:
    """Find the reasons that rose.

    Args:
        counts: Calls by week of each reason, by kind and id.
        weeks: Mondays of the full weeks, in order.

    Returns:
        For each that rose `observed`, `expected` and `p_value`.
    """
    before, last = weeks[-1 - N_WEEKS_BEFORE : -1], weeks[-1:]
    if len(before) < MIN_WEEKS_BEFORE:
        return {}
    rises = {}
    for key, by_week in counts.items():
        observed, n_before = by_week.get(last[0], 0), sum(by_week.get(week, 0) for week in before)
        expected = n_before / len(before)
        if observed < MIN_CALLS or observed < MIN_TIMES * expected:
            continue
        p_value = _test(observed, n_before, len(before))
        if p_value < MAX_P / len(counts):
            rises[key] = {"observed": observed, "expected": expected, "p_value": p_value}
    return rises


def _test(observed: int, n_before: int, n_weeks: int) -> float:
    from scipy.stats import binomtest

    return float(binomtest(observed, observed + n_before, 1 / (1 + n_weeks), alternative="greater").pvalue)


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


def list_chances(week_rows: Sequence[Mapping[str, object]], weeks: Sequence[date]) -> pa.Table:
    """List what customers could be told before they call.

    Args:
        week_rows: `reason_kind`, `reason_id`, `week`, `dimension`, `value` and `n_calls`, for each dimension.
        weeks: Mondays of the full weeks, in order.

    Returns:
        Table `chances`.
    """
    theirs: dict[tuple[str, str], list[Mapping[str, object]]] = {}
    for row in week_rows:
        theirs.setdefault((str(row["reason_kind"]), str(row["reason_id"])), []).append(row)
    counts = {key: _count_weeks(rows) for key, rows in theirs.items()}
    made = []
    for (kind, reason_id), rise in find_rises(counts, weeks).items():
        behind = find_what_is_behind(theirs[kind, reason_id], weeks) or (None, None, None)
        named = dict(zip(("dimension", "value", "share_ratio"), behind, strict=True))
        made.append({"reason_kind": kind, "reason_id": reason_id, "week": weeks[-1], **rise, **named})
    return make_table("chances", made)


def _count_weeks(rows: Sequence[Mapping[str, object]]) -> dict[date, int]:
    """Count a reason's calls by week; every dimension has all of them."""
    counts: dict[date, int] = {}
    for row in rows:
        if row["dimension"] == "contact_channel":
            week: date = row["week"]  # type: ignore[assignment]
            counts[week] = counts.get(week, 0) + int(str(row["n_calls"]))
    return counts
