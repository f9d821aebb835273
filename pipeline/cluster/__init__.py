"""Cluster: group the reason utterances that no code took into candidates for the curator.

Reads `call_reasons`, `reason_utterances`, `turns` and `embeddings`; writes `clusters`, `sub_clusters`,
`cluster_members`, `candidate_changes`, and to `dropped` what is like nothing else. The number of groups is found.
Sentences are grouped by the words around them too. The next run starts from the groups of the last one (see `growing`),
and a candidate keeps its id (see `identity`). Near pairs are looked for in candidates (see `mixing`).

Errors: none of its own. With nothing left uncoded the tables are empty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pipeline.candidates import GivenNames, Grouping, Known, Named, read_candidates, read_changes, write_candidates
from pipeline.cluster.clustering import Before, Clustering, cluster_texts
from pipeline.cluster.history import find_changes, find_why, say_changes
from pipeline.cluster.identity import match_candidates
from pipeline.cluster.mixing import check_mixing
from pipeline.cluster.namer import Asked, ask_names, check_sendable, find_host, name_namer
from pipeline.cluster.naming import VERSION as NAMING_VERSION
from pipeline.cluster.naming import find_main_language, find_other_name
from pipeline.cluster.rows import Candidates, find_before, find_candidates, read_uncoded, write_tables
from pipeline.contexts import embed_by_clauses, read_contexts
from pipeline.encoders import find_judge_fingerprint, make_encoder, make_reason_encoder
from pipeline.near_pairs import list_warnings
from pipeline.picking.picker import make_weigh
from pipeline.tables import hash_text
from pipeline.work import Outcome, Work

MANY_ROWS = 1000  # from here on grouping takes long enough to be said before
GROUPING_VERSION = 5  # raised when the same utterances should be grouped from nothing once more
JOINING_VERSION = 1  # the same, where the number of groups is given
Names = Mapping[str, Named]

__all__ = ["Before", "Clustering", "cluster_texts", "match_candidates", "run"]


def run(work: Work) -> Outcome:
    """Cluster what no code took, and look for near pairs in one candidate; nothing is done when it is what it was."""
    outcome = _bring_up_to_date(work)
    check_mixing(work)
    return replace(outcome, warnings=(*outcome.warnings, *list_warnings(work)))


def _bring_up_to_date(work: Work) -> Outcome:
    rows = read_uncoded(work.store)
    fingerprint = hash_text(repr((work.fingerprint, [tuple(row.values()) for row in rows])))
    if not work.force and work.store.current("clusters") == [fingerprint]:
        return Outcome(n_kept=len(rows))
    known = read_candidates(work.project)
    grouped_with = _name_grouping(work)
    why = find_why(known, rows, grouped_with, is_forced=work.force)
    clustering = _cluster(work, rows, find_before(rows, known) if not why else None)
    found = find_candidates(rows, clustering, known, work.project.settings.cluster.min_calls)
    names, warnings = _name(work, rows, found, clustering, {} if why else known.names)
    found = replace(found, names=names)
    changes = find_changes(work.store, known, found, now=work.now)
    grouping = Grouping(grouped_with, len(rows)) if why else known.grouping
    write_candidates(work.project, Known(found.members, found.names, grouping), changes)
    write_tables(work, rows, clustering, found, read_changes(work.project), fingerprint)
    notes = say_changes(why, len(rows), found, changes, is_first=not known.members)
    return Outcome(n_done=len(rows), warnings=tuple(warnings), notes=tuple(notes))


def _name_grouping(work: Work) -> str:
    """Name everything that decides how utterances are grouped from nothing."""
    project, settings = work.project, work.project.settings.cluster
    encoder, judge = make_reason_encoder(project).name, find_judge_fingerprint(project.encoder, project.settings.models)
    number = settings.n_clusters and (settings.n_clusters, JOINING_VERSION)
    return hash_text(repr((GROUPING_VERSION, encoder, judge, number, settings.min_calls, settings.seed)))


def _cluster(work: Work, rows: Sequence[dict[str, Any]], before: Before | None) -> Clustering:
    settings = work.project.settings.cluster
    if len(rows) >= MANY_ROWS:
        work.progress.note(f"{work.stage}: grouping {len(rows)} reasons, which can take minutes")
    contexts = read_contexts(work.store, rows) if rows else []
    encoder, weigh = make_reason_encoder(work.project), make_weigh(make_encoder(work.project), work.project)
    return cluster_texts(
        [row["text"] for row in rows],
        embed_by_clauses(contexts, encoder, weigh) if rows else np.zeros((0, 1), np.float32),
        settings,
        contexts=contexts,
        library=encoder.library,
        before=before,
        n_clusters=settings.n_clusters,
        seed=settings.seed,
    )


def _name(
    work: Work, rows: Sequence[dict[str, Any]], found: Candidates, clustering: Clustering, kept: Names
) -> tuple[Names, list[str]]:
    """Name each candidate, and say what named it; one that was named the same way before keeps its name.

    Args:
        work: The stage's run.
        rows: What was clustered.
        found: The candidates.
        clustering: Their local names and exemplars.
        kept: The names they may keep.

    Returns:
        The names, and warnings.
    """
    settings = work.project.settings
    wanted = name_namer(settings.cluster) or NAMING_VERSION
    kept = {cluster_id: named for cluster_id, named in kept.items() if named.named_by == wanted}
    names = {
        cluster_id: Named(name, NAMING_VERSION, find_other_name(name, clustering.other_names.get(label, "")))
        for label, cluster_id in found.ids.items()
        for name in [clustering.names[label]]
    }
    todo = [label for label, cluster_id in found.ids.items() if cluster_id not in kept]
    warnings = []
    if wanted != NAMING_VERSION and todo:
        asked = _ask(work, rows, clustering, todo)
        for label, name in asked.names.items():
            names[found.ids[label]] = replace(names[found.ids[label]], name=name, named_by=wanted)
        if asked.why_not:
            warnings.append(
                f"[cluster] namer_url: {asked.why_not}; {len(todo) - len(asked.names)} names were made here"
            )
    return {cluster_id: _keep(kept.get(cluster_id), named) for cluster_id, named in names.items()}, warnings


def _keep(kept: Named | None, named: Named) -> Named:
    """Keep a candidate's names; one that had a name in one language alone takes that in the other."""
    if not kept or kept.other_name:
        return kept or named
    return replace(kept, other_name=find_other_name(kept.name, named.other_name, named.name))


def _ask(work: Work, rows: Sequence[dict[str, Any]], clustering: Clustering, labels: Sequence[int]) -> Asked:
    """Ask the endpoint, unless words that were not redacted could be among the exemplars."""
    settings = work.project.settings
    if why_not := check_sendable(settings):
        return Asked({}, why_not)
    host = find_host(settings.cluster)
    work.progress.say(f"{work.stage}: redacted sentences of {len(labels)} candidates leave this machine for {host}")
    exemplars = {label: [rows[at]["text"] for at in clustering.exemplars[label]] for label in labels}
    languages = {label: find_main_language(texts) for label, texts in exemplars.items()}
    return ask_names(exemplars, languages, settings.cluster, GivenNames(work.project))
