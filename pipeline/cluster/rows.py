"""Rows: what clustering reads from the store and the state, and the tables that it writes.

Errors: MissingTableError when no codes were assigned yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from pipeline.candidates import Change, Known, Member, Membership, Named
from pipeline.cluster.clustering import Before, Clustering
from pipeline.cluster.identity import match_candidates
from pipeline.cluster.naming import find_main_language
from pipeline.tables import Store, hash_text, make_table
from pipeline.work import Work

UNCODED = ("none_of_these", "undecided")
Row = dict[str, Any]


@dataclass(frozen=True)
class Candidates:
    """Today's candidates: the id of each cluster and of each of its parts, by label, and where each member is.

    `names` are by id.
    """

    ids: Mapping[int, str]
    sub_ids: Mapping[tuple[int, int], str]
    members: Mapping[Member, Membership]
    names: Mapping[str, Named] = field(default_factory=dict)


def read_uncoded(store: Store) -> list[Row]:
    """Read the reason utterances that no code took, in a fixed order."""
    reasons = store.read("call_reasons", ["call_id", "utterance_index", "no_code"]).to_pylist()
    uncoded = {(row["call_id"], row["utterance_index"]) for row in reasons if row["no_code"] in UNCODED}
    utterances = store.read("reason_utterances", ["call_id", "utterance_index", "turn_index", "text"]).to_pylist()
    found = [row for row in utterances if _find_member(row) in uncoded]
    return sorted(found, key=_find_member)


def _find_member(row: Mapping[str, Any]) -> Member:
    return row["call_id"], row["utterance_index"]


def find_before(rows: Sequence[Row], known: Known) -> Before | None:
    """Find where each utterance was last time; one that says something else now is new. None when all are new."""
    places = [known.members.get(_find_member(row)) for row in rows]
    kept = [
        place if place and place.text_id in ("", hash_text(row["text"])) else None
        for row, place in zip(rows, places, strict=True)
    ]
    if not any(place and place.is_settled for place in kept):
        return None
    clusters = sorted({place.cluster_id for place in kept if place and place.cluster_id})
    parts = sorted({place.sub_cluster_id for place in kept if place and place.sub_cluster_id})
    labels = [clusters.index(place.cluster_id) if place and place.cluster_id else -1 for place in kept]
    sub_labels = [parts.index(place.sub_cluster_id) if place and place.sub_cluster_id else -1 for place in kept]
    settled = [bool(place and place.is_settled) for place in kept]
    return Before(
        np.array(labels, np.int64), np.array(sub_labels, np.int64), np.array(settled, np.bool_), has_new=None in kept
    )


def find_candidates(rows: Sequence[Row], clustering: Clustering, known: Known, min_calls: int) -> Candidates:
    """Find which cluster is which candidate; a cluster of too few calls is none."""
    clusters: dict[int, set[Member]] = {}
    parts: dict[tuple[int, int], set[Member]] = {}
    for row, label, part in zip(rows, clustering.labels.tolist(), clustering.sub_labels.tolist(), strict=True):
        clusters.setdefault(label, set()).add(_find_member(row))
        parts.setdefault((label, part), set()).add(_find_member(row))
    large = {
        label: members
        for label, members in clusters.items()
        if label >= 0 and len({call_id for call_id, _ in members}) >= min_calls
    }
    ids = match_candidates(_group_known(known, "cluster_id"), large)
    inside = sorted(place for place in parts if place[0] in large and place[1] >= 0)
    sub_ids = match_candidates(
        _group_known(known, "sub_cluster_id"), {at: parts[place] for at, place in enumerate(inside)}, prefix="s"
    )
    named = {place: sub_ids[at] for at, place in enumerate(inside)}
    return Candidates(ids, named, _place_members(rows, clustering, ids, named))


def _group_known(known: Known, column: str) -> dict[str, set[Member]]:
    grouped: dict[str, set[Member]] = {}
    for member, place in known.members.items():
        if getattr(place, column):
            grouped.setdefault(getattr(place, column), set()).add(member)
    return grouped


def _place_members(
    rows: Sequence[Row], clustering: Clustering, ids: Mapping[int, str], sub_ids: Mapping[tuple[int, int], str]
) -> dict[Member, Membership]:
    return {
        _find_member(row): Membership(
            ids.get(label, ""), sub_ids.get((label, part), ""), hash_text(row["text"]), is_settled and label in ids
        )
        for row, label, part, is_settled in zip(
            rows,
            clustering.labels.tolist(),
            clustering.sub_labels.tolist(),
            clustering.is_settled.tolist(),
            strict=True,
        )
    }


def write_tables(
    work: Work,
    rows: Sequence[Row],
    clustering: Clustering,
    found: Candidates,
    changes: Sequence[Change],
    fingerprint: str,
) -> None:
    """Write every table of the stage, `clusters` last: it says that the others are there."""
    store, new = work.store, find_new(changes)
    clusters = [
        _describe_cluster(rows, clustering, label, found) | {"is_new": cluster_id in new}
        for label, cluster_id in sorted(found.ids.items())
    ]
    subs = [_describe_part(rows, clustering, place, found) for place in sorted(found.sub_ids)]
    moments = [vars(change) | {"changed_at": datetime.fromisoformat(change.changed_at)} for change in changes]
    noise = [
        {"stage": work.stage, "call_id": row["call_id"], "item": f"utterance {row['utterance_index']}"}
        | {"reason": "noise"}
        for row in rows
        if not found.members[_find_member(row)].cluster_id
    ]
    store.write_whole(
        "cluster_members", fingerprint, make_table("cluster_members", _list_members(rows, clustering, found))
    )
    store.write("dropped", work.stage, make_table("dropped", noise), {f"*{work.stage}": fingerprint})
    store.set_current("dropped", sorted(part.name for part in (store.root / "dropped").iterdir() if part.is_dir()))
    store.write_whole("sub_clusters", fingerprint, make_table("sub_clusters", subs))
    store.write_whole("candidate_changes", fingerprint, make_table("candidate_changes", moments))
    store.write_whole("clusters", fingerprint, make_table("clusters", clusters))


def find_new(changes: Sequence[Change]) -> set[str]:
    """Find the candidates that came with the last change; on the first run none is newer than another."""
    moments = sorted({change.changed_at for change in changes})
    if len(moments) < 2:
        return set()
    return {one.cluster_id for one in changes if one.changed_at == moments[-1] and one.change == "new"}


def _list_members(rows: Sequence[Row], clustering: Clustering, found: Candidates) -> list[Row]:
    shown = {one for exemplars in clustering.exemplars.values() for one in exemplars}
    return [
        {
            "call_id": row["call_id"],
            "utterance_index": row["utterance_index"],
            "cluster_id": found.members[_find_member(row)].cluster_id,
            "sub_cluster_id": found.members[_find_member(row)].sub_cluster_id or None,
            "similarity_ratio": float(np.clip(clustering.similarities[position], 0.0, 1.0)),
            "is_exemplar": position in shown,
        }
        for position, row in enumerate(rows)
        if found.members[_find_member(row)].cluster_id
    ]


def _describe_cluster(rows: Sequence[Row], clustering: Clustering, label: int, found: Candidates) -> Row:
    positions: list[int] = np.flatnonzero(clustering.labels == label).tolist()
    medoid = rows[clustering.exemplars[label][0]]
    named = found.names[found.ids[label]]
    return {
        "cluster_id": found.ids[label],
        "name": named.name,
        "other_name": named.other_name or None,
        "language": find_main_language([rows[position]["text"] for position in positions]),
        "n_utterances": len(positions),
        "n_calls": len({rows[position]["call_id"] for position in positions}),
        "n_sub_clusters": sum(one == label for one, _ in found.sub_ids),
        "cohesion_ratio": float(np.clip(clustering.similarities[positions].mean(), 0.0, 1.0)),
        "medoid_call_id": medoid["call_id"],
        "medoid_utterance_index": medoid["utterance_index"],
    }


def _describe_part(rows: Sequence[Row], clustering: Clustering, place: tuple[int, int], found: Candidates) -> Row:
    label, part = place
    positions = np.flatnonzero((clustering.labels == label) & (clustering.sub_labels == part)).tolist()
    medoid = rows[clustering.sub_medoids[place]]
    return {
        "sub_cluster_id": found.sub_ids[place],
        "cluster_id": found.ids[label],
        "name": clustering.sub_names[place],
        "n_utterances": len(positions),
        "n_calls": len({rows[position]["call_id"] for position in positions}),
        "medoid_call_id": medoid["call_id"],
        "medoid_utterance_index": medoid["utterance_index"],
    }
