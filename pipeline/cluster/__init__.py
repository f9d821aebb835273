"""Cluster: group the reason utterances that no code took into candidates for the curator.

Reads `call_reasons`, `reason_utterances`, `turns` and `embeddings`; writes `clusters`, `cluster_members`, and to
`dropped` what is like nothing else. The number of groups is found. Sentences are grouped by the words around them too.
A candidate keeps its id from run to run (see `identity`). Near pairs are looked for in candidates: see `near_pairs`.

Errors: none of its own. With nothing left uncoded the tables are empty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pipeline.cluster.grouping import Labels, group_sentences, make_features, sum_groups
from pipeline.cluster.identity import match_candidates
from pipeline.cluster.naming import Members, find_main_language, name_clusters, spread_exemplars
from pipeline.config import ClusterSettings
from pipeline.contexts import embed_by_clauses, read_contexts
from pipeline.encoders import make_reason_encoder
from pipeline.evidence import Floats, normalize_rows
from pipeline.examples import load_examples
from pipeline.matching import fit_assigner
from pipeline.near_pairs import (
    NearPair,
    check_candidates,
    is_checked,
    list_warnings,
    make_pair_taxonomy,
    name_check,
    read_project_pairs,
    write_checks,
)
from pipeline.state import Member, read_candidates, write_candidates
from pipeline.tables import hash_text, make_table
from pipeline.work import Outcome, Work

N_EXEMPLARS = 5
UNCODED = ("none_of_these", "undecided")
# A sentence belongs to a group that it is at least this like, measured against how like the group its members are.
MIN_LIKENESS_RATIO = 0.5


@dataclass(frozen=True)
class Clustering:
    """Which texts belong together.

    `labels` has shape (n,), -1 is noise; labels count from 0 by size. `similarities` (n,) is each text's cosine to its
    cluster's centre; `exemplars` are positions, the medoid first.
    """

    labels: Labels
    names: Mapping[int, str]
    similarities: Floats = field(repr=False)
    exemplars: Mapping[int, tuple[int, ...]] = field(repr=False)


def cluster_texts(
    texts: Sequence[str],
    embeddings: Floats,
    settings: ClusterSettings,
    *,
    contexts: Sequence[str] | None = None,
    n_clusters: int = 0,
    seed: int = 0,
) -> Clustering:
    """Group texts by the reason they give; the order of the texts does not matter.

    Args:
        texts: n texts.
        embeddings: Shape (n, dim), of the contexts where there are any.
        contexts: What each text is grouped by, when that is more than the text itself; names are made of texts.
        settings: `min_calls` is the smallest group that is no noise, unless the number of groups is given.
        n_clusters: How many groups; 0 finds the number.
        seed: Same texts and seed, same groups.
    """
    grounds = texts if contexts is None else contexts
    order = np.array(sorted(range(len(texts)), key=lambda position: (grounds[position], texts[position])), np.int64)
    if not len(order):
        return Clustering(np.zeros(0, np.int64), {}, np.zeros(0, np.float32), {})
    ordered = [grounds[position] for position in order]
    rows = np.asarray(embeddings, np.float32)[order]
    labels = group_sentences(ordered, rows, n_clusters=n_clusters, seed=seed)
    features = make_features(ordered, rows)
    if not n_clusters:
        labels = drop_noise(features, drop_strangers(features, labels), settings.min_calls)
    return _describe([texts[position] for position in order], features, number_by_size(labels), order)


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
    sizes = np.bincount(labels)
    large = np.flatnonzero(sizes >= min_size)
    small = ~np.isin(labels, large)
    kept = np.where(small, -1, labels)
    if not len(large) or not small.any():
        return kept
    centres = normalize_rows(sum_groups(features, labels))
    own = (features * centres[labels]).sum(axis=1)
    usual = np.array([np.median(own[labels == label]) for label in large])
    likeness = features[small] @ centres[large].T
    nearest = likeness.argmax(axis=1)
    is_like = likeness[np.arange(len(nearest)), nearest] >= MIN_LIKENESS_RATIO * usual[nearest]
    kept[small] = np.where(is_like, large[nearest], -1)
    return kept


def number_by_size(labels: Labels) -> Labels:
    """Number groups from 0, the largest first, then by their first member; -1 stays."""
    found, first, sizes = np.unique(labels, return_index=True, return_counts=True)
    ranked = sorted(
        (int(label) for label in found if label >= 0),
        key=lambda label: (-sizes[found == label][0], first[found == label][0]),
    )
    numbers = {label: number for number, label in enumerate(ranked)} | {-1: -1}
    return np.array([numbers[int(label)] for label in labels], np.int64)


def _describe(texts: Sequence[str], features: Floats, labels: Labels, order: Labels) -> Clustering:
    """Name the groups and find their middles; arguments are in order of text, what is returned is as it came."""
    similarities = np.zeros(len(texts), np.float32)
    members: dict[int, Members] = {}
    exemplars: dict[int, tuple[int, ...]] = {}
    for label in range(int(labels.max()) + 1):
        rows = np.flatnonzero(labels == label)
        centre = normalize_rows(features[rows].sum(axis=0, keepdims=True))[0]
        similarities[rows] = features[rows] @ centre
        central = rows[np.argsort(-similarities[rows], kind="stable")]
        members[label] = Members(tuple(texts[row] for row in central), tuple(similarities[central].tolist()))
        chosen = spread_exemplars(features[rows], similarities[rows], N_EXEMPLARS)
        exemplars[label] = tuple(int(order[rows[one]]) for one in chosen)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return Clustering(labels[back], name_clusters(members), similarities[back], exemplars)


def run(work: Work) -> Outcome:
    """Cluster what no code took, and look for near pairs in one candidate; nothing is done when it is what it was."""
    outcome = _cluster(work)
    _check_pairs(work)
    return replace(outcome, warnings=(*outcome.warnings, *list_warnings(work)))


def _check_pairs(work: Work) -> None:
    """Look which reasons of the near pairs each candidate's members give, unless that was done."""
    pairs = read_project_pairs(work)
    fingerprint = name_check(work, pairs, repr((work.fingerprint, work.store.current("clusters"))))
    if is_checked(work, fingerprint):
        return
    found = work.store.read("cluster_members", ["call_id", "utterance_index", "cluster_id"]).to_pylist()
    candidates = {(row["call_id"], row["utterance_index"]): row["cluster_id"] for row in found}
    rows = [row for row in _read_uncoded(work) if (row["call_id"], row["utterance_index"]) in candidates]
    members: dict[str, list[str | None]] = {}
    for row, reason in zip(rows, _find_pair_reasons(work, pairs, rows), strict=True):
        members.setdefault(candidates[row["call_id"], row["utterance_index"]], []).append(reason)
    write_checks(work, fingerprint, check_candidates(pairs, members))


