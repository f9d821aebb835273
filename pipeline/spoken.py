"""Spoken: what customers said they call for, call by call, with the turn around it, and what agents noted.

Everything is read once, column by column, so that a million utterances are gone through in seconds.

Errors: MissingTableError when no reason utterances or turns were made yet.
"""

from bisect import bisect_left, bisect_right
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
    """Reason utterances call by call, and the turn of each.

    `calls` are in order; call i has the utterances from `starts[i]` to `starts[i + 1]`. `heard` are those calls that
    were heard and have none, `notes` what agents noted.
    """

    utterances: pa.Table = field(repr=False)
    turns: pa.Array = field(repr=False)
    calls: pa.Array = field(repr=False)
    starts: Positions = field(repr=False)
    heard: frozenset[str] = field(repr=False)
    notes: Mapping[str, str] = field(repr=False)

    def find_rows(self, call_ids: Sequence[str]) -> Positions:
        """Find the utterances of some calls, call after call."""
        found = self._find_calls(call_ids)
        found = found[found >= 0]
        counts = np.diff(self.starts)[found]
        shifts = self.starts[found] - (np.cumsum(counts) - counts)
        rows: Positions = np.arange(counts.sum()) + np.repeat(shifts, counts)
        return rows

    def list_silent(self, call_ids: Sequence[str]) -> list[str]:
        """List those of the calls that have no utterance."""
        return [call_ids[at] for at in np.flatnonzero(self._find_calls(call_ids) < 0).tolist()]

    def _find_calls(self, call_ids: Sequence[str]) -> Positions:
        """Find where calls stand; -1 for those without any utterance. Only the stretch they lie in is looked at."""
        first = bisect_left(self.calls, min(call_ids), key=_read_id) if call_ids else 0
        last = bisect_right(self.calls, max(call_ids), key=_read_id) if call_ids else 0
        places = pc.index_in(pa.array(call_ids, pa.string()), self.calls.slice(first, last - first))
        return np.where(places.is_null(), -1, first + pc.fill_null(places, 0).to_numpy())

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
    call_ids = utterances["call_id"]
    starts = _find_starts(call_ids)
    calls = call_ids.take(pa.array(starts[:-1])).combine_chunks()
    return Spoken(
        utterances, read_turns(store, utterances), calls, starts, _read_heard(store, but=calls), _read_notes(store)
    )


def _find_starts(call_ids: pa.ChunkedArray) -> Positions:
    """Find where each call's rows begin, and the end of all, of rows that are sorted by call."""
    if not len(call_ids):
        return np.zeros(1, np.intp)
    is_new = pc.not_equal(call_ids.slice(1), call_ids.slice(0, len(call_ids) - 1)).to_numpy()
    return np.concatenate([[0], np.flatnonzero(is_new) + 1, [len(call_ids)]])


def _read_id(call_id: pa.StringScalar) -> str:
    return str(call_id.as_py())


def _read_heard(store: Store, *, but: pa.Array) -> frozenset[str]:
    """Read which calls were heard, but those of which it is known."""
    calls = store.read("transcripts", ["call_id", "is_heard"])
    is_wanted = pc.and_(calls["is_heard"], pc.invert(pc.is_in(calls["call_id"], but)))
    return frozenset(calls.filter(is_wanted)["call_id"].to_pylist())


def _read_notes(store: Store) -> dict[str, str]:
    """Read what agents noted, by call."""
    turns = store.read("turns", ["call_id", "turn_index", "source", "text"]) if store.has("turns") else None
    rows = turns.filter(pc.equal(turns["source"], "note")).to_pylist() if turns is not None else []
    notes: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: int(row["turn_index"])):
        notes.setdefault(row["call_id"], []).append(row["text"])
    return {call_id: " ".join(texts) for call_id, texts in notes.items()}
