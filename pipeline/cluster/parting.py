"""Parting: the sub-reasons inside one group, where it falls apart by itself.

A group of enough sentences is cut lower by Ward's method. The fewest parts whose silhouette comes near the best count,
if that is good enough; else the group is one reason and has no sub-reasons. A part keeps its sentences from run to run.

Errors: none of its own.
"""

import numpy as np

from pipeline.cluster.grouping import absorb_small, measure_silhouette
from pipeline.cluster.growing import Places, grow_groups
from pipeline.cluster.joining import Labels
from pipeline.evidence import Floats

MIN_PARTED = 12  # sentences: a smaller group is read at a glance
MAX_PARTS = 5
MIN_PART_RATIO = 0.1  # of the group, in its smallest part
# Chosen on two reasons thrown together, of CLINC150 and HINT3: docs/decisions/0008.
MIN_SILHOUETTE = 0.25
SILHOUETTE_SLACK = 0.03
SPARE_CUTS = 3  # small parts may be cut off before the parts that count show


def part_group(features: Floats, before: Labels, *, min_size: int) -> Labels:
    """Part one group into sub-reasons.

    Args:
        features: Shape (n, n_features), the group's sentences.
        before: The part that each was in last time, -1 for none; where most had one, parts are kept and grow.
        min_size: How many sentences a part needs.

    Returns:
        Shape (n,): the part of each, 0 and up; -1 for all where the group does not fall apart.
    """
    placed = before >= 0
    if 2 * placed.sum() > len(before) > 0:
        return grow_groups(features, Places(before, placed), min_size=min_size, may_add=False).labels
    if len(features) < MIN_PARTED:
        return np.full(len(features), -1, np.int64)
    return _cut_lower(features, max(min_size, int(np.ceil(MIN_PART_RATIO * len(features)))))


def _cut_lower(features: Floats, min_size: int) -> Labels:
    from scipy.cluster.hierarchy import fcluster, linkage

    tree = linkage(features.astype(np.float64), "ward")
    most = min(MAX_PARTS + SPARE_CUTS, len(features) // min_size)
    cuts = [_join_small(features, fcluster(tree, k, "maxclust") - 1, min_size) for k in range(2, most + 1)]
    scored = [(measure_silhouette(features, cut), cut) for cut in cuts if 1 < int(cut.max()) + 1 <= MAX_PARTS]
    best = max((score for score, _ in scored), default=0.0)
    if best < MIN_SILHOUETTE:
        return np.full(len(features), -1, np.int64)
    return next(cut for score, cut in scored if score >= best - SILHOUETTE_SLACK)


def _join_small(features: Floats, labels: Labels, min_size: int) -> Labels:
    """Join parts that are too small to the nearest that is not; one part of all where fewer than two are."""
    if (np.bincount(labels) >= min_size).sum() < 2:
        return np.zeros(len(labels), np.int64)
    return absorb_small(features, labels, min_size)
