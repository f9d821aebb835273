"""Piles: the calls that could be listened to, a pile for each reason and for each kind of doubt.

Only calls with a recording are there. The pool is the latest week (seven days up to the last call), with as many weeks
before it as it takes to fill the hours; a reason that the pool lacks has its latest calls from before.

Errors: MissingTableError when measure has not run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.config import Project
from pipeline.tables.database import open_database, show_table

TABLES = ("calls", "transcripts", "call_reasons", "cluster_members", "reason_calls")
DOUBTS = ("undecided", "low_margin", "none_of_these")
LOW_MARGIN_RATIO = 0.5  # a code whose score leads the second by less than this is doubted; the narrowest come first
MIN_TRIED = 500  # calls a pile; more where the hours could hold more
SHORT_CALL_S = 30.0


@dataclass(frozen=True)
class HeardCall:
    """One call that can be listened to; `anchors` are its reasons, as the report anchors them."""

    call_id: str
    started_at: datetime | None
    language: str
    duration_s: float
    weeks_ago: int
    anchors: tuple[str, ...]
    sources: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Pile:
    """Calls in the order in which they are taken; `n_pool` of the pool, also those that are not listed here."""

    calls: tuple[HeardCall, ...]
    n_pool: int
    is_new: bool  # a reason first heard in the latest week, while there are calls from before


@dataclass(frozen=True)
class Piles:
    """Every pile; the pool has `n_calls` of `mean_duration_s` from `n_weeks`."""

    reasons: Mapping[str, Pile]
    doubts: Mapping[str, Pile]
    n_calls: int = 0
    mean_duration_s: float = 0.0
    n_weeks: int = 0


def read_piles(project: Project, *, seconds: float, seed: int) -> Piles:
    """Read the piles that hours of listening are filled from.

    Raises:
        MissingTableError: Measure has not run.
    """
    sql = Path(__file__).with_name("piles.sql").read_text(encoding="utf-8")
    params = {
        "seed": str(seed),
        "seconds": seconds,
        "low_margin": LOW_MARGIN_RATIO,
        "n_tried": max(MIN_TRIED, int(seconds / SHORT_CALL_S)),
    }
    with open_database(project.store) as connection:
        for name in TABLES:
            show_table(connection, project.store, name)
        rows = connection.sql(sql, params=params).to_arrow_table().to_pylist()
    if not rows:
        return Piles({}, {})
    by_pile: dict[tuple[str, str], list[dict[str, object]]] = {}
    for row in rows:
        by_pile.setdefault((row["pile"], row["anchor"]), []).append(row)
    oldest = max(row["first_heard_weeks_ago"] for row in rows)
    piles = {key: _make_pile(theirs, oldest) for key, theirs in by_pile.items()}
    return Piles(
        {anchor: pile for (kind, anchor), pile in piles.items() if kind == "reason"},
        {kind: pile for (kind, _), pile in piles.items() if kind in DOUBTS},
        n_calls=rows[0]["n_calls"],
        mean_duration_s=rows[0]["mean_duration_s"],
        n_weeks=rows[0]["n_weeks"],
    )


def _make_pile(rows: list[dict[str, object]], oldest: int) -> Pile:
    calls = tuple(
        HeardCall(**{name: row[name] for name in HeardCall.__dataclass_fields__})  # type: ignore[arg-type]
        for row in rows
    )
    is_new = oldest > 0 and rows[0]["first_heard_weeks_ago"] == 0
    return Pile(calls, int(str(rows[0]["n_pool"])), is_new)
