"""Reasons table: what `show reasons` prints of each reason, corrected by an audit where there is one.

Errors: none of its own.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from pipeline.report import Reason
    from pipeline.report.audited import AuditedReason, Figure


def make_reasons_table(reasons: "Sequence[Reason]", corrected: "Mapping[str, AuditedReason]") -> Table:
    """Make the counts-and-cost table; `corrected` stands in place of what was counted, by anchor."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("reason", "name", "owner"):
        table.add_column(column, overflow="fold")
    currency = reasons[0].currency if reasons else ""
    for column in ("calls", "share", "- / 0 / +", "minutes", "repeats", "hours", f"cost {currency}"):
        table.add_column(column, justify="right", no_wrap=True)
    for reason in reasons:
        table.add_row(*_sum_up(reason, corrected.get(reason.anchor)))
    return table


def describe_corrected(found: "AuditedReason | None") -> dict[str, object]:
    """Say the audit's estimates beside what was counted."""
    if found is None:
        return {}
    figures = {"n_calls": found.n_calls, "share_ratio": found.share, "cost": found.cost}
    return {"corrected": {name: vars(figure) for name, figure in figures.items() if figure}}


def _sum_up(reason: "Reason", found: "AuditedReason | None") -> list[str]:
    share = found.share.value if found and found.share else reason.share_ratio
    return [
        reason.number or {"candidate": "new", "no_code": "-"}.get(reason.kind, ""),
        reason.name.replace("[", r"\["),
        reason.owner.replace("[", r"\["),
        _write_range(found.n_calls) if found else str(reason.n_calls),
        "" if share is None else f"{share:.0%}",
        f"{reason.n_negative} / {reason.n_neutral} / {reason.n_positive}",
        "" if reason.handle_time_s is None else f"{reason.handle_time_s / 60:.1f}",
        "" if reason.n_repeat_calls is None else str(reason.n_repeat_calls),
        f"{reason.hours:.2f}",
        _write_range(found.cost, 2) if found else f"{reason.cost:.2f}",
    ]


def _write_range(figure: "Figure", n_digits: int = 0) -> str:
    return f"{figure.value:.{n_digits}f} ({figure.low:.{n_digits}f}–{figure.high:.{n_digits}f})"
