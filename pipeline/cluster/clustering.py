"""Clustering: texts and their embeddings in, groups with their parts, names and middles out.

Groups are found from nothing, or grown from those there were (see `growing`); either way what is like nothing is noise.

Errors: none of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.cluster.grouping import group_sentences, make_features
from pipeline.cluster.growing import Places, grow_groups
from pipeline.cluster.joining import Labels
from pipeline.cluster.naming import Members, name_clusters, name_for_others, name_parts, spread_exemplars
from pipeline.cluster.noise import drop_noise, drop_strangers, number_by_size
from pipeline.cluster.parting import part_group
from pipeline.config import ClusterSettings
from pipeline.evidence import Floats, normalize_rows
from pipeline.library import Library

N_EXEMPLARS = 5


@dataclass(frozen=True)
class Before:
    """Where n texts were last time: group and part (n,), -1 for none, and whether they were settled there (n,).

    `has_new` says that some were nowhere because nobody had seen them; without such a one nothing moves.
    """

    labels: Labels
    sub_labels: Labels
    is_settled: NDArray[np.bool_]
    has_new: bool = True


@dataclass(frozen=True)
class Clustering:
    """Which texts belong together.

    `labels` has shape (n,), -1 is noise; labels count from 0 by size. `sub_labels` (n,) is the part of its cluster that
    a text is in, -1 where the cluster has none. `other_names` are those of clusters that speak both languages, in that
    of the fewer. `similarities` (n,) is each text's cosine to its cluster's centre; `exemplars` are positions, the
    medoid first, `sub_medoids` one position a part. Those that are not settled are where they are for the time being.
    """

    labels: Labels
    sub_labels: Labels
    names: Mapping[int, str]
    other_names: Mapping[int, str]
    sub_names: Mapping[tuple[int, int], str]
    is_settled: NDArray[np.bool_] = field(repr=False)
    similarities: Floats = field(repr=False)
    exemplars: Mapping[int, tuple[int, ...]] = field(repr=False)
    sub_medoids: Mapping[tuple[int, int], int] = field(repr=False)


def cluster_texts(  # noqa: PLR0913 - what to group, by what, and from where
    texts: Sequence[str],
    embeddings: Floats,
    settings: ClusterSettings,
    *,
    contexts: Sequence[str] | None = None,
    library: Library | None = None,
    before: Before | None = None,
    n_clusters: int = 0,
    seed: int = 0,
) -> Clustering:
    """Group texts by the reason they give; the order of the texts does not matter.

    Args:
        texts: n texts.
        embeddings: Shape (n, dim), of the contexts where there are any.
        contexts: What each text is grouped by, when that is more than the text itself; names are made of texts.
        library: Of the encoder that embedded them, if it has one.
        settings: `min_calls` is the smallest group that is no noise, unless the number of groups is given.
        before: Groups to start from, at least one text settled; None groups from nothing.
        n_clusters: How many groups; 0 finds the number.
        seed: Same texts and seed, same groups.
    """
    grounds = texts if contexts is None else contexts
    order = np.array(sorted(range(len(texts)), key=lambda position: (grounds[position], texts[position])), np.int64)
    if not len(order):
        empty = np.zeros(0, np.int64)
        return Clustering(empty, empty, {}, {}, {}, empty.astype(np.bool_), np.zeros(0, np.float32), {}, {})
    ordered = [grounds[position] for position in order]
    features = make_features(ordered, np.asarray(embeddings, np.float32)[order], library)
    min_size = 1 if n_clusters else settings.min_calls
    if before is None:
        labels = group_sentences(features, n_clusters=n_clusters, seed=seed)
        labels = labels if n_clusters else drop_strangers(features, labels)
        is_settled = np.ones(len(order), np.bool_)
    elif not before.has_new:
        labels, is_settled = before.labels[order], before.is_settled[order]
    else:
        start = Places(before.labels[order], before.is_settled[order])
        grown = grow_groups(features, start, min_size=min_size, may_add=not n_clusters)
        labels, is_settled = grown.labels, grown.is_settled
    labels = number_by_size(drop_noise(features, labels, min_size))
    parts_before = np.full(len(order), -1) if before is None else before.sub_labels[order]
    parts = _part_groups(features, labels, parts_before, settings.min_calls)
    return _describe([texts[position] for position in order], features, (labels, parts, is_settled), order)


def _part_groups(features: Floats, labels: Labels, before: Labels, min_size: int) -> Labels:
    """Part each group; the parts of one group count from 0 by size."""
    parts = np.full(len(labels), -1, np.int64)
    for label in range(int(labels.max()) + 1):
        rows = np.flatnonzero(labels == label)
        parts[rows] = number_by_size(part_group(features[rows], _number_from_zero(before[rows]), min_size=min_size))
    return parts


def _number_from_zero(labels: Labels) -> Labels:
    """Number labels without a gap; -1 stays."""
    found = np.unique(labels[labels >= 0])
    return np.where(labels >= 0, np.searchsorted(found, labels), -1).astype(np.int64)


def _describe(
    texts: Sequence[str], features: Floats, places: tuple[Labels, Labels, NDArray[np.bool_]], order: Labels
) -> Clustering:
    """Name the groups and find their middles; arguments are in order of text, what is returned is as it came."""
    labels, parts, is_settled = places
    similarities = np.zeros(len(texts), np.float32)
    members: dict[int, Members] = {}
    exemplars: dict[int, tuple[int, ...]] = {}
    sub_names: dict[tuple[int, int], str] = {}
    sub_medoids: dict[tuple[int, int], int] = {}
    for label in range(int(labels.max()) + 1):
        rows = np.flatnonzero(labels == label)
        similarities[rows] = _find_similarities(features[rows])
        members[label] = _gather(texts, rows, similarities)
        chosen = spread_exemplars(features[rows], similarities[rows], N_EXEMPLARS)
        exemplars[label] = tuple(int(order[rows[one]]) for one in chosen)
    names = name_clusters(members)
    for label, name in names.items():
        theirs: dict[int, Members] = {}
        for part in range(int(parts[labels == label].max()) + 1):
            rows = np.flatnonzero((labels == label) & (parts == part))
            own = np.zeros(len(texts), np.float32)
            own[rows] = _find_similarities(features[rows])
            theirs[part] = _gather(texts, rows, own)
            sub_medoids[label, part] = int(order[rows[np.argmax(own[rows])]])
        sub_names |= {(label, part): sub_name for part, sub_name in name_parts(name, theirs).items()}
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return Clustering(
        labels[back],
        parts[back],
        names,
        name_for_others(members),
        sub_names,
        is_settled[back],
        similarities[back],
        exemplars,
        sub_medoids,
    )


def _find_similarities(rows: Floats) -> Floats:
    centre = normalize_rows(rows.sum(axis=0, keepdims=True))[0]
    similarities: Floats = rows @ centre
    return similarities


def _gather(texts: Sequence[str], rows: Labels, similarities: Floats) -> Members:
    central = rows[np.argsort(-similarities[rows], kind="stable")]
    return Members(tuple(texts[row] for row in central), tuple(similarities[central].tolist()))
