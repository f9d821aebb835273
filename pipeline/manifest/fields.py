"""Fields: the cells of one row, read as columns of `calls`; people's ids are hashed.

Errors: none of its own. A cell that cannot be read leaves its column empty, and the rule that it breaks is told.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from pipeline import cells
from pipeline.config import Project
from pipeline.manifest.columns import SECONDS
from pipeline.manifest.habits import SCORES, Habits, find_habits
from pipeline.state import hash_id, read_key

WORDS = ("queue", "region", "logged_code")
PEOPLE = ("agent_id", "customer_id")
Call = dict[str, Any]  # one row of `calls`, perhaps without some columns


def find_row_key(row: Mapping[str, str], n_row: int) -> str:
    """Identify a manifest's row: its call id, else its recording, else its line."""
    return row.get("call_id") or row.get("recording") or f"line {n_row}"


def read_fields(
    project: Project, row: Mapping[str, str], habits: Habits | None = None, *, latest: datetime | None = None
) -> tuple[Call, dict[str, str]]:
    """Read a row's cells into columns of `calls`; people's ids are hashed.

    Args:
        project: Its zone, settings and key.
        row: Cells by our columns.
        habits: How the manifest writes; None: as a row by itself shows.
        latest: No call began after this.

    Returns:
        The columns, null where a cell is empty or cannot be read; and for those the rule that the cell breaks.
    """
    habits = habits or find_habits([dict(row)], project.settings.ingest, {name: name for name in row})
    key = read_key(project)
    readers: dict[str, Callable[[str], object]] = {
        **{name: partial(_read_seconds, name, habits) for name in SECONDS},
        **{name: partial(_read_score, name, habits) for name in SCORES},
        **dict.fromkeys(WORDS, _read_words),
        **{name: partial(_read_person, key) for name in PEOPLE},
        "started_at": partial(_read_started_at, project, habits, latest),
        "contact_channel": cells.read_channel,
        "is_abandoned": cells.read_flag,
    }
    fields: Call = dict.fromkeys(readers)
    unread: dict[str, str] = {}
    for name, read in readers.items():
        try:
            fields[name] = read(row[name]) if name in row else None
        except ValueError as error:
            unread[name] = str(error)
    fields["started_at_source"] = "manifest" if fields["started_at"] else None
    fields["unread_columns"] = sorted(unread) or None
    return fields, unread


def _read_seconds(name: str, habits: Habits, text: str) -> float | None:
    comma = name in habits.decimal_comma
    seconds = cells.read_seconds(text, unit_s=habits.units_s.get(name, 1.0), is_comma_decimal=comma)
    if seconds is not None and seconds > cells.DAY_S and name != "first_response_s":
        raise ValueError("longer than a day; name another unit in [ingest.units]")
    return seconds


def _read_score(name: str, habits: Habits, text: str) -> float | None:
    score = cells.read_number(text, is_comma_decimal=name in habits.decimal_comma)
    top = habits.tops.get(name, cells.USUAL_TOPS[-1])
    if score is None:
        return None
    if top is None:
        rule = "answers from 0 to 10, not -100 to 100" if name == "nps" else "one scale; set its best in top_scores"
        raise ValueError(f"the column should hold {rule}")
    if not 0 <= score <= top:
        raise ValueError(f"not between 0 and {top:g}")
    return score


def _read_words(text: str) -> str | None:
    return text if cells.clean_cell(text) else None


def _read_person(key: bytes, text: str) -> str | None:
    person = cells.read_id(text)
    return hash_id(person, key) if person else None


def _read_started_at(project: Project, habits: Habits, latest: datetime | None, text: str) -> datetime | None:
    if not cells.clean_cell(text):
        return None
    return cells.read_time(text, project.timezone, date_order=habits.date_order, latest=latest)
