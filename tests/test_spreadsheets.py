"""Spreadsheets: rows go out to CSV and Excel and come back as they were, and none of them runs."""

import csv
from datetime import date

import openpyxl
import pytest

from pipeline.errors import InputError
from pipeline.spreadsheets import guard_text, read_sheet, unguard_text, write_sheet

ROWS = [
    {"code": "007", "example": "=1+1"},
    {"code": "101", "example": '货没到, "still" nothing'},
    {"code": "101", "example": "'-5 % was not taken off"},
    {"code": "102", "example": ""},
]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_rows_come_back_as_they_went(tmp_path, suffix):
    """Leading zeros, commas, quotes, Chinese and formulas survive both kinds of file."""
    write_sheet(tmp_path / f"codes{suffix}", "codes", ROWS, ["code", "example"])
    assert read_sheet(tmp_path / f"codes{suffix}") == ROWS


def test_a_csv_holds_no_formula_and_opens_as_utf8(tmp_path):
    """An apostrophe stands before what Excel would run, and a byte order mark says how to read it."""
    write_sheet(tmp_path / "codes.csv", "codes", ROWS, ["code", "example"])
    content = (tmp_path / "codes.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    cells = [cell for row in csv.reader(content.decode("utf-8-sig").splitlines()) for cell in row]
    assert not [cell for cell in cells if cell[:1] in "=+-@" and cell]


def test_a_workbook_holds_no_formula(tmp_path):
    """Every cell is words."""
    write_sheet(tmp_path / "codes.xlsx", "codes", ROWS, ["code", "example"])
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "codes.xlsx").active for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}


@pytest.mark.parametrize("text", ["=1", "'=1", "''@x", " -2", "＝x", "plain", "'plain", "", "'"])
def test_the_guard_can_be_taken_away(text):
    """Guarding and taking the guard away leaves every text as it was."""
    assert unguard_text(guard_text(text)) == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csvs_of_every_excel_are_read(tmp_path, encoding, delimiter):
    """Comma, semicolon or tab, UTF-8 with or without a mark, and what a Chinese Excel saves."""
    (tmp_path / "codes.csv").write_bytes(f"code{delimiter}example\r\n101{delimiter}货没到\r\n".encode(encoding))
    assert read_sheet(tmp_path / "codes.csv") == [{"code": "101", "example": "货没到"}]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_an_empty_row_is_a_row(tmp_path, suffix):
    """Rows keep their place in the file, so that messages can number them."""
    rows = [{"code": "101"}, {"code": ""}, {"code": "102"}]
    write_sheet(tmp_path / f"codes{suffix}", "codes", rows, ["code"])
    assert read_sheet(tmp_path / f"codes{suffix}") == rows


def test_numbers_in_cells_are_read_as_people_see_them(tmp_path):
    """A cell that holds the number 101 says 101, a day says its date, and an empty one nothing."""
    workbook = openpyxl.Workbook()
    workbook.active.append(["code", "target_by", "unit_cost", None])
    workbook.active.append([101.0, date(2027, 3, 31), 12.5, None])
    workbook.save(tmp_path / "codes.xlsx")
    assert read_sheet(tmp_path / "codes.xlsx") == [{"code": "101", "target_by": "2027-03-31", "unit_cost": "12.5"}]


@pytest.mark.parametrize(
    ("name", "content"), [("codes.xlsx", b"code,example"), ("codes.csv", b""), ("codes.txt", b"x")]
)
def test_a_file_that_is_something_else_is_named(tmp_path, name, content):
    """The message begins with the file and says what it should be."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match="codes"):
        read_sheet(tmp_path / name)
    with pytest.raises(InputError, match="is not there"):
        read_sheet(tmp_path / "gone" / name)
    with pytest.raises(InputError, match=r"not there|should end"):
        write_sheet(tmp_path / "gone" / name, "codes", ROWS, ["code"])
