"""Content: everything that one report says, read from the tables once, without a word of its own.

Reads reason_metrics, period_metrics, funnel, dropped, reason_calls, transcripts, near_pairs and what quotes need.

Errors: MissingTableError when measure has not run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.config import MeasureSettings, Project
from pipeline.report.actions import Actions, Row, read_actions
from pipeline.report.amounts import count_hour_digits, count_money_digits
from pipeline.report.basis import Basis, read_basis
from pipeline.report.cuts import Cut, read_cuts
from pipeline.report.pairs import CheckedPair, read_pairs
from pipeline.report.proposals import Gone, Part, read_gone, read_parts
from pipeline.report.quotes import Quote, find_quotes
from pipeline.report.reasons import Reason, list_reasons, read_reason_rows
from pipeline.report.trends import Trend, make_total_trend, make_trends
from pipeline.tables import NO_CODES, Store

if TYPE_CHECKING:
    from pipeline.report.audited import AuditedReason, Corrected
    from pipeline.report.restated import Restated

STEPS = ("offered", "recorded", "heard", "said_why", "coded")
A_YEAR_DAYS = 360  # seasons are shown when nearly all of each is there


@dataclass(frozen=True)
class Content:
    """One report, whatever its language but for names; `reason_rows` are those of `reason_metrics`, every period."""

    language: str
    timezone: str
    first_day: date | None
    last_day: date | None
    rules: MeasureSettings
    currency: str
    funnel: Mapping[str, int]
    totals: Mapping[str, float]
    dropped: Mapping[str, int]
    reasons: tuple[Reason, ...]
    no_codes: tuple[Reason, ...]
    trend: Trend
    reason_trends: Mapping[str, Trend]
    quotes: Mapping[str, tuple[Quote, ...]]
    basis: Basis
    parts: Mapping[str, tuple[Part, ...]]
    new_ids: frozenset[str]
    gone: tuple[Gone, ...]
    actions: Actions
    cuts: Mapping[str, tuple[Cut, ...]]
    reason_rows: Sequence[Row] = field(repr=False)
    pairs: tuple[CheckedPair, ...] = ()
    restated: "Restated | None" = None
    corrected: "Corrected | None" = None

    @property
    def estimates(self) -> "dict[str, AuditedReason]":
        """The audited figures that stand in place of bare ones, by the reason's place in the page."""
        return self.corrected.by_anchor(self.first_day, self.last_day) if self.corrected else {}

    @property
    def n_money_digits(self) -> int:
        """How many digits amounts need."""
        return count_money_digits(self.totals.get("cost", 0))

    @property
    def n_hour_digits(self) -> int:
        """Likewise for hours."""
        return count_hour_digits(self.totals.get("hours", 0))

    @property
    def fallen_pairs(self) -> tuple[CheckedPair, ...]:
        """Pairs of reasons that must be kept apart and were not."""
        return tuple(one for one in self.pairs if one.is_fallen)

    @property
    def n_pairs(self) -> int:
        """How many pairs were looked at, each counted once."""
        return len({one.pair for one in self.pairs})

    @property
    def coverage(self) -> dict[str, int]:
        """Count all calls, each once: with a code, only in a candidate, and by kind of no-code."""
        kinds = dict.fromkeys(NO_CODES, 0) | {one.reason_id: one.n_calls for one in self.no_codes}
        n_calls, n_coded = int(self.totals.get("n_calls", 0)), int(self.totals.get("n_coded", 0))
        return {"coded": n_coded, "candidate": n_calls - n_coded - sum(kinds.values()), **kinds}

    @property
    def candidates(self) -> tuple[Reason, ...]:
        """Reasons that nobody has decided on yet."""
        return tuple(reason for reason in self.reasons if reason.kind == "candidate")


def read_content(project: Project) -> Content:
    """Read everything that a report of the project's language says."""
    store, settings = project.store, project.settings
    language = settings.report.language
    reason_rows = read_reason_rows(store)
    reasons = list_reasons(reason_rows, language)
    no_codes = [reason for reason in reasons if reason.kind == "no_code"]
    periods = store.read("period_metrics").to_pylist()
    days = [row["period_start"] for row in periods if row["period"] == "day"]
    return Content(
        language=language,
        timezone=settings.project.timezone,
        rules=settings.measure,
        currency=settings.project.currency,
        **_read_counts(store, periods, days),
        reasons=tuple(reason for reason in reasons if reason.kind != "no_code"),
        no_codes=tuple(sorted(no_codes, key=lambda one: NO_CODES.index(one.reason_id))),
        trend=make_total_trend(periods, reason_rows, days),
        reason_trends=make_trends(reason_rows, days),
        quotes=find_quotes(project),
        basis=read_basis(project),
        pairs=read_pairs(store, language, {(one.kind, one.reason_id): one.name for one in reasons}),
        parts=read_parts(store),
        new_ids=frozenset(row["cluster_id"] for row in store.read("clusters").to_pylist() if row["is_new"]),
        gone=read_gone(store),
        actions=read_actions(store, [row for row in reason_rows if row["period"] == "all"], language),
        cuts=read_cuts(store, has_year=bool(days) and (max(days) - min(days)).days >= A_YEAR_DAYS),
        reason_rows=reason_rows,
    )


def _read_counts(store: Store, periods: Sequence[Row], days: Sequence[date]) -> dict[str, Any]:
    """Read how many calls there are, of which days, and how many are not counted."""
    totals: Row = next((row for row in periods if row["period"] == "all"), {})
    return {
        "first_day": min(days, default=None),
        "last_day": max(days, default=None),
        "funnel": {row["step"]: row["n_calls"] for row in store.read("funnel").to_pylist()},
        "totals": {name: value for name, value in totals.items() if isinstance(value, int | float)},
        "dropped": _count(read_uncounted(store)["reason"]),
    }


def read_uncounted(store: Store) -> pa.Table:
    """Read which calls are in no count, and why; other stages leave out smaller things."""
    dropped = store.read("dropped")
    return dropped.filter(pc.equal(dropped["stage"], "measure"))


def _count(column: pa.ChunkedArray) -> dict[str, int]:
    return {str(row["values"]): int(row["counts"]) for row in column.value_counts().to_pylist()}
