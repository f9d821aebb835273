"""Pieces: the words and sounds that texts are made of, in order, so that tokens are counted without the texts.

They depend on the text alone. A piece is worked on once however many texts have it.

Errors: none of its own. A text without a piece is an empty list.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Pieces:
    """The pieces of n texts: text i has those from `starts[i]` to `starts[i + 1]`, each by its position in `names`."""

    names: Sequence[str] = field(repr=False)
    numbers: NDArray[np.int32] = field(repr=False)
    starts: Positions = field(repr=False)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, rows: slice) -> "Pieces":
        """Cut some texts that stand together; their pieces keep their numbers."""
        start, stop, _ = rows.indices(len(self))
        starts = self.starts[start : max(start, stop) + 1]
        return Pieces(self.names, self.numbers[starts[0] : starts[-1]], starts - starts[0])

    @property
    def owners(self) -> Positions:
        """Which text each piece stands in."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def take(self, rows: NDArray[np.intp]) -> "Pieces":
        """Take some texts in any order; their pieces keep their numbers."""
        counts = np.diff(self.starts)[rows]
        starts = np.concatenate([[0], np.cumsum(counts)])
        shifts = np.repeat(self.starts[:-1][rows] - starts[:-1], counts)
        return Pieces(self.names, self.numbers[np.arange(starts[-1]) + shifts], starts)


def find_pieces(pattern: re.Pattern[str], texts: Sequence[str]) -> Pieces:
    """Find all that a pattern matches, in lower case."""
    return make_pieces([pattern.findall(text.lower()) for text in texts])


def make_pieces(found: Sequence[Sequence[str]]) -> Pieces:
    """Number the pieces of each text."""
    starts = np.cumsum([0, *map(len, found)], dtype=np.int64)
    flat = list(chain.from_iterable(found))
    names = list(dict.fromkeys(flat))
    numbers = {name: number for number, name in enumerate(names)}
    return Pieces(names, np.fromiter(map(numbers.__getitem__, flat), np.int32, len(flat)), starts)


def join_pieces(pieces: Pieces, others: Pieces) -> Pieces:
    """Put the pieces of other texts behind; a name may then stand twice."""
    numbers = np.concatenate([pieces.numbers, others.numbers + np.int32(len(pieces.names))])
    starts = np.concatenate([pieces.starts, others.starts[1:] + pieces.starts[-1]])
    return Pieces([*pieces.names, *others.names], numbers, starts)


def to_lists(pieces: Pieces) -> pa.Array:
    """Lay pieces out as lists of words, as a table keeps them."""
    words = pa.DictionaryArray.from_arrays(pa.array(pieces.numbers), pa.array(list(pieces.names), pa.string()))
    return pa.ListArray.from_arrays(pa.array(pieces.starts, pa.int32()), words.cast(pa.string()))


def from_lists(lists: pa.ChunkedArray) -> Pieces:
    """Number the words of lists."""
    whole = lists.combine_chunks()
    words = whole.flatten().dictionary_encode()
    starts = np.concatenate([[0], np.cumsum(whole.value_lengths().to_numpy())])
    return Pieces(words.dictionary.to_pylist(), words.indices.to_numpy(), starts)
