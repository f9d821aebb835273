"""Office: the report's workbook as LibreOffice reads it, cell by cell beside the CSVs.

    python -m benchmarks.office [--project DIR]

Lets LibreOffice open each language's workbook and write each sheet as CSV. Prints a Markdown row a workbook; ends with
1 when a cell differs or LibreOffice had something to say of the file, with 0 and a line where it is not installed.
"""

import argparse
import csv
import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

Rows = list[list[str]]

# Comma, quotes, UTF-8; every sheet; numbers as they are, not as they are shown.
EXPORT = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
USUAL = (
    "convert ",
    "Writing ",
    "Overwriting",
    "Warning: failed to launch javaldx",
)  # the last is about Java, not about the file
TIMEOUT_S = 300
SMALL = 1e-6  # CSVs have six digits after the point
HEAD = (
    "| language | sheets | rows | cells | numbers | sum of the numbers, workbook | CSVs | differ |\n| --- |"
    + " ---: |" * 7
)


@dataclass
class Compared:
    """What came of one workbook beside its CSVs; `differ` names sheet, row and column, never a cell."""

    n_sheets: int
    n_rows: int = 0
    n_cells: int = 0
    n_numbers: int = 0
    sum_workbook: float = 0.0
    sum_csvs: float = 0.0
    differ: tuple[str, ...] = ()


def convert(workbook: Path, folder: Path) -> tuple[list[Path], str]:
    """Let LibreOffice write each sheet as a CSV, in the workbook's order; also returns what it complained of."""
    command = ["soffice", "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
    made = subprocess.run(
        [*command, "--convert-to", EXPORT, "--outdir", str(folder / "sheets"), str(workbook)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    said = [line for line in (made.stdout + made.stderr).splitlines() if line and not line.startswith(USUAL)]
    names = list_titles(workbook)
    paths = [folder / "sheets" / f"{workbook.stem}-{name}.csv" for name in names]
    said += [f"{path.name} was not written" for path in paths if not path.exists()]
    return [path for path in paths if path.exists()], "; ".join(said)


def list_titles(workbook: Path) -> list[str]:
    """List the sheets' titles in order."""
    from openpyxl import load_workbook

    with ZipFile(workbook) as archive:
        broken = archive.testzip()
    if broken:
        raise ValueError(f"{workbook.name} is damaged at {broken}")
    opened = load_workbook(workbook, read_only=True)
    titles = list(opened.sheetnames)
    opened.close()
    return titles


def read_csv(path: Path) -> Rows:
    """Read a CSV's cells."""
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def compare(sheets: Sequence[Rows], csvs: Sequence[Rows]) -> Compared:
    """Compare sheets with the CSVs that have the same headings."""
    by_heading = {tuple(rows[0]): rows for rows in csvs}
    found, differ = Compared(len(sheets)), list[str]()
    for n_sheet, rows in enumerate(sheets, start=1):
        same = by_heading.pop(tuple(rows[0]), None)
        if same is None or len(same) != len(rows):
            differ.append(f"sheet {n_sheet}: its CSV has {'other headings' if same is None else 'other rows'}")
            continue
        found.n_rows += len(rows) - 1
        differ += [f"sheet {n_sheet}, {where}" for where in _compare_rows(found, rows[1:], same[1:])]
    differ += ["a CSV without a sheet" for _ in by_heading]
    found.differ = tuple(differ)
    return found


def _compare_rows(found: Compared, rows: Rows, same: Rows) -> Iterator[str]:
    for n_row, (cells, others) in enumerate(zip(rows, same, strict=True), start=2):
        for n_column, (cell, other) in enumerate(zip(cells, others, strict=True), start=1):
            found.n_cells += 1
            number, expected = _read_number(cell), _read_number(other)
            if number is not None and expected is not None:
                found.n_numbers += 1
                found.sum_workbook += number
                found.sum_csvs += expected
            if not _is_same(cell, other, number, expected):
                yield f"row {n_row}, column {n_column}"


def _is_same(cell: str, other: str, number: float | None, expected: float | None) -> bool:
    if number is not None and expected is not None:
        return abs(number - expected) <= SMALL
    return cell == other.removeprefix("'") or _read_moment(cell) == _read_moment(other) is not None


def _read_number(text: str) -> float | None:
    """Read a number; LibreOffice writes a share as a percentage, with all its digits."""
    try:
        return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return None


def _read_moment(text: str) -> datetime | None:
    """Read a time to the minute, which is what a sheet shows."""
    try:
        return datetime.fromisoformat(text).replace(second=0, tzinfo=None)
    except ValueError:
        return None


def main(write: Callable[[str], object] = sys.stdout.write) -> int:
    """Convert, compare, print."""
    parser = argparse.ArgumentParser(description="The workbook as LibreOffice reads it, beside the CSVs.")
    parser.add_argument("--project", type=Path, default=Path(), help="A working folder with reports.")
    workbooks = sorted((parser.parse_args().project / "reports").glob("*/report.xlsx"))
    if not shutil.which("soffice"):
        write("LibreOffice is not installed, so nothing was compared: apt-get install libreoffice-calc-nogui\n")
        return 0
    write(f"{HEAD}\n")
    code = 0 if workbooks else 1
    for workbook in workbooks:
        with tempfile.TemporaryDirectory() as folder:
            paths, said = convert(workbook, Path(folder))
            csvs = [read_csv(path) for path in sorted((workbook.parent / "csv").glob("*.csv"))]
            found = compare([read_csv(path) for path in paths], csvs)
        sums = f"{found.sum_workbook:.6f} | {found.sum_csvs:.6f}"
        counts = f"{found.n_sheets} | {found.n_rows} | {found.n_cells} | {found.n_numbers}"
        write(f"| {workbook.parent.name} | {counts} | {sums} | {len(found.differ)} |\n")
        code |= int(bool(found.differ or said))
        for line in (*found.differ[:20], *([f"LibreOffice said: {said}"] if said else [])):
            write(f"\n{line}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
