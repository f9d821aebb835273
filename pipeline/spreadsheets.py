"""Spreadsheets: rows of text out to CSV and Excel and in again, as people and their programs write them.

What is written never runs: a workbook holds words only, and in a CSV an apostrophe stands before what a spreadsheet
would take for a formula. Reading takes that apostrophe away again.

Errors: InputError when a file cannot be read as what its suffix says.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from pipeline.delimited import name_cells, read_delimited
from pipeline.errors import InputError
from pipeline.tables import write_atomically

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

SUFFIXES = (".csv", ".xlsx")
# A spreadsheet takes a cell that starts like this for a formula, even after spaces; its full-width twins too.
FORMULA = re.compile(r"^\s*[=+\-@\t\r＝＋－＠]")
GUARDED = re.compile(r"^'+\s*[=+\-@\t\r＝＋－＠]")
HEADING = {"bold": True, "bg_color": "#E6EFF1", "bottom": 1, "bottom_color": "#0E6274"}
WORDS_ONLY = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
MIN_WIDTH, MAX_WIDTH = 8, 70  # characters
N_MEASURED = 500  # rows that decide how wide a column is

Row = dict[str, str]


def guard_text(text: str) -> str:
    """Put an apostrophe before words that a spreadsheet would run."""
    return f"'{text}" if FORMULA.match(text) or GUARDED.match(text) else text


def unguard_text(text: str) -> str:
    """Take that apostrophe away."""
    return text[1:] if GUARDED.match(text) else text


def read_sheet(path: Path) -> list[Row]:
    """Read the rows of a CSV (UTF-8 or GB18030; comma, semicolon or tab) or of a workbook's first sheet, as text.

    Empty rows are rows, so that the first is always the file's second.

    Raises:
        InputError: The file is not there, the suffix is neither, or the content is not what it says.
    """
    if not path.is_file():
        raise InputError(f"{path} is not there. Check the path.")
    if path.suffix.lower() == ".xlsx":
        return _read_workbook(path)
    _check_suffix(path)
    read = read_delimited(path)
    return [name_cells(read.heading, [unguard_text(cell) for cell in cells]) for _, cells in read.rows]


def write_sheet(path: Path, title: str, rows: Sequence[Row], columns: Sequence[str]) -> None:
    """Write rows of text, whole or not at all, to a CSV that Excel opens as UTF-8 or to a workbook.

    Raises:
        InputError: The suffix is neither, or the folder is not there.
    """
    _check_suffix(path)
    if not path.parent.is_dir():
        raise InputError(f"Folder '{path.parent}' is not there. Make it first.")
    cells = [[row.get(name, "") for name in columns] for row in rows]
    make = _make_workbook if path.suffix.lower() == ".xlsx" else _make_csv
    write_atomically(path, make(title, [list(columns), *cells]))


def _check_suffix(path: Path) -> None:
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path} should end in {' or '.join(SUFFIXES)}.")


def _read_workbook(path: Path) -> list[Row]:
    from openpyxl import load_workbook

    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
        lines = [[_to_text(cell) for cell in line] for line in workbook.worksheets[0].iter_rows(values_only=True)]
        workbook.close()
    except (OSError, BadZipFile, KeyError, ValueError, IndexError):
        raise InputError(f"{path} is not an Excel workbook. Save it as .xlsx, or as CSV.") from None
    if not lines:
        raise InputError(f"{path} is empty. Its first sheet starts with a row of column names.")
    header = lines[0]
    return [{name: cell for name, cell in zip(header, line, strict=False) if name} for line in lines[1:]]


def _to_text(cell: object) -> str:
    """Write a cell as a person reads it: 101, not 101.0."""
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _make_csv(_: str, lines: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([guard_text(cell) for cell in line] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def _make_workbook(title: str, lines: Sequence[Sequence[str]]) -> bytes:
    import xlsxwriter

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, WORDS_ONLY) as workbook:
        heading, as_text = workbook.add_format(HEADING), workbook.add_format({"num_format": "@", "valign": "top"})
        worksheet: Worksheet = workbook.add_worksheet(title)
        for index, column in enumerate(zip(*lines, strict=True)):
            worksheet.set_column(index, index, _find_width(column), as_text)
        for row_index, line in enumerate(lines):
            for index, cell in enumerate(line):
                worksheet.write_string(row_index, index, cell, None if row_index else heading)
        worksheet.freeze_panes(1, 1)
        worksheet.autofilter(0, 0, len(lines) - 1, len(lines[0]) - 1)
    return content.getvalue()


def _find_width(column: Sequence[str]) -> int:
    lengths = [sum(2 if ord(sign) > 0x2E7F else 1 for sign in cell) for cell in column[:N_MEASURED]]
    return min(MAX_WIDTH, max([MIN_WIDTH, *lengths]) + 2)
