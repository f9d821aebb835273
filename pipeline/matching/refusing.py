"""Refusing: how sure a score makes us, and when no code fits, learned from the taxonomy's own examples.

Each example is judged as if it had never been seen: that is how a sentence looks that fits a code. Then each is judged
as if its whole code did not exist: that is how a sentence looks that fits none.

Errors: none of its own. With too few examples to learn from, general values count.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.evidence import Floats
from pipeline.matching.likeness import Positions
from pipeline.matching.regression import Matcher, Scores

# General values, found on public bank requests and invented ones, and how many examples they count for.
GENERAL_THRESHOLD = 0.27
GENERAL_WEIGHT = 20.0
# The share of a code's own sentences that may be refused, and of another's that surely must be.
LOST_RATIO = 0.03
FOREIGN_RATIO = 0.75
# How sharply certainty rises with fit, per standard deviation of the fit of examples.
STEEPNESS = 2.0
MAX_JUDGED = 2000  # examples judged unseen; more would not change the outcome


@dataclass(frozen=True)
class Judge:
    """Turns scores into certainty: `threshold` is the fit at which a code is as likely as none."""

    threshold: float
    spread: float
    temperature: float

    def judge_fits(self, scores: Scores) -> Floats:
        """Say how surely each sentence fits any code, 0 to 1, shape (n,)."""
        fits: Floats = 1.0 / (1.0 + np.exp(-STEEPNESS * (scores.fit - self.threshold) / self.spread))
        return fits

    def judge_codes(self, scores: Scores) -> Floats:
        """Say how probable each code is if one fits, shape (n, n_codes); rows sum to 1."""
        powers = np.exp((scores.odds - scores.odds.max(axis=1, keepdims=True)) / self.temperature)
        ratios: Floats = powers / powers.sum(axis=1, keepdims=True)
        return ratios


def fit_judge(matcher: Matcher) -> Judge:
    """Learn from the matcher's own lessons."""
    targets, asked = matcher.lessons.targets, (matcher.lessons.asked > 0).astype(np.float32)
    n_siblings = asked @ asked.sum(axis=0) - 1
    judged = _thin(np.flatnonzero(asked.any(axis=1)))
    alone = [one for one in judged if n_siblings[one] > 0]
    unseen = matcher.score_unseen({int(one): np.array([one]) for one in alone}) if alone else None
    if unseen is None:
        return Judge(GENERAL_THRESHOLD, GENERAL_THRESHOLD / 2, matcher.manner.temperature)
    is_right = targets[alone, unseen.by_code.argmax(axis=1)] > 0
    fits = unseen.fit[is_right]
    threshold = _find_threshold(fits, _score_foreign(matcher, judged))
    known = len(fits) / (len(fits) + GENERAL_WEIGHT)
    return Judge(
        threshold * known + GENERAL_THRESHOLD * (1 - known),
        max(float(fits.std()), GENERAL_THRESHOLD / 4) if len(fits) else GENERAL_THRESHOLD / 2,
        matcher.manner.temperature,
    )


def _find_threshold(own: Floats, foreign: Floats) -> float:
    if not len(own):
        return GENERAL_THRESHOLD
    lowest = float(np.quantile(own, LOST_RATIO))
    highest = float(np.quantile(foreign, FOREIGN_RATIO)) if len(foreign) else lowest
    return (lowest + highest) / 2 if highest < lowest else lowest


def _score_foreign(matcher: Matcher, judged: Positions) -> Floats:
    """How well each example fits when all sentences of its codes are hidden."""
    examples = matcher.lessons.targets > 0
    if examples.shape[1] < 2:
        return np.zeros(0, np.float32)
    hidden = {int(one): np.flatnonzero(examples[:, examples[one]].any(axis=1)) for one in judged}
    fit = matcher.score_unseen(hidden).fit
    return fit[np.isfinite(fit)]


def _thin(positions: Positions) -> Positions:
    step = -(-len(positions) // MAX_JUDGED)
    return positions[:: max(1, step)]
