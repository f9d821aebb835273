"""The workbook beside the CSVs, cell by cell: as openpyxl reads it, and as LibreOffice does where it is installed."""

import shutil
from datetime import datetime

import openpyxl
import pytest
from conftest import NOW, SilentProgress
from invented_calls import CALLS, make_project
from test_report import in_language

from benchmarks.office import compare, convert, read_csv
from pipeline import measure, report
from pipeline.work import Work


@pytest.fixture(scope="module", params=["en", "zh"])
def folder(request, tmp_path_factory):
    """The folder of a report of the invented calls."""
    project = in_language(make_project(tmp_path_factory.mktemp("project"), CALLS), request.param)
    for stage in (measure, report):
        stage.run(Work(project, stage.__name__.rpartition(".")[2], "f1", SilentProgress(), NOW))
    return report.find_report(project).parent


def _read_csvs(folder):
    return [read_csv(path) for path in sorted((folder / "csv").glob("*.csv"))]


def _write_cell(cell):
    if cell.value is None:
        return ""
    is_day = cell.number_format == "yyyy-mm-dd"
    return cell.value.isoformat()[: 10 if is_day else 19] if isinstance(cell.value, datetime) else str(cell.value)


def _read_sheets(folder):
    workbook = openpyxl.load_workbook(folder / "report.xlsx")
    return [[[_write_cell(cell) for cell in row] for row in sheet.iter_rows()] for sheet in workbook]


def test_every_cell_of_the_workbook_is_its_csvs(folder):
    """Every sheet has its CSV with the same headings, rows, words, days and numbers, and so the same sums."""
    found = compare(_read_sheets(folder), _read_csvs(folder))
    assert found.differ == ()
    assert found.n_sheets == len(_read_csvs(folder))
    assert found.n_numbers > 500
    assert found.sum_workbook == pytest.approx(found.sum_csvs, abs=1e-3)


@pytest.mark.parametrize(("value", "n_differ"), [("7", 1), ("7.0000001", 1), ("8", 0), ("8.0000004", 0)])
def test_a_cell_that_differs_is_named(value, n_differ):
    """A number that is not the same is named by sheet, row and column; what rounding does is not."""
    rows = [["reason", "calls"], ["late", "8"]]
    assert len(compare([[rows[0], ["late", value]]], [rows]).differ) == n_differ


def test_a_sheet_without_its_csv_is_named():
    """Neither side may have a table that the other lacks."""
    assert len(compare([[["a"]]], [[["b"]]]).differ) == 2


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_reads_the_workbook_as_it_is_meant(folder, tmp_path):
    """It opens without a word, and every cell is the CSVs'."""
    paths, said = convert(folder / "report.xlsx", tmp_path)
    found = compare([read_csv(path) for path in paths], _read_csvs(folder))
    assert (said, found.differ) == ("", ())
