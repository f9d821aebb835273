"""Redact: replace what names a person by its type, in both languages, before anything is written.

Reads texts and segments; gives back the same with placeholders such as [PHONE], and what was replaced and where, never
the value; `pipeline.redact.candidates` lists the types. Listening redacts before it writes a transcript. The stage
redacts again, over the redacted words, the transcripts that another redactor made: what that one ate comes back only
from the recording.

Errors: SettingsError for a type that there is not; ModelError when the English entity model cannot be had.
Source: recognisers run in presidio's analyzer; check digits follow ISO 7812 (Luhn) and GB 11643.
"""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.errors import CallReasonsError
from pipeline.redact.asked import find_asked
from pipeline.redact.redactor import Entity, Redacted, Redactor, make_redactor, name_redactor
from pipeline.redact.segments import redact_segments
from pipeline.transcripts import Transcript, find_transcripts, read_transcript, write_transcript
from pipeline.work import Failure, Outcome, Work

__all__ = [
    "Entity",
    "Redacted",
    "Redactor",
    "apply_redaction",
    "describe_entities",
    "find_asked",
    "make_redactor",
    "name_redactor",
    "redact_segments",
    "redact_transcript",
    "run",
]


def apply_redaction(texts: Sequence[str], redactor: Redactor) -> list[Redacted]:
    """Redact texts that have nothing to do with each other, in order."""
    return [redactor.redact(text) for text in texts]


def describe_entities(redacted: Redacted) -> list[dict[str, str | int]]:
    """Describe what was replaced: each placeholder's type, start and end in the redacted text."""
    return [
        {"type": entity.type, "start": entity.replacement_start, "end": entity.replacement_end}
        for entity in redacted.entities
    ]


def redact_transcript(transcript: Transcript, redactor: Redactor) -> Transcript:
    """Redact a transcript again: what is found anew joins what an older redactor found."""
    segments, found = redact_segments(transcript.segments, redactor)
    redactions = sorted(
        (*transcript.redactions, *found), key=lambda one: (one.segment_index, one.start_s or 0.0, one.end_s or 0.0)
    )
    made_with = {**transcript.made_with, "redactor": redactor.name}
    return replace(transcript, segments=segments, redactions=tuple(redactions), made_with=made_with)


def run(work: Work) -> Outcome:
    """Redact again every transcript that another redactor made."""
    settings = work.project.settings
    redactor = make_redactor(settings.redact, settings.project.languages, models=settings.models)
    folder, n_done, failures = work.project.transcripts, 0, list[Failure]()
    paths = find_transcripts(folder)
    for call_id in work.progress.track(list(paths), total=len(paths), label=work.stage):
        try:
            transcript = read_transcript(paths[call_id])
            if transcript.made_with.get("redactor") != redactor.name:
                write_transcript(folder, redact_transcript(transcript, redactor))
                n_done += 1
        except CallReasonsError as error:
            failures.append(Failure(work.stage, call_id, str(error)))
    return Outcome(n_done=n_done, n_kept=len(paths) - n_done - len(failures), failures=tuple(failures))
