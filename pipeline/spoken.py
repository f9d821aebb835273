"""Spoken: what customers said they call for, call by call, with the turn around it, and what agents noted.

Everything is read once, column by column, so that a million utterances are gone through in seconds.

Errors: MissingTableError when no reason utterances or turns were made yet.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.contexts import cut_context, read_turns
from pipeline.tables import Store

AT_ONCE = 32_768  # utterances whose words are in memory together where all are gone through
Positions = NDArray[np.intp]


@dataclass(frozen=True)
class Spoken:
    """Reason utterances call by call, and the turn of each; where each call's begin and end; who was heard; notes."""

    utterances: pa.Table = field(repr=False)
    turns: pa.Array = field(repr=False)
    places: Mapping[str, tuple[int, int]] = field(repr=False)
    heard: frozenset[str] = field(repr=False)
    notes: Mapping[str, str] = field(repr=False)

    def find_rows(self, call_ids: Sequence[str]) -> Positions:
        """Find the utterances of some calls, call after call."""
        found = [np.arange(*self.places[call_id]) for call_id in call_ids if call_id in self.places]
        return np.concatenate(found) if found else np.zeros(0, np.intp)

    def list_pairs(self, rows: Positions) -> list[tuple[str, str]]:
        """List utterances, each with the words around it."""
        texts, turns = (column.take(pa.array(rows)).to_pylist() for column in (self.utterances["text"], self.turns))
        return [(text, cut_context(turn, text)) for text, turn in zip(texts, turns, strict=True)]

    def list_texts(self) -> Iterator[str]:
        """List all utterances, the words around each, and notes; a text may come twice."""
        for at in range(0, len(self.utterances), AT_ONCE):
            yield from chain(*self.list_pairs(np.arange(at, min(at + AT_ONCE, len(self.utterances)))))
        yield from self.notes.values()

    def make_keys(self, rows: Positions) -> dict[str, pa.ChunkedArray]:
        """Make the columns that say which utterance a row is about."""
        return {name: self.utterances[name].take(pa.array(rows)) for name in ("call_id", "utterance_index")}


def read_spoken(store: Store) -> Spoken:
    """Read what customers said."""
    columns = ["call_id", "utterance_index", "turn_index", "text"]
    utterances = store.read("reason_utterances", columns).sort_by("call_id").combine_chunks()
    heard = store.read("transcripts", ["call_id", "is_heard"])
    is_heard = heard.filter(heard["is_heard"])["call_id"].to_pylist()
    places = _find_places(utterances["call_id"])
    return Spoken(utterances, read_turns(store, utterances), places, frozenset(is_heard), _read_notes(store))


def _find_places(call_ids: pa.ChunkedArray) -> dict[str, tuple[int, int]]:
    """Find where each call's rows begin and end, of rows that are sorted by call."""
    if not len(call_ids):
        return {}
    is_new = pc.not_equal(call_ids.slice(1), call_ids.slice(0, len(call_ids) - 1)).to_numpy()
    starts = np.concatenate([[0], np.flatnonzero(is_new) + 1])
    ends = np.append(starts[1:], len(call_ids))
    calls = call_ids.take(pa.array(starts)).to_pylist()
    return dict(zip(calls, zip(starts.tolist(), ends.tolist(), strict=True), strict=True))


def _read_notes(store: Store) -> dict[str, str]:
    """Read what agents noted, by call."""
    turns = store.read("turns", ["call_id", "turn_index", "source", "text"]) if store.has("turns") else None
    rows = turns.filter(pc.equal(turns["source"], "note")).to_pylist() if turns is not None else []
    notes: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: int(row["turn_index"])):
        notes.setdefault(row["call_id"], []).append(row["text"])
    return {call_id: " ".join(texts) for call_id, texts in notes.items()}
