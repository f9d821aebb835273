"""Scores: how right a grouping, a coding, a ranking or a labelling is, in percent, and how surely one beats another.

Source: groups are scored as in DSTC11 track 2: ACC is the best one-to-one match (Hungarian), P and R the many-to-one
shares in each direction, F1 their harmonic mean; NMI is arithmetic. Noise counts as one cluster.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluate.bench import Figures, Interval

Positions = NDArray[np.intp]
Flags = NDArray[np.bool_]
COVERAGE = 0.95


def number_values(values: Sequence[object]) -> Positions:
    """Number values from 0, the same value the same number."""
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], np.intp)


def score_groups(reference: Positions, predicted: Positions) -> Figures:
    """Score a clustering; both say the group of n rows by numbers from 0."""
    from scipy.optimize import linear_sum_assignment
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    table = np.zeros((predicted.max() + 1, reference.max() + 1))
    np.add.at(table, (predicted, reference), 1)
    purity, recall = table.max(axis=1).sum() / len(reference), table.max(axis=0).sum() / len(reference)
    return {
        "ACC": 100 * float(table[linear_sum_assignment(-table)].sum() / len(reference)),
        "NMI": 100 * float(normalized_mutual_info_score(reference, predicted)),
        "ARI": 100 * float(adjusted_rand_score(reference, predicted)),
        "P": 100 * float(purity),
        "R": 100 * float(recall),
        "F1": 100 * float(2 * purity * recall / (purity + recall)),
    }


def score_labels(reference: Positions, predicted: Positions) -> Figures:
    """Score a labelling of n rows; both say the label by numbers from 0."""
    from sklearn.metrics import f1_score

    return {
        "accuracy": 100 * float((reference == predicted).mean()),
        "macro F1": 100 * float(f1_score(reference, predicted, average="macro", zero_division=0)),
    }


def score_ranking(is_positive: Flags, scores: NDArray[np.floating], recall_ratio: float) -> Figures:
    """Say how many of the highest ranked are positive when so many of the positive ones are found."""
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(is_positive[order])
    at = int(np.searchsorted(found, recall_ratio * is_positive.sum()))
    return {"precision": 100 * float(found[at] / (at + 1))}


def score_refusal(
    is_right: Flags, is_kept: Flags, scores: NDArray[np.floating], is_foreign: Flags, most_lost_ratio: float
) -> Figures:
    """Score refusing what no code fits.

    Args:
        is_right: Whether the best code of each of n rows is right.
        is_kept: Whether it was given.
        scores: How sure it was.
        is_foreign: Whether no code is right.
        most_lost_ratio: How many of the rows with a code may lose their right one in the best refusal.

    Returns:
        Best code right, foreign rows refused, points that this cost, and the most that could be refused by one
        threshold on the scores at the cost allowed.
    """
    own = ~is_foreign
    right = np.sort(scores[own & is_right])
    n_lost = int(most_lost_ratio * own.sum())
    threshold = right[n_lost] if n_lost < len(right) else np.inf
    return {
        "right": 100 * float(is_right[own].mean()),
        "refused": 100 * float((~is_kept[is_foreign]).mean()),
        "cost": 100 * float((is_right & ~is_kept)[own].mean()),
        "best refusal": 100 * float((scores[is_foreign] < threshold).mean()),
    }


def find_intervals(
    ours: Callable[..., Figures], theirs: Callable[..., Figures], sizes: Sequence[int], n_resamples: int
) -> dict[str, Interval]:
    """Bootstrap the differences of two sets of figures.

    Args:
        ours: Gives our figures when told which rows to count, once for each of `sizes`.
        theirs: Gives a baseline's in the same way.
        sizes: How many rows there are; with two sizes both are resampled, each for itself.
        n_resamples: How often.
    """
    from scipy.stats import bootstrap

    whole = tuple(np.arange(size) for size in sizes)
    measures = [name for name in ours(*whole) if name in theirs(*whole)]

    def differ(*drawn: Positions) -> NDArray[np.float64]:
        mine, other = ours(*drawn), theirs(*drawn)
        return np.array([mine[name] - other[name] for name in measures])

    found = bootstrap(
        whole, differ, n_resamples=n_resamples, vectorized=False, method="percentile", confidence_level=COVERAGE, rng=0
    ).confidence_interval
    return {
        name: Interval(float(at), float(low), float(high))
        for name, at, low, high in zip(measures, differ(*whole), found.low, found.high, strict=True)
    }
