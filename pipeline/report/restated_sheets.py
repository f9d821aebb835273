"""Restated sheets: each week and month as reported and restated, for the workbook and the CSVs.

Errors: none of its own.
"""

from pipeline.report.causes import describe_causes
from pipeline.report.restated import FURTHER, Restated
from pipeline.report.sheets import Column, Sheet
from pipeline.reported import TOTAL
from pipeline.words import Words


def make_restated_sheets(restated: Restated | None, words: Words, currency: str) -> list[Sheet]:
    """Make the sheet of every week and month compared; none where nothing was restated."""
    if restated is None:
        return []
    kinds = {"reported": "count", "restated": "count", "difference": "count", "cost_reported": "money"}
    kinds |= {"cost_restated": "money", "period_start": "day"}
    named = ("period", "period_start", "code", "reason", "kind")
    told = ("reported", "restated", "difference", "cost_reported", "cost_restated", "why")
    headings = [words(f"column.{name}") for name in named] + [
        words(f"restated.column.{name}", currency=currency) for name in told
    ]
    columns = [
        Column(heading, kinds.get(name, "text")) for name, heading in zip((*named, *told), headings, strict=True)
    ]
    rows = [
        (
            words(f"period.{one.period}"),
            one.period_start,
            one.number,
            words(f"restated.{one.kind}") if one.kind in (TOTAL, FURTHER) else one.name,
            words("restated.check") if one.kind in (TOTAL, FURTHER) else words(f"kind.{one.kind}"),
            one.reported,
            one.restated,
            one.difference,
            one.cost_reported,
            one.cost_restated,
            describe_causes(one.causes, words),
        )
        for one in restated.rows
    ]
    return [Sheet("restated", words("restated.sheet"), tuple(columns), tuple(rows))]
