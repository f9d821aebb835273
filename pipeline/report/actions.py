"""Actions: what a company acts on: who pays for what, what was promised, what to do with each reason, what comes back.

Reads owner_metrics, reason_forecasts, reason_values, target_progress, reason_changes, chances, repeat_matrix,
csat_effects, and what `logged` reads.

Errors: none of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.report.logged import Logging, Named, name_reasons, read_logging
from pipeline.tables import Store

N_DEAREST = 5  # reasons a bill names
N_AGAIN = 10
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Bill:
    """What the calls about one department's reasons cost; `owned` are all of them, the dearest first."""

    owner: str
    n_calls: float
    share_ratio: float | None
    n_negative: int
    n_said_failed: int
    hours: float
    cost: float
    owned: tuple[tuple[Named, float, float], ...]

    @property
    def dearest(self) -> tuple[tuple[Named, float, float], ...]:
        """The reasons that the bill names."""
        return self.owned[:N_DEAREST]


@dataclass(frozen=True)
class Forecast:
    """What a reason will cost in twelve months if nothing is done; null where there are too few full weeks."""

    n_weeks: int
    yearly_cost: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Corner:
    """One reason in the two-by-two of customer and company."""

    reason: Named
    customer: str
    company: str
    action: str
    is_proposed: bool
    cost: float
    n_calls: float


@dataclass(frozen=True)
class Promise:
    """One target and how far it has come."""

    reason: Named
    measure: str
    per: str
    who: str
    due_on: date | None
    baseline: float | None
    value: float
    now: float | None
    progress_ratio: float | None
    state: str


@dataclass(frozen=True)
class Rise:
    """A reason that rose in the last full week, and what is behind it."""

    reason: Named
    week: date
    observed: int
    expected: float
    dimension: str
    value: str
    share_ratio: float | None


@dataclass(frozen=True)
class Week:
    """A reason's last full week beside the weeks before it; `change` is rose, fell or same."""

    reason: Named
    week: date
    observed: int
    expected: float
    change: str


@dataclass(frozen=True)
class Again:
    """What customers came back about after something else."""

    trigger: Named
    reason: Named
    n_repeats: float
    cost: float


@dataclass(frozen=True)
class Effect:
    """What one more point of CSAT goes with."""

    outcome: str
    n_calls: int
    per_point: float
    low: float
    high: float


@dataclass(frozen=True)
class Actions:
    """All of it; forecasts and last weeks by anchor."""

    bills: tuple[Bill, ...]
    forecasts: Mapping[str, Forecast]
    corners: tuple[Corner, ...]
    promises: tuple[Promise, ...]
    rises: tuple[Rise, ...]
    again: tuple[Again, ...]
    logging: Logging | None
    effects: tuple[Effect, ...]
    weeks: Mapping[str, Week]

    @property
    def falls(self) -> tuple[Week, ...]:
        """Reasons that fell in the last full week, those that fell most first."""
        fell = [one for one in self.weeks.values() if one.change == "fell"]
        return tuple(sorted(fell, key=lambda one: (one.observed - one.expected, one.reason.anchor)))


def read_actions(store: Store, reason_rows: Sequence[Row], language: str) -> Actions:
    """Read all that can be acted on.

    Args:
        store: Holds what measure wrote.
        reason_rows: Rows of `reason_metrics` over the whole time.
        language: Names' language.
    """
    rows = {(row["reason_kind"], row["reason_id"]): row for row in reason_rows}
    named = name_reasons(reason_rows, language)
    return Actions(
        bills=_read_bills(store, reason_rows, named),
        forecasts={
            named[_key(row)].anchor: Forecast(
                row["n_weeks"], row["yearly_cost"], row["yearly_cost_low"], row["yearly_cost_high"]
            )
            for row in store.list_rows("reason_forecasts")
        },
        corners=_read_corners(store, rows, named),
        promises=_read_promises(store, named),
        rises=_read_rises(store, named),
        again=_read_again(store, named),
        logging=read_logging(store, named),
        effects=tuple(
            Effect(row["outcome"], row["n_calls"], row["per_point"], row["per_point_low"], row["per_point_high"])
            for row in store.list_rows("csat_effects")
        ),
        weeks={
            named[_key(row)].anchor: Week(
                named[_key(row)], row["week"], row["observed"], row["expected"], row["change"]
            )
            for row in store.list_rows("reason_changes")
        },
    )


def _key(row: Row, prefix: str = "reason") -> tuple[str, str]:
    return row[f"{prefix}_kind"], row[f"{prefix}_id"]


def _read_bills(store: Store, reason_rows: Sequence[Row], named: Mapping[tuple[str, str], Named]) -> tuple[Bill, ...]:
    owned: dict[str, list[tuple[Named, float, float]]] = {}
    for row in sorted(reason_rows, key=lambda row: (-row["cost"], row["reason_id"])):
        if row["owner"]:
            owned.setdefault(row["owner"], []).append((named[_key(row)], row["n_calls"], row["cost"]))
    bills = [
        Bill(
            row["owner"], row["n_calls"], row["share_ratio"], row["n_negative"], row["n_said_failed"], row["hours"],
            row["cost"], tuple(owned.get(row["owner"], ())),
        )
        for row in store.list_rows("owner_metrics")
        if row["period"] == "all"
    ]  # fmt: skip
    return tuple(sorted(bills, key=lambda bill: (-bill.cost, bill.owner)))


def _read_corners(
    store: Store, rows: Mapping[tuple[str, str], Row], named: Mapping[tuple[str, str], Named]
) -> tuple[Corner, ...]:
    corners = [
        Corner(
            named[_key(row)], row["customer"], row["company"], row["action"],
            row["is_customer_proposed"] or row["is_company_proposed"],
            rows[_key(row)]["cost"], rows[_key(row)]["n_calls"],
        )
        for row in store.list_rows("reason_values")
    ]  # fmt: skip
    return tuple(sorted(corners, key=lambda one: (-one.cost, one.reason.anchor)))


def _read_promises(store: Store, named: Mapping[tuple[str, str], Named]) -> tuple[Promise, ...]:
    order = ("missed", "behind", "on_track", "unknown", "reached")
    promises = [
        Promise(
            named.get(("code", row["code"])) or Named("", row["code"], ""), row["measure"], row["per"], row["who"],
            row["due_on"], row["baseline"], row["value"], row["now"], row["progress_ratio"], row["state"],
        )
        for row in store.list_rows("target_progress")
    ]  # fmt: skip
    return tuple(sorted(promises, key=lambda one: (order.index(one.state), one.reason.number)))


def _read_rises(store: Store, named: Mapping[tuple[str, str], Named]) -> tuple[Rise, ...]:
    rises = [
        Rise(
            named[_key(row)], row["week"], row["observed"], row["expected"], row["dimension"] or "", row["value"] or "",
            row["share_ratio"],
        )
        for row in store.list_rows("chances")
    ]  # fmt: skip
    return tuple(sorted(rises, key=lambda one: (one.expected - one.observed, one.reason.anchor)))


def _read_again(store: Store, named: Mapping[tuple[str, str], Named]) -> tuple[Again, ...]:
    rows = sorted(store.list_rows("repeat_matrix"), key=lambda row: (-row["n_repeats"], -row["cost"], row["reason_id"]))
    return tuple(
        Again(named[_key(row, "trigger")], named[_key(row)], row["n_repeats"], row["cost"]) for row in rows[:N_AGAIN]
    )
