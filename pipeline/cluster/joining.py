"""Joining: groups joined bottom up, and which way of it suits the sentences where their number is given.

Ward's method parts reasons that are equally common, and cuts one that half of the customers give in pieces. Softened,
a group's size counts for less, so that a common reason stays whole and some equal ones melt; a sentence like no other
may stay a group of its own. Neither suits all: the way is taken that finds in one half of the sentences what it finds
in the other.

Errors: none of its own.
Source: Ward (1963); stability as a measure of a grouping (Lange et al., 2004).
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.evidence import Floats, normalize_rows

Labels = NDArray[np.int64]
Doubles = NDArray[np.float64]
Tree = Doubles  # as scipy's: which two are joined, at what height, how many they hold
# Sentences (n, n_features), how many groups, and what sizes count for; the groups for each such power.
Join = Callable[[Floats, int, Sequence[float]], Sequence[Labels]]

# To which power a group's size counts in the cost of joining it.
WARD, SOFTENED = 1.0, 0.3
# Softened joining looks at all pairs at each step, so it begins with Ward's groups: so many for each that is wanted,
# and no fewer than so many.
FINE_PER_CLUSTER, MIN_FINE = 6, 300
N_HALVINGS = 10
MAX_HALVED = 2000  # sentences that are halved
# Ward's method is taken unless the other agrees so much better: adjusted mutual information, 1 at most.
MIN_LEAD = 0.01


def choose_power(features: Floats, n_clusters: int, join: Join, *, seed: int) -> float:
    """Choose what sizes count for by how well groups of one half of the sentences are found again in the other.

    Args:
        features: Shape (n, n_features), rows of unit length.
        n_clusters: How many groups; where a half has fewer than two sentences a group, Ward's method is taken.
        join: Groups sentences.
        seed: Chooses the halves.
    """
    rng = np.random.default_rng(seed)
    rows = features[np.sort(rng.permutation(len(features))[:MAX_HALVED])]
    if len(rows) < 4 * n_clusters:
        return WARD
    halves = [np.array_split(rows[rng.permutation(len(rows))], 2) for _ in range(N_HALVINGS)]
    agreements = [_measure_agreements(one, other, n_clusters, join) for one, other in halves]
    ward, softened = np.mean(agreements, axis=0)
    return SOFTENED if softened > ward + MIN_LEAD else WARD


def _measure_agreements(one: Floats, other: Floats, n_clusters: int, join: Join) -> list[float]:
    """Group both halves either way; how far does a sentence's own group agree with the other half's that is nearest?"""
    from sklearn.metrics import adjusted_mutual_info_score

    agreements = []
    for theirs, own in zip(*(join(half, n_clusters, (WARD, SOFTENED)) for half in (one, other)), strict=True):
        centres = normalize_rows(sum_groups(one, theirs))
        agreements.append(float(adjusted_mutual_info_score(own, (other @ centres.T).argmax(axis=1))))
    return agreements


def join_groups(drawn: Floats, n_clusters: int, powers: Sequence[float]) -> list[Labels]:
    """Join sentences to so many groups; Ward's method leaves fewer where sentences are equally far from each other.

    Args:
        drawn: Shape (n, n_features).
        n_clusters: From 1 to n.
        powers: What sizes count for: 1 is Ward's method.

    Returns:
        For each power the groups, shape (n,).
    """
    from scipy.cluster.hierarchy import linkage

    tree = linkage(drawn.astype(np.float64), "ward")
    fine = cut_to_at_most(tree, min(len(drawn), max(FINE_PER_CLUSTER * n_clusters, MIN_FINE)))
    sums, sizes = sum_groups(drawn, fine), np.bincount(fine)
    return [
        cut_to_at_most(tree, n_clusters) if power == WARD else _join_softly(sums, sizes, n_clusters, power)[fine]
        for power in powers
    ]


def _join_softly(sums: Floats, sizes: NDArray[np.intp], n_clusters: int, power: float) -> Labels:
    """Join the two groups whose centres are nearest, sizes weighing in, until so many are left.

    Args:
        sums: Of each group's rows, shape (n, n_features).
        sizes: Shape (n,).
        n_clusters: How many to leave.
        power: What sizes count for.

    Returns:
        Shape (n,): the joined group of each, 0 and up.
    """
    weights = sizes.astype(np.float64)
    products = sums.astype(np.float64) @ sums.T
    labels = np.arange(len(sums))
    costs = np.stack([_cost_joins(products, weights, at, power) for at in range(len(sums))])
    for _ in range(len(sums) - n_clusters):
        kept, gone = sorted(divmod(int(costs.argmin()), len(sums)))
        products[kept] += products[gone]
        products[:, kept] += products[:, gone]
        weights[kept] += weights[gone]
        weights[gone] = np.inf
        costs[gone], costs[:, gone] = np.inf, np.inf
        costs[kept] = costs[:, kept] = _cost_joins(products, weights, kept, power)
        labels[labels == gone] = kept
    renumbered: Labels = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    return renumbered


def _cost_joins(products: Doubles, weights: Doubles, at: int, power: float) -> Doubles:
    """What it costs to join one group with each other: squared distance of centres, times sizes' harmonic half."""
    is_there = np.isfinite(weights)
    distances = np.diag(products) / weights**2 + products[at, at] / weights[at] ** 2
    distances -= 2 * products[at] / (weights[at] * weights)
    sizes = np.divide(weights[at] * weights, weights[at] + weights, where=is_there, out=np.ones_like(weights))
    costs = np.where(is_there, np.maximum(distances, 0.0) * sizes**power, np.inf)
    costs[at] = np.inf
    return costs


def cut_to_at_most(tree: Tree, n_clusters: int) -> Labels:
    """Cut a tree so that at most so many groups are left."""
    from scipy.cluster.hierarchy import fcluster

    labels: Labels = fcluster(tree, n_clusters, criterion="maxclust").astype(np.int64) - 1
    return labels


def sum_groups(features: Floats, labels: Labels) -> Floats:
    """Sum the rows of each group, shape (n_clusters, n_features)."""
    sums = np.zeros((int(labels.max()) + 1, features.shape[1]), np.float32)
    np.add.at(sums, labels, features)
    return sums
