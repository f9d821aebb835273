"""Sums: the metrics of any group of calls, by any mix of what is known of them.

Every formula stands once: sums.sql adds facts up, metrics.sql says what sums come to. Groups of groups are put together
from their sums, so that a year's figure is made of its days'.

Errors: none of its own.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from string import Template

from pipeline.tables import CUT_METRICS as CUT_FIELDS

FORMULAS = Path(__file__).parent

# What calls can be grouped by, and how it follows from a fact.
DIMENSIONS = {
    "day": "day",
    "week": "cast(date_trunc('week', day) as date)",
    "month": "cast(date_trunc('month', day) as date)",
    "season": "['winter', 'spring', 'summer', 'autumn'][1 + (month(day) % 12) // 3]",
    "weekday": "isodow(day)",
    "hour": "hour",
    "queue": "queue",
    "contact_channel": "contact_channel",
    "region": "region",
    "agent": "agent_id",
    "language": "language",
    "owner": "owner",
}
# What each reason is shown by, one at a time.
PLACES = ("queue", "region", "contact_channel")
CUTS = ("weekday", "season", "hour", *PLACES)
REASON = "reason_kind, reason_id"
IN_PERIODS = "(select *, {week} as week, {month} as month from $rows)".format(**DIMENSIONS)  # noqa: S608
PERIODS = ("month", "week", "day")
LENGTHS = ("handle_time_s", "wait_s")
CUT_METRICS = [one.name for one in CUT_FIELDS]


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


def find_by_period(make: str, rows: str, by: str = "", periods: Sequence[str] = PERIODS) -> str:
    """Say in SQL what a formula gives over the whole time and in each month, week (from Monday) and day.

    Args:
        make: The formula: metrics, lengths, funnels, abandoned, owners or moved_costs.
        rows: What it is made of: sums or facts, with their day.
        by: What else to group by.
        periods: Which of `PERIODS` besides the whole time.
    """
    first = f"{by}, " if by else ""
    sets = ", ".join(f"({', '.join(one for one in (by, period) if one)})" for period in ("", *periods))
    in_periods = Template(IN_PERIODS).substitute(rows=rows)
    text = read_formula(make, sums=in_periods, by=first + _name_period(periods), groups=f"grouping sets ({sets})")
    return f"select * from ({text}) where period = 'all' or period_start is not null"  # noqa: S608 - our own formulas


def _name_period(periods: Sequence[str]) -> str:
    name, start = "", ""
    for period in reversed(periods):
        name += f"when grouping({period}) = 0 then '{period}' "
        start += f"when grouping({period}) = 0 then {period} "
    first = "(select first_day from bounds)"
    return f"case {name} else 'all' end as period, case {start} else {first} end as period_start"


def count_lengths(facts: str, by: str, day: str = "day") -> str:
    """Say in SQL how many calls of each day take how long."""
    parts = [
        f"select {by}{day} as day, '{one}' as measure, {one} as length_s, count(*) as n_calls "  # noqa: S608 - ours
        f"from {facts} where {one} is not null group by all"
        for one in LENGTHS
    ]
    return " union all ".join(parts)


def find_times(lengths: str, by: str = "", periods: Sequence[str] = PERIODS) -> str:
    """Say in SQL how long calls take at the middle and at the slow end, in each period."""
    first = f"{by}, " if by else ""
    counted = find_by_period("lengths", lengths, f"{first}measure, length_s", periods)
    return read_formula("times", counted=f"({counted})", keys=f"{first}period, period_start")


def sum_calls() -> str:
    """Say in SQL what calls add up to by day, each counted once: those with one reason are summed already."""
    alone = f"select * exclude ({REASON}, is_several) from reason_sums where not is_several"  # noqa: S608 - ours
    return f"{alone} union all by name ({sum_up('several_facts', 'day')})"


def compare_logged(*, show_agents: bool) -> str:
    """Say in SQL how what agents logged compares with what was heard; by agent only where agents are shown."""
    agents = "left join (select call_id, agent_id from calls) using (call_id)"
    named = {"agent_id": "agent_id", "agents": agents} if show_agents else {"agent_id": "null::varchar", "agents": ""}
    return read_formula("logged", **named)


def cut_metrics() -> str:
    """Say in SQL what each reason's calls come to by weekday, season, hour, queue, region and channel, each apart."""
    parts = []
    for name in CUTS:
        by = f"{REASON}, '{name}' as dimension, cast({DIMENSIONS[name]} as varchar) as value"
        sums = "reason_sums" if name in ("weekday", "season") else f"({sum_up('reason_facts', f'{REASON}, {name}')})"
        metrics = find_metrics(sums, by, f"{REASON}, {DIMENSIONS[name]}")
        parts.append(f"(select {REASON}, dimension, value, {', '.join(CUT_METRICS)} from ({metrics}))")  # noqa: S608 - ours
    return " union all ".join(parts)


def count_weeks() -> str:
    """Say in SQL how many calls each reason has by week and place, all places being counted at once."""
    places = ", ".join(f"coalesce({one}, '') as {one}" for one in PLACES)
    parts = [
        f"select {REASON}, week, '{one}' as dimension, {one} as value, cast(sum(n_calls) as bigint) as n_calls "  # noqa: S608 - ours
        "from counted group by all"
        for one in PLACES
    ]
    counted = read_formula("reason_weeks", week=DIMENSIONS["week"], places=places)
    return f"with counted as materialized ({counted}) {' union all '.join(parts)}"
