"""Sums: the metrics of any group of calls, by any mix of what is known of them.

Every formula stands once: sums.sql adds facts up, metrics.sql says what sums come to. Groups of groups are put together
from their sums, so that a year's figure is made of its days'.

Errors: none of its own.
"""

import re
from pathlib import Path
from string import Template

FORMULAS = Path(__file__).parent

# What calls can be grouped by, and how it follows from a fact.
DIMENSIONS = {
    "day": "day",
    "week": "cast(date_trunc('week', day) as date)",
    "month": "cast(date_trunc('month', day) as date)",
    "season": "['winter', 'spring', 'summer', 'autumn'][1 + (month(day) % 12) // 3]",
    "weekday": "isodow(day)",
    "hour": "hour(local_time)",
    "queue": "queue",
    "channel": "contact_channel",
    "region": "region",
    "agent": "agent_id",
    "language": "language",
    "owner": "owner",
}
# What each reason is shown by, one at a time.
CUTS = {
    "weekday": DIMENSIONS["weekday"],
    "season": DIMENSIONS["season"],
    "queue": "queue",
    "region": "region",
    "contact_channel": "contact_channel",
}
SUM_DIMENSIONS = "day, queue, region, contact_channel"  # what sums are kept by
IN_PERIODS = "(select *, {week} as week, {month} as month from $rows)".format(**DIMENSIONS)  # noqa: S608
PERIOD = """case when grouping(day) = 0 then 'day' when grouping(week) = 0 then 'week'
                 when grouping(month) = 0 then 'month' else 'all' end as period,
            case when grouping(day) = 0 then day when grouping(week) = 0 then week
                 when grouping(month) = 0 then month else (select min(day) from facts) end as period_start"""


def read_formula(name: str, **parts: str) -> str:
    """Read a formula without its comments, its `$parts` filled in, so that it can stand inside another."""
    text = re.sub(r"--.*", "", (FORMULAS / f"{name}.sql").read_text(encoding="utf-8"))
    return Template(text.strip()).substitute(parts)


def sum_up(facts: str, by: str) -> str:
    """Say in SQL what groups of facts add up to."""
    return read_formula("sums", facts=facts, by=by)


def find_metrics(sums: str, by: str, groups: str = "all") -> str:
    """Say in SQL what sums come to, put together by fewer dimensions."""
    return read_formula("metrics", sums=sums, by=by, groups=groups)


def find_by_period(make: str, rows: str, by: str = "") -> str:
    """Say in SQL what a formula gives over the whole time, and in each month, week (from Monday) and day.

    Args:
        make: The formula: metrics, times, funnels or moved_costs.
        rows: What it is made of: sums or facts.
        by: What else to group by.
    """
    first = f"{by}, " if by else ""
    sets = ", ".join(f"({', '.join(one for one in (by, period) if one)})" for period in ("", "month", "week", "day"))
    in_periods = Template(IN_PERIODS).substitute(rows=rows)
    text = read_formula(make, sums=in_periods, by=first + PERIOD, groups=f"grouping sets ({sets})")
    return f"select * from ({text}) where period = 'all' or period_start is not null"  # noqa: S608 - our own formulas


def cut_metrics() -> str:
    """Say in SQL what each reason's calls come to by weekday, season, queue, region, channel and hour, each apart."""
    parts = []
    for name, value in {**CUTS, "hour": "hour"}.items():
        by = f"reason_index, '{name}' as dimension, cast({value} as varchar) as value"
        sums = "reason_hour_sums" if name == "hour" else "reason_sums"
        parts.append(f"({find_metrics(sums, by, f'reason_index, {value}')})")
    return " union all ".join(parts)
