"""Counting: how often each known token stands in each of many texts.

Words are found text by text, all else is done for many texts at once; what a word is made of is worked out once a word.

Errors: none of its own. A token that was not known when the counter was made counts nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Positions = NDArray[np.int64]

MAX_REMEMBERED = 200_000  # pieces whose tokens are kept in memory


class TokenCounter(Protocol):
    """Counts known tokens."""

    def count(self, texts: Sequence[str]) -> "csr_matrix":
        """Count, shape (n, n_tokens)."""


@dataclass(frozen=True)
class PairCounter:
    """Counts words and pairs of neighbours; a pair is written with a space between, every apostrophe alike."""

    pattern: re.Pattern[str]
    vocabulary: Mapping[str, int] = field(repr=False)
    pairs: Positions = field(
        repr=False
    )  # sorted: the first word's column times the number of columns, and the second's
    pair_columns: Positions = field(repr=False)

    def count(self, texts: Sequence[str]) -> "csr_matrix":
        """Count words and pairs."""
        rows, words = find_pieces(self.pattern, [text.replace("’", "'") for text in texts])
        known = self.vocabulary
        columns = np.array([known.get(word, -1) for word in words], np.int64)
        follows = (rows[:-1] == rows[1:]) & (columns[:-1] >= 0) & (columns[1:] >= 0)
        keys = (columns[:-1] * len(known) + columns[1:])[follows]
        places = np.searchsorted(self.pairs, keys)
        is_known = self.pairs[np.minimum(places, len(self.pairs) - 1)] == keys if len(self.pairs) else places < 0
        pair_rows, pair_columns = rows[:-1][follows][is_known], self.pair_columns[places[is_known]]
        found = columns >= 0
        return _add_up(
            np.concatenate([rows[found], pair_rows]),
            np.concatenate([columns[found], pair_columns]),
            (len(texts), len(known)),
        )


@dataclass(frozen=True)
class PieceCounter:
    """Counts what pieces of a text are made of; `remembered` holds the known tokens of each piece."""

    pattern: re.Pattern[str]
    list_tokens: Callable[[str], list[str]]
    vocabulary: Mapping[str, int] = field(repr=False)
    remembered: dict[str, list[int]] = field(default_factory=dict, repr=False)

    def count(self, texts: Sequence[str]) -> "csr_matrix":
        """Count the tokens of all pieces."""
        from scipy.sparse import csr_matrix

        rows, pieces = find_pieces(self.pattern, texts)
        numbers = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
        tokens = [self._find_tokens(piece) for piece in numbers]
        starts = np.cumsum([0, *map(len, tokens)])
        flat = np.fromiter(chain.from_iterable(tokens), np.int64, starts[-1])
        made_of = csr_matrix((np.ones(len(flat), np.float32), flat, starts), (len(numbers), len(self.vocabulary)))
        shape = (len(texts), len(numbers))
        counts = _add_up(rows, np.array([numbers[piece] for piece in pieces], np.int64), shape) @ made_of
        counts.sort_indices()
        return counts

    def _find_tokens(self, piece: str) -> list[int]:
        tokens = self.remembered.get(piece)
        if tokens is None:
            listed = (self.vocabulary.get(token) for token in self.list_tokens(piece))
            tokens = [column for column in listed if column is not None]
            if len(self.remembered) >= MAX_REMEMBERED:
                self.remembered.clear()
            self.remembered[piece] = tokens
        return tokens


def make_pair_counter(pattern: re.Pattern[str], vocabulary: Mapping[str, int]) -> PairCounter:
    """Make a counter of the words and pairs in a vocabulary; both words of a pair are in it too."""
    pairs = [(token.split(" "), column) for token, column in vocabulary.items() if " " in token]
    keys = np.array([vocabulary[one] * len(vocabulary) + vocabulary[other] for (one, other), _ in pairs], np.int64)
    columns = np.array([column for _, column in pairs], np.int64)
    order = np.argsort(keys)
    return PairCounter(pattern, vocabulary, keys[order], columns[order])


def find_pieces(pattern: re.Pattern[str], texts: Sequence[str]) -> tuple[Positions, list[str]]:
    """Find all that a pattern matches, in lower case, and which text each stands in."""
    found = [pattern.findall(text.lower()) for text in texts]
    rows = np.repeat(np.arange(len(texts)), [len(pieces) for pieces in found])
    return rows, list(chain.from_iterable(found))


def _add_up(rows: Positions, columns: Positions, shape: tuple[int, int]) -> "csr_matrix":
    from scipy.sparse import coo_matrix

    counts: csr_matrix = coo_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape).tocsr()
    counts.sort_indices()
    return counts
