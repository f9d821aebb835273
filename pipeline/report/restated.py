"""Restated: what an earlier report said beside what the same weeks and months come to now, and why they differ.

Reads the records in `state/reported/` and `taxonomy/decisions.jsonl`. There is something to say when codes, models or
settings changed since. docs/decisions/0011-what-was-reported.md says what is compared with what.

Errors: InputError for a broken record, TaxonomyError for broken decisions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pyarrow as pa

from pipeline.config import Project
from pipeline.decisions import DECISIONS_FILE, Move, find_moves, read_decisions
from pipeline.report.causes import Cause, Explanation, Key, Row, find_key
from pipeline.reported import TOTAL, list_days, read_record

MAX_AGE_DAYS = 31  # an older report is history, not news
FURTHER = "further"  # reasons of calls beyond their first
CENT = 0.005  # costs that differ by less are the same


@dataclass(frozen=True)
class Difference:
    """One reason in one period, as reported and restated; `kind` is also total or further: reasons beyond the first."""

    period: str
    period_start: date
    kind: str
    reason_id: str
    name: str
    reported: int
    restated: int
    cost_reported: float
    cost_restated: float
    causes: tuple[Cause, ...] = ()

    @property
    def difference(self) -> int:
        """Calls more, or less, than reported."""
        return self.restated - self.reported

    @property
    def differs(self) -> bool:
        """Say whether calls or cost are not what was reported."""
        return bool(self.difference) or abs(self.cost_restated - self.cost_reported) >= CENT

    @property
    def number(self) -> str:
        """Its number in the taxonomy; a reason without a code has none."""
        return self.reason_id if self.kind == "code" else ""


@dataclass(frozen=True)
class Restated:
    """The comparison: `weeks` adds up the weeks compared, a row a reason; `rows` has each week and month apart."""

    reported_on: date
    changed: tuple[str, ...]
    kept_codes: bool
    first_day: date
    last_day: date
    weeks: tuple[Difference, ...]
    rows: tuple[Difference, ...]

    @property
    def reasons(self) -> tuple[Difference, ...]:
        """The reasons that changed over the weeks compared, those that changed most first."""
        changed = [one for one in self.weeks if one.kind not in (TOTAL, FURTHER) and one.differs]
        return tuple(sorted(changed, key=lambda one: (-abs(one.difference), one.kind, one.reason_id)))

    @property
    def total(self) -> Difference:
        """All calls, each once."""
        return next(one for one in self.weeks if one.kind == TOTAL)

    @property
    def further(self) -> Difference:
        """What all reasons together come to beyond the calls: calls with several reasons."""
        return next(one for one in self.weeks if one.kind == FURTHER)


def find_restated(project: Project, record: pa.Table) -> Restated | None:
    """Compare what would be reported now with what was; None where there is nothing to compare or nothing changed.

    Args:
        project: Holds the records and the decisions.
        record: The record of a report that is made now.
    """
    now: list[Row] = record.to_pylist()
    was = _find_earlier(project, now)
    if not was:
        return None
    decisions = read_decisions(project.taxonomy / DECISIONS_FILE)
    moves = [move for one in decisions if one.at > was[0]["made_at"] for move in find_moves(one)]
    return compare_records(was, now, moves, language=project.settings.report.language)


def _find_earlier(project: Project, now: Sequence[Row]) -> list[Row]:
    """Find the last record, before today's and not too old, that was made with something else."""
    today, made_with = now[0]["reported_on"], now[0]["made_with"]
    for day in reversed(list_days(project)):
        if today - timedelta(days=MAX_AGE_DAYS) <= day < today:
            rows: list[Row] = read_record(project, day).to_pylist()
            if rows and rows[0]["made_with"] != made_with:
                return rows
    return []


