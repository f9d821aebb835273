"""Evidence: in what ways two sentences are alike beside their meaning: the same words, letters and Chinese sounds.

An encoder hardly parts "late" from "never arrived", and a transcriber writes 消护 for 销户. Shared words part the
first pair, shared sounds join the second. Everything is fitted on reference sentences, never on those to be judged, so
that a sentence is judged the same whatever comes with it.

Errors: none of its own. A sentence without a word is like nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.languages import find_language

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

Floats = NDArray[np.float32]

TOKEN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]|[^\W_]+(?:['’][^\W_]+)?")
CHINESE_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
LATIN_WORD = re.compile(r"[a-z0-9']+")
LETTER_LENGTHS = (3, 4, 5)
# Initials and endings that speakers and transcribers mix up.
MIXED_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
# How many general sentences a language's mean counts for, so that two sentences alone do not shift it.
PRIOR_SENTENCES = 5.0


@dataclass(frozen=True)
class Views:
    """Sentences seen in every way: `meaning` (n, dim), sparse `words`, `letters`, `sounds`; rows have unit length."""

    meaning: Floats
    words: Any
    letters: Any
    sounds: Any

    def __len__(self) -> int:
        return len(self.meaning)


@dataclass(frozen=True)
class Evidence:
    """What is usual among the reference sentences: each language's mean embedding and each token's weight."""

    means: dict[str, Floats] = field(repr=False)
    vectorizers: dict[str, Any] = field(repr=False)

    def view(self, texts: Sequence[str], embeddings: Floats) -> Views:
        """See sentences in every way."""
        sparse = {name: vectorizer.transform(texts) for name, vectorizer in self.vectorizers.items()}
        return Views(center_languages(texts, embeddings, self.means), **sparse)


def fit_evidence(texts: Sequence[str], embeddings: Floats) -> Evidence:
    """Learn what is usual from reference sentences.

    Args:
        texts: At least one sentence.
        embeddings: Shape (n, dim).
    """
    listers: dict[str, Callable[[str], list[str]]] = {
        "words": list_words,
        "letters": list_letters,
        "sounds": list_sounds,
    }
    vectorizers = {name: _fit_weights(lister, texts) for name, lister in listers.items()}
    return Evidence(find_means(texts, embeddings), vectorizers)


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
    offsets = np.stack([means.get(find_language(text), means[""]) for text in texts]) if len(texts) else embeddings
    return normalize_rows(embeddings - offsets)


def normalize_rows(rows: Floats) -> Floats:
    """Scale each row to unit length."""
    scaled: Floats = (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)).astype(np.float32)
    return scaled


def list_words(text: str) -> list[str]:
    """List words and pairs of neighbours; a Chinese character is a word."""
    words = [token.replace("’", "'") for token in TOKEN.findall(text.lower())]
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
class NoWords:
    """Stands in for weights where no reference sentence has such a token: every sentence is a row of zeros."""

    def transform(self, texts: Iterable[str]) -> "csr_matrix":
        """Make a row without any token for each text."""
        from scipy.sparse import csr_matrix

        return csr_matrix((len(list(texts)), 1), dtype=np.float32)


def _fit_weights(lister: Callable[[str], list[str]], texts: Sequence[str]) -> "TfidfVectorizer | NoWords":
    from sklearn.feature_extraction.text import TfidfVectorizer

    if not any(lister(text) for text in texts):
        return NoWords()
    return TfidfVectorizer(analyzer=lister, sublinear_tf=True, dtype=np.float32).fit(texts)
