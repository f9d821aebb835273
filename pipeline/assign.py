"""Assign: match each reason utterance to a numbered code by the codes' examples, or say why none takes it.

Reads `reason_utterances`, `turns`, `transcripts` and the taxonomy; writes `call_reasons`, one row an utterance, and one
for each call without any, and `note_reasons`, one row a call whose agent wrote a note. A clause and the words around it
have an equal say. Near pairs that have codes are put to the taxonomy: see `near_pairs`.

Errors: TaxonomyError when the taxonomy breaks a rule of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.contexts import read_contexts
from pipeline.encoders import make_reason_encoder
from pipeline.examples import load_examples
from pipeline.matching import WITHOUT_CODES, Assigner, Assignment, assign_codes, fit_assigner, make_lessons
from pipeline.near_pairs import (
    check_codes,
    find_coded_pairs,
    is_checked,
    list_warnings,
    name_check,
    read_project_pairs,
    write_checks,
)
from pipeline.tables import Store, make_table
from pipeline.taxonomy import TAXONOMY_FILE, Taxonomy, read_taxonomy
from pipeline.work import Outcome, Work, sync_calls

BATCH_CALLS = 20_000  # calls coded before they are written: seconds of work, and few files to look through


def run(work: Work) -> Outcome:
    """Bring `call_reasons` up to date with what customers said and with the taxonomy."""
    store = work.store
    expected = _merge_covers(work)
    utterances: dict[str, list[dict[str, Any]]] = {}
    for row in store.read("reason_utterances", ["call_id", "utterance_index", "turn_index", "text"]).to_pylist():
        utterances.setdefault(row["call_id"], []).append(row)
    heard = {row["call_id"]: row["is_heard"] for row in store.read("transcripts", ["call_id", "is_heard"]).to_pylist()}

    notes = _read_notes(store)
    taxonomy = read_taxonomy(work.project.taxonomy / TAXONOMY_FILE)

    @cache
    def load() -> Assigner:
        if n_codes := len(taxonomy.codes):
            work.progress.note(f"{work.stage}: learning {n_codes} codes from their examples, which can take a minute")
        background = load_examples("background", work.project).texts
        return fit_assigner(
            taxonomy, make_reason_encoder(work.project), work.project.settings.assign, background=background
        )

    def make(call_ids: list[str]) -> dict[str, pa.Table]:
        spoken = [row for call_id in call_ids for row in utterances.get(call_id, ())]
        contexts = read_contexts(store, spoken)
        noted = [call_id for call_id in call_ids if call_id in notes]
        pairs = [(row["text"], context) for row, context in zip(spoken, contexts, strict=True)]
        assigned = load()([*pairs, *((notes[call_id], notes[call_id]) for call_id in noted)])
        rows = [_describe(row, one) for row, one in zip(spoken, assigned[: len(spoken)], strict=True)]
        said = [{"call_id": call_id, **vars(one)} for call_id, one in zip(noted, assigned[len(spoken) :], strict=True)]
        silent = [_describe_silent(one, heard.get(one, False)) for one in call_ids if one not in utterances]
        reasons = make_table("call_reasons", [*rows, *silent])
        return {"call_reasons": reasons, "note_reasons": make_table("note_reasons", said)}

    outcome = sync_calls(work, ("call_reasons", "note_reasons"), expected, make, batch_calls=BATCH_CALLS)
    _check_pairs(work, taxonomy, load)
    return replace(outcome, warnings=(*outcome.warnings, *list_warnings(work)))


def _check_pairs(work: Work, taxonomy: Taxonomy, load: Callable[[], Assigner]) -> None:
    """Put the near pairs that have codes to the taxonomy, unless that was done."""
    pairs = read_project_pairs(work)
    fingerprint = name_check(work, pairs, work.fingerprint)
    if not is_checked(work, fingerprint):
        coded = find_coded_pairs(pairs, taxonomy)
        if coded:
            work.progress.note(f"{work.stage}: trying {len(coded)} near pairs on the codes, which can take a minute")
        write_checks(work, fingerprint, check_codes(coded, load()) if coded else [])


def _merge_covers(work: Work) -> dict[str, str]:
    return {
        call_id: made_from
        for fingerprint in reversed(work.store.current("reason_utterances"))
        for call_id, made_from in work.store.covers("reason_utterances", fingerprint).items()
    }


def _read_notes(store: Store) -> dict[str, str]:
    """Read what agents noted, by call."""
    turns = store.read("turns", ["call_id", "turn_index", "source", "text"]) if store.has("turns") else None
    rows = turns.filter(pc.equal(turns["source"], "note")).to_pylist() if turns is not None else []
    notes: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: int(row["turn_index"])):
        notes.setdefault(row["call_id"], []).append(row["text"])
    return {call_id: " ".join(texts) for call_id, texts in notes.items()}


def _describe(row: Mapping[str, Any], one: Assignment) -> dict[str, object]:
    return {
        "call_id": row["call_id"],
        "utterance_index": row["utterance_index"],
        "code": one.code,
        "no_code": one.no_code,
        "score_ratio": one.score_ratio,
        "best_code": one.best_code,
        "second_code": one.second_code,
        "second_score_ratio": one.second_score_ratio,
    }


def _describe_silent(call_id: str, is_heard: bool) -> dict[str, object]:
    return {"call_id": call_id, "utterance_index": -1, "no_code": "not_said" if is_heard else "not_heard"}


__all__ = ["WITHOUT_CODES", "Assignment", "assign_codes", "fit_assigner", "make_lessons", "run"]
