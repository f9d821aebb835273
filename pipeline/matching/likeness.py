"""Likeness: how alike sentences and the lessons are, laid out so that a million sentences are compared in seconds.

Columns are the lessons, codes' examples first, in rounds: the first example of each code, the second, and so on. What
the lessons share with others is laid out in full where that fits, so that a sentence's few tokens pick whole rows.

Errors: none of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.evidence import Floats, Views

Positions = NDArray[np.intp]
Doubles = NDArray[np.float64]

# How sharply likeness in meaning falls off, and what each other way of being alike weighs beside it.
MEANING_SHARPNESS = 2.0
WEIGHTS = {"words": 0.15, "letters": 0.075, "sounds": 0.3, "reasons": 0.5}
MAX_CELLS = 1 << 24  # of lessons by tokens that are laid out in full; more are multiplied as they are, in less memory


def thin_evenly(n: int, most: int) -> Positions:
    """List at most so many of n positions, evenly apart: of what is sorted by code each code loses the same share."""
    return (np.arange(min(n, most)) * max(1.0, n / most)).astype(np.intp)


@dataclass(frozen=True)
class Rounds:
    """Which lessons are examples of which code: round j holds the j-th example of each code that has so many.

    `codes` are the codes by how many examples they have, most first; `positions` those of the examples, round after
    round; `widths` how many codes take part in each round.
    """

    codes: Positions
    positions: Positions
    widths: tuple[int, ...]

    def find_nearest(self, cosines: Floats) -> Floats:
        """The cosine of each row's nearest example of each code, shape (n, n_codes); -inf where a code has none."""
        in_rounds = cosines[:, : len(self.positions)] if self._is_first else cosines[:, self.positions]
        found, start = np.full((len(cosines), len(self.codes)), -np.inf, np.float32), 0
        for width in self.widths:
            np.maximum(found[:, :width], in_rounds[:, start : start + width], out=found[:, :width])
            start += width
        nearest = np.empty_like(found)
        nearest[:, self.codes] = found
        return nearest

    @property
    def _is_first(self) -> bool:
        return bool((self.positions == np.arange(len(self.positions))).all())


def make_rounds(examples: NDArray[np.bool_]) -> Rounds:
    """Put examples, shape (n, n_codes), in rounds."""
    codes = np.argsort(-examples.sum(axis=0), kind="stable")
    by_code = [np.flatnonzero(examples[:, code]) for code in codes]
    rounds = [[rows[at] for rows in by_code if len(rows) > at] for at in range(max(map(len, by_code)))]
    return Rounds(codes, np.concatenate(rounds), tuple(map(len, rounds)))


@dataclass(frozen=True)
class Layout:
    """Lessons as columns; `order` says which lesson each column is, the first `n_examples` are examples."""

    order: Positions
    n_examples: int
    rounds: Rounds
    meaning: Floats = field(repr=False)
    tokens: Mapping[str, Any] = field(repr=False)

    def compare(self, views: Views) -> tuple[Floats, Floats, Floats]:
        """Compare sentences with the lessons.

        Returns:
            The kernel (n, n_lessons), the nearest example's cosine of each code (n, n_codes), and the overlap (n,).
        """
        shared = {name: multiply(getattr(views, name), others) for name, others in self.tokens.items()}
        cosines = views.meaning @ self.meaning
        nearest = self.rounds.find_nearest(cosines)
        overlap = find_overlap({name: found[:, : self.n_examples] for name, found in shared.items()}).max(axis=1)
        return join(cosines, shared), nearest, overlap


def lay_out(views: Views, examples: NDArray[np.bool_]) -> Layout:
    """Lay lessons out as columns, `examples` of shape (n, n_codes) first."""
    first = list(dict.fromkeys(make_rounds(examples).positions.tolist()))
    order = np.concatenate([first, np.setdiff1d(np.arange(len(views)), first)]).astype(np.intp)
    tokens = {name: _transpose(getattr(views, name)[order]) for name in WEIGHTS}
    meaning = np.ascontiguousarray(views.meaning[order].T)
    return Layout(order, len(first), make_rounds(examples[order]), meaning, tokens)


def _transpose(tokens: Any) -> Any:  # noqa: ANN401
    flipped = tokens.T.tocsr()
    return flipped.toarray() if tokens.nnz and np.prod(tokens.shape) <= MAX_CELLS else flipped


def share(views: Views, others: Views) -> dict[str, Floats]:
    """How alike in words, letters, sounds and known reasons, each of shape (n, n_others)."""
    return {name: multiply(getattr(views, name), getattr(others, name).T) for name in WEIGHTS}


def multiply(tokens: Any, others: Any) -> Floats:  # noqa: ANN401
    """Multiply sparse rows with columns that are sparse or not; English sentences have no sounds at all."""
    if not tokens.nnz or (not isinstance(others, np.ndarray) and not others.nnz):
        return np.zeros((tokens.shape[0], others.shape[1]), np.float32)
    shared = tokens @ others
    dense: Floats = shared if isinstance(shared, np.ndarray) else shared.toarray()
    return dense


def join(cosines: Floats, shared: Mapping[str, Floats]) -> Floats:
    """Join all ways of being alike into the kernel, in place of the cosines."""
    kernel = cosines
    kernel -= 1
    kernel *= np.float32(MEANING_SHARPNESS)
    np.exp(kernel, out=kernel)
    for name, weight in WEIGHTS.items():
        kernel += np.float32(weight) * shared[name]
    return kernel


def find_prior(views: Views) -> Doubles:
    """The kernel of each sentence with itself, shape (n,)."""
    prior = np.ones(len(views))
    for name, weight in WEIGHTS.items():
        prior += weight * np.asarray(getattr(views, name).power(2).sum(axis=1)).ravel()
    return prior


def find_overlap(shared: Mapping[str, Floats]) -> Floats:
    """How much sentences share in words and sounds, 0 to 1."""
    overlap: Floats = (shared["words"] + np.maximum(shared["letters"], shared["sounds"])) / np.float32(2)
    return overlap
