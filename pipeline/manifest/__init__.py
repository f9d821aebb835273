"""Manifest: a CSV with a row a call, its column names mapped to ours, its cells read as what they say.

A cell that cannot be read leaves its column empty and is counted; the call stays. Rows that are no calls are left out
and counted.

Errors: InputError when a file or its columns are wrong. Messages hold row numbers and column names, never a cell.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import cells
from pipeline.config import IngestSettings
from pipeline.delimited import Delimited, read_delimited
from pipeline.manifest.columns import map_columns
from pipeline.manifest.habits import Habits, Row, find_habits

TOTALS = frozenset({"total", "grand total", "totals", "sum", "summe", "gesamt", "合计", "总计", "小计"})


@dataclass(frozen=True)
class Manifest:
    """A manifest's calls, each with its row's number, and what of it says nothing about calls.

    `lines` are the rows' cells as they stand; `left_out` counts rows that are no calls, `too_long` numbers those whose
    cells do not fit the heading, `rounded` those whose call id a spreadsheet has rounded; `unused` are headings that
    nothing reads.
    """

    rows: tuple[tuple[int, Row], ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    habits: Habits = field(default_factory=Habits)
    left_out: Mapping[str, int] = field(default_factory=dict)
    too_long: tuple[int, ...] = ()
    rounded: tuple[int, ...] = ()
    unused: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()


def read_manifest(path: Path, settings: IngestSettings) -> Manifest:
    """Read a manifest into rows of our columns; a column the manifest lacks is absent, an empty cell is ''.

    Raises:
        InputError: The file cannot be read as a CSV, or its columns cannot be mapped.
    """
    read = read_delimited(path)
    columns = map_columns(read.heading, settings.columns, path)
    indexes = {ours: read.heading.index(theirs) for ours, theirs in columns.items()}
    left_out, rows, rounded = Counter[str](), list[tuple[int, Row]](), list[int]()
    lines = list[tuple[str, ...]]()
    too_long = tuple(n_row for n_row, line in read.rows if any(line[len(read.heading) :]))
    for n_row, line in read.rows:
        kind = _find_left_out(line, read, indexes)
        left_out.update([kind] if kind else [])
        if kind or n_row in too_long:
            continue
        row = {ours: line[index] if index < len(line) else "" for ours, index in indexes.items()}
        rounded += [n_row] if cells.ROUNDED.fullmatch(row.get("call_id", "")) else []
        rows.append((n_row, _drop_useless_id(row)))
        lines.append(line)
    habits = find_habits([row for _, row in rows], settings, columns, read.delimiter)
    unused = tuple(name for name in read.heading if name and name not in columns.values())
    return Manifest(tuple(rows), columns, habits, dict(left_out), too_long, tuple(rounded), unused, tuple(lines))


def _find_left_out(line: Sequence[str], read: Delimited, indexes: Mapping[str, int]) -> str:
    """Say why a row is no call; '' when it is one."""
    if not any(line):
        return "empty"
    if line == read.heading:
        return "heading"
    where = {0, *(indexes[name] for name in ("call_id", "recording", "started_at") if name in indexes)}
    named = [line[index] for index in where if index < len(line)]
    return "total" if any(cell.strip(" :：").lower() in TOTALS for cell in named) else ""


def _drop_useless_id(row: Row) -> Row:
    """Let a row whose call id tells no call from others stand for itself."""
    call_id = row.get("call_id", "")
    useless = call_id and (cells.ROUNDED.fullmatch(call_id) or not cells.clean_cell(call_id))
    return {**row, "call_id": ""} if useless else row
