"""Speakers: tell who speaks in a mono recording, by how they sound.

Each short stretch of speech becomes a voice embedding (a GE2E network, three LSTM layers); stretches that sound alike
are one speaker, S0, S1, … in order of appearance. Two speakers are assumed unless the voices clearly say otherwise.

Errors: ModelError when the speaker model cannot be had.
Source: Wan et al., Generalized End-to-End Loss for Speaker Verification, 2018; weights and features as in Resemblyzer.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.audio import Audio
from pipeline.config import ModelSettings
from pipeline.models import fetch_model
from pipeline.speakers.network import WINDOW_S, Embed, load_voices
from pipeline.speakers.units import Unit, cut_units, relabel
from pipeline.speakers.voices import find_voices
from pipeline.transcripts import Segment, Word

# Likeness that a change of speaker has to overcome, after a pause and within a breath.
PAUSE_COST, BREATH_COST = 0.1, 0.4


def load_separator(
    settings: ModelSettings, *, max_speakers: int
) -> Callable[[Audio, Sequence[Segment]], list[Segment]]:
    """Make a function that labels the speakers of a recording; its model is loaded with the first one."""

    def separate(audio: Audio, segments: Sequence[Segment]) -> list[Segment]:
        embed = load_voices(fetch_model(settings.speaker, settings))
        return separate_speakers(audio, segments, embed, max_speakers=max_speakers)

    return separate


def separate_speakers(audio: Audio, segments: Sequence[Segment], embed: Embed, *, max_speakers: int) -> list[Segment]:
    """Label who speaks, and cut segments where the speaker changes.

    Args:
        audio: The recording.
        segments: Of one channel, with words.
        embed: Turns stretches of speech into voice embeddings.
        max_speakers: No more are looked for.
    """
    units = cut_units(segments)
    if not units:
        return list(segments)
    channel = segments[0].channel or 0
    embeddings = embed([audio.cut(channel, unit.start_s, max(unit.end_s, unit.start_s + 0.1)) for unit in units])
    voices = find_voices(embeddings, np.array([unit.end_s - unit.start_s for unit in units]), max_speakers=max_speakers)
    spans = [_find_span(unit, word) for unit in units for word in unit.words]
    likenesses = embed([audio.cut(channel, *span) for span in spans]) @ voices.T if len(voices) > 1 else None
    labels = _smooth(likenesses, _find_change_costs(units)) if likenesses is not None else [0] * len(spans)
    return relabel(segments, units, labels)


def _find_span(unit: Unit, word: Word) -> tuple[float, float]:
    """Find the stretch that tells who says a word: a window around it, inside its unit where that is long enough."""
    middle_s = (word.start_s + word.end_s) / 2
    start_s = min(max(middle_s - WINDOW_S / 2, unit.start_s), max(unit.start_s, unit.end_s - WINDOW_S))
    return start_s, max(start_s + 0.1, min(start_s + WINDOW_S, unit.end_s))


def _find_change_costs(units: Sequence[Unit]) -> NDArray[np.float64]:
    """Say what a change of speaker before each word costs: little after a pause, more within a breath."""
    costs = [PAUSE_COST if index == 0 else BREATH_COST for unit in units for index in range(len(unit.words))]
    return np.array(costs)


def _smooth(likenesses: NDArray[np.float32], costs: NDArray[np.float64]) -> list[int]:
    """Find the likeliest sequence of voices, S0 the first; likenesses of shape (n_words, n_voices)."""
    n_words, n_voices = likenesses.shape
    is_change = 1 - np.eye(n_voices)
    best, back = likenesses[0].astype(np.float64), np.zeros((n_words, n_voices), dtype=int)
    for index in range(1, n_words):
        options = best[:, None] - costs[index] * is_change
        back[index] = options.argmax(axis=0)
        best = options.max(axis=0) + likenesses[index]
    labels = [int(best.argmax())]
    for index in range(n_words - 1, 0, -1):
        labels.append(int(back[index][labels[-1]]))
    labels.reverse()
    order = {label: position for position, label in enumerate(dict.fromkeys(labels))}
    return [order[label] for label in labels]
