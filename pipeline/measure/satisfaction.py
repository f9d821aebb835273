"""Satisfaction: what one more point of CSAT goes with. It is no cause: who is well served may have called about less.

Errors: none of its own.
"""

from typing import TYPE_CHECKING

import pyarrow as pa

from pipeline.measure.sums import read_formula
from pipeline.tables import make_table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# What is looked at of calls whose customer gave a score: they are few, and are read once for all outcomes.
SCORED = """
select csat, is_over, is_followed_by_same, is_followed_by_other, handle_time_s, is_threat_to_leave
from call_facts where csat is not null
"""
MIN_CALLS = 30  # with fewer answers nothing is said
CONFIDENCE = 0.95
# What a score may go with, as a fact of the call and among which calls.
OUTCOMES = {
    "came_back": ("(is_followed_by_same or is_followed_by_other)", "is_over"),
    "handle_time_s": ("handle_time_s", "true"),
    "threat_to_leave": ("is_threat_to_leave", "true"),
}


def weigh_satisfaction(connection: "DuckDBPyConnection") -> pa.Table:
    """Fit a line for each outcome over the calls whose customer gave a score.

    Returns:
        Table `csat_effects`; an outcome with fewer than `MIN_CALLS` answers, or with one score alone, has no row.
    """
    from scipy.stats import t

    rows = []
    for name, (outcome, where) in OUTCOMES.items():
        query = read_formula("satisfaction", outcome=outcome, where=where, shown_as=name)
        for row in connection.sql(query).to_arrow_table().to_pylist():
            if (row["n_calls"] or 0) < MIN_CALLS or not row["error"]:
                continue
            half = float(t.ppf((1 + CONFIDENCE) / 2, row["n_calls"] - 2)) * row["error"]
            low, high = row["per_point"] - half, row["per_point"] + half
            rows.append(row | {"per_point_low": low, "per_point_high": high})
    return make_table("csat_effects", rows)
