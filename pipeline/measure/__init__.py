"""Measure: count, time and cost each reason, and say how far each call came from offered to coded.

Reads calls, transcripts, reason_utterances, call_reasons, clusters, cluster_members, call_sentiment, call_signals and
the taxonomy. Writes reason_calls, repeat_calls, repeat_matrix, period_metrics, reason_metrics, funnel and dropped.
Every formula stands once, in the .sql files here, in the order of `STEPS`.

Errors: MissingTableError when an earlier stage has not run; TaxonomyError when the taxonomy counts in another currency.
Source: docs/measures.md says what each measure means and where it comes from.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa

from pipeline.measure.chances import list_chances, list_changes
from pipeline.measure.forecasts import forecast_costs, list_full_weeks
from pipeline.measure.rules import Rules, check_currency, make_rules, name_reasons
from pipeline.measure.satisfaction import weigh_satisfaction
from pipeline.measure.sums import FORMULAS, SUM_DIMENSIONS, cut_metrics, find_by_period, read_formula, sum_up
from pipeline.measure.targets import check_targets, follow_targets
from pipeline.measure.values import value_reasons
from pipeline.state import read_failures
from pipeline.tables import Store, hash_text
from pipeline.tables.database import open_database, read_made, show_table, write_made
from pipeline.taxonomy import TAXONOMY_FILE, Taxonomy, read_taxonomy
from pipeline.work import Outcome, Work

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

INPUTS = (
    "calls", "transcripts", "reason_utterances", "call_reasons", "clusters", "cluster_members", "call_sentiment",
    "call_signals",
)  # fmt: skip
OUTPUTS = (
    "reason_calls", "repeat_calls", "repeat_matrix", "period_metrics", "reason_metrics", "reason_cuts", "owner_metrics",
    "logged_reasons", "logged_agreement", "reason_forecasts", "reason_values", "target_progress", "csat_effects",
    "reason_changes", "chances", "funnel", "dropped",
)  # fmt: skip
STEPS = ("reasons", "calls", "repeats", "costs")
OWNED = "(from reason_sums join reasons using (reason_index) where owner is not null)"
FAILED_STAGES = ("transcribe", "redact", "roles")  # their failures leave a call without a transcript

__all__ = ["INPUTS", "OUTPUTS", "Rules", "check_currency", "make_rules", "measure_calls", "run"]


def measure_calls(
    inputs: Mapping[str, pa.Table], taxonomy: Taxonomy, rules: Rules, *, failed: Collection[str] = ()
) -> dict[str, pa.Table]:
    """Apply every formula to tables in memory.

    Args:
        inputs: The tables `INPUTS` by name.
        taxonomy: Names, owners and unit costs of codes.
        rules: Settings.
        failed: Calls that could not be listened to; others without a transcript only wait.

    Returns:
        The tables `OUTPUTS` by name, each in its declared schema.
    """
    with open_database() as connection:
        for name in INPUTS:
            connection.register(name, inputs[name])
        apply_formulas(connection, taxonomy, rules, failed)
        return {name: read_made(connection, name) for name in OUTPUTS}


def apply_formulas(
    connection: "DuckDBPyConnection", taxonomy: Taxonomy, rules: Rules, failed: Collection[str] = ()
) -> None:
    """Make every output of the inputs that the database sees."""
    connection.register("rules", rules.to_table())
    connection.register("failed", pa.table({"call_id": pa.array(sorted(failed), pa.string())}))
    connection.register("reasons", _list_reasons(connection, taxonomy, rules))
    for step in STEPS:
        connection.execute(read_formula(step))
    made = {
        "call_sums": sum_up("call_facts", "day"),
        "reason_sums": sum_up("reason_calls", f"reason_index, {SUM_DIMENSIONS}"),
        "reason_hour_sums": sum_up("reason_calls", "reason_index, hour"),
        "cut_sums": cut_metrics(),
        "owners_by_period": find_by_period("owners", OWNED, "owner"),
        "period_funnels": find_by_period("funnels", "facts"),
        "period_sums": find_by_period("metrics", "call_sums"),
        "period_times": find_by_period("times", "(from facts where is_counted)"),
        "reason_sums_by_period": find_by_period("metrics", "reason_sums", "reason_index"),
        "reason_times": find_by_period("times", "reason_calls", "reason_index"),
        "moved_costs": find_by_period("moved_costs", "moved", "reason_index"),
    }
    for name, query in made.items():
        connection.execute(f"create table {name} as {query}")
    connection.execute(read_formula("tables"))
    connection.execute(read_formula("logged"))
    for name, table in _judge(connection, taxonomy, rules).items():
        connection.register(name, table)


def _judge(connection: "DuckDBPyConnection", taxonomy: Taxonomy, rules: Rules) -> dict[str, pa.Table]:
    """Make the tables that take statistics and judgement rather than sums."""
    reason_rows = connection.sql("from reason_metrics").to_arrow_table().to_pylist()
    period_rows = connection.sql("from period_metrics").to_arrow_table().to_pylist()
    days = [row["period_start"] for row in period_rows if row["period"] == "day"]
    first_day, last_day = (min(days), max(days)) if days else (date.min, date.min)
    weeks = list_full_weeks(first_day, last_day)
    by_week = connection.sql(read_formula("reason_weeks")).to_arrow_table().to_pylist()
    changes = list_changes(by_week, weeks)
    return {
        "reason_forecasts": forecast_costs(reason_rows, first_day, last_day, n_weeks=rules.settings.forecast_weeks),
        "reason_values": value_reasons([row for row in reason_rows if row["period"] == "all"], taxonomy),
        "target_progress": follow_targets(reason_rows, period_rows, taxonomy, first_day, last_day),
        "csat_effects": weigh_satisfaction(connection),
        "reason_changes": changes,
        "chances": list_chances(by_week, changes, weeks),
    }


def _list_reasons(connection: "DuckDBPyConnection", taxonomy: Taxonomy, rules: Rules) -> pa.Table:
    used = {
        code for (code,) in connection.sql("select distinct code from call_reasons where code is not null").fetchall()
    }
    candidates = dict(connection.sql("select cluster_id, name from clusters").fetchall())
    return name_reasons(taxonomy, used, candidates, rules.settings.cancelling_codes)


def run(work: Work) -> Outcome:
    """Make the tables again when anything they are made from has changed."""
    project, store = work.project, work.store
    taxonomy = read_taxonomy(project.taxonomy / TAXONOMY_FILE)
    check_currency(taxonomy, project.settings.project.currency)
    check_targets(taxonomy)
    failed = {failure.item for failure in read_failures(project) if failure.stage in FAILED_STAGES}
    fingerprint = _name_inputs(work, taxonomy, failed)
    if not work.force and _is_made(store, fingerprint):
        return Outcome(n_kept=store.read("funnel")["n_calls"][0].as_py())
    with open_database(store) as connection:
        for name in INPUTS:
            show_table(connection, store, name)
        ((n_calls,),) = connection.sql("select count(*) from calls").fetchall()
        apply_formulas(connection, taxonomy, make_rules(project), failed)
        _write_dropped(store, work.stage, fingerprint, read_made(connection, "dropped"))
        for name in OUTPUTS[:-1]:
            write_made(connection, store, name, fingerprint)
    return Outcome(n_done=n_calls)


def _name_inputs(work: Work, taxonomy: Taxonomy, failed: Collection[str]) -> str:
    store, rules = work.store, make_rules(work.project)
    covers: list[Sequence[object]] = [
        (name, fingerprint, sorted(store.list_batches(name, fingerprint)))
        for name in INPUTS
        for fingerprint in store.current(name)
    ]
    formulas = [path.read_text(encoding="utf-8") for path in sorted(FORMULAS.glob("*.sql"))]
    return hash_text(
        json.dumps([work.fingerprint, formulas, covers, taxonomy.fingerprint, repr(rules), sorted(failed)])
    )


def _is_made(store: Store, fingerprint: str) -> bool:
    return all(store.current(name) == [fingerprint] for name in OUTPUTS[:-1])


def _write_dropped(store: Store, stage: str, fingerprint: str, rows: pa.Table) -> None:
    """Replace this stage's part of `dropped`; the parts of other stages stay, each under its stage's name."""
    store.write("dropped", stage, rows, {f"*{stage}": fingerprint})
    parts = [part.name for part in (store.root / "dropped").iterdir() if part.is_dir()]
    store.set_current("dropped", sorted(parts))
