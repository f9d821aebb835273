"""Parts: what one recording of a call holds, taken out of a transcript and put together with others.

Errors: none of its own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipeline.sources import hash_sources
from pipeline.transcripts import Segment, Transcript

Sources = Sequence[Mapping[str, Any]]


def choose_recordings(sources: Sources) -> Sources:
    """Choose those sources that are recordings, in order."""
    return [source for source in sources if source["kind"] == "recording"]


def list_sources(transcript: Transcript) -> Sources:
    """List what a transcript was made from, as its call's row says."""
    sources: Any = transcript.metadata.get("sources")
    return list(sources or ())


def cut_recording(transcript: Transcript, sha256: str) -> Transcript | None:
    """Cut out what was heard of the recording of some content; None when it was not heard."""
    recordings = [source["sha256"] for source in choose_recordings(list_sources(transcript))]
    index = recordings.index(sha256) if sha256 in recordings else -1
    parts = tuple(part for part in transcript.parts if part.part_index == index)
    if not parts:
        return None
    dropped = tuple(one for one in transcript.dropped if one.part_index == index)
    cut = _cut_segments(transcript, lambda one: one.source == "recording" and one.part_index == index)
    return replace(cut, parts=parts, dropped=dropped)


def _cut_written(transcript: Transcript) -> Transcript:
    return replace(_cut_segments(transcript, lambda one: one.source != "recording"), parts=(), dropped=())


def _cut_segments(transcript: Transcript, is_wanted: Callable[[Segment], bool]) -> Transcript:
    places = [place for place, one in enumerate(transcript.segments) if is_wanted(one)]
    moved = {place: index for index, place in enumerate(places)}
    return replace(
        transcript,
        segments=tuple(transcript.segments[place] for place in places),
        redactions=tuple(
            replace(one, segment_index=moved[one.segment_index])
            for one in transcript.redactions
            if one.segment_index in moved
        ),
    )


def join_recordings(head: Transcript, recordings: Iterable[tuple[int, Transcript]]) -> Transcript:
    """Put recordings, each with its position in the call, behind one another; all else is as in `head`."""
    joined = replace(head, parts=(), segments=(), redactions=(), dropped=())
    for index, one in recordings:
        moved = replace(
            one,
            parts=tuple(replace(part, part_index=index) for part in one.parts),
            segments=tuple(replace(segment, part_index=index) for segment in one.segments),
            dropped=tuple(replace(stretch, part_index=index) for stretch in one.dropped),
        )
        joined = _add(joined, moved)
    return joined


def _add(joined: Transcript, one: Transcript) -> Transcript:
    n_before = len(joined.segments)
    moved = (replace(redaction, segment_index=redaction.segment_index + n_before) for redaction in one.redactions)
    return replace(
        joined,
        parts=(*joined.parts, *one.parts),
        segments=(*joined.segments, *one.segments),
        redactions=(*joined.redactions, *moved),
        dropped=(*joined.dropped, *one.dropped),
    )


def join_transcripts(transcripts: Sequence[Transcript], call_id: str, sources: Sources) -> Transcript:
    """Make one transcript of several that turned out to be of one call, its recordings in the order of its sources.

    Its stamps say what it is made from, so that only what is not in it yet is listened to or read.
    """
    recordings = choose_recordings(sources)
    cuts = [next(filter(None, (cut_recording(t, one["sha256"]) for t in transcripts)), None) for one in recordings]
    head = next((one for one in transcripts if one.parts), transcripts[0])
    joined = join_recordings(head, [(index, cut) for index, cut in enumerate(cuts) if cut])
    for one in map(_cut_written, transcripts):
        if not set(one.segments) <= set(joined.segments):  # a run that was killed may have put it there before
            joined = _add(joined, one)
    is_whole = all(cuts)
    redactors = {one.made_with.get("redactor", "") for one in transcripts}
    made_with = {
        "recordings": hash_sources(recordings) if is_whole else "",
        "redactor": redactors.pop() if len(redactors) == 1 else "",
    }
    return replace(
        joined,
        call_id=call_id,
        source_sha256=hash_sources(sources) if is_whole and _is_known(sources, transcripts) else "",
        made_with={**head.made_with, **made_with},
        metadata={**head.metadata, "call_id": call_id, "sources": list(sources)},
    )


def _is_known(sources: Sources, transcripts: Sequence[Transcript]) -> bool:
    """Say whether all sources are in one transcript or another."""
    known = {source["sha256"] for one in transcripts for source in list_sources(one)}
    return known.issuperset(source["sha256"] for source in sources)
