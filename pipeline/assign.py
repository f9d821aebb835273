"""Assign: match each reason utterance to a numbered code by the codes' examples, or say why none takes it.

Reads `reason_utterances`, `turns`, `transcripts` and the taxonomy; writes `call_reasons`, one row an utterance, and one
for each call without any, and `note_reasons`, one row a call whose agent wrote a note. A clause and the words around it
have an equal say. Near pairs that have codes are put to the taxonomy: see `near_pairs`.

Errors: TaxonomyError when the taxonomy breaks a rule of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa

from pipeline.encoders import make_reason_encoder
from pipeline.examples import load_examples
from pipeline.kept_signs import SignKeeper
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
from pipeline.spoken import Spoken, read_spoken
from pipeline.tables import TABLES, make_table
from pipeline.taxonomy import TAXONOMY_FILE, Taxonomy, read_taxonomy
from pipeline.work import Outcome, Work, sync_calls

BATCH_CALLS = 20_000  # calls coded before they are written: seconds of work, and few files to look through


def run(work: Work) -> Outcome:
    """Bring `call_reasons` up to date with what customers said and with the taxonomy."""
    store = work.store
    expected = _merge_covers(work)
    taxonomy = read_taxonomy(work.project.taxonomy / TAXONOMY_FILE)

    @cache
    def load() -> Assigner:
        encoder, settings = make_reason_encoder(work.project), work.project.settings.assign
        if n_codes := len(taxonomy.codes):
            work.progress.note(f"{work.stage}: learning {n_codes} codes from their examples, which can take a minute")
        background = load_examples("background", work.project).texts
        see = SignKeeper(store, encoder).see
        return fit_assigner(taxonomy, encoder, settings, background=background, see=see)

    @cache
    def read() -> Spoken:
        return read_spoken(store)

    def make(call_ids: list[str]) -> dict[str, pa.Table]:
        spoken = read()
        rows, noted = spoken.find_rows(call_ids), [call_id for call_id in call_ids if call_id in spoken.notes]
        decided = load().decide([*spoken.list_pairs(rows), *((spoken.notes[one], spoken.notes[one]) for one in noted)])
        said, notes = decided.take(np.arange(len(rows))), decided.take(np.arange(len(rows), len(rows) + len(noted)))
        silent = [_describe_silent(one, one in spoken.heard) for one in spoken.list_silent(call_ids)]
        reasons = _fill("call_reasons", {**spoken.make_keys(rows), **said.make_columns()})
        return {
            "call_reasons": pa.concat_tables([reasons, make_table("call_reasons", silent)]),
            "note_reasons": _fill("note_reasons", {"call_id": pa.array(noted, pa.string()), **notes.make_columns()}),
        }

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
    covers: dict[str, str] = {}
    for fingerprint in reversed(work.store.current("reason_utterances")):
        covers.update(work.store.covers("reason_utterances", fingerprint))
    return covers


def _fill(name: str, columns: Mapping[str, pa.Array]) -> pa.Table:
    """Make a table of columns; those that the schema does not have are left out."""
    schema = TABLES[name].schema
    return pa.table([columns[one] for one in schema.names], names=schema.names).cast(schema)


def _describe_silent(call_id: str, is_heard: bool) -> dict[str, object]:
    return {"call_id": call_id, "utterance_index": -1, "no_code": "not_said" if is_heard else "not_heard"}


__all__ = ["WITHOUT_CODES", "Assignment", "assign_codes", "fit_assigner", "make_lessons", "run"]
