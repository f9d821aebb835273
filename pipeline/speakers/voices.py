"""Voices: how many people speak in stretches of speech, and where each one's voice lies.

Errors: none of its own.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.speakers.network import Embeddings
from pipeline.speakers.units import MAX_UNIT_S

MIN_UNIT_S = 0.8  # a shorter stretch says too little of a voice to found a speaker on
# Two halves of the speech are one voice when they are nearly equally like both centres, or alike and one of them small.
MIN_MARGIN_RATIO = 0.075  # by which a stretch is more like its own voice than like the other
ALIKE_RATIO, SMALL_RATIO = 0.84, 0.15
THIRD_VOICE_RATIO = 0.75  # a third speaker should be less like the others than this
MIN_SHARE_RATIO = 0.05  # of the speech; less is no speaker of their own


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
