"""Measure: count, time and cost each reason, and say how far each call came from offered to coded.

Reads calls, transcripts, call_reasons, clusters, cluster_members, call_sentiment, call_signals and the taxonomy. Writes
reason_calls, reason_metrics, period_metrics, funnel and dropped. Every formula stands once, in formulas.sql.

Errors: MissingTableError when an earlier stage has not run; TaxonomyError when the taxonomy counts in another currency.
Source: docs/measures.md says what each measure means and where it comes from.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipeline.config import MeasureSettings, Project
from pipeline.errors import TaxonomyError
from pipeline.state import read_failures
from pipeline.tables import TABLES, Store, hash_text
from pipeline.taxonomy import TAXONOMY_FILE, Taxonomy, read_taxonomy
from pipeline.words import LANGUAGES, read_words
from pipeline.work import Outcome, Work

INPUTS = (
    "calls",
    "transcripts",
    "call_reasons",
    "clusters",
    "cluster_members",
    "call_sentiment",
    "call_signals",
)
OUTPUTS = ("reason_calls", "period_metrics", "reason_metrics", "funnel", "dropped")
FAILED_STAGES = ("transcribe", "redact", "roles")  # their failures leave a call without a transcript
NO_CODES = ("none_of_these", "undecided", "not_said", "not_heard")
FORMULAS = Path(__file__).with_name("formulas.sql")
SECONDS_A_DAY = 86400.0
REASONS = pa.schema(
    [
        ("reason_kind", pa.string()),
        ("reason_id", pa.string()),
        ("name_en", pa.string()),
        ("name_zh", pa.string()),
        ("owner", pa.string()),
        ("unit_cost", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Rules:
    """What the formulas depend on besides the tables."""

    settings: MeasureSettings
    timezone: str = "UTC"
    currency: str = "EUR"

    def to_table(self) -> pa.Table:
        """Make the one row that formulas.sql calls `rules`."""
        row = {
            "wage_per_hour": self.settings.wage_per_hour,
            "repeat_window_s": self.settings.repeat_window_days * SECONDS_A_DAY,
            "transfer_window_s": self.settings.transfer_window_s,
            "several_reasons": self.settings.several_reasons,
            "timezone": self.timezone,
            "currency": self.currency,
        }
        return pa.Table.from_pylist([row])


def measure_calls(
    inputs: Mapping[str, pa.Table], taxonomy: Taxonomy, rules: Rules, *, failed: Collection[str] = ()
) -> dict[str, pa.Table]:
    """Apply every formula.

    Args:
        inputs: The tables `INPUTS` by name.
        taxonomy: Names, owners and unit costs of codes.
        rules: Settings.
        failed: Calls that could not be listened to; others without a transcript only wait.

    Returns:
        The tables `OUTPUTS` by name, each in its declared schema and in a fixed order.
    """
    import duckdb

    with duckdb.connect() as connection:
        for name in INPUTS:
            connection.register(name, inputs[name])
        connection.register("rules", rules.to_table())
        connection.register("failed", pa.table({"call_id": pa.array(sorted(failed), pa.string())}))
        connection.register("reasons", name_reasons(inputs, taxonomy))
        connection.execute(FORMULAS.read_text(encoding="utf-8"))
        return {name: _read_table(connection.sql, name) for name in OUTPUTS}


def _read_table(sql: object, name: str) -> pa.Table:
    spec = TABLES[name]
    rows = sql(f"select {', '.join(spec.schema.names)} from {name}")  # type: ignore[operator]  # noqa: S608
    return rows.to_arrow_table().cast(spec.schema)


def name_reasons(inputs: Mapping[str, pa.Table], taxonomy: Taxonomy) -> pa.Table:
    """Name every reason a call can have, with owner and unit cost; a code that left the file has its number."""
    names = {language: read_words(language) for language in LANGUAGES}
    codes = {code.number: code for code in taxonomy.codes}
    used = set(inputs["call_reasons"]["code"].drop_null().to_pylist())
    rows: list[dict[str, object]] = [
        {"reason_kind": "no_code", "reason_id": kind, "unit_cost": 0.0}
        | {f"name_{language}": names[language](f"no_code.{kind}") for language in LANGUAGES}
        for kind in NO_CODES
    ]
    for number in sorted(used):
        code = codes.get(number)
        named = {f"name_{language}": code.name(language) if code else number for language in LANGUAGES}
        known = {"owner": code.owner or None, "unit_cost": code.unit_cost} if code else {"unit_cost": 0.0}
        rows.append({"reason_kind": "code", "reason_id": number, **named, **known})
    for cluster in inputs["clusters"].select(["cluster_id", "name"]).to_pylist():
        named = {f"name_{language}": cluster["name"] for language in LANGUAGES}
        rows.append({"reason_kind": "candidate", "reason_id": cluster["cluster_id"], **named, "unit_cost": 0.0})
    return pa.Table.from_pylist(rows, schema=REASONS)


def check_currency(taxonomy: Taxonomy, currency: str) -> None:
    """Check that unit costs and wages can be added.

    Raises:
        TaxonomyError: The taxonomy has unit costs in another currency than the project's.
    """
    other = taxonomy.currency and taxonomy.currency.upper() != currency.upper()
    if other and any(code.unit_cost for code in taxonomy.codes):
        raise TaxonomyError(
            f"taxonomy/{TAXONOMY_FILE}: currency is '{taxonomy.currency}', but pipeline.toml says '{currency}'. "
            "Costs of two currencies cannot be added; change one of them."
        )


def run(work: Work) -> Outcome:
    """Make the tables again when anything they are made from has changed."""
    project, store = work.project, work.store
    inputs = {name: store.read(name) for name in INPUTS}
    taxonomy = read_taxonomy(project.taxonomy / TAXONOMY_FILE)
    check_currency(taxonomy, project.settings.project.currency)
    failed = {failure.item for failure in read_failures(project) if failure.stage in FAILED_STAGES}
    fingerprint = _name_inputs(work, taxonomy, failed)
    n_calls = inputs["calls"].num_rows
    if not work.force and _is_made(store, fingerprint):
        return Outcome(n_kept=n_calls)
    rules = make_rules(project)
    made = measure_calls(inputs, taxonomy, rules, failed=failed)
    _write_dropped(store, work.stage, fingerprint, made["dropped"])
    for name in OUTPUTS[:-1]:
        store.write_whole(name, fingerprint, made[name])
    return Outcome(n_done=n_calls)


def make_rules(project: Project) -> Rules:
    """Make the rules of a project."""
    settings = project.settings
    return Rules(settings.measure, settings.project.timezone, settings.project.currency)


def _name_inputs(work: Work, taxonomy: Taxonomy, failed: Collection[str]) -> str:
    store, rules = work.store, make_rules(work.project)
    covers: list[Sequence[object]] = [
        (name, fingerprint, sorted(store.covers(name, fingerprint).items()))
        for name in INPUTS
        for fingerprint in store.current(name)
    ]
    formulas = FORMULAS.read_text(encoding="utf-8")
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
