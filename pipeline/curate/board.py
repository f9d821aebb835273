"""Board: every reason utterance of the last run in memory, a few bytes each, as curating needs it.

What it was coded as, how surely, the candidate it is in, and what its call cost because of it.

Errors: MissingTableError when a run has not come as far as the codes yet.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from pipeline.config import Project
from pipeline.contexts import cut_context
from pipeline.evidence import Floats
from pipeline.tables import Store
from pipeline.tables.database import open_database, show_or_empty, show_table

Positions = NDArray[np.intp]
Sums = Mapping[int, tuple[int, float]]  # calls and cost by key
Indices = NDArray[np.int32]
MEMORY_LIMIT = "1GB"  # of the database; what it makes comes on top

# A call's cost for one reason is shared equally by the utterances that give it.
UTTERANCES = """
with said as (
    select call_id, utterance_index, u.turn_index, u.text, r.code, r.no_code, r.best_code, r.second_code,
           r.score_ratio, r.second_score_ratio, m.cluster_id, coalesce(r.code, m.cluster_id, r.no_code) as reason_id
    from call_reasons r join reason_utterances u using (call_id, utterance_index)
    left join cluster_members m using (call_id, utterance_index)
)
select said.* exclude (reason_id), coalesce(c.cost, 0) / count(*) over (partition by said.call_id, said.reason_id)
           as cost
