"""Evidence: in what ways two sentences are alike beside their meaning: words, letters, Chinese sounds, known reasons.

An encoder hardly parts "late" from "never arrived", and a transcriber writes 消护 for 销户. Shared words part the
first pair, shared sounds join the second; sounding like the same known reasons (see `pipeline.library`) does both.
Everything is fitted on reference sentences, never on those to be judged, so that a sentence is judged the same whatever
comes with it.

Errors: none of its own. A sentence without a word is like nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.counting import PieceCounter, TokenCounter, make_pair_counter
from pipeline.languages import WORD, find_language

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from pipeline.library import Library

Floats = NDArray[np.float32]
CounterMaker = Callable[[Mapping[str, int]], TokenCounter]

CHINESE_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
LATIN_WORD = re.compile(r"[a-z0-9']+")
LETTER_LENGTHS = (3, 4, 5)
# Initials and endings that speakers and transcribers mix up.
MIXED_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
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


@dataclass(frozen=True)
class Evidence:
    """What is usual among the reference sentences: each language's mean embedding and each token's weight."""

    means: dict[str, Floats] = field(repr=False)
    weighers: "dict[str, TokenWeigher | NoTokens]" = field(repr=False)
    library: "Library | None" = field(default=None, repr=False)

    def view(self, texts: Sequence[str], embeddings: Floats) -> Views:
        """See sentences in every way."""
        sparse = {name: weigher.weigh(texts) for name, weigher in self.weighers.items()}
        reasons = self.library.place(texts, embeddings) if self.library else NoTokens().weigh(texts)
        return Views(center_languages(texts, embeddings, self.means), **sparse, reasons=reasons)


def fit_evidence(texts: Sequence[str], embeddings: Floats, library: "Library | None" = None) -> Evidence:
    """Learn what is usual from reference sentences.

    Args:
        texts: At least one sentence.
        embeddings: Shape (n, dim).
        library: The encoder's, if it has one.
    """
    makers: dict[str, tuple[Callable[[str], list[str]], CounterMaker]] = {
        "words": (list_words, partial(make_pair_counter, WORD)),
        "letters": (list_letters, partial(PieceCounter, LATIN_WORD, list_letters)),
        "sounds": (list_sounds, partial(PieceCounter, CHINESE_RUN, list_sounds)),
    }
    weighers = {name: _fit_weights(lister, make, texts) for name, (lister, make) in makers.items()}
    return Evidence(find_means(texts, embeddings), weighers, library)


def find_means(texts: Sequence[str], embeddings: Floats) -> dict[str, Floats]:
    """Average the embeddings of each language, drawn towards the average of all where there are few."""
    languages = np.array([find_language(text) for text in texts])
    general = embeddings.mean(axis=0)
    means = {"": general}
    for language in sorted(set(languages.tolist())):
        own = embeddings[languages == language]
        means[language] = (own.sum(axis=0) + PRIOR_SENTENCES * general) / (len(own) + PRIOR_SENTENCES)
    return means


def center_languages(texts: Sequence[str], embeddings: Floats, means: dict[str, Floats]) -> Floats:
    """Take away what only says which language it is, and what every sentence shares; rows keep unit length."""
    languages = list(means)
    numbers = {language: number for number, language in enumerate(languages)}
    rows = [numbers.get(find_language(text), numbers[""]) for text in texts]
    return normalize_rows(embeddings - np.stack([means[language] for language in languages])[rows])


def normalize_rows(rows: Floats) -> Floats:
    """Scale each row to unit length."""
    scaled: Floats = (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)).astype(np.float32)
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
    return [sound for run in CHINESE_RUN.findall(text) for sound in _list_runs(_read_syllables(run))]


def _list_runs(syllables: list[str]) -> Iterator[str]:
    for length in (1, 2, 3):
        for start in range(len(syllables) - length + 1):
            yield " ".join(syllables[start : start + length])


def _read_syllables(run: str) -> list[str]:
    from pypinyin import lazy_pinyin

    return [_merge_misheard(syllable) for syllable in lazy_pinyin(run)]


def _merge_misheard(syllable: str) -> str:
    for initial, other in MIXED_INITIALS:
        if syllable.startswith(initial):
            syllable = other + syllable[len(initial) :]
            break
    return syllable.removesuffix("g") if syllable.endswith("ng") else syllable


@dataclass(frozen=True)
class TokenWeigher:
    """Counts tokens and weighs the rare ones more, as `TfidfVectorizer` does; rows have unit length or no token."""

    counter: TokenCounter
    weights: Any = field(repr=False)  # a fitted TfidfTransformer

    def weigh(self, texts: Sequence[str]) -> "csr_matrix":
        """Weigh the tokens of each text, shape (n, n_tokens)."""
        return self.weights.transform(self.counter.count(texts), copy=False)


@dataclass(frozen=True)
class NoTokens:
    """Stands in where no reference sentence has such a token, or nothing is known: every sentence is a row of zeros."""

    def weigh(self, texts: Sequence[str]) -> "csr_matrix":
        """Make a row without any token for each text."""
        from scipy.sparse import csr_matrix

        return csr_matrix((len(texts), 1), dtype=np.float32)


def _fit_weights(
    lister: Callable[[str], list[str]], make: CounterMaker, texts: Sequence[str]
) -> TokenWeigher | NoTokens:
    from sklearn.feature_extraction.text import TfidfTransformer

    tokens = sorted({token for text in texts for token in lister(text)})
    if not tokens:
        return NoTokens()
    counter = make({token: column for column, token in enumerate(tokens)})
    return TokenWeigher(counter, TfidfTransformer(sublinear_tf=True).fit(counter.count(texts)))
