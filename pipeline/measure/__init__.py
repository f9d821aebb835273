"""Measure: count, time and cost each reason, and say how far each call came from offered to coded.

Reads calls, transcripts, reason_utterances, call_reasons, note_reasons, clusters, cluster_members, call_sentiment,
call_signals, the answers to the weekly question and the taxonomy. Writes `OUTPUTS`, and `audited_reasons` where people
audited calls.
Every formula stands once, in the .sql files here, in the order of `STEPS`.

Errors: MissingTableError when an earlier stage has not run; TaxonomyError when the taxonomy counts in another currency.
Source: docs/measures.md says what each measure means and where it comes from.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from pipeline.audit.table import sync_audited
from pipeline.config import MeasureSettings
from pipeline.measure.agreement import rate_agreement
from pipeline.measure.asked import ANSWERS, Answers, code_answers, find_answers_file, read_answers
from pipeline.measure.chances import list_chances, list_changes
from pipeline.measure.forecasts import forecast_costs, list_full_weeks
from pipeline.measure.rules import Rules, check_currency, make_rules, name_reasons
from pipeline.measure.satisfaction import SCORED, weigh_satisfaction
from pipeline.measure.sums import (
    DIMENSIONS,
    FORMULAS,
    REASON,
    compare_logged,
    count_lengths,
    count_weeks,
    cut_metrics,
    find_by_period,
    find_times,
    read_formula,
    sum_calls,
    sum_up,
)  # fmt: skip
from pipeline.measure.targets import check_targets, follow_targets
from pipeline.measure.values import value_reasons
from pipeline.state import read_failures
from pipeline.tables import Store, hash_text, make_table
from pipeline.tables.database import (
    RowFile,
    keep_rows,
    make_folder,
    open_database,
    read_made,
    show_or_empty,
    show_table,
    write_made,
)
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
    "logged_reasons", "logged_agreement", "agent_agreement", "asked_reasons", "asked_agreement", "reason_forecasts",
    "reason_values", "target_progress", "csat_effects", "reason_changes", "chances", "funnel", "dropped",
)  # fmt: skip
OPTIONAL = "note_reasons"  # without agents' notes there is none
STEPS = ("customers", "reasons", "repeats", "calls")
OWNED = "(from reason_sums join reasons using (reason_kind, reason_id) where owner is not null)"
# A day of the week that lies in the same month, so that a month's calls are not mixed with its neighbours'.
FIRST_OF_WEEK = "greatest({week}, {month})".format(**DIMENSIONS)
# What measure asks of reasons, and of calls not at all: reading it for calls with several reasons takes long.
UNASKED = (
    "logged_code, contact_channel, queue, region, hour, is_abandoned, is_heard, is_said_why, is_coded, "
    "reason_id, reason_kind, said_index"
)
NO_ANSWERS = ANSWERS.empty_table()
MAX_SHARED = 5  # shared numbers that are named
FAILED_STAGES = ("transcribe", "redact", "roles")  # their failures leave a call without a transcript

__all__ = ["INPUTS", "OUTPUTS", "Rules", "check_currency", "make_rules", "measure_calls", "run"]


def measure_calls(
    inputs: Mapping[str, pa.Table],
    taxonomy: Taxonomy,
    rules: Rules,
    *,
    failed: Collection[str] = (),
    answers: pa.Table = NO_ANSWERS,
) -> dict[str, pa.Table]:
    """Apply every formula to tables in memory.

    Args:
        inputs: The tables `INPUTS` by name, and perhaps `OPTIONAL`.
        taxonomy: Names, owners and unit costs of codes.
        rules: Settings.
        failed: Calls that could not be listened to; others without a transcript only wait.
        answers: To the weekly question, coded.

    Returns:
        The tables `OUTPUTS` by name, each in its declared schema.
    """
    with open_database() as connection:
        for name in INPUTS:
            connection.register(name, inputs[name])
        connection.register(OPTIONAL, inputs.get(OPTIONAL, make_table(OPTIONAL, [])))
        apply_formulas(connection, taxonomy, rules, failed, answers)
        return {name: read_made(connection, name) for name in OUTPUTS}


def apply_formulas(
    connection: "DuckDBPyConnection",
    taxonomy: Taxonomy,
    rules: Rules,
    failed: Collection[str] = (),
    answers: pa.Table = NO_ANSWERS,
    file: RowFile | None = None,
) -> None:
    """Make every output of the inputs that the database sees; `reason_calls` in `file` where one is given."""
    connection.register("rules", rules.to_table())
    connection.register("failed", pa.table({"call_id": pa.array(sorted(failed), pa.string())}))
    connection.register("reasons", _list_reasons(connection, taxonomy, rules))
    many = str(rules.settings.shared_customer_calls)
    for step in STEPS:
        connection.execute(read_formula(step, shared_customer_calls=many))
    keep_rows(connection, "reason_calls", "reason_rows", file)
    connection.execute(read_formula("facts", reason_facts="from reason_calls", but=f"exclude ({UNASKED})"))
    connection.execute(read_formula("costs"))
    for name, query in _list_sums().items():
        connection.execute(f"create table {name} as {query}")
    connection.execute(read_formula("tables"))
    connection.execute(compare_logged(show_agents=rules.settings.show_agents))
    connection.register("answers", answers)
    connection.execute(read_formula("asked"))
    for name, table in _judge(connection, taxonomy, rules).items():
        connection.register(name, table)


def _list_sums() -> dict[str, str]:
    """List the queries that add calls up, by the table that each makes; later ones read earlier ones."""
    return {
        # Where no call has a day, the whole time still needs a first one to be put together by.
        "bounds": "select coalesce(min(day), date '1970-01-01') as first_day from offered",
        "reason_sums": sum_up("reason_facts", f"{REASON}, day, n_reasons > 1 as is_several"),
        "call_sums": sum_calls(),
        "scored_calls": SCORED,
        "cut_sums": cut_metrics(),
        "funnel_sums": read_formula("offered"),
        "call_lengths": count_lengths("(from reason_facts where is_first)", ""),
        "reason_lengths": count_lengths("reason_facts", f"{REASON}, ", FIRST_OF_WEEK),
        "owners_by_period": find_by_period("owners", OWNED, "owner"),
        "period_funnels": find_by_period("funnels", "funnel_sums"),
        "period_abandoned": find_by_period("abandoned", "offered"),
        "period_sums": find_by_period("metrics", "call_sums"),
        "period_times": find_times("call_lengths"),
        "reason_sums_by_period": find_by_period("metrics", "reason_sums", REASON),
        "reason_times": find_times("reason_lengths", REASON, ("month", "week")),
        "moved_costs": find_by_period("moved_costs", "moved", REASON),
    }


def _judge(connection: "DuckDBPyConnection", taxonomy: Taxonomy, rules: Rules) -> dict[str, pa.Table]:
    """Make the tables that take statistics and judgement rather than sums."""
    reason_rows = connection.sql("from reason_metrics").to_arrow_table().to_pylist()
    period_rows = connection.sql("from period_metrics").to_arrow_table().to_pylist()
    days = [row["period_start"] for row in period_rows if row["period"] == "day"]
    first_day, last_day = (min(days), max(days)) if days else (date.min, date.min)
    weeks = list_full_weeks(first_day, last_day)
    by_week = connection.sql(count_weeks()).to_arrow_table().to_pylist()
    changes = list_changes(by_week, weeks)
    return {
        "reason_forecasts": forecast_costs(reason_rows, first_day, last_day, n_weeks=rules.settings.forecast_weeks),
        "reason_values": value_reasons([row for row in reason_rows if row["period"] == "all"], taxonomy),
        "target_progress": follow_targets(reason_rows, period_rows, taxonomy, first_day, last_day),
        "csat_effects": weigh_satisfaction(connection),
        "reason_changes": changes,
        "chances": list_chances(by_week, changes, weeks),
        **rate_agreement(connection),
    }


def _list_reasons(connection: "DuckDBPyConnection", taxonomy: Taxonomy, rules: Rules) -> pa.Table:
    used = {
        code for (code,) in connection.sql("select distinct code from call_reasons where code is not null").fetchall()
    }
    candidates = connection.sql("select cluster_id, name, other_name from clusters").fetchall()
    return name_reasons(taxonomy, used, candidates, rules.settings.cancelling_codes)


def run(work: Work) -> Outcome:
    """Make the tables again when anything they are made from has changed."""
    project, store = work.project, work.store
    taxonomy = read_taxonomy(project.taxonomy / TAXONOMY_FILE)
    check_currency(taxonomy, project.settings.project.currency)
    check_targets(taxonomy)
    failed = {failure.item for failure in read_failures(project) if failure.stage in FAILED_STAGES}
    path = find_answers_file(project)
    fingerprint = _name_inputs(work, taxonomy, failed, path)
    if not work.force and _is_made(store, fingerprint):
        sync_audited(project)
        return Outcome(n_kept=_count_calls(store))
    answered = read_answers(project, path) if path else Answers()
    answers = code_answers(answered.answers, taxonomy, project)
    with open_database(store) as connection, make_folder(store) as folder:
        for name in INPUTS:
            show_table(connection, store, name)
        show_or_empty(connection, store, OPTIONAL)
        file = RowFile(folder / "reason_calls.parquet", fingerprint)
        apply_formulas(connection, taxonomy, make_rules(project), failed, answers, file)
        _write_dropped(store, work.stage, fingerprint, read_made(connection, "dropped"))
        for name in OUTPUTS[1:-1]:
            write_made(connection, store, name, fingerprint)
        write_made(connection, store, OUTPUTS[0], fingerprint, file)
        shared = tuple(_name_shared(connection, make_rules(project).settings))
    sync_audited(project)
    return Outcome(n_done=_count_calls(store), warnings=(*answered.warnings, *shared))


def _count_calls(store: Store) -> int:
    """Say how many calls were offered."""
    n_calls: int = store.read("funnel")["n_calls"][0].as_py()
    return n_calls


def _name_shared(connection: "DuckDBPyConnection", settings: MeasureSettings) -> Iterator[str]:
    """Name the customers who call more often than one person does, by their hash."""
    shared = connection.sql(
        "select customer_id, n_calls from shared_customers order by n_calls desc, customer_id"
    ).fetchall()
    for customer_id, n_calls in shared[:MAX_SHARED]:
        yield (
            f"Customer {customer_id} has {n_calls} calls, more than {settings.shared_customer_calls} of them within "
            f"{settings.repeat_window_days:g} days: probably a shared number, such as a switchboard's. They count as "
            "calls of customers not known, in no repeat; `shared_customer_calls` in [measure] is the limit."
        )
    if len(shared) > MAX_SHARED:
        yield f"… and {len(shared) - MAX_SHARED} more customers like them."


def _name_inputs(work: Work, taxonomy: Taxonomy, failed: Collection[str], answers: Path | None) -> str:
    store, rules = work.store, make_rules(work.project)
    covers: list[Sequence[object]] = [
        (name, fingerprint, sorted(store.list_batches(name, fingerprint)))
        for name in (*INPUTS, OPTIONAL)
        for fingerprint in store.current(name)
    ]
    asked = hashlib.sha256(answers.read_bytes()).hexdigest() if answers else ""
    formulas = [path.read_text(encoding="utf-8") for path in sorted(FORMULAS.glob("*.sql"))]
    return hash_text(
        json.dumps([work.fingerprint, formulas, covers, taxonomy.fingerprint, repr(rules), sorted(failed), asked])
    )


def _is_made(store: Store, fingerprint: str) -> bool:
    return all(store.current(name) == [fingerprint] for name in OUTPUTS[:-1])


def _write_dropped(store: Store, stage: str, fingerprint: str, rows: pa.Table) -> None:
    """Replace this stage's part of `dropped`; the parts of other stages stay, each under its stage's name."""
    store.write("dropped", stage, rows, {f"*{stage}": fingerprint})
    parts = [part.name for part in (store.root / "dropped").iterdir() if part.is_dir()]
    store.set_current("dropped", sorted(parts))