def _find_pair_reasons(work: Work, pairs: Sequence[NearPair], rows: Sequence[Mapping[str, Any]]) -> list[str | None]:
    if not pairs or not rows:
        return [None] * len(rows)
    background = load_examples("background", work.project).texts
    encoder, settings = make_reason_encoder(work.project), work.project.settings.assign
    assign = fit_assigner(make_pair_taxonomy(pairs), encoder, settings, background=background)
    contexts = read_contexts(work.store, rows)
    return [one.code for one in assign([(row["text"], context) for row, context in zip(rows, contexts, strict=True)])]


def _cluster(work: Work) -> Outcome:
    rows = _read_uncoded(work)
    fingerprint = hash_text(repr((work.fingerprint, [tuple(row.values()) for row in rows])))
    if not work.force and work.store.current("clusters") == [fingerprint]:
        return Outcome(n_kept=len(rows))
    texts = [row["text"] for row in rows]
    settings = work.project.settings.cluster
    contexts = read_contexts(work.store, rows) if rows else []
    embeddings = embed_by_clauses(contexts, make_reason_encoder(work.project)) if rows else np.zeros((0, 1), np.float32)
    clustering = cluster_texts(
        texts, embeddings, settings, contexts=contexts, n_clusters=settings.n_clusters, seed=settings.seed
    )
    members = _gather_members(rows, clustering, settings.min_calls)
    ids = match_candidates(read_candidates(work.project), members)
    write_candidates(work.project, {ids[label]: found for label, found in members.items()})
    _write_tables(work, rows, clustering, ids, fingerprint)
    return Outcome(n_done=len(rows))


