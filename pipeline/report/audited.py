"""Audited: counts, shares and costs corrected by what people found in a sample, in place of bare ones.

Reads audited_reasons, which is there only after an audit. Where the audit covers the same days as the report, its
figures stand in the report's tables, first words, charts and bills; else only in a section of their own, with their
days.

Errors: none of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from pipeline.tables import Store

if TYPE_CHECKING:
    from pipeline.report.actions import Actions, Bill, Corner
    from pipeline.report.reasons import Reason

TABLE, OWNER = "audited_reasons", "owner"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """An estimate and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class AuditedReason:
    """One code, kind of no-code or owner, as counted and corrected; what nothing can be said of is null."""

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

    def find(self, key: str) -> Figure:
        """Find `n_calls` or `cost`."""
        return {"n_calls": self.n_calls, "cost": self.cost}[key]


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
    owners: tuple[AuditedReason, ...]

    def by_anchor(self, first_day: date | None, last_day: date | None) -> dict[str, AuditedReason]:
        """Find what stands in place of bare figures, owners' too: all when the days are the report's, else nothing."""
        is_same = (self.first_day, self.last_day) == (first_day, last_day)
        return {one.anchor: one for one in (*self.reasons, *self.owners)} if is_same else {}


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
        reasons=_list_reasons([row for row in rows if row["reason_kind"] in {"code", "no_code"}], language),
        owners=_list_reasons([row for row in rows if row["reason_kind"] == OWNER], language),
    )


def sort_reasons(reasons: Sequence["Reason"], estimates: Mapping[str, AuditedReason]) -> tuple["Reason", ...]:
    """Put reasons in the order of their corrected counts, where they have any."""
    return tuple(sorted(reasons, key=lambda reason: -find_amount(reason, "n_calls", estimates)))


def find_amount(reason: "Reason", key: str, estimates: Mapping[str, AuditedReason]) -> float:
    """Find a reason's `n_calls` or `cost`: corrected where it is."""
    found = estimates.get(reason.anchor)
    return found.find(key).value if found else float(getattr(reason, key))


def correct_actions(actions: "Actions", estimates: Mapping[str, AuditedReason]) -> "Actions":
    """Put corrected figures into bills and into the two-by-two."""
    if not estimates:
        return actions
    bills = [_correct_bill(bill, estimates) for bill in actions.bills]
    corners = [_correct_corner(corner, estimates) for corner in actions.corners]
    return replace(
        actions,
        bills=tuple(sorted(bills, key=lambda bill: (-bill.cost, bill.owner))),
        corners=tuple(sorted(corners, key=lambda one: (-one.cost, one.reason.anchor))),
    )


def _correct_bill(bill: "Bill", estimates: Mapping[str, AuditedReason]) -> "Bill":
    """Correct a bill's sum, calls and share, and those of its reasons; hours and feelings stay as counted."""
    found = estimates.get(f"{OWNER}-{bill.owner}")
    if found is None:
        return bill
    owned = [
        (reason, one.n_calls.value, one.cost.value)
        if (one := estimates.get(reason.anchor))
        else (reason, n_calls, cost)
        for reason, n_calls, cost in bill.owned
    ]
    dearest = tuple(sorted(owned, key=lambda one: (-one[2], one[0].anchor)))
    share = found.share.value if found.share else bill.share_ratio
    return replace(bill, n_calls=found.n_calls.value, share_ratio=share, cost=found.cost.value, owned=dearest)


def _correct_corner(corner: "Corner", estimates: Mapping[str, AuditedReason]) -> "Corner":
    found = estimates.get(corner.reason.anchor)
    return replace(corner, cost=found.cost.value, n_calls=found.n_calls.value) if found else corner


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