from said left join reason_calls c using (call_id, reason_id)
order by call_id, utterance_index
"""
TURNS = "select call_id, turn_index, text from turns semi join wanted using (call_id, turn_index)"
TABLES = ("call_reasons", "reason_utterances")
MADE_LATER = ("cluster_members", "reason_calls")


@dataclass(frozen=True)
class Board:
    """n reason utterances in the order of their calls; `names` are codes, candidates and kinds of no-code by index.

    `codes`, `best`, `second` and `clusters` are indices of shape (n,), -1 for none; `outcomes` are those of codes or
    else of kinds of no-code. `scores` and `second_scores` are 0 to 1, `costs` in the project's currency.
    """

    store: Store = field(repr=False)
    currency: str
    names: tuple[str, ...] = field(repr=False)
    call_ids: pa.LargeStringArray = field(repr=False)
    texts: pa.LargeStringArray = field(repr=False)
    utterance_indices: Indices = field(repr=False)
    turn_indices: Indices = field(repr=False)
    calls: Indices = field(repr=False)  # a number for each call, rising
    outcomes: Indices = field(repr=False)
    codes: Indices = field(repr=False)
    best: Indices = field(repr=False)
    second: Indices = field(repr=False)
    clusters: Indices = field(repr=False)
    scores: Floats = field(repr=False)
    second_scores: Floats = field(repr=False)
    costs: Floats = field(repr=False)

    def __len__(self) -> int:
        return len(self.calls)

    @cached_property
    def n_calls(self) -> int:
        """How many calls said why."""
        return len(np.unique(self.calls))

    @cached_property
    def by_code(self) -> Sums:
        """Calls and cost of each code, by its index."""
        return self.add_up(self.codes)

    @cached_property
    def by_cluster(self) -> Sums:
        """Calls and cost of each candidate, by its index."""
        return self.add_up(self.clusters)

    @cached_property
    def by_undecided(self) -> Mapping[tuple[str, str], tuple[int, float]]:
        """Calls and cost that fit two codes equally well, by the pair."""
        rows = np.flatnonzero(np.isin(self.outcomes, self.find_indices(["undecided"])) & (self.second >= 0))
        low, high = (np.array(order(self.best[rows], self.second[rows])) for order in (np.minimum, np.maximum))
        keys = np.full(len(self), -1, np.int64)
        keys[rows] = low.astype(np.int64) * len(self.names) + high
        pairs = {divmod(key, len(self.names)): sums for key, sums in self.add_up(keys).items()}
        return {(self.names[a], self.names[b]): sums for (a, b), sums in pairs.items()}

    @cached_property
    def loose(self) -> tuple[int, float]:
        """Calls and cost of what no code fits and no candidate holds."""
        rows = np.isin(self.outcomes, self.find_indices(["none_of_these"])) & (self.clusters < 0)
        return self.add_up(np.where(rows, 0, -1)).get(0, (0, 0.0))

    def add_up(self, keys: NDArray[Any]) -> Sums:
        """Count calls and cost by key, shape (n,); a key below 0 is none."""
        rows = np.flatnonzero(keys >= 0)
        found, groups = np.unique(keys[rows], return_inverse=True)
        n_calls = int(self.calls.max(initial=0)) + 1
        once = np.unique(groups.astype(np.int64) * n_calls + self.calls[rows])
        counts = Counter((once // n_calls).tolist())
        costs = np.bincount(groups, weights=self.costs[rows], minlength=len(found))
        return {int(key): (counts[at], float(costs[at])) for at, key in enumerate(found)}

    def find_indices(self, names: Sequence[str]) -> Indices:
        """Find the indices of names; those that no utterance has are left out."""
        known = {name: index for index, name in enumerate(self.names)}
        return np.array([known[name] for name in names if name in known], np.int32)

    def find_rows(self, name: str) -> Positions:
        """Find the utterances of a code or a candidate."""
        wanted = self.find_indices([name])
        return np.flatnonzero(np.isin(self.codes, wanted) | np.isin(self.clusters, wanted))

    def find_said(self, texts: Collection[str]) -> Positions:
        """Find the utterances that say one of these texts, word for word."""
        said = compute.is_in(self.texts, value_set=pa.array(sorted(texts), self.texts.type))
        return np.flatnonzero(said.to_numpy(zero_copy_only=False))

    def read_texts(self, rows: Positions) -> list[str]:
        """Read what was said."""
        return [str(text) for text in self.texts.take(pa.array(rows)).to_pylist()]

    def read_call_ids(self, rows: Positions) -> list[str]:
        """Read which calls it was said in."""
        return [str(call_id) for call_id in self.call_ids.take(pa.array(rows)).to_pylist()]

    def read_pairs(self, rows: Positions) -> list[tuple[str, str]]:
        """Read what was said, each with the words around it."""
        texts, call_ids = self.read_texts(rows), self.read_call_ids(rows)
        keys = list(zip(call_ids, self.turn_indices[rows].tolist(), strict=True))
        turns = _read_turns(self.store, keys)
        return [(text, cut_context(turns.get(key, ""), text)) for key, text in zip(keys, texts, strict=True)]


def load_board(project: Project) -> Board:
    """Load every reason utterance of the last run."""
    store = project.store
    with open_database(store) as connection:
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        for name in TABLES:
            show_table(connection, store, name)
        for name in MADE_LATER:
            show_or_empty(connection, store, name)
        table = connection.sql(UTTERANCES).to_arrow_table()
    names, indices = _index_names(table, ("code", "no_code", "best_code", "second_code", "cluster_id"))
    calls = table["call_id"].combine_chunks().dictionary_encode()
    return Board(
        store=store,
        currency=project.settings.project.currency,
        names=names,
        call_ids=_join_chunks(table["call_id"]),
        texts=_join_chunks(table["text"]),
        utterance_indices=_to_numpy(table, "utterance_index", np.int32),
        turn_indices=_to_numpy(table, "turn_index", np.int32),
        calls=calls.indices.to_numpy().astype(np.int32),
        outcomes=np.where(indices["code"] >= 0, indices["code"], indices["no_code"]),
        codes=indices["code"],
        best=indices["best_code"],
        second=indices["second_code"],
        clusters=indices["cluster_id"],
        scores=_to_numpy(table, "score_ratio", np.float32),
        second_scores=_to_numpy(table, "second_score_ratio", np.float32),
        costs=_to_numpy(table, "cost", np.float32),
    )


def name_board(project: Project) -> str:
    """Name the rows that a board would be loaded from: another name means that a run made others."""
    store = project.store
    names = [name for name in (*TABLES, *MADE_LATER) if store.has(name)]
    return repr([(name, [store.list_batches(name, one) for one in store.current(name)]) for name in names])


def _index_names(table: pa.Table, columns: Sequence[str]) -> tuple[tuple[str, ...], Mapping[str, Indices]]:
    """Number the names of several columns as one list."""
    encoded = {name: table[name].combine_chunks().dictionary_encode() for name in columns}
    names = tuple(dict.fromkeys(str(word) for one in encoded.values() for word in one.dictionary.to_pylist()))
    places = {name: index for index, name in enumerate(names)}
    found = {}
    for column, one in encoded.items():
        numbers = np.array([*(places[str(word)] for word in one.dictionary.to_pylist()), -1], np.int32)
        found[column] = numbers[one.indices.fill_null(len(numbers) - 1).to_numpy()]
    return names, found


def _join_chunks(words: pa.ChunkedArray) -> pa.LargeStringArray:
    """Join what was read in pieces; taking a few of many pieces would join them each time."""
    return words.cast(pa.large_string()).combine_chunks()


def _to_numpy(table: pa.Table, name: str, kind: type) -> NDArray[Any]:
    values: NDArray[Any] = table[name].combine_chunks().fill_null(0).to_numpy().astype(kind)
    return values


def _read_turns(store: Store, keys: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
    if not store.has("turns"):
        return {}
    wanted = pa.table(
        {"call_id": [key[0] for key in keys], "turn_index": pa.array([key[1] for key in keys], pa.int32())}
    )
    with open_database(store) as connection:
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        show_table(connection, store, "turns")
        connection.register("wanted", wanted)
        rows = connection.sql(TURNS).fetchall()
    return {(call_id, turn_index): text for call_id, turn_index, text in rows}
