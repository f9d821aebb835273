"""Context: what a turn's place in its call says about whether it states the reason, beside what its words say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.examples import Floats

# Logits of the text beyond these say no more.
MAX_LOGIT = 6.0
# The reason mostly stands in the customer's first turns, after a greeting.
N_EARLY_TURNS = 3
FEATURES = ("logit", "is_early", "best_before", "gap_to_best")

# Log odds added by what the other side asked just before: an invitation, a check of details, an offer of more. Public
# chats with labels hold the customer's side alone, so these are judged, not taught.
INVITED, CHECKED, OFFERED = 1.5, -2.0, 0.5


@dataclass(frozen=True)
class ContextWeights:
    """A logistic regression on `FEATURES`, taught on chats of several domains."""

    weights: Floats
    bias: float

    def weigh(self, features: Floats) -> Floats:
        """Combine features, shape (n, n_features), into one logit a turn."""
        logits: Floats = features @ self.weights + np.float32(self.bias)
        return logits


def describe_turns(logits: Sequence[float]) -> Floats:
    """Describe each customer turn of one call, in order, by its text's logit and those of the others.

    Returns:
        Shape (n_turns, n_features).
    """
    capped = np.clip(np.asarray(logits, np.float64), -MAX_LOGIT, MAX_LOGIT)
    best = np.maximum.accumulate(capped)
    before = np.concatenate([[-MAX_LOGIT], best[:-1]])
    columns = [capped, np.arange(len(capped)) < N_EARLY_TURNS, before, best[-1:].max(initial=-MAX_LOGIT) - capped]
    return np.stack(columns, axis=1).astype(np.float32)


def weigh_questions(questions: Floats) -> Floats:
    """Turn what was asked before each turn, shape (n, 3), into log odds, shape (n,)."""
    odds: Floats = questions @ np.asarray([INVITED, CHECKED, OFFERED], np.float32)
    return odds
