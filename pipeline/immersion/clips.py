"""Clips: stretches cut from a recording with everything muted that was redacted, both sides in one track.

What was redacted on one channel is muted on all, since voices leak from one into the other. Word times are not exact,
so a little around each span goes too. A span whose word times are not known is its whole segment. What was left out of
the transcript as invented is muted on its channel: nobody knows what was said there.

Errors: RecordingError for a recording that is not the one that was listened to, or cannot be read; InputError for a
transcript that cannot be read.
"""

from collections import Counter
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.audio import SAMPLE_RATE_HZ, Audio, Samples, hash_content, make_flac, read_audio
from pipeline.errors import RecordingError
from pipeline.redact.candidates import TYPE_MARK
from pipeline.report.recordings import Recording
from pipeline.tables import write_atomically
from pipeline.transcripts import Segment, Transcript

MARGIN_S = 0.25  # muted before and after each span
LEAKED = "echo"  # a dropped stretch whose words stand in the other channel's segments


@dataclass(frozen=True)
class Mute:
    """A stretch of a part to mute, on one channel or, with None, on all."""

    channel: int | None
    start_s: float
    end_s: float


def find_mutes(transcript: Transcript, part_index: int) -> tuple[Mute, ...]:
    """Find what to mute in one part of a call."""
    spoken = [
        (index, segment)
        for index, segment in enumerate(transcript.segments)
        if segment.source == "recording" and segment.part_index == part_index
    ]
    by_index = dict(spoken)
    mutes = [
        _mute(by_index[one.segment_index], one.start_s, one.end_s)
        for one in transcript.redactions
        if one.segment_index in by_index
    ]
    n_known = Counter(one.segment_index for one in transcript.redactions)
    mutes += [
        _mute(segment, None, None) for index, segment in spoken if len(TYPE_MARK.findall(segment.text)) > n_known[index]
    ]
    n_channels = next((one.n_channels for one in transcript.parts if one.part_index == part_index), 1)
    mutes += [
        Mute(one.channel if n_channels > 1 else None, one.start_s, one.end_s)
        for one in transcript.dropped
        if one.part_index == part_index and one.reason != LEAKED
    ]
    return tuple(mutes)


def _mute(segment: Segment, start_s: float | None, end_s: float | None) -> Mute:
    """Mute a span with its margin; the whole segment where the span has no seconds."""
    if start_s is None or end_s is None:
        start_s, end_s = segment.start_s, segment.end_s
    if start_s is None or end_s is None:
        return Mute(None, 0.0, inf)
    return Mute(None, start_s - MARGIN_S, end_s + MARGIN_S)


def cut_clip(audio: Audio, mutes: tuple[Mute, ...], start_s: float, end_s: float) -> Samples:
    """Cut a stretch out of a recording, muted, its channels mixed; samples of shape (n,)."""
    n_samples = audio.samples.shape[1]
    first, last = (min(max(0, round(at_s * SAMPLE_RATE_HZ)), n_samples) for at_s in (start_s, end_s))
    cut = audio.samples[:, first:last].astype(np.int32)
    for mute in mutes:
        start, end = (
            round(min(max(at_s * SAMPLE_RATE_HZ - first, 0), last - first)) for at_s in (mute.start_s, mute.end_s)
        )
        cut[slice(None) if mute.channel is None else mute.channel, start:end] = 0
    mixed: Samples = (cut.sum(axis=0) // audio.n_channels).astype(np.int16)
    return mixed


def _list_heard(transcript: Transcript) -> list[object]:
    """List the SHA-256 of each part as it was listened to; the call may have another recording by now."""
    sources: Any = transcript.metadata.get("sources") or ()
    return [one["sha256"] for one in sources if one["kind"] == "recording"]


def write_clip(path: Path, recording: Recording, transcript: Transcript, start_s: float, end_s: float) -> None:
    """Cut one clip into a FLAC file.

    Raises:
        RecordingError: The recording cannot be read, or is not the one that the transcript was made from.
    """
    if hash_content(recording.path) not in _list_heard(transcript)[recording.part_index :][:1]:
        raise RecordingError("The recording is not the one that was listened to. Run `callreasons run` first.")
    mutes = find_mutes(transcript, recording.part_index)
    write_atomically(path, make_flac(cut_clip(read_audio(recording.path), mutes, start_s, end_s)))
