"""Measuring: invented calls through every formula, and one row of what comes out."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pyarrow as pa
from invented_calls import TAXONOMY, Invented, make_rows

from pipeline.config import MeasureSettings
from pipeline.measure import NO_ANSWERS, Rules, measure_calls
from pipeline.tables import make_table
from pipeline.taxonomy import Taxonomy
from pipeline.taxonomy.reading import parse_yaml

INVENTED_TAXONOMY = parse_yaml(TAXONOMY, Path("reason_codes.yaml"))


def measure(
    calls: Sequence[Invented],
    taxonomy: Taxonomy = INVENTED_TAXONOMY,
    *,
    timezone: str = "Asia/Shanghai",
    failed: Collection[str] = ("x03",),
    notes: Sequence[dict[str, object]] = (),
    answers: pa.Table = NO_ANSWERS,
    **settings: object,
) -> dict[str, pa.Table]:
    """Measure invented calls."""
    inputs = {name: make_table(name, rows) for name, rows in make_rows(tuple(calls)).items()}
    inputs["note_reasons"] = make_table("note_reasons", notes)
    rules = Rules(MeasureSettings(**settings), timezone)
    return measure_calls(inputs, taxonomy, rules, failed=failed, answers=answers)


def find_reason(tables: dict[str, pa.Table], reason_id: str, period: str = "all") -> dict[str, object]:
    """Find the one row of a reason in a period."""
    rows = tables["reason_metrics"].to_pylist()
    (row,) = [row for row in rows if row["reason_id"] == reason_id and row["period"] == period]
    return row


def find_total(tables: dict[str, pa.Table]) -> dict[str, object]:
    """Find the one row of all calls together."""
    (row,) = [row for row in tables["period_metrics"].to_pylist() if row["period"] == "all"]
    return row
