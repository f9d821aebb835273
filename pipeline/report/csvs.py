"""CSVs: tables for people as text that a spreadsheet opens without running any of it.

Errors: none of its own.
"""

import base64
import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from pipeline.spreadsheets import guard_text


def make_csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Make a CSV; words that look like a formula get an apostrophe before them, numbers stay numbers."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([guard_text(heading) for heading in headings])
    writer.writerows([WRITTEN[type(value)](value) for value in row] for row in rows)
    return file.getvalue()


def link_csv(text: str) -> str:
    """Put a CSV inside a link, so that the page needs no other file."""
    return "data:text/csv;charset=utf-8;base64," + base64.b64encode(text.encode("utf-8-sig")).decode()


def _keep(value: object) -> object:
    return value


# How a cell of each type is written; the same names and words stand in many rows.
WRITTEN: Mapping[type, Callable[[Any], object]] = {
    str: lru_cache(maxsize=100_000)(guard_text),
    datetime: lambda value: value.isoformat(timespec="seconds"),
    date: date.isoformat,
    float: lambda value: round(value, 6),
    int: _keep,
    bool: _keep,
    type(None): lambda _: "",
}
