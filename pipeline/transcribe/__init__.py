"""Transcribe: write down what is said in recordings, with word times, each channel apart.

Takes many recordings at once: their speech is cut into chunks, no chunk crosses a channel, and chunks of several
recordings share a batch. Recordings come back in the order they were given, each as a transcript or as a failure.

Errors: none of its own; a recording that cannot be read comes back as a failure, the rest goes on.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.audio import Audio, find_loud_channels, hold_same, read_audio
from pipeline.errors import RecordingError
from pipeline.languages import simplify
from pipeline.transcribe.chunks import HeardSound, Sound, hear_sounds
from pipeline.transcribe.echoes import find_repeated, trim_echo
from pipeline.transcribe.regions import Chunk, Region, find_regions, join_regions
from pipeline.transcribe.segments import keep_text, make_segments
from pipeline.transcribe.whisper import SpeechModel, SpeechOptions, WhisperSpeech, load_whisper
from pipeline.transcripts import Dropped, Part, Segment

__all__ = [
    "ListenSettings",
    "Recording",
    "RecordingFailure",
    "RecordingTranscript",
    "SpeechModel",
    "SpeechOptions",
    "WhisperSpeech",
    "load_whisper",
    "transcribe_recordings",
]

ROUND_SPEECH_S = 240.0  # speech that is heard together; recordings are taken until there is this much
BOTH_SIDES_RATIO = 0.6  # a channel with more speech than this, beside a silent one, holds both sides of the call

SeparateSpeakers = Callable[[Audio, Sequence[Segment]], list[Segment]]


@dataclass(frozen=True)
class Recording:
    """One recording of a call."""

    call_id: str
    part_index: int
    path: Path


@dataclass(frozen=True)
class RecordingTranscript:
    """What was heard in one recording, unredacted."""

    recording: Recording
    part: Part
    segments: tuple[Segment, ...]
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True)
class RecordingFailure:
    """A recording that could not be listened to, and why."""

    recording: Recording
    error: str


@dataclass(frozen=True)
class ListenSettings:
    """How to listen: the batch's size, Simplified characters or not, and who tells speakers apart in one channel."""

    batch_size: int = 8
    is_simplified: bool = True
    separate: SeparateSpeakers | None = None


@dataclass(frozen=True)
class Prepared:
    """A decoded recording and where its channels speak; `is_mixed` when one channel holds every speaker."""

    recording: Recording
    audio: Audio
    is_mixed: bool
    chunks: tuple[Chunk, ...] = ()
    dropped: tuple[Dropped, ...] = field(default_factory=tuple)

    @property
    def speech_s(self) -> float:
        """How much is said in it."""
        return sum(chunk.duration_s for chunk in self.chunks)


def transcribe_recordings(
    recordings: Iterable[Recording], *, model: SpeechModel, settings: ListenSettings
) -> Iterator[RecordingTranscript | RecordingFailure]:
    """Listen to recordings.

    Args:
        recordings: Any number; they are opened a few at a time, one round ahead of the listening.
        model: Turns sounds into words.
        settings: How to listen.

    Returns:
        One transcript or failure a recording, in the same order.
    """
    with ThreadPoolExecutor(max_workers=1) as executor:
        rounds = _in_rounds(recordings)
        coming = executor.submit(next, rounds, None)
        while (prepared := coming.result()) is not None:
            coming = executor.submit(next, rounds, None)
            yield from _hear_round(prepared, model, settings)


def prepare_recording(recording: Recording) -> Prepared | RecordingFailure:
    """Decode a recording and find where its channels speak."""
    try:
        audio = read_audio(recording.path)
    except RecordingError as error:
        return RecordingFailure(recording, str(error))
    channels = find_loud_channels(audio)
    is_double = len(channels) == 2 and hold_same(audio, *channels)
    if is_double:
        channels = channels[:1]
        audio = Audio(audio.samples[channels])
        channels = [0]
    return _find_speech(recording, audio, channels)


