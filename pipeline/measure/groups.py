"""Groups: the metrics of all calls, or of each reason, by any mix of week, hour, weekday, queue, region and more.

Reads what measure wrote, calls and transcripts.

Errors: SettingsError for something that calls are not grouped by; MissingTableError when measure has not run.
"""

from collections.abc import Sequence

import pyarrow as pa

from pipeline.config import Project
from pipeline.errors import SettingsError
from pipeline.measure.sums import DIMENSIONS, find_metrics, read_formula, sum_up
from pipeline.tables import METRICS
from pipeline.tables.database import open_database, show_table

TABLES = ("reason_calls", "reason_metrics", "calls", "transcripts")
REASON = ("reason_kind", "reason_id", "name_en", "name_zh")


def group_calls(project: Project, by: Sequence[str]) -> pa.Table:
    """Make the metrics of groups of calls, each call counted once.

    Args:
        project: Measure has run in it.
        by: Names of `DIMENSIONS`; with `reason` or `owner` among them, a call counts once for each of its reasons.

    Returns:
        A column for each dimension, then the metrics of pipeline/measure/metrics.sql; a row a group, in order.

    Raises:
        SettingsError: A name is no dimension, or agents are not to be compared.
        MissingTableError: Measure has not run.
    """
    unknown = [name for name in by if name not in DIMENSIONS and name != "reason"]
    if unknown:
        known = ", ".join(("reason", *DIMENSIONS))
        raise SettingsError(f"Calls are not grouped by '{unknown[0]}'. Name one or several of {known}.")
    if "agent" in by and not project.settings.measure.show_agents:
        raise SettingsError("Agents are not compared. Set show_agents = true in [measure] of pipeline.toml to do so.")
    names = [one for name in by for one in (REASON if name == "reason" else (name,))]
    columns = ", ".join(f"{DIMENSIONS.get(name, name)} as {name}" for name in names) or "'all' as calls"
    facts = "reason_facts" if {"reason", "owner"} & set(by) else "call_facts"
    with open_database(project.store) as connection:
        for name in TABLES:
            show_table(connection, project.store, name)
        connection.execute(read_formula("facts", reason_facts=read_formula("groups"), but=""))
        query = find_metrics(f"({sum_up(facts, columns)})", ", ".join(names) or "calls")
        made: pa.Table = connection.sql(f"{query} order by all").to_arrow_table()
    kinds = {field.name: field.type for field in METRICS}
    return made.cast(pa.schema([pa.field(one.name, kinds.get(one.name, one.type)) for one in made.schema]))
