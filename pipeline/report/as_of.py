"""As of: what was reported on a day, as a page and CSVs, from the record of that day alone.

Writes `reports/<language>/as_of/<day>/`: report.html, reasons.csv and reasons_by_period.csv. Needs no store.

Errors: InputError when nothing was reported by then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.config import Project
from pipeline.errors import InputError
from pipeline.report.amounts import count_money_digits
from pipeline.report.content import STEPS
from pipeline.report.csvs import make_csv
from pipeline.report.markup import draw_page
from pipeline.reported import TOTAL, list_days, read_record
from pipeline.tables import NO_CODES, write_atomically
from pipeline.words import Words, read_words

FOLDER, PAGE = "as_of", "report.html"
MAX_LISTED = 10  # days that the message names
MAX_MONTHS = 12  # on the page; the CSV has all
MEASURES = ("n_calls", "share_ratio", "n_negative", "n_neutral", "n_positive", "n_repeat_calls",
            "n_said_called_before", "hours", "cost")  # fmt: skip
FUNNEL = tuple(f"n_{step}" for step in STEPS)

Row = Mapping[str, Any]


@dataclass(frozen=True)
class AsReported:
    """One record: the rows over all time, those by month, and the total, which says how it was made."""

    total: Row
    reasons: tuple[Row, ...]
    no_codes: tuple[Row, ...]
    months: tuple[date, ...]
    by_month: Mapping[tuple[str, str, date], int]

    @property
    def n_money_digits(self) -> int:
        """How many digits amounts need so that a small bill adds up before the reader's eyes."""
        return count_money_digits(self.total["cost"] or 0)

    @property
    def kept_codes(self) -> bool:
        """Say whether old calls kept the codes that an earlier taxonomy or model gave them."""
        return " " in self.total["coded_with"]


def find_day(project: Project, day: date) -> date:
    """Find the last day, up to this one, of which there is a record.

    Raises:
        InputError: There is none; the message says which days there are.
    """
    days = list_days(project)
    if earlier := [one for one in days if one <= day]:
        return earlier[-1]
    if not days:
        raise InputError("Nothing was reported yet. `callreasons run` writes a report and keeps what it says.")
    listed = ", ".join(str(one) for one in days[:MAX_LISTED])
    more = f" and {len(days) - MAX_LISTED} more, the last {days[-1]}" if len(days) > MAX_LISTED else ""
    raise InputError(f"Nothing was reported on or before {day}. Name one of these days or later: {listed}{more}.")


def write_as_of(project: Project, day: date) -> Path:
    """Write what was last reported on or before a day, in the project's language, and say where the page lies.

    Raises:
        InputError: Nothing was reported by then, or the record is broken.
    """
    found = find_day(project, day)
    words = read_words(project.settings.report.language)
    rows = [_name(row, words) for row in read_record(project, found).to_pylist()]
    folder = project.reports / words.language / FOLDER / found.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    said = gather(rows)
    whole = [row for row in rows if row["period"] == "all"]
    _write_csv(folder / "reasons.csv", ("code", "reason", "kind", "owner"), whole, words)
    by_period = ("period", "period_start", "code", "reason", "kind", "owner")
    _write_csv(folder / "reasons_by_period.csv", by_period, rows, words)
    page = draw_page(
        "as_of.html",
        "report.css",
        words,
        r=said,
        steps=STEPS,
        made_at=words.moment(said.total["made_at"].astimezone(project.timezone)),
        timezone=project.settings.project.timezone,
    )
    write_atomically(folder / PAGE, page.encode("utf-8"))
    return folder / PAGE


def gather(rows: Sequence[Row]) -> AsReported:
    """Put a record's rows where the page looks for them; a code that nobody called about is left out."""
    whole = [row for row in rows if row["period"] == "all" and row["n_calls"]]
    reasons = [row for row in whole if row["reason_kind"] in ("code", "candidate")]
    no_codes = [row for row in whole if row["reason_kind"] == "no_code"]
    total = next(row for row in rows if row["reason_kind"] == TOTAL and row["period"] == "all")
    months = sorted({row["period_start"] for row in rows if row["period"] == "month"})[-MAX_MONTHS:]
    return AsReported(
        total,
        tuple(sorted(reasons, key=lambda row: (-row["n_calls"], -row["cost"], row["reason_id"]))),
        tuple(sorted(no_codes, key=lambda row: NO_CODES.index(row["reason_id"]))),
        tuple(months),
        {(r["reason_kind"], r["reason_id"], r["period_start"]): r["n_calls"] for r in rows if r["period"] == "month"},
    )


def _name(row: Row, words: Words) -> dict[str, Any]:
    """Say what the record's row is called on a page: number, name as it was, kind."""
    kind = row["reason_kind"]
    return {
        **row,
        "code": row["reason_id"] if kind == "code" else "",
        "reason": words("table.total") if kind == TOTAL else row[f"name_{words.language}"],
        "kind": words("as_of.total") if kind == TOTAL else words(f"kind.{kind}"),
    }


def _write_csv(path: Path, names: Sequence[str], rows: Sequence[Row], words: Words) -> None:
    columns = (*names, *MEASURES, *FUNNEL)
    headings = [words(f"column.{name}", currency=rows[0]["currency"] or "") for name in columns]
    cells = [
        tuple(words(f"period.{row['period']}") if name == "period" else row[name] for name in columns) for row in rows
    ]
    text = make_csv(
        [words("as_of.day"), *headings], [(row["reported_on"], *cell) for row, cell in zip(rows, cells, strict=True)]
    )
    write_atomically(path, text.encode("utf-8-sig"))
