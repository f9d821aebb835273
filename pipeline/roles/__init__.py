"""Roles: tell customer from agent in each call and make its turns.

Reads transcripts; writes `turns` and `transcripts`. In stereo the channel map says who is who and what is said checks
it: where both disagree clearly the roles are exchanged and a warning says so. In mono, what each speaker says tells.
Text carries its roles. Where nothing tells, the role is `unknown`.
Chinese words that were misheard for others of the same sound are mended (see `homophones`).

Errors: a transcript that cannot be read is a failure of its call; the rest goes on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache, partial
from pathlib import Path

import pyarrow as pa

from pipeline.config import RolesSettings
from pipeline.encoders import Encoder, make_encoder
from pipeline.errors import InputError
from pipeline.examples import ExampleClassifier, fit_examples, load_examples
from pipeline.homophones import mend_segment
from pipeline.roles.merging import merge_segments
from pipeline.roles.summary import CallRoles, summarize
from pipeline.roles.voices import (
    Evidence,
    Voice,
    exchange_roles,
    map_channels,
    sounds_swapped,
    tell_voices,
    weigh_voices,
)
from pipeline.tables import make_table
from pipeline.transcripts import Transcript, find_transcripts, hash_transcript, read_transcript
from pipeline.turns import UNKNOWN, Turn
from pipeline.work import Failure, Outcome, Work, sync_calls

N_CALL_IDS_SHOWN = 5


def tell_roles(
    transcripts: Sequence[Transcript], settings: RolesSettings, *, encoder: Encoder, classifier: ExampleClassifier
) -> list[CallRoles]:
    """Make each transcript's turns and tell their roles."""
    mend = mend_segment if settings.mend_homophones else None
    calls = [merge_segments(transcript, mend) for transcript in transcripts]
    evidence = weigh_voices(calls, encoder, classifier)
    return [
        _assign_roles(turns, transcript, evidence[index], settings)
        for index, (turns, transcript) in enumerate(zip(calls, transcripts, strict=True))
    ]


def _assign_roles(
    turns: Sequence[Turn], transcript: Transcript, evidence: Evidence, settings: RolesSettings
) -> CallRoles:
    if not any(turn.source == "recording" for turn in turns):
        known = any(turn.role != UNKNOWN for turn in turns)
        return CallRoles(tuple(turns), "text" if known else UNKNOWN, is_swapped=False)
    roles: dict[Voice, str] = {}
    swapped = False
    mapped = False
    for part in transcript.parts:
        voices = {voice: weight for voice, weight in evidence.items() if voice[0] == part.part_index}
        by_map = map_channels(voices, settings) if part.n_channels > 1 else {}
        mapped |= bool(by_map)
        is_swapped = sounds_swapped(by_map, voices)
        swapped |= is_swapped
        roles |= exchange_roles(by_map) if is_swapped else by_map or tell_voices(voices)
    named = tuple(
        replace(turn, role=roles.get((turn.part_index, turn.channel, turn.speaker), UNKNOWN))
        if turn.source == "recording"
        else turn
        for turn in turns
    )
    told = {turn.role for turn in named if turn.source == "recording"} != {UNKNOWN}
    return CallRoles(named, ("channel_map" if mapped else "content") if told else UNKNOWN, is_swapped=swapped)


def run(work: Work) -> Outcome:
    """Bring `turns` and `transcripts` up to date with the transcript files."""
    paths = find_transcripts(work.project.transcripts)
    expected = {call_id: hash_transcript(path) for call_id, path in paths.items()}
    failures: list[Failure] = []
    swapped: list[str] = []

    @cache
    def load() -> tuple[Encoder, ExampleClassifier]:
        encoder = make_encoder(work.project)
        return encoder, fit_examples(load_examples("roles", work.project), encoder)

    make = partial(_make_tables, work, paths, load=load, failures=failures, swapped=swapped)
    outcome = sync_calls(work, ("transcripts", "turns"), expected, make)
    return replace(outcome, failures=tuple(failures), warnings=warn_swapped(swapped))


def warn_swapped(call_ids: Sequence[str]) -> tuple[str, ...]:
    """Say loudly which calls had their roles exchanged, and how to mend it."""
    if not call_ids:
        return ()
    shown = ", ".join(sorted(call_ids)[:N_CALL_IDS_SHOWN]) + (", …" if len(call_ids) > N_CALL_IDS_SHOWN else "")
    return (
        f"WARNING: customer and agent sound swapped in {len(call_ids)} stereo calls ({shown}); their roles were "
        "exchanged. Listen to one; where most calls are so, mend `channels` in section [roles] of pipeline.toml.",
    )


def _make_tables(
    work: Work,
    paths: Mapping[str, Path],
    call_ids: list[str],
    *,
    load: Callable[[], tuple[Encoder, ExampleClassifier]],
    failures: list[Failure],
    swapped: list[str],
) -> dict[str, pa.Table]:
    transcripts = []
    for call_id in call_ids:
        try:
            transcripts.append(read_transcript(paths[call_id]))
        except InputError as error:
            failures.append(Failure(work.stage, call_id, str(error)))
    settings = work.project.settings.roles
    encoder, classifier = load()
    calls = tell_roles(transcripts, settings, encoder=encoder, classifier=classifier)
    swapped.extend(call.turns[0].call_id for call in calls if call.is_swapped)
    rows = [summarize(transcript, call, settings) for transcript, call in zip(transcripts, calls, strict=True)]
    turns = [asdict(turn) for call in calls for turn in call.turns]
    return {"turns": make_table("turns", turns), "transcripts": make_table("transcripts", rows)}
