"""Turns: the table `turns` as objects, a call at a time, for the stages that read what was said.

Errors: MissingTableError when no turns were made yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.tables import Store

CUSTOMER, AGENT, UNKNOWN = "customer", "agent", "unknown"


@dataclass(frozen=True)
class Turn:
    """An unbroken stretch by one role; seconds are null for text, `speaker` is empty but in a mono recording."""

    call_id: str
    turn_index: int
    role: str
    text: str
    language: str = ""
    source: str = "recording"
    part_index: int = 0
    channel: int | None = None
    speaker: str = ""
    start_s: float | None = None
    end_s: float | None = None

    @property
    def may_be_customer(self) -> bool:
        """The customer says it, or nobody knows who does."""
        return self.role != AGENT


def find_calls_with_turns(store: Store) -> dict[str, str]:
    """Map each call that went through roles to the hash of what its turns were made from.

    Raises:
        MissingTableError: No turns were made yet.
    """
    if not store.has("turns"):
        store.read("turns")
    made: dict[str, str] = {}
    for fingerprint in store.current("turns"):
        made = store.covers("turns", fingerprint) | made
    return made


def group_turns(table: pa.Table, call_ids: Sequence[str]) -> Mapping[str, list[Turn]]:
    """Pick these calls' turns from table `turns`, each call's in order; a call without a turn has an empty list."""
    grouped: dict[str, list[Turn]] = {call_id: [] for call_id in call_ids}
    rows = table.filter(pc.is_in(table["call_id"], pa.array(list(call_ids), pa.string())))
    for row in rows.to_pylist():
        grouped[row["call_id"]].append(Turn(**row))
    return {call_id: sorted(turns, key=lambda turn: turn.turn_index) for call_id, turns in grouped.items()}
