"""Audited sheets: the audit as a sheet of its own, and its figures in place of bare ones in the sheet of reasons.

Errors: none of its own.
"""

from dataclasses import replace

from pipeline.report.audited import AuditedReason, Corrected, Figure
from pipeline.report.content import Content
from pipeline.report.sheets import Column, Sheet
from pipeline.words import Words

NAMED = ("code", "reason", "kind")
FIGURES = {"n_calls": "hours", "share_ratio": "ratio", "cost": "money"}  # a corrected count is no whole number
RATIOS = ("precision", "recall", "agreement")
ENDS = ("low", "high")


def make_audited_sheets(corrected: Corrected | None, words: Words, currency: str) -> list[Sheet]:
    """Make the sheet of the audit; none without one."""
    if corrected is None:
        return []
    columns = [Column(words(f"column.{name}"), "text") for name in NAMED]
    columns.append(Column(words("audited.column.n_counted"), "count"))
    for name, kind in FIGURES.items():
        columns += _make_columns(words(f"column.{name}", currency=currency), kind, words)
    columns.append(Column(words("audited.column.cost_counted", currency=currency), "money"))
    for name in RATIOS:
        columns += _make_columns(words(f"audited.column.{name}"), "ratio", words)
    rows = [_make_row(one, words) for one in (*corrected.reasons, *corrected.owners)]
    return [Sheet("audited", words("audited.sheet"), tuple(columns), tuple(rows))]


def correct_reasons(sheets: list[Sheet], content: Content, words: Words) -> list[Sheet]:
    """Put corrected figures into the sheet of reasons, their ends and the bare ones behind; others stay as they are."""
    estimates = content.estimates
    if not estimates:
        return sheets
    return [_correct(sheet, content, words) if sheet.name == "reasons" else sheet for sheet in sheets]


def _correct(sheet: Sheet, content: Content, words: Words) -> Sheet:
    headings = [column.heading for column in sheet.columns]
    places = {name: headings.index(words(f"column.{name}", currency=content.currency)) for name in FIGURES}
    columns = list(sheet.columns)
    added: list[Column] = []
    for name, kind in FIGURES.items():
        at = places[name]
        columns[at] = Column(headings[at], kind)
        added += _make_columns(headings[at], kind, words)[1:]
        added.append(Column(words("audited.column.counted", what=headings[at]), sheet.columns[at].kind))
    rows = []
    for reason, row in zip((*content.reasons, *content.no_codes), sheet.rows, strict=True):
        one = content.estimates.get(reason.anchor)
        cells, more = list(row), []
        for name, figure in (_list_figures(one) if one else dict.fromkeys(FIGURES)).items():
            at = places[name]
            more += [figure.low if figure else None, figure.high if figure else None, row[at] if one else None]
            cells[at] = figure.value if figure else row[at]
        rows.append((*cells, *more))
    return replace(sheet, columns=(*columns, *added), rows=tuple(rows))


def _list_figures(one: AuditedReason) -> dict[str, Figure | None]:
    return {"n_calls": one.n_calls, "share_ratio": one.share, "cost": one.cost}


def _make_columns(heading: str, kind: str, words: Words) -> list[Column]:
    ends = [Column(words(f"audited.column.{end}", what=heading), kind) for end in ENDS]
    return [Column(heading, kind), *ends]


def _make_row(one: AuditedReason, words: Words) -> tuple[object, ...]:
    row: list[object] = [one.number, one.name, words(f"kind.{one.kind}"), one.n_counted]
    for figure in (one.n_calls, one.share, one.cost):
        row += _spread(figure)
    row.append(one.cost_counted)
    for figure in (one.precision, one.recall, one.agreement):
        row += _spread(figure)
    return tuple(row)


def _spread(figure: Figure | None) -> list[float | None]:
    return [figure.value, figure.low, figure.high] if figure else [None, None, None]