def _read_uncoded(work: Work) -> list[dict[str, Any]]:
    reasons = work.store.read("call_reasons", ["call_id", "utterance_index", "no_code"]).to_pylist()
    uncoded = {(row["call_id"], row["utterance_index"]) for row in reasons if row["no_code"] in UNCODED}
    utterances = work.store.read("reason_utterances", ["call_id", "utterance_index", "turn_index", "text"]).to_pylist()
    found = [row for row in utterances if (row["call_id"], row["utterance_index"]) in uncoded]
    return sorted(found, key=lambda row: (row["call_id"], row["utterance_index"]))


def _gather_members(
    rows: Sequence[Mapping[str, Any]], clustering: Clustering, min_calls: int
) -> dict[int, set[Member]]:
    """Gather each cluster's members; a cluster of too few calls is none."""
    members: dict[int, set[Member]] = {}
    for row, label in zip(rows, clustering.labels.tolist(), strict=True):
        if label >= 0:
            members.setdefault(label, set()).add((row["call_id"], row["utterance_index"]))
    return {label: found for label, found in members.items() if len({call for call, _ in found}) >= min_calls}


def _write_tables(
    work: Work, rows: Sequence[Mapping[str, Any]], clustering: Clustering, ids: Mapping[int, str], fingerprint: str
) -> None:
    labels, shown = clustering.labels.tolist(), {one for found in clustering.exemplars.values() for one in found}
    members = [
        {
            "call_id": row["call_id"],
            "utterance_index": row["utterance_index"],
            "cluster_id": ids[labels[position]],
            "similarity_ratio": float(np.clip(clustering.similarities[position], 0.0, 1.0)),
            "is_exemplar": position in shown,
        }
        for position, row in enumerate(rows)
        if labels[position] in ids
    ]
    noise = [
        {
            "stage": work.stage,
            "call_id": row["call_id"],
            "item": f"utterance {row['utterance_index']}",
            "reason": "noise",
        }
        for row, label in zip(rows, labels, strict=True)
        if label not in ids
    ]
    store = work.store
    store.write_whole("cluster_members", fingerprint, make_table("cluster_members", members))
    store.write("dropped", work.stage, make_table("dropped", noise), {f"*{work.stage}": fingerprint})
    store.set_current("dropped", sorted(part.name for part in (store.root / "dropped").iterdir() if part.is_dir()))
    clusters = [_describe_cluster(rows, clustering, label, ids[label]) for label in sorted(ids)]
    store.write_whole("clusters", fingerprint, make_table("clusters", clusters))


def _describe_cluster(
    rows: Sequence[Mapping[str, Any]], clustering: Clustering, label: int, cluster_id: str
) -> dict[str, object]:
    positions: list[int] = np.flatnonzero(clustering.labels == label).tolist()
    medoid = rows[clustering.exemplars[label][0]]
    return {
        "cluster_id": cluster_id,
        "name": clustering.names[label],
        "language": find_main_language([rows[position]["text"] for position in positions]),
        "n_utterances": len(positions),
        "n_calls": len({rows[position]["call_id"] for position in positions}),
        "cohesion_ratio": float(np.clip(clustering.similarities[positions].mean(), 0.0, 1.0)),
        "medoid_call_id": medoid["call_id"],
        "medoid_utterance_index": medoid["utterance_index"],
    }


__all__ = ["Clustering", "cluster_texts", "drop_noise", "match_candidates", "number_by_size", "run"]
