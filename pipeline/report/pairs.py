"""Pairs: the reasons that must be kept apart, as this run kept them, for the page and the sheets.

Errors: none of its own. Tables made before pairs were checked have none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.tables import Store

TABLE = "near_pairs"
KINDS = {"assign": "code", "cluster": "candidate"}  # what a stage may put two reasons into


@dataclass(frozen=True)
class PairPlace:
    """A code or a candidate in which a pair met; `anchor` is its section of the page, if it has one."""

    place: str
    name: str
    anchor: str


@dataclass(frozen=True)
class CheckedPair:
    """One pair as one kind of place kept it; `kind` is code or candidate."""

    kind: str
    pair: str
    reason_a: str
    reason_b: str
    places: tuple[PairPlace, ...]
    n_asked: int
    n_right: int

    @property
    def is_fallen(self) -> bool:
        """Both reasons met somewhere."""
        return bool(self.places)


def read_pairs(store: Store, language: str, names: Mapping[tuple[str, str], str]) -> tuple[CheckedPair, ...]:
    """Read the pairs, those that met first.

    Args:
        store: Holds `near_pairs`.
        language: Of the reasons' names.
        names: What the report calls each reason that has a section, by kind and id.
    """
    rows = store.list_rows(TABLE)
    pairs = [_read_pair(row, language, names) for row in rows]
    return tuple(sorted(pairs, key=lambda one: (not one.is_fallen, one.kind, one.pair)))


def _read_pair(row: Mapping[str, Any], language: str, names: Mapping[tuple[str, str], str]) -> CheckedPair:
    kind = KINDS[row["stage"]]
    places = [
        PairPlace(place, names.get((kind, place), ""), f"{kind}-{place}" if (kind, place) in names else "")
        for place in row["places"]
    ]
    return CheckedPair(
        kind,
        row["pair"],
        row[f"reason_a_{language}"],
        row[f"reason_b_{language}"],
        tuple(places),
        row["n_asked"],
        row["n_right"],
    )
