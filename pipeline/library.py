"""Library: reasons of many trades, known beforehand; which of them a sentence sounds like is evidence of its reason.

Two sentences that give one reason in other words often sound like the same known reasons, and two of nearly the same
words like different ones. A sentence that sounds like none has no such evidence. A library belongs to one encoder and
lies in the file of its adapter.

Errors: none of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.evidence import Floats, center_languages, find_means, normalize_rows

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# Arrays of an adapter's file; a language follows the last.
PREFIX, CENTRES, MEANS = "library|", "library|centres", "library|mean|"
# How sharply likeness to a reason parts it from the next, and the likeness at which "none of them" is as probable.
TEMPERATURE = 0.05
NONE_COSINE = 0.55
LEAST_RATIO = 0.002  # a less probable reason is left out, so that rows stay thin
CHUNK = 512  # sentences compared with all reasons at once


@dataclass(frozen=True)
class Library:
    """Each language's mean embedding (dim,), and the centres of known reasons (n_reasons, dim), unit length."""

    means: dict[str, Floats] = field(repr=False)
    centres: Floats = field(repr=False)

    def place(self, texts: Sequence[str], embeddings: Floats) -> "csr_matrix":
        """Say which known reasons each sentence sounds like.

        Returns:
            Shape (n, n_reasons): roots of probabilities, so that the product of two rows says how far they agree.
        """
        from scipy.sparse import vstack

        rows = center_languages(texts, np.asarray(embeddings, np.float32), self.means)
        return vstack([self._place(rows[at : at + CHUNK]) for at in range(0, max(1, len(rows)), CHUNK)], format="csr")

    def _place(self, rows: Floats) -> "csr_matrix":
        from scipy.sparse import csr_matrix

        ratios = rows @ self.centres.T
        ratios -= 1
        ratios /= TEMPERATURE
        np.exp(ratios, out=ratios)
        ratios /= ratios.sum(axis=1, keepdims=True) + np.exp((NONE_COSINE - 1) / TEMPERATURE)
        places = np.flatnonzero(ratios >= LEAST_RATIO)
        n, n_reasons = ratios.shape
        starts = np.searchsorted(places, np.arange(n + 1) * n_reasons)
        return csr_matrix((np.sqrt(ratios.ravel()[places]), places % n_reasons, starts), (n, n_reasons))


def fit_library(by_reason: Mapping[str, Sequence[str]], embeddings: Floats) -> Library:
    """Learn the centres.

    Args:
        by_reason: Sentences of each reason.
        embeddings: Theirs, in order, shape (n, dim).
    """
    texts = [text for some in by_reason.values() for text in some]
    owners = np.repeat(np.arange(len(by_reason)), [len(some) for some in by_reason.values()])
    means = find_means(texts, embeddings)
    centres = np.zeros((len(by_reason), embeddings.shape[1]), np.float32)
    np.add.at(centres, owners, center_languages(texts, embeddings, means))
    return Library(means, normalize_rows(centres))


def read_library(path: Path) -> Library | None:
    """Read the library of an adapter's file, if it has one."""
    with np.load(path) as arrays:
        if CENTRES not in arrays:
            return None
        means = {name.removeprefix(MEANS): arrays[name].astype(np.float32) for name in arrays if name.startswith(MEANS)}
        return Library(means, arrays[CENTRES].astype(np.float32))


def list_arrays(library: Library) -> dict[str, "np.ndarray[tuple[int, ...], np.dtype[np.float16]]"]:
    """List what a file keeps of a library, by name."""
    means = {MEANS + language: mean.astype(np.float16) for language, mean in library.means.items()}
    return {CENTRES: library.centres.astype(np.float16), **means}
