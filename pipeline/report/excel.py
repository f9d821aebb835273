"""Excel: the sheets as one workbook of real numbers and days, with filters and frozen headings.

Words are written as words: no cell is a formula, a link or a number that somebody only said.

Errors: none of its own. A long sheet is cut, its last row says so, and its CSV has every row.
"""

import io
import re
from datetime import date, datetime
from typing import TYPE_CHECKING

from pipeline.report.sheets import Column, Sheet
from pipeline.words import Words

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MAX_ROWS = 10_000  # of a sheet: more than people read, few enough to open and to be written at once
FORMATS = {
    "text": {},
    "count": {"num_format": "#,##0"},
    "ratio": {"num_format": "0.0%"},
    "seconds": {"num_format": "#,##0"},
    "hours": {"num_format": "#,##0.00"},
    "money": {"num_format": "#,##0.00"},
    "day": {"num_format": "yyyy-mm-dd", "align": "left"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm", "align": "left"},
}
HEADING = {
    "bold": True,
    "text_wrap": True,
    "valign": "top",
    "bg_color": "#E6EFF1",
    "bottom": 1,
    "bottom_color": "#0E6274",
}
WIDTHS = {"text": 20, "count": 11, "ratio": 11, "seconds": 12, "hours": 11, "money": 13, "day": 12, "moment": 17}
MAX_WIDTH = 70  # characters


def make_workbook(sheets: list[Sheet], words: Words, now: datetime) -> bytes:
    """Make the workbook."""
    import xlsxwriter

    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as workbook:
        workbook.set_properties({"title": words("title"), "created": now.replace(tzinfo=None)})
        formats = {kind: workbook.add_format(properties) for kind, properties in FORMATS.items()}
        heading = workbook.add_format(HEADING)
        for sheet in sheets:
            worksheet = workbook.add_worksheet(re.sub(r"[\[\]:*?/\\]", " ", sheet.title)[:31])
            _write_headings(worksheet, sheet, heading, formats)
            _write_rows(worksheet, sheet, words)
    return content.getvalue()


def _write_headings(worksheet: "Worksheet", sheet: Sheet, heading: "Format", formats: "dict[str, Format]") -> None:
    for index, column in enumerate(sheet.columns):
        worksheet.set_column(index, index, _find_width(sheet, index, column), formats[column.kind])
        worksheet.write_string(0, index, column.heading, heading)
    worksheet.freeze_panes(1, 0)
    if sheet.rows:
        worksheet.autofilter(0, 0, min(len(sheet.rows), MAX_ROWS), len(sheet.columns) - 1)


def _find_width(sheet: Sheet, index: int, column: Column) -> float:
    if column.kind != "text":
        return WIDTHS[column.kind]
    lengths = [sum(2 if ord(sign) > 0x2E7F else 1 for sign in str(row[index] or "")) for row in sheet.rows[:500]]
    return min(MAX_WIDTH, max([8, len(column.heading), *lengths]) + 2)


def _write_rows(worksheet: "Worksheet", sheet: Sheet, words: Words) -> None:
    rows = sheet.rows
    if len(rows) > MAX_ROWS:
        rows = (*rows[: MAX_ROWS - 1], (words("sheet.cut", n=words.number(len(rows) - MAX_ROWS + 1)),))
    for row_index, row in enumerate(rows, start=1):
        for index, value in enumerate(row):
            _write_cell(worksheet, row_index, index, value)


def _write_cell(worksheet: "Worksheet", row_index: int, index: int, value: object) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        worksheet.write_datetime(row_index, index, value.replace(tzinfo=None))
    elif isinstance(value, date):
        worksheet.write_datetime(row_index, index, datetime(value.year, value.month, value.day))  # noqa: DTZ001
    elif isinstance(value, int | float):
        worksheet.write_number(row_index, index, value)
    else:
        worksheet.write_string(row_index, index, str(value))
