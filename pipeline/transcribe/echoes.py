"""Echoes: one side of a call heard faintly in the other side's channel, which would count the same words twice.

Sound that leaks is the other channel's own sound, later and weaker: the two correlate at some lag. Two people who speak
at once do not, however loud. What slips through is seen by its words: the same ones, at the same time, weaker.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.audio import SAMPLE_RATE_HZ, Audio, Signal
from pipeline.languages import WORD
from pipeline.transcribe.regions import Region
from pipeline.transcripts import Segment

WINDOW_S = 0.5
MARGIN_S = 0.2  # kept around what is left
THINNING = 2  # a telephone line carries nothing above 4 kHz
MAX_LAG_S = 0.25  # a telephone line's echo comes sooner
WEAKER_RATIO = 0.25  # of the other channel's energy, 6 dB
MIN_CORRELATION = 0.5
MIN_ECHO_RATIO = 0.8  # of a region's windows
MIN_SAME_RATIO = 0.7  # of a segment's words
MIN_SAME_WORDS = 3


def trim_echo(audio: Audio, region: Region) -> Region | None:
    """Cut what leaked from another channel off a region's ends; nothing is left of a region that is an echo."""
    starts = np.arange(region.start_s, max(region.start_s + WINDOW_S, region.end_s - WINDOW_S / 2), WINDOW_S).tolist()
    others = [channel for channel in range(audio.n_channels) if channel != region.channel]
    leaks = [any(_leaks(audio, region.channel, other, start_s) for other in others) for start_s in starts]
    if not any(leaks):
        return region
    energies = [_energy(audio.cut(region.channel, start_s, start_s + WINDOW_S)) for start_s in starts]
    loudest_echo = max(energy for energy, is_leak in zip(energies, leaks, strict=True) if is_leak)
    own = [at for at, is_leak in enumerate(leaks) if not is_leak and energies[at] > loudest_echo / 2]
    if not own or np.mean(leaks) >= MIN_ECHO_RATIO:
        return None
    start_s = region.start_s if own[0] == 0 else starts[own[0]] - MARGIN_S
    end_s = region.end_s if own[-1] == len(starts) - 1 else starts[own[-1]] + WINDOW_S + MARGIN_S
    return replace(region, start_s=max(region.start_s, start_s), end_s=min(region.end_s, end_s))


def find_repeated(audio: Audio, segments: Sequence[Segment]) -> set[int]:
    """Find the segments whose words another channel says louder at the same time, by position."""
    return {
        index
        for index, one in enumerate(segments)
        for other in segments
        if one.channel != other.channel
        and _overlap(one, other)
        and _repeats(one, other)
        and _is_weaker(audio, one, other)
    }


def _leaks(audio: Audio, channel: int, other: int, start_s: float) -> bool:
    weak = audio.cut(channel, start_s, start_s + WINDOW_S)
    loud = audio.cut(other, start_s - MAX_LAG_S, start_s + WINDOW_S)
    loud = np.pad(loud, (max(0, len(weak) + round(MAX_LAG_S * SAMPLE_RATE_HZ) - len(loud)), 0))
    weak_energy, loud_energy = _energy(weak), _energy(loud[-len(weak) :])
    if not weak_energy or weak_energy > WEAKER_RATIO * loud_energy:
        return False
    return _find_correlation(weak[::THINNING], loud[::THINNING]) >= MIN_CORRELATION


def _find_correlation(weak: Signal, loud: Signal) -> float:
    """Find the greatest correlation of a window with an earlier or equal stretch of the other channel."""
    from scipy.signal import correlate

    n_lags = len(loud) - len(weak) + 1
    if n_lags < 1:
        return 0.0
    products = np.abs(correlate(loud, weak, mode="valid"))
    sums = np.concatenate([[0.0], np.cumsum(loud.astype(np.float64) ** 2)])
    energies = sums[len(weak) :] - sums[:n_lags]
    return float((products / np.sqrt(np.maximum(energies, 1e-9) * float(np.dot(weak, weak)))).max())


def _energy(signal: Signal) -> float:
    return float(np.mean(signal * signal)) if len(signal) else 0.0


def _overlap(one: Segment, other: Segment) -> bool:
    shared_s = min(one.end_s or 0.0, other.end_s or 0.0) - max(one.start_s or 0.0, other.start_s or 0.0)
    return shared_s >= ((one.end_s or 0.0) - (one.start_s or 0.0)) / 2


def _repeats(one: Segment, other: Segment) -> bool:
    words, others = (Counter(WORD.findall(segment.text.lower())) for segment in (one, other))
    return words.total() >= MIN_SAME_WORDS and (words & others).total() >= MIN_SAME_RATIO * words.total()


def _is_weaker(audio: Audio, one: Segment, other: Segment) -> bool:
    start_s, end_s = one.start_s or 0.0, one.end_s or 0.0
    weak, loud = (_energy(audio.cut(segment.channel or 0, start_s, end_s)) for segment in (one, other))
    return weak < loud
