"""Evidence: in what ways two sentences are alike beside their meaning: words, letters, Chinese sounds, known reasons.

An encoder hardly parts "late" from "never arrived", and a transcriber writes 消护 for 销户. Shared words part the
first pair, shared sounds join the second; sounding like the same known reasons (see `pipeline.library`) does both.
Everything is fitted on reference sentences, never on those to be judged, so that a sentence is judged the same whatever
comes with it.

Errors: none of its own. A sentence without a word is like nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.counting import PieceCounter, TokenCounter, make_run_counter
from pipeline.languages import WORD
from pipeline.pieces import Pieces
from pipeline.signs import LATIN_WORD, Signs, find_languages, find_signs, make_empty
from pipeline.syllables import CHINESE_RUN, read_syllables

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from pipeline.library import Library

Floats = NDArray[np.float32]
CounterMaker = Callable[[Mapping[str, int]], TokenCounter]

LETTER_LENGTHS = (3, 4, 5)
LONGEST_WORDS, LONGEST_SOUNDS = 2, 3  # neighbours that are one token
# How many general sentences a language's mean counts for, so that two sentences alone do not shift it.
PRIOR_SENTENCES = 5.0


@dataclass(frozen=True)
class Views:
    """Sentences seen in every way: `meaning` (n, dim), sparse `words`, `letters`, `sounds`; rows have unit length.

    `reasons` is sparse too, and the shorter the less a sentence sounds like any known reason.
    """

    meaning: Floats
    words: Any
    letters: Any
    sounds: Any
    reasons: Any

    def __len__(self) -> int:
        return len(self.meaning)

    def __getitem__(self, rows: slice) -> "Views":
        """Cut some sentences that stand together."""
        return Views(**{part.name: getattr(self, part.name)[rows] for part in fields(self)})


@dataclass(frozen=True)
class Evidence:
    """What is usual among the reference sentences: each language's mean embedding and each token's weight."""

    means: dict[str, Floats] = field(repr=False)
    weighers: "dict[str, TokenWeigher | NoTokens]" = field(repr=False)
    library: "Library | None" = field(default=None, repr=False)

    def view(self, texts: Sequence[str], embeddings: Floats) -> Views:
        """See sentences in every way."""
        return self.view_signs(find_signs(texts, embeddings, self.library), embeddings)

    def view_signs(self, signs: Signs, embeddings: Floats) -> Views:
        """See sentences whose signs are known."""
        sparse = {name: weigher.weigh(getattr(signs, name)) for name, weigher in self.weighers.items()}
        return Views(center_rows(signs.languages, embeddings, self.means), **sparse, reasons=signs.reasons)


def fit_evidence(texts: Sequence[str], embeddings: Floats, library: "Library | None" = None) -> Evidence:
    """Learn what is usual from reference sentences.

    Args:
        texts: At least one sentence.
        embeddings: Shape (n, dim).
        library: The encoder's, if it has one.
    """
    makers: dict[str, tuple[Callable[[str], list[str]], CounterMaker]] = {
        "words": (list_words, partial(make_run_counter, longest=LONGEST_WORDS)),
        "letters": (list_letters, partial(PieceCounter, list_letters)),
        "sounds": (list_sounds, partial(make_run_counter, longest=LONGEST_SOUNDS)),
    }
    signs = find_signs(texts, embeddings, None)
    weighers = {
        name: _fit_weights({token for text in texts for token in lister(text)}, make, getattr(signs, name))
        for name, (lister, make) in makers.items()
    }
    return Evidence(find_means(texts, embeddings), weighers, library)


def find_means(texts: Sequence[str], embeddings: Floats) -> dict[str, Floats]:
    """Average the embeddings of each language, drawn towards the average of all where there are few."""
    languages = find_languages(texts)
    general = embeddings.mean(axis=0)
    means = {"": general}
    for language in sorted(set(languages.tolist())):
        own = embeddings[languages == language]
        means[language] = (own.sum(axis=0) + PRIOR_SENTENCES * general) / (len(own) + PRIOR_SENTENCES)
    return means


def center_languages(texts: Sequence[str], embeddings: Floats, means: Mapping[str, Floats]) -> Floats:
    """Take away what only says which language it is, and what every sentence shares; rows keep unit length."""
    return center_rows(find_languages(texts), embeddings, means)


def center_rows(languages: NDArray[np.str_], embeddings: Floats, means: Mapping[str, Floats]) -> Floats:
    """Do so for sentences whose language is known, shape (n, dim)."""
    names = list(means)
    rows = np.full(len(languages), names.index(""))
    for number, name in enumerate(names):
        rows[languages == name] = number
    return normalize_rows(embeddings - np.stack([means[name] for name in names])[rows])


def normalize_rows(rows: Floats) -> Floats:
    """Scale each row to unit length."""
    scaled: Floats = (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)).astype(
        np.float32, copy=False
    )
    return scaled


def list_words(text: str) -> list[str]:
    """List words and pairs of neighbours; a Chinese character is a word."""
    words = [token.replace("’", "'") for token in WORD.findall(text.lower())]
    return [*words, *(f"{one} {other}" for one, other in pairwise(words))]


def list_letters(text: str) -> list[str]:
    """List runs of 3 to 5 letters inside each word, its edges marked."""
    return [
        word[start : start + length]
        for word in (f"<{found}>" for found in LATIN_WORD.findall(text.lower()))
        for length in LETTER_LENGTHS
        for start in range(max(1, len(word) - length + 1))
    ]


def list_sounds(text: str) -> list[str]:
    """List Chinese syllables without tones, alone and in twos and threes; those easily misheard are one."""
    return [sound for run in CHINESE_RUN.findall(text) for sound in _list_runs(read_syllables(run))]


def _list_runs(syllables: list[str]) -> Iterator[str]:
    for length in range(1, LONGEST_SOUNDS + 1):
        for start in range(len(syllables) - length + 1):
            yield " ".join(syllables[start : start + length])


@dataclass(frozen=True)
class TokenWeigher:
    """Counts tokens and weighs the rare ones more, as `TfidfVectorizer` does; rows have unit length or no token."""

    counter: TokenCounter
    rarities: Floats = field(repr=False)  # one a token

    def weigh(self, pieces: Pieces) -> "csr_matrix":
        """Weigh the tokens of each text, shape (n, n_tokens)."""
        counts = self.counter.count(pieces)
        weights = (np.log(counts.data) + 1) * self.rarities[counts.indices]
        lengths = np.sqrt(_add_rows(np.square(weights), counts.indptr))
        counts.data = weights / np.repeat(lengths, np.diff(counts.indptr))
        return counts


@dataclass(frozen=True)
class NoTokens:
    """Stands in where no reference sentence has such a token: every sentence is a row of zeros."""

    def weigh(self, pieces: Pieces) -> "csr_matrix":
        """Make a row without any token for each text."""
        return make_empty(len(pieces))


def _fit_weights(known: set[str], make: CounterMaker, pieces: Pieces) -> TokenWeigher | NoTokens:
    from sklearn.feature_extraction.text import TfidfTransformer

    if not known:
        return NoTokens()
    counter = make({token: column for column, token in enumerate(sorted(known))})
    fitted = TfidfTransformer(sublinear_tf=True).fit(counter.count(pieces))
    return TokenWeigher(counter, fitted.idf_.astype(np.float32))


def _add_rows(values: Floats, starts: NDArray[np.int32]) -> Floats:
    """Add up the values of each row of a sparse matrix; an empty one has nothing."""
    sums = np.zeros(len(starts) - 1, np.float32)
    has_any = np.diff(starts) > 0
    sums[has_any] = np.add.reduceat(values, starts[:-1][has_any]) if len(values) else 0
    return sums
