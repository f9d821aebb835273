"""Reported: what a report said on the day it was made, kept in `state/reported/<day>.parquet`.

A record is the same whatever the report's language. It is written whole, and only on its own day: a later report of
that day replaces it, no later day does. docs/decisions/0011-what-was-reported.md says why it holds what it holds.

Errors: InputError for a record that cannot be read; MissingTableError when measure has not run.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.config import Project
from pipeline.encoders import find_reason_fingerprint
from pipeline.errors import InputError
from pipeline.tables import TABLES, hash_text, make_table, write_atomically
from pipeline.taxonomy import TAXONOMY_FILE, Code, read_taxonomy

FOLDER, TABLE, TOTAL = "reported", "reported", "total"
PERIODS = ("all", "month", "week")  # a day's figures are too many to keep for each day, and weeks say as much
SETTINGS = ("roles", "extract", "assign", "cluster", "sentiment", "measure")  # sections that figures depend on
FIGURE_DIGITS = 4  # of money, hours and shares: what is beyond is noise that would not compress
FIGURES = ("share_ratio", "hours", "cost")
MADE_WITH = ("made_with", "coded_with", "taxonomy", "encoder", "settings")

Row = Mapping[str, Any]


def make_record(project: Project, *, made_with: str, now: datetime) -> pa.Table:
    """Make the record of a report that is made now.

    Args:
        project: Measure has run in it.
        made_with: Names everything that the rows of every stage were made with.
        now: Its time.

    Returns:
        Table `reported`: a row for each reason, and for all calls together, in each month and week and over all time;
        every code of the taxonomy has a row over all time, also one that no call has.
    """
    days = [row["period_start"] for row in _read(project, "period_metrics", ("day",))]
    totals, reasons = (_read(project, name, PERIODS) for name in ("period_metrics", "reason_metrics"))
    common = _describe_making(project, made_with, now) | {
        "first_day": min(days, default=None),
        "last_day": max(days, default=None),
        "currency": project.settings.project.currency,
    }
    rows = [
        *({**row, "reason_kind": TOTAL, "reason_id": "all"} for row in totals),
        *_add_codes(reasons, read_taxonomy(project.taxonomy / TAXONOMY_FILE).codes, totals),
    ]
    rounded = [row | {name: _round(row.get(name)) for name in FIGURES} | common for row in rows]
    key = TABLES[TABLE].key[1:]
    return make_table(TABLE, sorted(rounded, key=lambda row: tuple(str(row[name]) for name in key)))


def write_record(project: Project, record: pa.Table) -> None:
    """Keep a record under its day; one that says the same already is left as it is."""
    if not record.num_rows:
        return
    day = record["reported_on"][0].as_py()
    path = _find_path(project, day)
    if path.exists() and _drop_time(read_record(project, day)).equals(_drop_time(record)):
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sink = pa.BufferOutputStream()
    pq.write_table(record, sink, compression="zstd", compression_level=9)
    write_atomically(path, sink.getvalue().to_pybytes())


def list_days(project: Project) -> list[date]:
    """List the days of which there is a record, first one first."""
    days = []
    for path in (project.state / FOLDER).glob("*.parquet"):
        try:
            days.append(date.fromisoformat(path.stem))
        except ValueError:
            continue  # somebody else's file
    return sorted(days)


def read_record(project: Project, day: date) -> pa.Table:
    """Read the record of a day, in today's columns.

    Raises:
        InputError: The file is not what it should be.
    """
    path = _find_path(project, day)
    schema = TABLES[TABLE].schema
    try:
        rows = pq.read_table(path, partitioning=None)
        columns = [rows[one.name] if one.name in rows.column_names else pa.nulls(len(rows), one.type) for one in schema]
        return pa.table(columns, names=schema.names).cast(schema)
    except (pa.ArrowException, OSError):
        raise InputError(f"{path} is no record of a report. Restore it from your backup of state/.") from None


def _find_path(project: Project, day: date) -> Path:
    return project.state / FOLDER / f"{day.isoformat()}.parquet"


def _drop_time(record: pa.Table) -> pa.Table:
    return record.drop_columns(["made_at"])


def _read(project: Project, name: str, periods: Sequence[str]) -> list[dict[str, Any]]:
    """Read what a record keeps of a table, in these periods."""
    columns = [one for one in TABLES[name].schema.names if one in TABLES[TABLE].schema.names]
    table = project.store.read(name, columns)
    rows: list[dict[str, Any]] = table.filter(pc.is_in(table["period"], pa.array(periods))).to_pylist()
    return rows


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, FIGURE_DIGITS)


def _describe_making(project: Project, made_with: str, now: datetime) -> dict[str, object]:
    settings = project.settings
    told = settings.model_dump(mode="json", include=set(SETTINGS))
    return {
        "reported_on": now.astimezone(project.timezone).date(),
        "made_at": now.astimezone(UTC),
        "made_with": made_with,
        "coded_with": " ".join(project.store.current("call_reasons")),
        "taxonomy": read_taxonomy(project.taxonomy / TAXONOMY_FILE).fingerprint,
        "encoder": find_reason_fingerprint(project.encoder, settings.models),
        "settings": hash_text(json.dumps(told, sort_keys=True)),
    }


def _add_codes(reasons: Sequence[Row], codes: Sequence[Code], totals: Sequence[Row]) -> list[dict[str, object]]:
    """Add what the taxonomy says of each code to its row over all time, and such a row where it has none."""
    start = next((row["period_start"] for row in totals if row["period"] == "all"), None)
    known = {code.number: code for code in codes}
    seen = {row["reason_id"] for row in reasons if row["reason_kind"] == "code"}
    made = [
        {**row, **_describe_code(known[row["reason_id"]])}
        if row["period"] == "all" and row["reason_kind"] == "code" and row["reason_id"] in known
        else dict(row)
        for row in reasons
    ]
    return made + [
        {
            "reason_kind": "code",
            "reason_id": code.number,
            "name_en": code.name("en"),
            "name_zh": code.name("zh"),
            "owner": code.owner or None,
            "period": "all",
            "period_start": start,
            "n_calls": 0,
            "share_ratio": 0.0,
            "hours": 0.0,
            "cost": 0.0,
            **_describe_code(code),
        }
        for code in codes
        if code.number not in seen
    ]


def _describe_code(code: Code) -> dict[str, object]:
    return {
        "unit_cost": code.unit_cost,
        "status": code.status,
        "merged_into": code.merged_into,
        "examples_id": hash_text(json.dumps([code.examples, code.not_examples], ensure_ascii=False)),
    }
