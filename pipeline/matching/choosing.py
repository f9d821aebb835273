"""Choosing: how likely each code is beside the others, by logistic regression over the same kernel.

What fits no code is told by the ridge regression (see `pipeline.matching.regression`); among codes logistic regression
chooses better. All codes count alike, however many examples they have, and sentences of no code are a class of their
own, which nothing is ever given.

Errors: none of its own.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.evidence import Floats
from pipeline.matching.likeness import Doubles

STRENGTH = 10.0  # inverse of what weights cost
MAX_STEPS = 300
JITTER = 1e-4  # added to the kernel's diagonal: sentences of the same words leave it singular
N_PARTS = 3  # of the examples; each is asked by what the others teach, which says how sure to be
TEMPERATURES = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.7, 1.0, 1.4, 2.0)


@dataclass(frozen=True)
class Choice:
    """The log odds of each code are kernel @ weights + biases; `weights` (n_lessons, n_codes), `biases` (n_codes,)."""

    weights: Doubles = field(repr=False)
    biases: Doubles = field(repr=False)


def fit_choice(kernel: Doubles, targets: Floats) -> Choice:
    """Learn from lessons.

    Args:
        kernel: Of the lessons among themselves, shape (n, n).
        targets: Shape (n, n_codes): 1 an example of a code, -1 a sentence that is none of it, 0 neither.
    """
    from scipy.linalg import solve_triangular
    from sklearn.linear_model import LogisticRegression

    rows, classes, shares = _list_classes(targets)
    factor = np.linalg.cholesky(kernel + JITTER * np.eye(len(kernel)))
    weights, biases = np.zeros(targets.shape[::-1]), np.zeros(targets.shape[1])
    if len(set(classes.tolist())) > 1:
        found = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=MAX_STEPS).fit(
            factor[rows], classes, sample_weight=shares
        )
        is_code = found.classes_ >= 0
        weights[found.classes_[is_code]] = _spread(found.coef_)[is_code]
        biases[found.classes_[is_code]] = _spread(found.intercept_[:, None])[is_code, 0]
    return Choice(solve_triangular(factor, weights.T, lower=True, trans="T"), biases)


def find_temperature(kernel: Doubles, targets: Floats) -> float:
    """Find by what to divide log odds, so that as many of the sure choices are right as they say."""
    examples = np.flatnonzero((targets > 0).any(axis=1))
    part_of = np.zeros(len(targets), np.intp)
    part_of[examples] = _deal_parts(targets[examples])
    losses = np.zeros(len(TEMPERATURES))
    for part in range(N_PARTS):
        kept = np.flatnonzero((part_of != part) | ~(targets > 0).any(axis=1))
        asked = examples[part_of[examples] == part]
        odds = _ask(kernel, targets, kept, asked)
        losses += [measure_loss(odds / one, targets[asked] > 0) for one in TEMPERATURES]
    return TEMPERATURES[int(np.argmin(losses))]


def _ask(kernel: Doubles, targets: Floats, kept: NDArray[np.intp], asked: NDArray[np.intp]) -> Doubles:
    choice = fit_choice(kernel[np.ix_(kept, kept)], targets[kept])
    odds: Doubles = kernel[np.ix_(asked, kept)] @ choice.weights + choice.biases
    return odds


def measure_loss(odds: Doubles, is_own: NDArray[np.bool_]) -> float:
    """Add up minus the logarithms of what the right codes are said to have."""
    powers = np.exp(odds - odds.max(axis=1, keepdims=True))
    own = (powers * is_own).sum(axis=1) / powers.sum(axis=1)
    return float(-np.log(own + 1e-9).sum())


def _list_classes(targets: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp], Doubles]:
    """List lessons with the classes of each, and how much they count, together 1 a lesson.

    An example is of its codes; what is no example of some code is of all others and of none, so that it speaks against
    that one; the rest is of none, which is class -1.
    """
    is_example, is_against = targets > 0, targets < 0
    is_of = np.hstack([~is_example.any(axis=1, keepdims=True), is_example])
    excluded = is_against.any(axis=1) & ~is_example.any(axis=1)
    is_of[excluded, 1:] = ~is_against[excluded]
    rows, columns = np.nonzero(is_of)
    return rows, columns - 1, 1 / is_of.sum(axis=1)[rows]


def _deal_parts(targets: Floats) -> NDArray[np.intp]:
    """Deal the examples of each code to the parts in turn; one of several codes goes with the first."""
    first = (targets > 0).argmax(axis=1)
    parts = np.zeros(len(first), np.intp)
    for code in np.unique(first):
        mine = np.flatnonzero(first == code)
        parts[mine] = np.arange(len(mine)) % N_PARTS
    return parts


def _spread(rows: Doubles) -> Doubles:
    """Where there are two classes a single row says what parts them; half of it speaks for each."""
    return rows if len(rows) > 1 else np.vstack([-rows, rows]) / 2