def compare_records(
    was: Sequence[Row], now: Sequence[Row], moves: Sequence[Move] = (), *, language: str = "en"
) -> Restated | None:
    """Compare two records over the weeks and months that both have.

    Args:
        was: Rows of the earlier record.
        now: Rows of the later one.
        moves: Sentences that people moved from code to code in between.
        language: Of the reasons' names.

    Returns:
        What differs and why, or None where no figure of a week that both have does.
    """
    explain = Explanation(was, now, moves, language)
    periods = _find_periods(was, now)
    rows = [one for period in periods for one in _compare_period(was, now, period, language)]
    weeks = _add_up([one for one in rows if one.period == "week"])
    if not any(one.differs for one in weeks):
        return None
    starts = [start for period, start in periods if period == "week"]
    return Restated(
        was[0]["reported_on"],
        explain.changed,
        explain.kept_codes,
        min(starts),
        max(starts) + timedelta(days=6),
        _add_causes(weeks, explain),
        _add_causes(rows, explain),
    )


def _find_periods(was: Sequence[Row], now: Sequence[Row]) -> list[tuple[str, date]]:
    """Find the weeks and months to compare: those that were over when reported, or have as many calls as then."""
    totals = [{_when(row): row["n_calls"] for row in rows if row["reason_kind"] == TOTAL} for rows in (was, now)]
    return sorted(
        when
        for when, n_calls in totals[0].items()
        if when[0] != "all"
        and when in totals[1]
        and (_find_end(*when) <= was[0]["reported_on"] or n_calls == totals[1][when])
    )


def _when(row: Row) -> tuple[str, date]:
    return row["period"], row["period_start"]


def _find_end(period: str, start: date) -> date:
    """Find the day after a period's last."""
    return start + timedelta(days=7) if period == "week" else (start + timedelta(days=31)).replace(day=1)


def _compare_period(
    was: Sequence[Row], now: Sequence[Row], period: tuple[str, date], language: str
) -> list[Difference]:
    sides: list[dict[Key, Row]] = [{find_key(row): row for row in rows if _when(row) == period} for rows in (was, now)]
    found = []
    for key in sorted(sides[0].keys() | sides[1].keys()):
        before, after = (side.get(key) for side in sides)
        name = str((after or before or {})[f"name_{language}"] or "")
        calls = [row["n_calls"] if row else 0 for row in (before, after)]
        costs = [(row["cost"] or 0.0) if row else 0.0 for row in (before, after)]
        found.append(Difference(*period, *key, name, calls[0], calls[1], costs[0], costs[1]))
    return [*found, _find_further(found)]


def _find_further(rows: Sequence[Difference]) -> Difference:
    """Reckon what the reasons come to beyond the calls, so that all differences add up."""
    total = next(one for one in rows if one.kind == TOTAL)
    reasons = [one for one in rows if one.kind != TOTAL]
    return replace(
        total,
        kind=FURTHER,
        reported=sum(one.reported for one in reasons) - total.reported,
        restated=sum(one.restated for one in reasons) - total.restated,
        cost_reported=round(sum(one.cost_reported for one in reasons) - total.cost_reported, 2) + 0.0,
        cost_restated=round(sum(one.cost_restated for one in reasons) - total.cost_restated, 2) + 0.0,
    )


def _add_up(rows: Iterable[Difference]) -> list[Difference]:
    rows = list(rows)
    first = min((one.period_start for one in rows), default=date.min)  # a reason may begin later than the others
    sums: dict[Key, Difference] = {}
    for one in rows:
        known = sums.get((one.kind, one.reason_id))
        sums[one.kind, one.reason_id] = (
            replace(one, period_start=first)
            if known is None
            else replace(
                known,
                reported=known.reported + one.reported,
                restated=known.restated + one.restated,
                cost_reported=known.cost_reported + one.cost_reported,
                cost_restated=known.cost_restated + one.cost_restated,
            )
        )
    return list(sums.values())


def _add_causes(rows: Sequence[Difference], explanation: Explanation) -> tuple[Difference, ...]:
    """Say of each figure that differs why it does."""
    grown = {(one.period, one.period_start) for one in rows if one.kind == TOTAL and one.difference}
    return tuple(
        replace(
            one,
            causes=explanation.explain(
                (one.kind, one.reason_id),
                is_recounted=bool(one.difference),
                is_grown=(one.period, one.period_start) in grown,
            ),
        )
        if one.differs and one.kind not in (TOTAL, FURTHER)
        else one
        for one in rows
    )
