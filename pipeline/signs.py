"""Signs: what a text shows of its reason whatever the codes are: language, words, sounds, and known reasons it is like.

They depend on the text and the encoder alone; see `pipeline.evidence` for what the examples of codes make of them.

Errors: none of its own.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.languages import WORD, find_language
from pipeline.pieces import Pieces, find_pieces, join_pieces, make_pieces
from pipeline.syllables import CHINESE_RUN, read_syllables

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from pipeline.library import Library

LATIN_WORD = re.compile(r"[a-z0-9']+")
BETWEEN = ""  # stands between the syllables of two runs


@dataclass(frozen=True)
class Signs:
    """Signs of n texts.

    `letters` are the words that are written in Latin letters, `sounds` Chinese syllables with BETWEEN from run to run.
    `reasons` has shape (n, n_reasons), see `Library.place`; one empty column where the encoder has no library.
    """

    languages: NDArray[np.str_] = field(repr=False)
    words: Pieces = field(repr=False)
    letters: Pieces = field(repr=False)
    sounds: Pieces = field(repr=False)
    reasons: "csr_matrix" = field(repr=False)

    def __len__(self) -> int:
        return len(self.languages)

    def __getitem__(self, rows: slice) -> "Signs":
        """Cut some texts that stand together."""
        pieces = (self.words[rows], self.letters[rows], self.sounds[rows])
        return Signs(self.languages[rows], *pieces, self.reasons[rows])

    def take(self, rows: NDArray[np.intp]) -> "Signs":
        """Take some texts in any order."""
        pieces = (self.words.take(rows), self.letters.take(rows), self.sounds.take(rows))
        return Signs(self.languages[rows], *pieces, self.reasons[rows])


def join_signs(signs: Signs, others: Signs) -> Signs:
    """Put the signs of other texts behind."""
    from scipy.sparse import vstack

    words, letters = join_pieces(signs.words, others.words), join_pieces(signs.letters, others.letters)
    sounds = join_pieces(signs.sounds, others.sounds)
    languages = np.concatenate([signs.languages, others.languages])
    return Signs(languages, words, letters, sounds, vstack([signs.reasons, others.reasons], format="csr"))


def find_signs(texts: Sequence[str], embeddings: NDArray[np.float32], library: "Library | None") -> Signs:
    """Find the signs of texts.

    Args:
        texts: What was said.
        embeddings: Shape (n, dim).
        library: The encoder's, if it has one.
    """
    return Signs(
        find_languages(texts),
        find_pieces(WORD, [text.replace("’", "'") for text in texts]),
        find_pieces(LATIN_WORD, texts),
        make_pieces([_list_syllables(text) for text in texts]),
        library.place(texts, embeddings) if library else make_empty(len(texts)),
    )


def find_languages(texts: Sequence[str]) -> NDArray[np.str_]:
    """Name each text's language."""
    return np.array([find_language(text) for text in texts], "U2")


def make_empty(n: int) -> "csr_matrix":
    """Make n rows that show nothing."""
    from scipy.sparse import csr_matrix

    return csr_matrix((n, 1), dtype=np.float32)


def _list_syllables(text: str) -> list[str]:
    if text.isascii():
        return []
    syllables: list[str] = []
    for run in CHINESE_RUN.findall(text):
        syllables += [*([BETWEEN] if syllables else []), *read_syllables(run)]
    return syllables
