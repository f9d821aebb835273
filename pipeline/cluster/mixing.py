"""Mixing: which near pairs of reasons met in one candidate.

Each member of a candidate is put to the pairs' own sentences; a pair has met where both its reasons have members
enough.

Errors: TaxonomyError when the file of near pairs cannot be read.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.cluster.rows import read_uncoded
from pipeline.contexts import read_contexts
from pipeline.encoders import make_reason_encoder
from pipeline.examples import load_examples
from pipeline.matching import fit_assigner
from pipeline.near_pairs import (
    NearPair,
    check_candidates,
    is_checked,
    make_pair_taxonomy,
    name_check,
    read_project_pairs,
    write_checks,
)
from pipeline.work import Work


def check_mixing(work: Work) -> None:
    """Look which reasons of the near pairs each candidate's members give, unless that was done."""
    pairs = read_project_pairs(work)
    fingerprint = name_check(work, pairs, repr((work.fingerprint, work.store.current("clusters"))))
    if is_checked(work, fingerprint):
        return
    found = work.store.read("cluster_members", ["call_id", "utterance_index", "cluster_id"]).to_pylist()
    candidates = {(row["call_id"], row["utterance_index"]): row["cluster_id"] for row in found}
    rows = [row for row in read_uncoded(work.store) if (row["call_id"], row["utterance_index"]) in candidates]
    members: dict[str, list[str | None]] = {}
    for row, reason in zip(rows, _find_reasons(work, pairs, rows), strict=True):
        members.setdefault(candidates[row["call_id"], row["utterance_index"]], []).append(reason)
    write_checks(work, fingerprint, check_candidates(pairs, members))


def _find_reasons(work: Work, pairs: Sequence[NearPair], rows: Sequence[Mapping[str, Any]]) -> list[str | None]:
    if not pairs or not rows:
        return [None] * len(rows)
    background = load_examples("background", work.project).texts
    encoder, settings = make_reason_encoder(work.project), work.project.settings.assign
    assign = fit_assigner(make_pair_taxonomy(pairs), encoder, settings, background=background)
    contexts = read_contexts(work.store, rows)
    return [one.code for one in assign([(row["text"], context) for row, context in zip(rows, contexts, strict=True)])]
