"""Speakers: tell who speaks in a mono recording, by how they sound.

Each short stretch of speech becomes a voice embedding (a GE2E network, three LSTM layers); stretches that sound alike
are one speaker, S0, S1, … in order of appearance. Two speakers are assumed unless the voices clearly say otherwise.

Errors: ModelError when the speaker model cannot be had.
Source: Wan et al., Generalized End-to-End Loss for Speaker Verification, 2018; weights and features as in Resemblyzer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.audio import SAMPLE_RATE_HZ, Audio, Signal
from pipeline.config import ModelSettings
from pipeline.errors import ModelError
from pipeline.models import fetch_model
from pipeline.transcripts import Segment, Word

WEIGHTS_FILE = "pretrained.pt"
N_MELS, N_FFT, HOP_SAMPLES = 40, 400, 160  # 25 ms every 10 ms
HIDDEN_SIZE, N_LAYERS = 256, 3
WINDOW_S, STEP_S = 1.6, 0.4  # the network was trained on windows of this length
LOUDNESS = 10 ** (-30 / 20)  # of full scale, to which quieter speech is raised
UNIT_GAP_S = 0.2  # a pause within which speakers may change
MAX_UNIT_S = 6.0
MIN_UNIT_S = 0.8  # a shorter stretch says too little of a voice to found a speaker on
SENTENCE_ENDS = (".", "?", "!", "。", "？", "！")
# Two halves of the speech are one voice when they are nearly equally like both centres, or alike and one of them small.
MIN_MARGIN_RATIO = 0.075  # by which a stretch is more like its own voice than like the other
ALIKE_RATIO, SMALL_RATIO = 0.84, 0.15
THIRD_VOICE_RATIO = 0.75  # a third speaker should be less like the others than this
MIN_SHARE_RATIO = 0.05  # of the speech; less is no speaker of their own
PAUSE_COST, BREATH_COST = (
    0.1,
    0.4,
)  # likeness that a change of speaker has to overcome, after a pause and within a breath

Embeddings = NDArray[np.float32]
Embed = Callable[[Sequence[Signal]], Embeddings]


@dataclass(frozen=True)
class Unit:
    """Words of one segment between two pauses, spoken by one person."""

    segment_index: int
    words: tuple[Word, ...]

    @property
    def start_s(self) -> float:
        """When its first word starts."""
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        """When its last word ends."""
        return self.words[-1].end_s


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
    return _relabel(segments, units, labels)


def cut_units(segments: Sequence[Segment]) -> list[Unit]:
    """Cut segments into stretches within which the speaker is taken to be the same."""
    units: list[Unit] = []
    for index, segment in enumerate(segments):
        start = 0
        for position in range(1, len(segment.words) + 1):
            if position == len(segment.words) or _may_change(segment.words[start:position], segment.words[position]):
                units.append(Unit(index, segment.words[start:position]))
                start = position
    return units


def find_voices(embeddings: Embeddings, durations: NDArray[np.float64], *, max_speakers: int) -> Embeddings:
    """Find the voices in stretches of speech.

    Args:
        embeddings: Shape (n, dim), unit length.
        durations: Seconds of each.
        max_speakers: No more are looked for.

    Returns:
        The centre of each voice, shape (n_voices, dim), unit length.
    """
    long = np.flatnonzero(durations >= MIN_UNIT_S)
    founders = long if len(long) >= 2 else np.arange(len(durations))
    return _find_voices(embeddings[founders], durations[founders], max_speakers)


def _find_voices(embeddings: Embeddings, durations: NDArray[np.float64], max_speakers: int) -> Embeddings:
    """Find the voices' centres, one a speaker; two unless they are one, more only where they clearly differ."""
    voices = _centre(embeddings, durations, np.zeros(len(embeddings), dtype=int))
    for n_voices in range(2, min(max_speakers, len(embeddings)) + 1):
        found = _cluster(embeddings, durations, n_voices)
        if len(found) < n_voices:
            break
        is_more = _are_two(embeddings, durations, found) if n_voices == 2 else _find_likeness(found) < THIRD_VOICE_RATIO
        if not is_more:
            break
        voices = found
    return voices


def _are_two(embeddings: Embeddings, durations: NDArray[np.float64], centres: Embeddings) -> bool:
    """Say whether two centres are two people."""
    similarities = embeddings @ centres.T
    margin = float(np.abs(similarities[:, 0] - similarities[:, 1]).mean())
    first = similarities.argmax(axis=1) == 0
    share = float(durations[first].sum() / durations.sum())
    is_small = min(share, 1 - share) < SMALL_RATIO
    return margin >= MIN_MARGIN_RATIO and not (is_small and _find_likeness(centres) > ALIKE_RATIO)


def _find_likeness(centres: Embeddings) -> float:
    """Find how alike the two most alike centres are."""
    return float((centres @ centres.T)[np.triu_indices(len(centres), 1)].max())


def _cluster(embeddings: Embeddings, durations: NDArray[np.float64], n_voices: int) -> Embeddings:
    """Find so many voices' centres; fewer when one would have next to nothing to say."""
    from sklearn.cluster import AgglomerativeClustering

    labels = np.asarray(AgglomerativeClustering(n_clusters=n_voices, linkage="ward").fit_predict(embeddings))
    for _ in range(10):  # k-means on the sphere mends what the tree cut early
        again = (embeddings @ _centre(embeddings, durations, labels).T).argmax(axis=1)
        if (again == labels).all():
            break
        labels = again
    shares = np.array([durations[labels == label].sum() for label in np.unique(labels)]) / durations.sum()
    kept: Embeddings = _centre(embeddings, durations, labels)[shares >= MIN_SHARE_RATIO]
    return kept


