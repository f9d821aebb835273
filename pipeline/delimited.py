"""Delimited: text files with a row a line, as spreadsheets and databases write them.

Errors: InputError when a file is no such text; messages hold row numbers and column names, never a cell.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from pipeline.errors import InputError

MAX_CELL_BYTES = 1 << 27
MAX_SAID, MAX_RUNS = 5, 10  # rows, and runs of lines, that a message numbers
BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")  # of UTF-16, as Excel writes "Unicode text"
WORKBOOK_START = b"PK\x03\x04"
LONE_HIGH_BYTE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
HIGH_BYTES = re.compile(rb"[\x80-\xff]+")


@dataclass(frozen=True)
class Delimited:
    """A heading and its rows; a row knows its number in the file as a spreadsheet counts, the heading being 1."""

    heading: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    delimiter: str


def decode_text(content: bytes, path: Path) -> str:
    """Decode a text file: UTF-8, UTF-16 with its mark, GB18030, or Western Windows where letters stand alone.

    Raises:
        InputError: It is none of these.
    """
    if content.startswith(WORKBOOK_START):
        raise InputError(f"{path} is a workbook, not text. Save it as CSV (UTF-8).")
    alone = (
        len(LONE_HIGH_BYTE.findall(content)) > len(HIGH_BYTES.findall(content)) / 2
    )  # Köln: ö has two Latin neighbours
    encodings = ("utf-16",) if content.startswith(BYTE_ORDER_MARKS) else ("utf-8-sig", "cp1252" if alone else "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:  # no text has it; a damaged file has, and UTF-16 without its mark
            return text
    raise InputError(f"{path} is neither UTF-8 nor GB18030 text. Save it as UTF-8.")


def read_delimited(path: Path) -> Delimited:
    """Read a CSV with commas, semicolons or tabs; cells lose the blanks around them.

    Raises:
        InputError: The file cannot be read, has no heading, or a quoted cell does not end.
    """
    try:
        content = path.read_bytes()
    except OSError:
        raise InputError(f"{path} cannot be read. Check that it is there and readable.") from None
    text = decode_text(content, path)
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    rows: list[tuple[str, ...]] = []
    try:
        with allow_long_cells():
            for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
                rows.append(tuple(cell.strip() for cell in cells))
    except csv.Error:
        raise InputError(
            f"{path}, row {len(rows) + 1}: a quoted cell does not end where it should. Double each quote within it."
        ) from None
    if not rows or not any(rows[0]):
        raise InputError(f"{path} is empty. A CSV starts with a line of column names.")
    return Delimited(rows[0], tuple(enumerate(rows[1:], start=2)), delimiter)


@contextmanager
def allow_long_cells() -> Iterator[None]:
    """Let CSVs have long notes; the limit is the interpreter's own, so it is put back for whoever else reads."""
    limit = csv.field_size_limit(MAX_CELL_BYTES)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def read_rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Read a CSV's rows by column name, each with its number, without those that hold nothing; a missing cell is ''.

    Raises:
        InputError: As `read_delimited`.
    """
    read = read_delimited(path)
    return [(n_row, name_cells(read.heading, cells)) for n_row, cells in read.rows if any(cells)]


def name_cells(heading: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """Name a row's cells by their columns; a missing cell is ''."""
    return {name: cell for name, cell in zip_longest(heading, cells[: len(heading)], fillvalue="") if name}


def count_rows(what: str, rows: Collection[int]) -> str:
    """Say how many rows are so, and the first of their numbers; 0 is a row whose number is not known."""
    named = sorted(row for row in rows if row)[:MAX_SAID]
    if not named:
        return f"{len(rows)} {what}"
    more = " …" if len(rows) > len(named) else ""
    return f"{len(rows)} {what} ({'rows' if len(rows) > 1 else 'row'} {', '.join(map(str, named))}{more})"


def count_lines(what: str, lines: Sequence[int], name: str = "line") -> str:
    """Say how many lines are so, which, and of many the first: 2, 5-9, 12 and 31 more."""
    runs: list[list[int]] = []
    for n_line in sorted(lines):
        if runs and n_line == runs[-1][-1] + 1:
            runs[-1].append(n_line)
        else:
            runs.append([n_line])
    named = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs[:MAX_RUNS])
    n_more = sum(map(len, runs[MAX_RUNS:]))
    more = f" and {n_more} more" if n_more else ""
    return f"{len(lines)} {what} ({name}{'s' if len(lines) > 1 else ''} {named}{more})"