def _find_speech(recording: Recording, audio: Audio, channels: Sequence[int]) -> Prepared:
    regions = [region for channel in channels for region in find_regions(audio, channel)]
    trimmed = {region: trim_echo(audio, region) for region in regions} if len(channels) > 1 else {}
    kept = [one for region in regions if (one := trimmed.get(region, region))]
    echoes = [region for region, left in trimmed.items() if not left]
    speech_s = sum(region.duration_s for region in kept)
    is_mixed = len(channels) == 1 and (audio.n_channels == 1 or speech_s > BOTH_SIDES_RATIO * audio.duration_s)
    return Prepared(
        recording,
        audio,
        is_mixed,
        tuple(chunk for channel in channels for chunk in join_regions([one for one in kept if one.channel == channel])),
        tuple(_drop("echo", recording, region) for region in echoes),
    )


def _in_rounds(recordings: Iterable[Recording]) -> Iterator[list[Prepared | RecordingFailure]]:
    """Prepare recordings until a round is full."""
    group: list[Prepared | RecordingFailure] = []
    speech_s = 0.0
    for recording in recordings:
        prepared = prepare_recording(recording)
        group.append(prepared)
        speech_s += prepared.speech_s if isinstance(prepared, Prepared) else 0.0
        if speech_s >= ROUND_SPEECH_S:
            yield group
            group, speech_s = [], 0.0
    if group:
        yield group


def _hear_round(
    group: Sequence[Prepared | RecordingFailure], model: SpeechModel, settings: ListenSettings
) -> Iterator[RecordingTranscript | RecordingFailure]:
    sounds = [
        Sound(index, one.audio, chunk)
        for index, one in enumerate(group)
        if isinstance(one, Prepared)
        for chunk in one.chunks
    ]
    heard = hear_sounds(sounds, model=model, batch_size=settings.batch_size)
    for index, one in enumerate(group):
        if isinstance(one, RecordingFailure):
            yield one
        else:
            yield _assemble(one, [found for found in heard if found.sound.owner == index], settings)


def _assemble(prepared: Prepared, heard: Sequence[HeardSound], settings: ListenSettings) -> RecordingTranscript:
    recording = prepared.recording
    kept = [one for one in heard if not one.doubt]
    dropped = [_drop(one.doubt, recording, one.sound.chunk) for one in heard if one.doubt]
    segments = _join_channels(prepared, kept, settings)
    repeated = find_repeated(prepared.audio, segments) if prepared.audio.n_channels > 1 else set()
    dropped += [_drop("echo", recording, segments[index]) for index in sorted(repeated)]
    segments = [segment for index, segment in enumerate(segments) if index not in repeated]
    if prepared.is_mixed and settings.separate:
        segments = settings.separate(prepared.audio, segments)
    n_channels = 1 if any(segment.speaker for segment in segments) else prepared.audio.n_channels
    part = Part(recording.part_index, round(prepared.audio.duration_s, 3), n_channels)
    ordered = sorted((*prepared.dropped, *dropped), key=lambda one: one.start_s)
    return RecordingTranscript(recording, part, tuple(segments), tuple(ordered))


def _join_channels(prepared: Prepared, heard: Sequence[HeardSound], settings: ListenSettings) -> list[Segment]:
    to_text = simplify if settings.is_simplified else keep_text
    segments: list[Segment] = []
    for channel in sorted({one.sound.chunk.channel for one in heard}):
        others = [region for one in heard if one.sound.chunk.channel != channel for region in one.sound.chunk.regions]
        mine = [(one.sound.chunk, one.heard) for one in heard if one.sound.chunk.channel == channel]
        segments += make_segments(mine, others, part_index=prepared.recording.part_index, to_text=to_text)
    return sorted(segments, key=lambda segment: (segment.start_s or 0.0, segment.channel or 0))


def _drop(reason: str, recording: Recording, where: Chunk | Region | Segment) -> Dropped:
    start_s, end_s = where.start_s or 0.0, where.end_s or 0.0
    return Dropped(reason, recording.part_index, where.channel, round(start_s, 2), round(end_s, 2))
