"""Action sheets: what a company acts on as tables for the workbook and the CSVs.

Errors: none of its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.report.logged import name_reasons
from pipeline.tables import NO_CODES, Store
from pipeline.words import Words

Row = Mapping[str, Any]
Rows = list[tuple[object, ...]]
# Each sheet's columns; `code`, `reason` and `kind` come from the row's reason, `trigger_*` from what it came back to.
COLUMNS = {
    "bills": (
        "period", "period_start", "owner", "n_calls", "share_ratio", "n_negative", "n_said_failed", "hours", "cost",
    ),
    "forecasts": (
        "code", "reason", "kind", "n_weeks", "weekly_cost", "yearly_cost", "yearly_cost_low", "yearly_cost_high",
    ),
    "worth": ("code", "reason", "kind", "to_customer", "to_company", "action", "is_proposed"),
    "targets": (
        "code", "reason", "measure", "per", "who", "due_on", "baseline", "now", "should_be", "progress_ratio", "state",
    ),
    "came_back": ("trigger_code", "trigger", "code", "came_back", "n_repeats", "cost"),
    "cuts": (
        "code", "reason", "kind", "dimension", "value", "n_calls", "n_negative", "handle_time_s", "n_repeat_calls",
        "resolved_ratio", "hours", "cost",
    ),
    "logged": ("agents.source", "queue", "logged", "code", "heard", "n_calls"),
    "rises": ("code", "reason", "week", "observed", "expected", "dimension", "value", "share_ratio"),
    "changes": ("code", "reason", "kind", "week", "observed", "expected", "n_weeks", "change"),
}  # fmt: skip
TABLES = {
    "bills": "owner_metrics", "forecasts": "reason_forecasts", "worth": "reason_values", "targets": "target_progress",
    "came_back": "repeat_matrix", "cuts": "reason_cuts", "logged": "logged_reasons", "rises": "chances",
    "changes": "reason_changes",
}  # fmt: skip

# What is told in words: under which heading, what of the row, and where its words stand.
TOLD = (
    ("agents.source", "source", "agents.source."), ("kind", "reason_kind", "kind."), ("measure", "measure", "target."),
    ("state", "state", "state."), ("per", "per", "target_per."), ("dimension", "dimension", "dimension."),
    ("change", "change", "change."), ("period", "period", "period."),
)  # fmt: skip


def list_action_rows(store: Store, reason_rows: Sequence[Row], words: Words) -> dict[str, Rows]:
    """List every sheet's rows.

    Args:
        store: Holds what measure wrote.
        reason_rows: Rows of `reason_metrics` over the whole time.
        words: The words of the report's language.
    """
    named = name_reasons(reason_rows, words.language)
    sheets: dict[str, Rows] = {}
    for sheet, columns in COLUMNS.items():
        rows = store.list_rows(TABLES[sheet])
        told = (_describe(row, named, words) for row in rows)
        sheets[sheet] = [tuple(one[name] for name in columns) for one in told]
    return sheets


def _describe(row: Row, named: Mapping[Any, Any], words: Words) -> dict[str, object]:
    """Say all that a row may be asked for, names and words instead of ids."""
    reason = named.get((row.get("reason_kind", "code"), row.get("reason_id", row.get("code"))))
    trigger = named.get((row.get("trigger_kind"), row.get("trigger_id")))
    return {
        **row,
        "code": reason.number if reason else row.get("code", ""),
        **dict.fromkeys(("reason", "came_back", "heard"), reason.name if reason else ""),
        "trigger_code": trigger.number if trigger else "",
        "trigger": trigger.name if trigger else "",
        "logged": _name_logged(row, words),
        "should_be": row.get("value"),
        **{heading: words(prefix + row[name]) for heading, name, prefix in TOLD if row.get(name)},
        **(_describe_worth(row, words) if "customer" in row else {}),
    }


def _describe_worth(row: Row, words: Words) -> dict[str, object]:
    is_proposed = row["is_customer_proposed"] or row["is_company_proposed"]
    return {
        "is_proposed": words("answer.yes" if is_proposed else "answer.no"),
        "to_customer": words(f"worth.{row['customer']}"),
        "to_company": words(f"worth.{row['company']}"),
        "action": words(f"action.{row['action']}.name"),
    }


def _name_logged(row: Row, words: Words) -> object:
    """Say what was logged; a note that no code took by its kind of no-code."""
    logged = row.get("logged_code")
    return words(f"no_code.{logged}") if row.get("source") == "note" and logged in NO_CODES else logged
