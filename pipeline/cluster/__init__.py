"""Cluster: group the reason utterances that no code took into candidates for the curator.

Reads `call_reasons`, `reason_utterances`, `turns` and `embeddings`; writes `clusters`, `sub_clusters`,
`cluster_members`, `candidate_changes`, and to `dropped` what is like nothing else. The number of groups is found.
Sentences are grouped by the words around them too. The next run starts from the groups of the last one (see `growing`),
and a candidate keeps its id (see `identity`).

Errors: none of its own. With nothing left uncoded the tables are empty.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pipeline.candidates import Grouping, Known, read_candidates, read_changes, write_candidates
from pipeline.cluster.clustering import Before, Clustering, cluster_texts
from pipeline.cluster.history import find_changes, find_why, say_changes
from pipeline.cluster.identity import match_candidates
from pipeline.cluster.naming import VERSION as NAMING_VERSION
from pipeline.cluster.rows import Candidates, find_before, find_candidates, read_uncoded, write_tables
from pipeline.contexts import embed_by_clauses, read_contexts
from pipeline.encoders import make_reason_encoder
from pipeline.tables import hash_text
from pipeline.work import Outcome, Work

GROUPING_VERSION = 1  # raised when the same utterances should be grouped from nothing once more

__all__ = ["Before", "Clustering", "cluster_texts", "match_candidates", "run"]


def run(work: Work) -> Outcome:
    """Cluster what no code took; nothing is done when it is what it was."""
    rows = read_uncoded(work.store)
    fingerprint = hash_text(repr((work.fingerprint, [tuple(row.values()) for row in rows])))
    if not work.force and work.store.current("clusters") == [fingerprint]:
        return Outcome(n_kept=len(rows))
    known = read_candidates(work.project)
    grouped_with = _name_grouping(work)
    why = find_why(known, rows, grouped_with, is_forced=work.force)
    clustering = _cluster(work, rows, find_before(rows, known) if not why else None)
    found = find_candidates(rows, clustering, known, work.project.settings.cluster.min_calls)
    found = replace(found, names=_name(found, clustering, known, may_keep=not why))
    changes = find_changes(work.store, known, found, now=work.now)
    grouping = Grouping(grouped_with, len(rows)) if why else known.grouping
    write_candidates(work.project, Known(found.members, found.names, grouping), changes)
    write_tables(work, rows, clustering, found, read_changes(work.project), fingerprint)
    notes = say_changes(why, len(rows), found, changes, is_first=not known.members)
    return Outcome(n_done=len(rows), notes=tuple(notes))


def _name_grouping(work: Work) -> str:
    """Name everything that decides how utterances are grouped from nothing."""
    settings = work.project.settings.cluster
    encoder = make_reason_encoder(work.project).name
    return hash_text(repr((GROUPING_VERSION, encoder, settings.n_clusters, settings.min_calls, settings.seed)))


def _cluster(work: Work, rows: Sequence[dict[str, Any]], before: Before | None) -> Clustering:
    settings = work.project.settings.cluster
    contexts = read_contexts(work.store, rows) if rows else []
    return cluster_texts(
        [row["text"] for row in rows],
        embed_by_clauses(contexts, make_reason_encoder(work.project)) if rows else np.zeros((0, 1), np.float32),
        settings,
        contexts=contexts,
        before=before,
        n_clusters=settings.n_clusters,
        seed=settings.seed,
    )


def _name(found: Candidates, clustering: Clustering, known: Known, *, may_keep: bool) -> dict[str, tuple[str, str]]:
    """Name each candidate, and say what named it; one that was named the same way before keeps its name."""
    names = {}
    for label, cluster_id in found.ids.items():
        kept = known.names.get(cluster_id)
        is_kept = may_keep and kept and kept[1] == NAMING_VERSION
        names[cluster_id] = kept if is_kept and kept else (clustering.names[label], NAMING_VERSION)
    return names
