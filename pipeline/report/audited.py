"""Audited: counts, shares and costs corrected by what people found in a sample, in place of bare ones.

Reads audited_reasons, which is there only after an audit. Where the audit covers the same days as the report, its
figures stand in the report's tables; else only in a section of their own, with their days.

Errors: none of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from pipeline.tables import Store

if TYPE_CHECKING:
    from pipeline.report.reasons import Reason

TABLE = "audited_reasons"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """An estimate and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class AuditedReason:
    """One code or kind of no-code, as counted and corrected; what nothing can be said of is null."""

    kind: str
    reason_id: str
    name: str
    n_counted: int
    n_calls: Figure
    share: Figure | None
    cost_counted: float
    cost: Figure
    precision: Figure | None
    recall: Figure | None
    agreement: Figure | None

    @property
    def anchor(self) -> str:
        """Its place in the page."""
        return f"{self.kind}-{self.reason_id}"

    @property
    def number(self) -> str:
        """Its number in the taxonomy; a kind of no-code has none."""
        return self.reason_id if self.kind == "code" else ""


@dataclass(frozen=True)
class Corrected:
    """An audit: how many of the calls of which days people answered, and what comes out; most calls first."""

    first_day: date
    last_day: date
    n_calls: int
    n_audited: int
    n_twice: int
    right: Figure | None
    agreement: Figure | None
    reasons: tuple[AuditedReason, ...]

    def by_anchor(self, first_day: date | None, last_day: date | None) -> dict[str, AuditedReason]:
        """Find the figures that stand in place of bare ones: all when the days are the report's, else none."""
        is_same = (self.first_day, self.last_day) == (first_day, last_day)
        return {one.anchor: one for one in self.reasons} if is_same else {}


def read_audited(store: Store, language: str) -> Corrected | None:
    """Read the audit; None where there is none."""
    rows: list[Row] = store.read(TABLE).to_pylist() if store.has(TABLE) else []
    total = next((row for row in rows if row["reason_kind"] == "total"), None)
    if total is None:
        return None
    return Corrected(
        first_day=total["first_day"],
        last_day=total["last_day"],
        n_calls=total["n_counted"],
        n_audited=total["n_audited"],
        n_twice=total["n_twice"],
        right=_read_figure(total, "precision_ratio"),
        agreement=_read_agreement(total),
        reasons=_list_reasons([row for row in rows if row is not total], language),
    )


def sort_reasons(reasons: Sequence["Reason"], estimates: Mapping[str, AuditedReason]) -> tuple["Reason", ...]:
    """Put reasons in the order of their corrected counts, where they have any."""

    def count(reason: "Reason") -> float:
        found = estimates.get(reason.anchor)
        return found.n_calls.value if found else reason.n_calls

    return tuple(sorted(reasons, key=lambda reason: -count(reason)))


def _list_reasons(rows: Sequence[Row], language: str) -> tuple[AuditedReason, ...]:
    made = [
        AuditedReason(
            kind=row["reason_kind"],
            reason_id=row["reason_id"],
            name=row[f"name_{language}"],
            n_counted=row["n_counted"],
            n_calls=Figure(row["n_calls"], row["n_calls_low"], row["n_calls_high"]),
            share=_read_figure(row, "share_ratio"),
            cost_counted=row["cost_counted"],
            cost=Figure(row["cost"], row["cost_low"], row["cost_high"]),
            precision=_read_figure(row, "precision_ratio"),
            recall=_read_figure(row, "recall_ratio"),
            agreement=_read_agreement(row),
        )
        for row in rows
    ]
    return tuple(sorted(made, key=lambda one: (one.kind == "no_code", -one.n_calls.value, one.reason_id)))


def _read_figure(row: Row, name: str) -> Figure | None:
    if row[name] is None:
        return None
    return Figure(row[name], row[f"{name}_low"], row[f"{name}_high"])


def _read_agreement(row: Row) -> Figure | None:
    """Take kappa where two people answered, else alpha."""
    return _read_figure(row, "kappa") or _read_figure(row, "alpha")
