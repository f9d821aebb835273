"""Growing: today's sentences added to the groups of the last run, without moving what has its place.

A sentence joins a group when it is as like it as the group's own members are. What fits nowhere is grouped by itself,
as tightly as the groups there are, and makes new groups where enough of it is alike. The rest joins the group it is
most like for the time being, unsettled, and is looked at again next time.

Errors: none of its own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.cluster.grouping import measure_tightness
from pipeline.cluster.joining import Labels, sum_groups
from pipeline.cluster.noise import MIN_LIKENESS_RATIO
from pipeline.evidence import Floats, normalize_rows

# A sentence settles in a group that it is more like than this share of the group's own members are.
FIT_QUANTILE = 0.15
# How many members of all groups the fit of one group counts for, so that three members alone set no bar.
PRIOR_MEMBERS = 5.0
# Two members of a new group are on average at least so like each other, measured against those of the usual group.
TIGHT_RATIO = 0.85
MAX_GROUPED = 5000  # sentences that fit nowhere and are compared with each other at once


@dataclass(frozen=True)
class Places:
    """Where each of n sentences is: `labels` (n,), -1 nowhere; `is_settled` (n,) says that it stays there."""

    labels: Labels
    is_settled: NDArray[np.bool_]


def grow_groups(features: Floats, before: Places, *, min_size: int, may_add: bool = True) -> Places:
    """Add sentences to the groups there are; those that were settled stay where they are.

    Args:
        features: Shape (n, n_features), unit length.
        before: Where each sentence was, nowhere if it is new; at least one is settled.
        min_size: How many sentences a new group needs.
        may_add: There may be new groups.

    Returns:
        Where each is now; labels of old groups are kept, new groups follow them.
    """
    n_groups = int(before.labels.max()) + 1
    home = np.where(before.is_settled, before.labels, -1)
    centres = _find_centres(features, home, n_groups)
    bars, medians = _measure_fit(features, home, n_groups)
    toward = features @ centres.T
    nearest = toward.argmax(axis=1)
    likeness = toward.max(axis=1)
    fits = (home < 0) & (likeness >= bars[nearest])
    labels = np.where(fits, nearest, home)
    if may_add:
        labels = _add_new_groups(features, labels, likeness, min_size=min_size, n_groups=n_groups)
    is_settled = labels >= 0
    loose = np.flatnonzero(labels < 0)
    old = before.labels[loose]
    near = nearest[loose]
    stays = (old >= 0) & (toward[loose, old] >= MIN_LIKENESS_RATIO * medians[old])
    joins = likeness[loose] >= MIN_LIKENESS_RATIO * medians[near]
    labels[loose] = np.where(stays, old, np.where(joins, near, -1))
    return Places(labels, is_settled)


def _find_centres(features: Floats, labels: Labels, n_groups: int) -> Floats:
    centres = np.zeros((n_groups, features.shape[1]), np.float32)
    placed = labels >= 0
    np.add.at(centres, labels[placed], features[placed])
    return normalize_rows(centres)


def _measure_fit(features: Floats, labels: Labels, n_groups: int) -> tuple[Floats, Floats]:
    """Measure how like the rest of its group each member is: what fits, and the median, of each group, (n_groups,)."""
    placed = np.flatnonzero(labels >= 0)
    sums = np.zeros((n_groups, features.shape[1]), np.float32)
    np.add.at(sums, labels[placed], features[placed])
    others = normalize_rows(sums[labels[placed]] - features[placed])
    own = (features[placed] * others).sum(axis=1)
    bar, median = np.quantile(own, FIT_QUANTILE), np.median(own)
    bars, medians = np.full(n_groups, bar, np.float32), np.full(n_groups, median, np.float32)
    for group in np.unique(labels[placed]):
        mine = own[labels[placed] == group]
        share = len(mine) / (len(mine) + PRIOR_MEMBERS)
        bars[group] = share * np.quantile(mine, FIT_QUANTILE) + (1 - share) * bar
        medians[group] = share * np.median(mine) + (1 - share) * median
    return bars, medians


def _add_new_groups(features: Floats, labels: Labels, likeness: Floats, *, min_size: int, n_groups: int) -> Labels:
    """Group what fits nowhere; a group that is tight and more like itself than like any old one is new."""
    from scipy.cluster.hierarchy import fcluster, linkage

    loose = np.flatnonzero(labels < 0)[:MAX_GROUPED]
    if len(loose) < max(min_size, 2):
        return labels
    rows = features[loose]
    tree = linkage(np.maximum(1.0 - _list_pairs(rows), 0.0), "average")
    found = fcluster(tree, 1.0 - _find_tightness(features, labels, n_groups), criterion="distance")
    grown, label = labels.copy(), n_groups
    for group in np.unique(found):
        members = np.flatnonzero(found == group)
        if len(members) >= min_size and _is_apart(rows[members], likeness[loose[members]]):
            grown[loose[members]] = label
            label += 1
    return grown


def _list_pairs(rows: Floats) -> NDArray[np.float64]:
    """List the cosines of all pairs, as scipy condenses them."""
    cosines = (rows @ rows.T).astype(np.float64)
    pairs: NDArray[np.float64] = cosines[np.triu_indices(len(rows), 1)]
    return pairs


def _find_tightness(features: Floats, labels: Labels, n_groups: int) -> float:
    """Find how like each other two members of a new group should be on average."""
    groups = [features[labels == group] for group in range(n_groups)]
    means = [measure_tightness(rows) for rows in groups if len(rows) > 1]
    return TIGHT_RATIO * float(np.median(means)) if means else 1.0


def _is_apart(rows: Floats, likeness: Floats) -> bool:
    """Say whether members are more like the rest of their own group than like the nearest old one."""
    others = normalize_rows(sum_groups(rows, np.zeros(len(rows), np.int64)) - rows)
    return float((rows * others).sum(axis=1).mean()) > float(likeness.mean())
