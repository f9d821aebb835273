"""Regions: where somebody speaks in a channel, and how regions are joined into what the speech model hears at once.

Silero's voice detector, which comes with faster-whisper, looks at ten minutes at a time, so that an hour needs no more
memory than ten minutes. A chunk is an unbroken stretch of one channel that mostly is one turn: what somebody says with
short pauses in between. Speech from both sides of a long pause is not spliced: the model then leaves words out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.audio import SAMPLE_RATE_HZ, Audio, Signal, to_signal

BLOCK_S = 600.0  # looked at at a time
THRESHOLD_RATIO = 0.3  # voice probability from which speech begins: low, for clipped and distorted lines
END_RATIO = 0.15  # and below which it ends
MIN_SILENCE_MS = 300  # a shorter pause does not part two regions
PAD_MS = 300  # kept before and after each region
MAX_PAUSE_S = 3.0  # a longer one parts two chunks
MAX_CHUNK_S = 20.0
VAD_SAMPLES = 512  # the detector's window


@dataclass(frozen=True)
class Region:
    """An unbroken stretch of speech in one channel."""

    channel: int
    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """How long it is."""
        return self.end_s - self.start_s


@dataclass(frozen=True)
class Chunk:
    """Regions of one channel, in order, that the speech model hears as one."""

    regions: tuple[Region, ...]

    @property
    def channel(self) -> int:
        """Whose channel it is."""
        return self.regions[0].channel

    @property
    def start_s(self) -> float:
        """Where it starts in the recording."""
        return self.regions[0].start_s

    @property
    def end_s(self) -> float:
        """Where it ends in the recording."""
        return self.regions[-1].end_s

    @property
    def duration_s(self) -> float:
        """How long it is, pauses included."""
        return self.end_s - self.start_s


def find_regions(audio: Audio, channel: int) -> list[Region]:
    """Find where somebody speaks in one channel."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(
        threshold=THRESHOLD_RATIO,
        neg_threshold=END_RATIO,
        min_silence_duration_ms=MIN_SILENCE_MS,
        speech_pad_ms=PAD_MS,
        max_speech_duration_s=MAX_CHUNK_S,
    )
    found = [
        Region(channel, start_s + one["start"] / SAMPLE_RATE_HZ, start_s + one["end"] / SAMPLE_RATE_HZ)
        for start_s, block in _in_blocks(audio, channel)
        for one in get_speech_timestamps(block, options)
    ]
    return [region for region in found if region.duration_s > 0]


def join_regions(regions: Sequence[Region]) -> list[Chunk]:
    """Join a channel's regions, in order, into chunks."""
    groups: list[list[Region]] = []
    for region in regions:
        if groups and region.start_s - groups[-1][-1].end_s <= MAX_PAUSE_S:
            groups[-1].append(region)
        else:
            groups.append([region])
    return [Chunk(tuple(part)) for group in groups for part in _cut_long(group)]


def cut_chunk(audio: Audio, chunk: Chunk) -> Signal:
    """Cut a chunk's sound out of its recording."""
    return audio.cut(chunk.channel, chunk.start_s, chunk.end_s)


def _cut_long(group: Sequence[Region]) -> list[Sequence[Region]]:
    """Cut a group that is too long at its longest pause, and its parts again while they are."""
    if len(group) == 1 or group[-1].end_s - group[0].start_s <= MAX_CHUNK_S:
        return [group]
    pauses = [after.start_s - before.end_s for before, after in pairwise(group)]
    middle_s = (group[0].start_s + group[-1].end_s) / 2
    longest = max(pauses)
    nearly = [index for index, pause_s in enumerate(pauses, start=1) if pause_s >= longest / 2]
    at = min(nearly, key=lambda index: abs(group[index].start_s - middle_s))
    return _cut_long(group[:at]) + _cut_long(group[at:])


def find_voice_ratio(signal: Signal) -> float:
    """Find the share of a sound in which there is a voice."""
    from faster_whisper.vad import get_vad_model

    padded = np.pad(signal, (0, -len(signal) % VAD_SAMPLES))
    return float((get_vad_model()(padded) >= THRESHOLD_RATIO).mean()) if len(padded) else 0.0


def _in_blocks(audio: Audio, channel: int) -> Iterator[tuple[float, Signal]]:
    size = int(BLOCK_S * SAMPLE_RATE_HZ)
    for start in range(0, audio.samples.shape[1], size):
        yield start / SAMPLE_RATE_HZ, to_signal(audio.samples[channel, start : start + size])
