"""Choosing: how much of what was learned to keep, judged on reasons that taught nothing.

What an encoder is worth is how often the nearest other sentence of a held-out one gives the same reason.

Errors: none of its own.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.adapt.lessons import Lessons
from pipeline.adapt.speech import Speech
from pipeline.evidence import Floats, center_languages, find_means

MAX_HELD_OUT = 1500  # sentences by which strengths are compared
N_DRAWS = 1000
CERTAINTY = 0.95


@dataclass(frozen=True)
class HeldOut:
    """Sentences of reasons that taught nothing, half of them made to sound spoken."""

    texts: tuple[str, ...] = field(repr=False)
    reasons: NDArray[np.int64] = field(repr=False)


@dataclass(frozen=True)
class Gain:
    """What a change is worth: rates before and after, and the interval of the difference."""

    n: int
    before_ratio: float
    after_ratio: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Better, and not by chance."""
        return self.low > 0


def make_held_out(lessons: Lessons, speech: Speech) -> HeldOut:
    """Gather the sentences to choose by, the same share of every reason."""
    rows = [
        (text, f"{source} {reason}")
        for source, pool in sorted(lessons.pools.items())
        for reason, texts in sorted(pool.items())
        for text in texts
    ]
    step = -(-len(rows) // MAX_HELD_OUT) if rows else 1
    kept = rows[::step]
    texts = [speech.speak(text) if at % 2 else text for at, (text, _) in enumerate(kept)]
    labels = np.unique([reason for _, reason in kept], return_inverse=True)[1] if kept else np.zeros(0)
    return HeldOut(tuple(texts), labels.astype(np.int64))


def find_right(held_out: HeldOut, embeddings: Floats) -> NDArray[np.bool_]:
    """Say of each sentence whether the nearest other one gives the same reason."""
    rows = center_languages(held_out.texts, embeddings, find_means(held_out.texts, embeddings))
    likeness = rows @ rows.T
    np.fill_diagonal(likeness, -np.inf)
    right: NDArray[np.bool_] = held_out.reasons[likeness.argmax(axis=1)] == held_out.reasons
    return right


def measure_gain(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> Gain:
    """Compare what was right before and after, sentence by sentence, with a bootstrap interval."""
    from scipy.stats import bootstrap

    differences = after.astype(np.float64) - before
    low, high = bootstrap(
        (differences,), np.mean, n_resamples=N_DRAWS, method="percentile", confidence_level=CERTAINTY, rng=0
    ).confidence_interval
    return Gain(len(before), float(before.mean()), float(after.mean()), float(low), float(high))
