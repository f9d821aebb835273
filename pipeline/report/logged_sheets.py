"""Logged sheets: what agents say beside what was heard, for the workbook and the CSVs.

Errors: none of its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.report.logged import find_named, name_reasons
from pipeline.report.sheets import Column, Sheet, find_kind
from pipeline.tables import Store
from pipeline.words import Words

RATED = ("n_logged", "n_coded", "n_agreed", "n_general", "kappa", "kappa_low", "kappa_high")
# Each sheet's columns and what its cells are; its table has the sheet's name.
SHEETS: Mapping[str, Sequence[str]] = {
    "logged_agreement": ("source", "queue", *RATED),
    "agent_agreement": ("source", "agent_id", *RATED),
    "asked_agreement": ("week", "queue", "n_answers", "n_named", "n_agreed", "agreed_ratio"),
    "asked_reasons": ("week", "queue", "code", "reason", "n_answers", "answer_rank", "n_calls", "heard_rank"),
}


def make_logged_sheets(store: Store, reason_rows: Sequence[Mapping[str, Any]], words: Words) -> list[Sheet]:
    """Make the sheets that have rows; `reason_rows` are those of `reason_metrics`, which name the reasons."""
    named = name_reasons(reason_rows, words.language)
    made = []
    for name, columns in SHEETS.items():
        rows = store.list_rows(name)
        if rows:
            headings = [Column(words(f"agents.column.{one}"), find_kind(one)) for one in columns]
            cells = [_describe(row, named, words) for row in rows]
            told = tuple(tuple(row[one] for one in columns) for row in cells)
            made.append(Sheet(name, words(f"agents.sheet.{name}"), tuple(headings), told))
    return made


def _describe(row: Mapping[str, Any], named: Mapping[Any, Any], words: Words) -> dict[str, Any]:
    told = dict(row)
    if "source" in row:
        told["source"] = words(f"agents.source.{row['source']}")
    if "reason_id" in row:
        reason = find_named(row, named)
        told |= {"code": reason.number, "reason": reason.name}
    return told
