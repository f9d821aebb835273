"""Counting: how often each known token stands in each of many texts, from their pieces.

What a piece is made of is worked out once a piece; all else is done for many texts at once.

Errors: none of its own. A token that was not known when the counter was made counts nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from pipeline.pieces import Pieces, Positions

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MAX_REMEMBERED = 200_000  # pieces whose tokens are kept in memory
MAX_LISTS = 8  # lists of names whose tokens are kept in memory


class TokenCounter(Protocol):
    """Counts known tokens."""

    def count(self, pieces: Pieces) -> "csr_matrix":
        """Count, shape (n, n_tokens)."""


@dataclass(frozen=True)
class RunCounter:
    """Counts pieces and runs of neighbours, which are written with spaces between.

    `runs` holds for each length from 2, also one of which no run is known, the sorted keys of the known runs, and the
    column of each.
    """

    vocabulary: Mapping[str, int] = field(repr=False)
    runs: tuple[tuple[Positions, Positions], ...] = field(repr=False)
    remembered: dict[int, tuple[Sequence[str], Any]] = field(default_factory=dict, repr=False)

    def count(self, pieces: Pieces) -> "csr_matrix":
        """Count pieces and runs; a piece that is not known parts its neighbours."""
        known = _remember(self.remembered, pieces.names, self._find_columns)
        owners, keys = pieces.owners, known[pieces.numbers]
        found = [(owners[keys >= 0], keys[keys >= 0])]
        columns, places = keys, np.flatnonzero(keys >= 0)
        for length, (known_keys, run_columns) in enumerate(self.runs, start=2):
            places = places[places + length <= len(columns)]
            ends = places + length - 1
            places = places[(owners[places] == owners[ends]) & (columns[ends] >= 0)]
            if not len(known_keys):
                continue
            keys = _make_keys(columns, places, length, len(self.vocabulary))
            at = np.minimum(np.searchsorted(known_keys, keys), len(known_keys) - 1)
            is_known = known_keys[at] == keys
            found.append((owners[places[is_known]], run_columns[at[is_known]]))
        rows, kept = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return _add_up(rows, kept, (len(pieces), len(self.vocabulary)))

    def _find_columns(self, names: Sequence[str]) -> Positions:
        return np.fromiter((self.vocabulary.get(name, -1) for name in names), np.int64, len(names))


@dataclass(frozen=True)
class PieceCounter:
    """Counts what pieces are made of; `remembered` holds the known tokens of each."""

    list_tokens: Callable[[str], list[str]]
    vocabulary: Mapping[str, int] = field(repr=False)
    remembered: dict[str, list[int]] = field(default_factory=dict, repr=False)
    lists: dict[int, tuple[Sequence[str], Any]] = field(default_factory=dict, repr=False)

    def count(self, pieces: Pieces) -> "csr_matrix":
        """Count the tokens of all pieces."""
        from scipy.sparse import csr_matrix

        made_of = _remember(self.lists, pieces.names, self._split)
        ones = np.ones(len(pieces.numbers), np.float32)
        counts: csr_matrix = (
            csr_matrix((ones, pieces.numbers, pieces.starts), (len(pieces), len(pieces.names))) @ made_of
        )
        return counts

    def _split(self, names: Sequence[str]) -> "csr_matrix":
        """Say what each name is made of, shape (n_names, n_tokens); a token that comes twice stands there twice."""
        from scipy.sparse import csr_matrix

        tokens = [self._find_tokens(name) for name in names]
        starts = np.cumsum([0, *map(len, tokens)])
        flat = np.fromiter(chain.from_iterable(tokens), np.int64, starts[-1])
        return csr_matrix((np.ones(len(flat), np.float32), flat, starts), (len(names), len(self.vocabulary)))

    def _find_tokens(self, piece: str) -> list[int]:
        tokens = self.remembered.get(piece)
        if tokens is None:
            listed = (self.vocabulary.get(token) for token in self.list_tokens(piece))
            tokens = [column for column in listed if column is not None]
            if len(self.remembered) >= MAX_REMEMBERED:
                self.remembered.clear()
            self.remembered[piece] = tokens
        return tokens


def make_run_counter(vocabulary: Mapping[str, int], longest: int) -> RunCounter:
    """Make a counter of the pieces and runs in a vocabulary; every piece of a run is in it too."""
    by_length: dict[int, list[tuple[int, int]]] = {length: [] for length in range(2, longest + 1)}
    for token, column in vocabulary.items():
        pieces = [vocabulary[piece] for piece in token.split(" ")] if " " in token else []
        if pieces:
            key = int(_make_keys(np.array(pieces, np.int64), np.zeros(1, np.int64), len(pieces), len(vocabulary))[0])
            by_length[len(pieces)].append((key, column))
    runs = (np.array(sorted(known), np.int64).reshape(-1, 2).T for known in by_length.values())
    return RunCounter(vocabulary, tuple((keys, columns) for keys, columns in runs))


def _make_keys(columns: Positions, places: Positions, length: int, n_columns: int) -> Positions:
    """Join the columns of each run into one number."""
    keys = columns[places]
    for step in range(1, length):
        keys = keys * n_columns + columns[places + step]
    return keys


def _remember(kept: dict[int, tuple[Sequence[str], Any]], names: Sequence[str], make: Callable[..., Any]) -> Any:  # noqa: ANN401
    """Work on a list of names once, as long as it is the same list."""
    found = kept.get(id(names))
    if found is None:
        if len(kept) >= MAX_LISTS:
            kept.clear()
        found = kept[id(names)] = (names, make(names))
    return found[1]


def _add_up(rows: Positions, columns: Positions, shape: tuple[int, int]) -> "csr_matrix":
    from scipy.sparse import coo_matrix

    counts: csr_matrix = coo_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape).tocsr()
    counts.sort_indices()
    return counts
