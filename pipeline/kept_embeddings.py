"""Kept embeddings: the rows that an encoder has in the table `embeddings`, in blocks as they were read, found by text.

No row is an object of its own and none is copied before it is asked for, so that a million take little more memory
than their numbers.

Errors: none of its own.
"""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.tables import Store
from pipeline.tables.by_text import TextIds, look_up, parse_ids, read_by_text

Floats = NDArray[np.float32]
Positions = NDArray[np.intp]


@dataclass
class KeptEmbeddings:
    """Embeddings by text id.

    `ids` are in order; `places` says of each where its row stands, counted through all `blocks` of shape (n, dim).
    """

    ids: TextIds = field(default_factory=lambda: np.zeros(0, np.uint64), repr=False)
    places: Positions = field(default_factory=lambda: np.zeros(0, np.intp), repr=False)
    blocks: list[Floats] = field(default_factory=list, repr=False)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def dim(self) -> int:
        """Width of an embedding; there must be one."""
        return int(self.blocks[0].shape[1])

    def list_missing(self, wanted: TextIds) -> Positions:
        """List the positions of the ids that are not kept."""
        return np.flatnonzero(~look_up(self.ids, wanted)[1])

    def add(self, *rows: tuple[TextIds, Floats]) -> None:
        """Add blocks of rows; a text that is kept already keeps its row."""
        n_rows = sum(map(len, self.blocks))
        places = n_rows + np.arange(sum(len(ids) for ids, _ in rows))
        self.blocks += [embeddings for _, embeddings in rows]
        self.ids, first = np.unique(np.concatenate([self.ids, *(ids for ids, _ in rows)]), return_index=True)
        self.places = np.concatenate([self.places, places])[first]

    def take(self, wanted: TextIds) -> Floats:
        """Take the rows of ids that are kept, shape (n, dim)."""
        places = self.places[look_up(self.ids, wanted)[0]]
        order = np.argsort(places)
        starts = np.cumsum([0, *map(len, self.blocks)])
        cuts = np.searchsorted(places[order], starts)
        rows = np.empty((len(wanted), self.dim), np.float32)
        for number in np.flatnonzero(np.diff(cuts)).tolist():
            here = order[cuts[number] : cuts[number + 1]]
            rows[here] = self.blocks[number][places[here] - starts[number]]
        return rows


def read_kept(store: Store, table: str, name: str) -> KeptEmbeddings:
    """Read what an encoder of this name has embedded."""
    kept = KeptEmbeddings()
    batches = [batch for one in read_by_text(store, table, name) for batch in one.to_batches() if batch.num_rows]
    if batches:
        kept.add(*((parse_ids(one["text_id"]), _shape(one["embedding"])) for one in batches))
    return kept


def _shape(lists: pa.ListArray) -> Floats:
    """Lay lists of numbers out as rows."""
    rows: Floats = lists.flatten().to_numpy().reshape(len(lists), -1)
    return rows
