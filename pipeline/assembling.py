"""Assembling: one transcript of a call, of what was heard of it now or before and of what was written.

Errors: InputError when what was written is no longer there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline.config import Project
from pipeline.parts import cut_recording, join_recordings
from pipeline.redact import Redactor
from pipeline.sources import TextSource, hash_sources, read_text_segments
from pipeline.transcribe import RecordingFailure, RecordingTranscript
from pipeline.transcripts import Transcript, read_transcript


@dataclass(frozen=True)
class Call:
    """A call that there is something to hear or read of."""

    call_id: str
    started_at: datetime
    contact_channel: str
    sources: tuple[TextSource, ...]
    metadata: Mapping[str, object]

    @property
    def recordings(self) -> tuple[TextSource, ...]:
        """Its recordings, in order."""
        return tuple(source for source in self.sources if source["kind"] == "recording")


@dataclass(frozen=True)
class Listener:
    """What transcripts are made with."""

    project: Project
    redactor: Redactor
    speech_model: str
    settings: str


def find_heard(call: Call, path: Path | None) -> Transcript | None:
    """Find what was heard of a call, when all that changed is what was written: a survey's comment that came later."""
    transcript = read_transcript(path) if path and call.recordings else None
    if transcript is None or transcript.made_with.get("recordings") != hash_sources(call.recordings):
        return None
    segments = tuple(segment for segment in transcript.segments if segment.source == "recording")
    redactions = tuple(one for one in transcript.redactions if one.segment_index < len(segments))
    return replace(transcript, segments=segments, redactions=redactions)


def find_kept(call: Call, path: Path | None, failed: Sequence[RecordingFailure]) -> dict[int, Transcript]:
    """Find what was heard before of recordings that cannot be heard now, by their position in the call."""
    transcript = read_transcript(path) if path and failed else None
    if transcript is None:
        return {}
    places = [one.recording.part_index for one in failed]
    cuts = {at: cut_recording(transcript, str(call.recordings[at]["sha256"])) for at in places}
    return {at: cut for at, cut in cuts.items() if cut}


def join_heard(
    listener: Listener, call: Call, parts: Sequence[RecordingTranscript], kept: Mapping[int, Transcript]
) -> Transcript:
    """Put what was heard of a call's recordings, now or before, into one transcript, what is new unredacted."""
    is_whole = len(parts) + len(kept) == len(call.recordings)
    head = Transcript(
        call_id=call.call_id,
        started_at="",
        contact_channel=call.contact_channel,
        source_sha256="",
        made_with={
            "speech_model": listener.speech_model if parts else "",
            "settings": listener.settings if parts else "",
            "recordings": hash_sources(call.recordings) if is_whole else "",
        },
    )
    heard = {
        one.part.part_index: replace(head, parts=(one.part,), segments=one.segments, dropped=one.dropped)
        for one in parts
    }
    return join_recordings(head, sorted((heard | dict(kept)).items()))


def add_written(listener: Listener, call: Call, heard: Transcript) -> Transcript:
    """Add to what was heard of a call what was written of it, and the call's row of `calls`."""
    written = [source for source in call.sources if source["kind"] != "recording"]
    texts = tuple(segment for source in written for segment in read_text_segments(listener.project, source))
    started_at = call.started_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return replace(
        heard,
        started_at=started_at,
        contact_channel=call.contact_channel,
        source_sha256=hash_sources(call.sources),
        segments=(*heard.segments, *texts),
        made_with={**heard.made_with, "redactor": listener.redactor.name},
        metadata={**call.metadata, "started_at": started_at},
    )
