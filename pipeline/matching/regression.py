"""Regression: how much a sentence speaks for each code, learned from the codes' examples.

A kernel ridge regression over all evidence (see `pipeline.evidence`) with one column a code, to which the nearest
example and the examples' centre are added. Ridge regression says in closed form what it would have thought of an
example that it had not seen; that is how refusing is calibrated without other data. A sentence that sounds like a known
reason (see `pipeline.library`) which no example sounds like speaks for no code. Which code it is, if any, is chosen by
`pipeline.matching.choosing`.

Errors: none of its own.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.evidence import Evidence, Floats, Views, fit_evidence, normalize_rows
from pipeline.library import Library
from pipeline.matching.choosing import Choice, Manner, find_manner, fit_choice
from pipeline.matching.likeness import (
    WEIGHTS,
    Doubles,
    Layout,
    Positions,
    find_overlap,
    find_prior,
    join,
    lay_out,
    make_rounds,
    multiply,
    share,
)
from pipeline.models import count_cores
from pipeline.signs import Signs, find_signs
from pipeline.threads import use_one_thread

RIDGE = 0.2
NEAREST_WEIGHT = 0.2
CENTRE_WEIGHT = 0.2
# What speaks for a sentence fitting any code at all, beside its best score.
OVERLAP_WEIGHT = 0.3
FAMILIARITY_WEIGHT = 0.3
ELSEWHERE_WEIGHT = 0.25  # and against it
MAX_EXAMPLES = 6000  # the regression's memory grows with the square; beyond it each code keeps its share
CHUNK = 4096  # sentences at most whose evidence each core weighs at once
CELLS = 1 << 18  # of sentences by lessons that are compared at once: as many as stay near the core


@dataclass(frozen=True)
class Lessons:
    """What the matcher learns from: each distinct sentence, and what it says about each code.

    `targets` has shape (n, n_codes): 1 an example of the code, -1 a sentence that is not, 0 neither. A sentence of
    the background has a row of zeros. `heard`, of no more rows, are the targets of what customers said, which comes
    first: that alone is asked how to choose and when to refuse. All was said by customers where it is None.
    """

    texts: tuple[str, ...]
    targets: Floats
    numbers: tuple[str, ...]
    heard: Floats | None = None

    @property
    def asked(self) -> Floats:
        """The targets of what is asked, of the first lessons."""
        return self.targets if self.heard is None else self.heard


@dataclass(frozen=True)
class Support:
    """How much n sentences speak for each code, and what says whether they fit any.

    `by_code` has shape (n, n_codes). `overlap` (n,) is the most that a sentence shares with any example in words and
    sounds, `familiarity` (n,) how much of it the examples explain, `elsewhere` (n,) how probably it gives a known
    reason that no example gives; all 0 to 1.
    """

    by_code: Floats
    overlap: Floats
    familiarity: Floats
    elsewhere: Floats

    @property
    def fit(self) -> Floats:
        """How well each sentence fits its best code, shape (n,)."""
        known = OVERLAP_WEIGHT * self.overlap + FAMILIARITY_WEIGHT * self.familiarity
        fit: Floats = self.by_code.max(axis=1) + known - ELSEWHERE_WEIGHT * self.elsewhere
        return fit


@dataclass(frozen=True)
class Scores(Support):
    """Support, and how likely each code is beside the others: `odds` (n, n_codes), logarithms."""

    odds: Floats


AnySupport = TypeVar("AnySupport", bound=Support)


def blend_some(scores: Scores, rows: Positions, others: Scores) -> Scores:
    """Average the scores of some sentences, at `rows`, with another reading of them; the rest stays."""
    half = np.float32(0.5)
    blended = {part.name: getattr(scores, part.name).copy() for part in fields(Scores)}
    for name, values in blended.items():
        values[rows] = half * (values[rows] + getattr(others, name))
    return Scores(**blended)


@dataclass(frozen=True)
class Matcher:
    """A fitted regression.

    `kernel` (n, n) says how alike the lessons are; `inverse` is that of kernel and ridge, and `factor` times its own
    transpose.
    `given` (n_reasons,) is how probably some example gives each known reason.
    """

    lessons: Lessons
    evidence: Evidence = field(repr=False)
    views: Views = field(repr=False)
    kernel: Doubles = field(repr=False)
    inverse: Doubles = field(repr=False)
    factor: Floats = field(repr=False)
    weights: Doubles = field(repr=False)
    centres: Floats = field(repr=False)
    given: Floats = field(repr=False)

    def score(self, texts: Sequence[str], embeddings: Floats) -> Scores:
        """Score sentences, each for itself."""
        return self.score_signs(find_signs(texts, embeddings, self.evidence.library), embeddings)

    def score_signs(self, signs: Signs, embeddings: Floats) -> Scores:
        """Score sentences whose signs are known."""
        if len(signs) <= CHUNK:
            return self._score_chunk(signs, embeddings)
        chunks = cut_evenly(len(signs), count_cores())
        with use_one_thread(), ThreadPoolExecutor(count_cores()) as threads:
            return _concatenate(
                list(threads.map(lambda some: self._score_chunk(signs[some], embeddings[some]), chunks))
            )

    @cached_property
    def _layout(self) -> tuple[Layout, Floats, Floats]:
        """The lessons laid out, and the weights of both regressions and the factor in their order."""
        layout = lay_out(self.views, self.lessons.targets > 0)
        weights = np.hstack([self.weights, self.choice.weights])
        return layout, weights[layout.order].astype(np.float32), self.factor[layout.order]

    @cached_property
    def manner(self) -> Manner:
        """In what manner codes are chosen among; learned when first asked for."""
        asked = self.lessons.asked
        some = slice(len(asked))
        known = multiply(self.views[some].reasons, self.views[some].reasons.T)
        with use_one_thread():  # many small fits: two threads wait for each other
            return find_manner(self.kernel[some, some] - WEIGHTS["reasons"] * known, known, asked)

    @cached_property
    def choice(self) -> Choice:
        """How codes are chosen among; learned when first asked for."""
        return fit_choice(self.kernel + self._known_difference * self._compare_known(), self.lessons.targets)

    def _compare_known(self) -> Floats:
        """How alike the lessons are in known reasons, shape (n, n); not kept, for it is as large as the kernel."""
        return multiply(self.views.reasons, self.views.reasons.T)

    @property
    def _known_difference(self) -> float:
        """What known reasons weigh in choosing minus what they weigh in the kernel."""
        return self.manner.known_weight - WEIGHTS["reasons"]

    @cached_property
    def _known_odds(self) -> Floats:
        """What each known reason adds to the odds of each code beside the kernel, shape (n_reasons, n_codes)."""
        odds: Floats = self._known_difference * multiply(
            self.views.reasons.T.tocsr(), self.choice.weights.astype(np.float32)
        )
        return odds

    def _score_chunk(self, signs: Signs, embeddings: Floats) -> Scores:
        views = self.evidence.view_signs(signs, embeddings)
        n_rows = max(1, CELLS // len(self.lessons.texts))
        cuts = [slice(at, at + n_rows) for at in range(0, max(1, len(views)), n_rows)]
        compared = [self._compare(views[some]) for some in cuts]
        by_code, odds, overlap, explained = (np.concatenate(parts) for parts in zip(*compared, strict=True))
        odds += multiply(views.reasons, self._known_odds)
        familiarity = (explained / find_prior(views)).astype(np.float32)
        return Scores(by_code, overlap, familiarity, _find_elsewhere(views.reasons, self.given), odds)

    def _compare(self, views: Views) -> tuple[Floats, Floats, Floats, Floats]:
        """Say what sentences speak for and its odds, shape (n, n_codes), how they overlap and are explained."""
        layout, weights, factor = self._layout
        kernel, nearest, overlap = layout.compare(views)
        spoken, odds = np.hsplit(kernel @ weights, 2)
        by_code = spoken + NEAREST_WEIGHT * nearest + CENTRE_WEIGHT * (views.meaning @ self.centres.T)
        odds = odds + self.choice.biases.astype(np.float32)
        projected = kernel @ factor
        return by_code, odds, overlap, np.einsum("ij,ij->i", projected, projected)

    def score_unseen(self, hidden: Mapping[int, Positions]) -> Support:
        """Score lessons as if some of the lessons had never been seen.

        Args:
            hidden: For each lesson to score, the positions of the lessons to hide, its own among them.

        Returns:
            Scores in the order of `hidden`; a code of which every example is hidden scores -inf.
        """
        shared = find_overlap(share(self.views, self.views))
        cosines = self.views.meaning @ self.views.meaning.T
        prior = find_prior(self.views)
        examples = self.lessons.targets > 0
        rounds = make_rounds(examples)
        sums = examples.T.astype(np.float32) @ self.views.meaning
        known, is_example = self.views.reasons.power(2).toarray(), np.asarray(examples.any(axis=1))
        scores = []
        for one, rows in hidden.items():
            ridge, explained = self._predict_unseen(one, rows, prior[one])
            likeness, overlap = cosines[one].copy(), shared[one].copy()
            likeness[rows], overlap[rows] = -np.inf, 0.0
            centres = normalize_rows(sums - examples[rows].T.astype(np.float32) @ self.views.meaning[rows])
            nearest = rounds.find_nearest(likeness[None])[0]
            near = NEAREST_WEIGHT * nearest + CENTRE_WEIGHT * (centres @ self.views.meaning[one])
            elsewhere = _find_elsewhere_unseen(known, is_example, one, rows)
            scores.append(_make_support(ridge + near, overlap[is_example].max(), explained, elsewhere))
        return _concatenate(scores)

    def _predict_unseen(self, one: int, rows: Positions, prior: float) -> tuple[Doubles, float]:
        """Say what the regression would have predicted without some rows, and how much it would have explained."""
        at = int(np.flatnonzero(rows == one)[0])
        block = np.linalg.inv(self.inverse[np.ix_(rows, rows)])[at]
        return self.lessons.targets[one] - block @ self.weights[rows], 1.0 - (block[at] - RIDGE) / prior


def fit_matcher(lessons: Lessons, embeddings: Floats, library: Library | None = None) -> Matcher:
    """Fit the regression.

    Args:
        lessons: n sentences; every code has at least one example.
        embeddings: Shape (n, dim).
        library: The encoder's, if it has one.
    """
    evidence = fit_evidence(lessons.texts, embeddings, library)
    return solve_matcher(lessons, evidence, evidence.view(lessons.texts, embeddings))


def solve_matcher(lessons: Lessons, evidence: Evidence, views: Views) -> Matcher:
    """Solve the regression of lessons that were already seen in every way."""
    kernel = join(views.meaning @ views.meaning.T, share(views, views)).astype(np.float64)
    inverse = np.linalg.inv(kernel + RIDGE * np.eye(len(kernel))).astype(np.float64)
    factor = np.linalg.cholesky((inverse + inverse.T) / 2).astype(np.float32)
    examples = lessons.targets > 0
    centres = normalize_rows(examples.T.astype(np.float32) @ views.meaning)
    given = _find_given(views.reasons[examples.any(axis=1)])
    return Matcher(lessons, evidence, views, kernel, inverse, factor, inverse @ lessons.targets, centres, given)


def cut_evenly(n: int, n_cores: int) -> list[slice]:
    """Cut n sentences into as many pieces of about one size for each core, none above CHUNK."""
    n_pieces = n_cores * -(-n // (CHUNK * n_cores))
    edges = [n * at // n_pieces for at in range(n_pieces + 1)]
    return [slice(start, stop) for start, stop in pairwise(edges)]


def _find_given(reasons: Any) -> Floats:  # noqa: ANN401
    """How probably some sentence gives each known reason, shape (n_reasons,); no sentences give none."""
    given: Floats = reasons.power(2).max(axis=0).toarray()[0] if reasons.shape[0] else np.zeros(reasons.shape[1])
    return given.astype(np.float32)


def _find_elsewhere(reasons: Any, given: Floats) -> Floats:  # noqa: ANN401
    """How probably each sentence gives a known reason that is not given, shape (n,)."""
    elsewhere: Floats = reasons.power(2) @ (1 - given)
    return elsewhere


def _find_elsewhere_unseen(known: Floats, is_example: NDArray[np.bool_], one: int, rows: Positions) -> float:
    """The same for one lesson as if some rows gave nothing; `known` (n, n_reasons) is how probably each gives which."""
    gives = is_example.copy()
    gives[rows] = False
    columns = np.flatnonzero(known[one])
    given = known[np.ix_(np.flatnonzero(gives), columns)].max(axis=0, initial=0.0)
    return float(known[one, columns] @ (1 - given))


def _make_support(by_code: Doubles, *rest: float) -> Support:
    return Support(by_code[None].astype(np.float32), *(np.array([one], np.float32) for one in rest))


def _concatenate(parts: Sequence[AnySupport]) -> AnySupport:
    kind = type(parts[0])
    return kind(**{part.name: np.concatenate([getattr(one, part.name) for one in parts]) for part in fields(kind)})
