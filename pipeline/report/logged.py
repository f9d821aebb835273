"""Logged: what agents say calls were about, as codes, notes and weekly answers, beside what was heard.

Reads logged_reasons, logged_agreement, asked_reasons and asked_agreement.

Errors: none of its own. Tables made by an older version have less.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.tables import Store

N_CONFUSED = 10  # pairs of codes
N_TOP = 3  # answers, and reasons heard
N_WEEKS = 8  # of answers on the page; the CSV has all
COUNTS = ("n_logged", "n_coded", "n_agreed", "n_general")
Row = Mapping[str, Any]
Key = tuple[str, str]


@dataclass(frozen=True)
class Named:
    """A reason as the page links to it; without an anchor it has no section."""

    anchor: str
    number: str
    name: str


@dataclass(frozen=True)
class Agreement:
    """One queue's logging, by code or by note, beside what was heard."""

    source: str
    queue: str
    n_logged: int
    n_coded: int
    n_agreed: int
    kappa: float | None
    kappa_low: float | None
    kappa_high: float | None


@dataclass(frozen=True)
class Asked:
    """One team's answers of one week beside what was heard then; each a reason and how many."""

    week: date
    queue: str
    n_answers: int
    agreed_ratio: float | None
    answers: tuple[tuple[Named, int], ...]
    heard: tuple[tuple[Named, int], ...]


@dataclass(frozen=True)
class Logging:
    """All of it; the counts are of codes, queues together."""

    n_logged: int
    n_coded: int
    n_agreed: int
    n_general: int
    confused: tuple[tuple[str, Named, int], ...]
    queues: tuple[Agreement, ...]
    asked: tuple[Asked, ...]


def name_reasons(rows: Iterable[Row], language: str) -> dict[Key, Named]:
    """Name reasons as the page does, by kind and id; `rows` are those of `reason_metrics`."""
    return {(row["reason_kind"], row["reason_id"]): _name(row, language) for row in rows if row["period"] == "all"}


def _name(row: Row, language: str) -> Named:
    number = str(row["reason_id"]) if row["reason_kind"] == "code" else ""
    return Named(f"{row['reason_kind']}-{row['reason_id']}", number, str(row[f"name_{language}"]))


def read_logging(store: Store, named: Mapping[Key, Named]) -> Logging | None:
    """Read what agents say; None where nobody logged, noted or answered anything."""
    rows = store.list_rows("logged_agreement")
    asked = _read_asked(store, named)
    if not rows and not asked:
        return None
    coded = [row for row in rows if row["source"] == "code"]
    queues = [Agreement(**{name: row[name] for name in Agreement.__dataclass_fields__}) for row in rows]
    return Logging(
        **{name: sum(row[name] for row in coded) for name in COUNTS},
        confused=_find_confused(store, named),
        queues=tuple(sorted(queues, key=lambda one: (one.source, -one.n_logged, one.queue))),
        asked=asked,
    )


def find_named(row: Row, named: Mapping[Key, Named]) -> Named:
    """Find what the report calls a reason; one that no call has is its number."""
    return named.get((row["reason_kind"], row["reason_id"])) or Named("", row["reason_id"], "")


def _find_confused(store: Store, named: Mapping[Key, Named]) -> tuple[tuple[str, Named, int], ...]:
    pairs: dict[tuple[str, Named], int] = {}
    for row in store.list_rows("logged_reasons"):
        if row["source"] == "code" and row["logged_code"] != row["reason_id"]:
            key = (row["logged_code"], find_named(row, named))
            pairs[key] = pairs.get(key, 0) + row["n_calls"]
    most = sorted(pairs, key=lambda key: (-pairs[key], key[0], key[1].anchor))[:N_CONFUSED]
    return tuple((logged, reason, pairs[logged, reason]) for logged, reason in most)


def _read_asked(store: Store, named: Mapping[Key, Named]) -> tuple[Asked, ...]:
    reasons: dict[tuple[date, str], list[Row]] = {}
    for row in store.list_rows("asked_reasons"):
        reasons.setdefault((row["week"], row["queue"]), []).append(row)
    asked = [
        Asked(
            row["week"],
            row["queue"],
            row["n_answers"],
            row["agreed_ratio"],
            _find_top(reasons.get((row["week"], row["queue"]), ()), "answer_rank", "n_answers", named),
            _find_top(reasons.get((row["week"], row["queue"]), ()), "heard_rank", "n_calls", named),
        )
        for row in store.list_rows("asked_agreement")
    ]
    weeks = sorted({one.week for one in asked})[-N_WEEKS:]
    return tuple(
        sorted((one for one in asked if one.week in weeks), key=lambda one: (-one.week.toordinal(), one.queue))
    )


def _find_top(rows: Sequence[Row], rank: str, count: str, named: Mapping[Key, Named]) -> tuple[tuple[Named, int], ...]:
    """Find the first three, and all that share the third place."""
    first = sorted(
        (row for row in rows if row[rank] and row[rank] <= N_TOP), key=lambda row: (row[rank], row["reason_id"])
    )
    return tuple((find_named(row, named), row[count]) for row in first)