def _centre(embeddings: Embeddings, durations: NDArray[np.float64], labels: NDArray[np.int_]) -> Embeddings:
    weights = np.minimum(durations, MAX_UNIT_S)[:, None]
    sums = [(embeddings * weights)[labels == label].sum(axis=0) for label in np.unique(labels)]
    return np.stack([one / max(float(np.linalg.norm(one)), 1e-9) for one in sums]).astype(np.float32)


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


def _may_change(before: Sequence[Word], word: Word) -> bool:
    last = before[-1]
    return (
        word.start_s - last.end_s >= UNIT_GAP_S
        or last.text.endswith(SENTENCE_ENDS)
        or word.end_s - before[0].start_s > MAX_UNIT_S
    )


def _relabel(segments: Sequence[Segment], units: Sequence[Unit], labels: Sequence[int]) -> list[Segment]:
    """Cut segments where the label of their words changes."""
    words = [(unit.segment_index, word) for unit in units for word in unit.words]
    made: list[Segment] = []
    pairs = zip(words, labels, strict=True)
    for (index, label), group in groupby(pairs, key=lambda pair: (pair[0][0], pair[1])):
        made.append(_cut_segment(segments[index], tuple(word for (_, word), _ in group), f"S{label}"))
    return made


def _cut_segment(segment: Segment, words: tuple[Word, ...], speaker: str) -> Segment:
    """Cut these words out of a segment, with its text as it was written between them."""
    if len(words) == len(segment.words):
        return replace(segment, speaker=speaker)
    ends = find_word_ends(segment)
    first = segment.words.index(words[0])
    start = ends[first - 1] if first else 0
    text = segment.text[start : ends[first + len(words) - 1]].strip()
    return replace(segment, text=text, speaker=speaker, start_s=words[0].start_s, end_s=words[-1].end_s, words=words)


def find_word_ends(segment: Segment) -> list[int]:
    """Find where each word ends in its segment's text."""
    ends, position = [], 0
    for word in segment.words:
        found = segment.text.find(word.text, position)
        position = (found if found >= 0 else position) + len(word.text)
        ends.append(min(position, len(segment.text)))
    return ends


@lru_cache(maxsize=1)
def load_voices(folder: Path) -> Embed:
    """Load the network that turns speech into voice embeddings.

    Raises:
        ModelError: The folder does not hold its weights.
    """
    import torch

    try:
        weights = torch.load(folder / WEIGHTS_FILE, map_location="cpu", weights_only=True)["model_state"]
        lstm = torch.nn.LSTM(N_MELS, HIDDEN_SIZE, N_LAYERS, batch_first=True)
        linear = torch.nn.Linear(HIDDEN_SIZE, HIDDEN_SIZE)
        lstm.load_state_dict(_take(weights, "lstm."))
        linear.load_state_dict(_take(weights, "linear."))
    except (OSError, RuntimeError, KeyError, ValueError):
        raise ModelError(
            f"'{folder}' holds no speaker model. Fetch it again with `callreasons models fetch`."
        ) from None
    return lambda sounds: _embed(sounds, lstm.eval(), linear.eval())


def _take(weights: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}


def _embed(sounds: Sequence[Signal], lstm: Any, linear: Any) -> Embeddings:  # noqa: ANN401
    """Embed each sound: the mean over its windows, unit length."""
    import torch

    windows = [_cut_windows(_find_mels(sound)) for sound in sounds]
    made = []
    with torch.inference_mode():
        for batch in np.array_split(np.concatenate(windows), max(1, sum(map(len, windows)) // 64)):
            _, (hidden, _) = lstm(torch.from_numpy(batch))
            made.append(torch.nn.functional.normalize(torch.relu(linear(hidden[-1])), dim=1).numpy())
    ends = np.cumsum([len(one) for one in windows])[:-1]
    means = np.stack([one.mean(axis=0) for one in np.split(np.concatenate(made), ends)])
    embeddings: Embeddings = (means / np.linalg.norm(means, axis=1, keepdims=True)).astype(np.float32)
    return embeddings


def _find_mels(sound: Signal) -> NDArray[np.float32]:
    """Find a sound's mel spectrogram, shape (n_frames, 40); not its logarithm: the network was trained so."""
    from faster_whisper.feature_extractor import FeatureExtractor

    loudness = float(np.sqrt(np.mean(sound * sound))) if len(sound) else 0.0
    raised = sound * max(1.0, LOUDNESS / max(loudness, 1e-6))
    padded = np.pad(raised, N_FFT // 2)
    padded = np.pad(padded, (0, max(0, N_FFT - len(padded))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP_SAMPLES]
    power = np.abs(np.fft.rfft(frames * np.hanning(N_FFT + 1)[:-1], axis=1)) ** 2
    filters = FeatureExtractor.get_mel_filters(SAMPLE_RATE_HZ, N_FFT, n_mels=N_MELS)
    mels: NDArray[np.float32] = (power @ filters.T).astype(np.float32)
    return mels


def _cut_windows(mels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cut a spectrogram into overlapping windows; a short one is repeated until it fills a window."""
    size, step = round(WINDOW_S * 100), round(STEP_S * 100)
    if len(mels) < size:
        mels = np.tile(mels, (-(-size // len(mels)), 1))[:size]
    starts = range(0, len(mels) - size + 1, step)
    return np.stack([mels[start : start + size] for start in starts])
