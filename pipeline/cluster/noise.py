"""Noise: what is in no group because it is like nothing else, and no more than that.

Errors: none of its own.
"""

import numpy as np

from pipeline.cluster.grouping import measure_tightness
from pipeline.cluster.joining import Labels, sum_groups
from pipeline.evidence import Floats, normalize_rows

# A sentence belongs to a group that it is at least this like, measured against how like the group its members are.
MIN_LIKENESS_RATIO = 0.35
# A group of fewer than so many times the smallest, and looser than this beside the others, is what was left over.
FEW_TIMES = 2
LOOSE_RATIO = 0.75
MIN_GROUPS = 3  # of fewer nothing can be said to be usual


def drop_strangers(features: Floats, labels: Labels) -> Labels:
    """Put each member that is little like the others of its group into a group of its own."""
    sums = sum_groups(features, labels)
    others = normalize_rows(sums[labels] - features)
    likeness = (features * others).sum(axis=1)
    usual = np.array([np.median(likeness[labels == label]) for label in range(len(sums))])
    strange = np.flatnonzero(likeness < MIN_LIKENESS_RATIO * usual[labels])
    parted = labels.copy()
    parted[strange] = len(sums) + np.arange(len(strange))
    return parted


def drop_noise(features: Floats, labels: Labels, min_size: int) -> Labels:
    """Dissolve groups that are too small: their members join a group that they are like, or are noise, -1."""
    placed = labels >= 0
    sizes = np.bincount(labels[placed]) if placed.any() else np.zeros(0, np.int64)
    large = np.flatnonzero(sizes >= min_size)
    if min_size > 1:
        large = np.setdiff1d(large, find_leftovers(features, labels, large, FEW_TIMES * min_size))
    small = placed & ~np.isin(labels, large)
    kept = np.where(small, -1, labels)
    if not len(large) or not small.any():
        return kept
    centres = normalize_rows(np.stack([features[labels == label].sum(axis=0) for label in large]))
    usual = [np.median(features[labels == label] @ centre) for label, centre in zip(large, centres, strict=True)]
    likeness = features[small] @ centres.T
    nearest = likeness.argmax(axis=1)
    is_like = likeness[np.arange(len(nearest)), nearest] >= MIN_LIKENESS_RATIO * np.array(usual)[nearest]
    kept[small] = np.where(is_like, large[nearest], -1)
    return kept


def find_leftovers(features: Floats, labels: Labels, groups: Labels, n_few: int) -> Labels:
    """Find the groups of few members that are as unlike as what is left over when all else is grouped."""
    if len(groups) < MIN_GROUPS:
        return groups[:0]
    rows = [features[labels == group] for group in groups]
    sizes = np.array([len(own) for own in rows])
    tightness = np.array([measure_tightness(own) for own in rows])
    leftovers: Labels = groups[(sizes < n_few) & (tightness < LOOSE_RATIO * np.median(tightness))]
    return leftovers


def number_by_size(labels: Labels) -> Labels:
    """Number groups from 0, the largest first, then by their first member; -1 stays."""
    found, first, sizes = np.unique(labels, return_index=True, return_counts=True)
    ranked = sorted(
        (int(label) for label in found if label >= 0),
        key=lambda label: (-sizes[found == label][0], first[found == label][0]),
    )
    numbers = {label: number for number, label in enumerate(ranked)} | {-1: -1}
    return np.array([numbers[int(label)] for label in labels], np.int64)
