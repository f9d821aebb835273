"""Choosing: how likely each code is beside the others, by logistic regression over the same kernel.

What fits no code is told by the ridge regression (see `pipeline.matching.regression`); among codes logistic regression
chooses better. All codes count alike, however many examples they have, and sentences of no code are a class of their
own, which nothing is ever given. What known reasons weigh in the kernel and how sure a choice is are learned from the
examples: what helps three examples of codes that sound alike harms twenty of codes that do not.

Errors: none of its own.
"""

import warnings
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.evidence import Floats
from pipeline.matching.likeness import WEIGHTS, Doubles, thin_evenly

STRENGTH = 10.0  # inverse of what weights cost
MAX_STEPS = 300
JITTER = 1e-4  # added to the kernel's diagonal: sentences of the same words leave it singular
N_PARTS = 3  # of the examples; each is asked by what the others teach, which says how to choose and how sure to be
TEMPERATURES = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.7, 1.0, 1.4, 2.0)
OTHER_WEIGHTS = (0.2, 0.05, 1.0, 2.0)  # of known reasons, tried instead of the general one in this order
MIN_GAIN = 0.02  # the share of the loss by which another weight must be better
MIN_ASKED = 20  # examples; of fewer nothing is learned
MAX_ASKED = 2000  # more would say the same and take long


@dataclass(frozen=True)
class Manner:
    """How codes are chosen among: what known reasons weigh in the kernel, and by what log odds are divided."""

    known_weight: float
    temperature: float


GENERAL_MANNER = Manner(WEIGHTS["reasons"], 0.3)


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
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)  # of one example each
            found = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=MAX_STEPS).fit(
                factor[rows], classes, sample_weight=shares
            )
        is_code = found.classes_ >= 0
        weights[found.classes_[is_code]] = _spread(found.coef_)[is_code]
        biases[found.classes_[is_code]] = _spread(found.intercept_[:, None])[is_code, 0]
    return Choice(solve_triangular(factor, weights.T, lower=True, trans="T"), biases)


def find_manner(kernel: Doubles, known: Floats, targets: Floats) -> Manner:
    """Find the weight of known reasons and the temperature by which examples that were not taught are told best.

    Known reasons weigh more only where more examples then get their own code: examples and known reasons are typed, and
    a smaller loss alone does not say that they help with what is heard.

    Args:
        kernel: Of the lessons among themselves without known reasons, shape (n, n).
        known: How alike the lessons are in known reasons, shape (n, n).
        targets: Shape (n, n_codes), as for `fit_choice`.
    """
    some = _thin_examples(targets)
    kernel, known, targets = kernel[np.ix_(some, some)], known[np.ix_(some, some)], targets[some]
    general = best = _try_manner(GENERAL_MANNER.known_weight, kernel, known, targets)
    if general.n_asked < MIN_ASKED:
        return GENERAL_MANNER
    for weight in OTHER_WEIGHTS if known.any() else ():
        tried = _try_manner(weight, kernel, known, targets)
        is_allowed = weight < general.manner.known_weight or tried.n_right > best.n_right
        if is_allowed and tried.loss < (1 - MIN_GAIN) * best.loss:
            best = tried
    return best.manner


@dataclass(frozen=True)
class _Tried:
    """A manner, and what is lost and right when each part of the examples is asked by what the others teach."""

    manner: Manner
    loss: float
    n_right: int
    n_asked: int


def _try_manner(weight: float, kernel: Doubles, known: Floats, targets: Floats) -> _Tried:
    """Try one weight of known reasons with the temperature that suits it."""
    joined, parts = kernel + weight * known, _deal_parts(targets)
    losses, n_right, n_asked = np.zeros(len(TEMPERATURES)), 0, 0
    for part in range(N_PARTS):
        kept = np.flatnonzero(parts != part)
        is_taught = (targets[kept] > 0).any(axis=0)
        asked = np.flatnonzero((parts == part) & ((targets > 0) & is_taught).any(axis=1))
        odds, is_own = _ask(joined, targets, kept, asked), targets[asked] > 0
        odds[:, ~is_taught] = -np.inf
        losses += [measure_loss(odds / one, is_own) for one in TEMPERATURES]
        n_right += int(is_own[np.arange(len(asked)), odds.argmax(axis=1)].sum())
        n_asked += len(asked)
    return _Tried(Manner(weight, TEMPERATURES[int(np.argmin(losses))]), float(losses.min()), n_right, n_asked)


def _thin_examples(targets: Floats) -> NDArray[np.intp]:
    """List lessons to learn a manner from: MAX_ASKED examples at most, each code losing one share, and the rest."""
    is_example = (targets > 0).any(axis=1)
    examples = np.flatnonzero(is_example)
    ordered = examples[np.argsort((targets[examples] > 0).argmax(axis=1), kind="stable")]
    return np.sort(np.concatenate([ordered[thin_evenly(len(ordered), MAX_ASKED)], np.flatnonzero(~is_example)]))


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
    """Deal the examples of each code to the parts in turn; one of several codes goes with the first.

    What is no example is in no part, -1: it always teaches.
    """
    parts = np.full(len(targets), -1, np.intp)
    examples = np.flatnonzero((targets > 0).any(axis=1))
    first = (targets[examples] > 0).argmax(axis=1)
    for code in np.unique(first):
        mine = examples[first == code]
        parts[mine] = np.arange(len(mine)) % N_PARTS
    return parts


def _spread(rows: Doubles) -> Doubles:
    """Where there are two classes a single row says what parts them; half of it speaks for each."""
    return rows if len(rows) > 1 else np.vstack([-rows, rows]) / 2
