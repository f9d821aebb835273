"""Reasons: each as the report tells it over the whole time, most calls first.

Errors: MissingTableError when measure has not run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.report.actions import Row
from pipeline.tables import Store


@dataclass(frozen=True)
class Reason:
    """One reason over the whole time; `kind` is code, candidate or no_code."""

    reason_id: str
    kind: str
    name: str
    owner: str
    n_calls: int
    share_ratio: float | None
    n_negative: int
    n_neutral: int
    n_positive: int
    handle_time_s: float | None
    n_handle_time_estimated: int
    n_repeat_calls: int | None
    n_repeats_of_other: int | None
    n_customer_known: int
    n_cases: int | None
    case_time_s: float | None
    resolved_ratio: float | None
    n_over: int | None
    n_said_called_before: int
    handle_time_median_s: float | None
    handle_time_p90_s: float | None
    n_csat: int
    csat: float | None
    hours: float
    cost: float
    caused_cost: float
    currency: str
    first_day: date | None = None

    @property
    def anchor(self) -> str:
        """Its place in the page."""
        return f"{self.kind}-{self.reason_id}"

    @property
    def number(self) -> str:
        """Its number in the taxonomy; a reason without a code has none."""
        return self.reason_id if self.kind == "code" else ""


def read_reason_rows(store: Store) -> list[Row]:
    """Read every row of `reason_metrics`; there are tens of thousands, so a report reads them once.

    Raises:
        MissingTableError: Measure has not run.
    """
    rows: list[Row] = store.read("reason_metrics").to_pylist()
    return rows


def list_reasons(rows: Sequence[Row], language: str) -> tuple[Reason, ...]:
    """List every reason over the whole time: most calls first, then the dearest; those without a code last."""
    days: dict[tuple[str, str], date] = {}
    for row in rows:
        if row["period"] == "day":
            key = (row["reason_kind"], row["reason_id"])
            days[key] = min(days.get(key, row["period_start"]), row["period_start"])
    reasons = [_make_reason(row, language, days) for row in rows if row["period"] == "all"]
    return tuple(sorted(reasons, key=_rank))


def _make_reason(row: Mapping[str, object], language: str, days: Mapping[tuple[str, str], date]) -> Reason:
    names = set(Reason.__dataclass_fields__) - {"kind", "name", "owner", "first_day"}
    kind, reason_id = str(row["reason_kind"]), str(row["reason_id"])
    return Reason(
        kind=kind,
        name=str(row[f"name_{language}"]),
        owner=str(row["owner"] or ""),
        first_day=days.get((kind, reason_id)),
        **{name: row[name] for name in names},  # type: ignore[arg-type]
    )


def _rank(reason: Reason) -> tuple[bool, int, float, str]:
    return reason.kind == "no_code", -reason.n_calls, -reason.cost, reason.reason_id
