"""Content: everything that one report says, read from the tables once, without a word of its own.

Reads reason_metrics, period_metrics, funnel, dropped, reason_calls, transcripts, near_pairs and what quotes need.

Errors: MissingTableError when measure has not run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.config import MeasureSettings, Project
from pipeline.report.actions import Actions, Row, read_actions
from pipeline.report.cuts import Cut, read_cuts
from pipeline.report.pairs import CheckedPair, read_pairs
from pipeline.report.quotes import Quote, find_quotes
from pipeline.tables import Store
from pipeline.tables.database import open_database, show_table

if TYPE_CHECKING:
    from pipeline.report.audited import AuditedReason, Corrected
    from pipeline.report.restated import Restated

STEPS = ("offered", "recorded", "heard", "said_why", "coded")
NO_CODES = ("none_of_these", "undecided", "not_said", "not_heard")
A_YEAR_DAYS = 360  # seasons are shown when nearly all of each is there
MAX_DAYS = 35  # a longer time is shown by week
BASIS = """
select count(*) filter (roles_from = 'unknown' or n_unknown_turns > 0) as n_roles_unknown,
       count(*) filter (is_swapped) as n_swapped, coalesce(sum(n_dropped_segments), 0)::bigint as n_dropped_segments,
       (select count(*) from reason_calls where is_first and n_reasons > 1) as n_several_reasons,
       coalesce(histogram(coalesce(language, '')), map {}) as n_languages,
       coalesce(list(distinct model) filter (model <> ''), []) as models,
       (select count(*) from dropped where stage = 'cluster') as n_noise,
       (select count(*) from cluster_members) as n_members,
       (select coalesce(histogram(name), map {}) from (select unnest(unread_columns) as name from calls)) as unread
from transcripts
"""
SMALL_COST, SMALL_HOURS = 1000.0, 10.0


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


@dataclass(frozen=True)
class Trend:
    """Counts by day or week; `starts` are the first days, without a gap."""

    period: str
    starts: tuple[date, ...]
    counts: Mapping[str, tuple[int, ...]]
    last_day: date | None

    @property
    def is_last_open(self) -> bool:
        """Say whether the last week of calls ends before its Sunday."""
        return self.period == "week" and bool(self.last_day) and self.last_day != self.starts[-1] + timedelta(days=6)


@dataclass(frozen=True)
class Part:
    """A sub-reason of a candidate."""

    name: str
    n_calls: int


@dataclass(frozen=True)
class Gone:
    """A candidate that the last run did not find again; `went_to` is where most of its calls are now, or empty."""

    cluster_id: str
    name: str
    n_calls: int
    went_to: str


@dataclass(frozen=True)
class Basis:
    """What the numbers rest on: how much was heard, by whom and how surely."""

    n_roles_unknown: int
    n_swapped: int
    n_dropped_segments: int
    n_several_reasons: int
    n_languages: Mapping[str, int]
    models: tuple[str, ...]
    encoder: str
    n_uncoded: int
    n_noise: int
    unread: Mapping[str, int]

    @property
    def noise_ratio(self) -> float | None:
        """Share of the utterances without a code that are in no candidate."""
        return self.n_noise / self.n_uncoded if self.n_uncoded else None


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
        """How many digits amounts need so that a small bill adds up before the reader's eyes."""
        return 2 if self.totals.get("cost", 0) < SMALL_COST else 0

    @property
    def n_hour_digits(self) -> int:
        """Likewise for hours."""
        return 2 if self.totals.get("hours", 0) < SMALL_HOURS else 1

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


def read_content(project: Project) -> Content:
    """Read everything that a report of the project's language says."""
    store, settings = project.store, project.settings
    language = settings.report.language
    reason_rows = read_reason_rows(store)
    reasons = list_reasons(reason_rows, language)
    periods = store.read("period_metrics").to_pylist()
    totals: dict[str, object] = next((row for row in periods if row["period"] == "all"), {})
    days = [row["period_start"] for row in periods if row["period"] == "day"]
    last_day = max(days, default=None)
    return Content(
        language=language,
        timezone=settings.project.timezone,
        first_day=min(days, default=None),
        last_day=last_day,
        rules=settings.measure,
        currency=settings.project.currency,
        funnel={row["step"]: row["n_calls"] for row in store.read("funnel").to_pylist()},
        totals={name: value for name, value in totals.items() if isinstance(value, int | float)},
        dropped=_count(read_uncounted(store)["reason"]),
        reasons=tuple(reason for reason in reasons if reason.kind != "no_code"),
        no_codes=tuple(sorted((r for r in reasons if r.kind == "no_code"), key=lambda r: NO_CODES.index(r.reason_id))),
        trend=_make_trend(_add_no_codes(periods, reason_rows), ("n_calls", "n_coded", *NO_CODES), days),
        reason_trends=_make_trends(reason_rows, days),
        quotes=find_quotes(project),
        basis=_read_basis(project),
        pairs=read_pairs(store, language, {(one.kind, one.reason_id): one.name for one in reasons}),
        parts=_read_parts(store),
        new_ids=frozenset(row["cluster_id"] for row in store.read("clusters").to_pylist() if row["is_new"]),
        gone=_read_gone(store),
        actions=read_actions(store, [row for row in reason_rows if row["period"] == "all"], language),
        cuts=read_cuts(store, has_year=bool(days) and (max(days) - min(days)).days >= A_YEAR_DAYS),
        reason_rows=reason_rows,
    )


