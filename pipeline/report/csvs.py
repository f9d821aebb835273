"""CSVs: tables for people as text that a spreadsheet opens without running any of it.

Errors: none of its own.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from pipeline.spreadsheets import guard_text


def make_csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Make a CSV; words that look like a formula get an apostrophe before them, numbers stay numbers."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([guard_text(heading) for heading in headings])
    writer.writerows([_write_cell(value) for value in row] for row in rows)
    return file.getvalue()


def _write_cell(value: object) -> object:
    if isinstance(value, str):
        return guard_text(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return round(value, 6)
    return "" if value is None else value
