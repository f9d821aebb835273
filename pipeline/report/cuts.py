"""Cuts: when and where each reason comes up: hours, weekdays, seasons, regions, queues, channels, beside all reasons.

Errors: none of its own. A dimension with one value says nothing and is left out.
Source: ranges are Wilson's (1927) 95 % score intervals; the tests hold them to statsmodels', which is slow to load.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from pipeline.report.csvs import link_csv, make_csv
from pipeline.tables import Store
from pipeline.words import Words

TABLE = "reason_cuts"
DIMENSIONS = ("hour", "weekday", "season", "region", "queue", "contact_channel")
MAX_UNSURE = 400  # calls; with more, a share is known to five points and its range is not shown
MAX_BARS = 8  # values of a dimension in the page; the CSV has all
CONFIDENCE = 0.95
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Bar:
    """One value's share of a reason's calls, with its range, and its share of all reasons' calls."""

    value: str
    n_calls: int
    share_ratio: float
    low_ratio: float
    high_ratio: float
    usual_ratio: float


@dataclass(frozen=True)
class Cut:
    """One reason by one dimension."""

    dimension: str
    bars: tuple[Bar, ...]

    @property
    def n_calls(self) -> int:
        """Calls that are known by this dimension."""
        return sum(bar.n_calls for bar in self.bars)

    @property
    def is_unsure(self) -> bool:
        """So few calls that the range should be read too."""
        return self.n_calls < MAX_UNSURE

    @property
    def shown(self) -> tuple[Bar, ...]:
        """What the page has room for: all of an order of time, else the largest."""
        return self.bars if self.dimension in DIMENSIONS[:3] else self.bars[:MAX_BARS]

    @property
    def largest(self) -> Bar:
        """The value with most calls."""
        return max(self.bars, key=lambda bar: bar.n_calls)


def read_cuts(store: Store, *, has_year: bool) -> dict[str, tuple[Cut, ...]]:
    """Read every reason's cuts, by its anchor in the page; seasons only where a year is there."""
    rows = store.list_rows(TABLE)
    wanted = [one for one in DIMENSIONS if one != "season" or has_year]
    theirs: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        theirs.setdefault((f"{row['reason_kind']}-{row['reason_id']}", row["dimension"]), []).append(row)
    usual = _share_all(rows)
    cuts: dict[str, list[Cut]] = {}
    for anchor in dict.fromkeys(anchor for anchor, _ in theirs):
        for dimension in wanted:
            known = theirs.get((anchor, dimension), [])
            if sum(1 for name, _ in usual if name == dimension) > 1 and known:
                cuts.setdefault(anchor, []).append(Cut(dimension, make_bars(known, usual)))
    return {anchor: tuple(all_cuts) for anchor, all_cuts in cuts.items()}


def _share_all(rows: Sequence[Row]) -> dict[tuple[str, str], float]:
    """Share all reasons' calls by value, in each dimension."""
    counts: dict[tuple[str, str], int] = {}
    totals: dict[str, int] = {}
    for row in rows:
        key = (row["dimension"], row["value"])
        counts[key] = counts.get(key, 0) + row["n_calls"]
        totals[key[0]] = totals.get(key[0], 0) + row["n_calls"]
    return {key: n_calls / totals[key[0]] for key, n_calls in counts.items()}


def make_bars(rows: Sequence[Row], usual: Mapping[tuple[str, str], float]) -> tuple[Bar, ...]:
    """Share a reason's calls by value: hours and weekdays in order, with those that have none; others by size."""
    dimension = rows[0]["dimension"]
    counts = dict.fromkeys(map(str, range(24)), 0) if dimension == "hour" else {}
    counts |= {value: 0 for name, value in usual if name == dimension} | {row["value"]: row["n_calls"] for row in rows}
    is_ordered = dimension in ("hour", "weekday")
    values = sorted(counts, key=lambda value: int(value) if is_ordered else (-counts[value], value))
    total = sum(counts.values())
    return tuple(
        Bar(
            value, counts[value], counts[value] / total, *find_range(counts[value], total),
            usual.get((dimension, value), 0.0),
        )
        for value in values
    )  # fmt: skip


def find_range(n_calls: int, n_all: int) -> tuple[float, float]:
    """Find the range of a share that was counted in `n_all` calls, which are some."""
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    ratio, spread = n_calls / n_all, z * z / n_all
    middle = (ratio + spread / 2) / (1 + spread)
    half = math.sqrt(spread * (ratio * (1 - ratio) + spread / 4)) / (1 + spread)
    return middle - half, middle + half


def name_value(dimension: str, value: str, words: Words) -> str:
    """Name a value in the report's language."""
    named = {"weekday": "weekdays", "season": "seasons", "contact_channel": "channel"}
    if dimension in named:
        return words(f"{named[dimension]}.{value}")
    return words("cuts.hour", hour=value) if dimension == "hour" else value or "–"


def link_cuts(cuts: Sequence[Cut], words: Words) -> str:
    """Put all numbers of a reason's cuts inside a link."""
    headings = [words(f"column.{name}") for name in ("dimension", "value", "n_calls", "share_ratio")]
    headings += [words(f"cuts.{name}") for name in ("low", "high", "usual")]
    rows = [
        (
            words(f"dimension.{cut.dimension}"), name_value(cut.dimension, bar.value, words), bar.n_calls,
            bar.share_ratio, bar.low_ratio, bar.high_ratio, bar.usual_ratio,
        )
        for cut in cuts
        for bar in cut.bars
    ]  # fmt: skip
    return link_csv(make_csv(headings, rows))