def _read_parts(store: Store) -> dict[str, tuple[Part, ...]]:
    """Read each candidate's sub-reasons, most calls first."""
    parts: dict[str, list[Part]] = {}
    rows = store.read("sub_clusters").to_pylist() if store.has("sub_clusters") else []
    for row in sorted(rows, key=lambda row: (-row["n_calls"], row["sub_cluster_id"])):
        parts.setdefault(row["cluster_id"], []).append(Part(row["name"], row["n_calls"]))
    return {cluster_id: tuple(theirs) for cluster_id, theirs in parts.items()}


def _read_gone(store: Store) -> tuple[Gone, ...]:
    """Read the candidates that went with the last change; a code or candidate they went to is named by its id."""
    rows = store.read("candidate_changes").to_pylist() if store.has("candidate_changes") else []
    last = max((row["changed_at"] for row in rows), default=None)
    return tuple(
        Gone(row["cluster_id"], row["name"], row["n_calls"], row["went_to"])
        for row in rows
        if row["changed_at"] == last and row["change"] == "gone"
    )


def read_uncounted(store: Store) -> pa.Table:
    """Read which calls are in no count, and why; other stages leave out smaller things."""
    dropped = store.read("dropped")
    return dropped.filter(pc.equal(dropped["stage"], "measure"))


def _count(column: pa.ChunkedArray) -> dict[str, int]:
    return {str(row["values"]): int(row["counts"]) for row in column.value_counts().to_pylist()}


def _read_basis(project: Project) -> Basis:
    with open_database(project.store) as connection:
        for name in ("calls", "transcripts", "dropped", "reason_calls", "cluster_members"):
            show_table(connection, project.store, name)
        (found,) = connection.sql(BASIS).to_arrow_table().to_pylist()
    return Basis(
        n_roles_unknown=found["n_roles_unknown"],
        n_swapped=found["n_swapped"],
        n_dropped_segments=found["n_dropped_segments"],
        n_several_reasons=found["n_several_reasons"],
        n_languages=dict(sorted(found["n_languages"])),
        models=tuple(sorted(found["models"])),
        encoder=project.encoder,
        n_uncoded=found["n_noise"] + found["n_members"],
        n_noise=found["n_noise"],
        unread=dict(sorted(found["unread"])),
    )


def _add_no_codes(periods: Sequence[Row], reason_rows: Sequence[Row]) -> list[Row]:
    """Add to each period how many of its calls are of each kind of no-code."""
    counts = {
        (row["period"], row["period_start"], row["reason_id"]): row["n_calls"]
        for row in reason_rows
        if row["reason_kind"] == "no_code"
    }
    return [
        {**row, **{kind: counts.get((row["period"], row["period_start"], kind), 0) for kind in NO_CODES}}
        for row in periods
    ]


def _make_trends(reason_rows: Sequence[Row], days: Sequence[date]) -> dict[str, Trend]:
    rows: dict[str, list[Row]] = {}
    for row in reason_rows:
        rows.setdefault(f"{row['reason_kind']}-{row['reason_id']}", []).append(row)
    return {anchor: _make_trend(theirs, ("n_calls",), days) for anchor, theirs in rows.items()}


def _make_trend(rows: Sequence[Mapping[str, object]], names: Sequence[str], days: Sequence[date]) -> Trend:
    """Line counts up by day, or by week when the time is long; a day without calls is a zero."""
    if not days:
        return Trend("day", (), dict.fromkeys(names, ()), None)
    first, last = min(days), max(days)
    period, step = ("day", 1) if (last - first).days < MAX_DAYS else ("week", 7)
    start = first if step == 1 else first - timedelta(days=first.weekday())
    starts = tuple(start + timedelta(days=n) for n in range(0, (last - start).days + 1, step))
    found = {row["period_start"]: row for row in rows if row["period"] == period}
    counts = {name: tuple(int(str(found[one][name])) if one in found else 0 for one in starts) for name in names}
    return Trend(period, starts, counts, last)
