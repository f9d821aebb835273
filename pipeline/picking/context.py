"""Context: what a turn's place in its call says about whether it states the reason, beside what its words say.

The customer's turns before and after tell most: after the reason come short answers full of details. Chats often have
the customer's side alone, so an agent's words weigh by themselves and only how many turns lay between is described.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.examples import Floats
from pipeline.picking.wording import FEATURES as WORDING

# Logits of the text beyond these say no more.
MAX_LOGIT = 6.0
# The reason mostly stands in the customer's first turns, after a greeting.
N_EARLY_TURNS = 3
# Position, and turns of the other side in between, beyond these say no more.
MAX_POSITION, MAX_GAP = 10, 3
NEIGHBOURS = (-2, -1, 1, 2)
WORDS, DETAILS = WORDING.index("words"), WORDING.index("details_share")
FEATURES = (
    *("logit", "is_early", "best_before", "gap_to_best", "best_after", "is_first", "is_first_said", "is_second_said"),
    *("position", "is_first_likely", "n_between_before", "none_before", "n_between_after", "none_after"),
    *(
        f"{what}_{offset:+d}"
        for offset in NEIGHBOURS
        for what in ("logit", "is_routine", "words", "details", "is_there")
    ),
)

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


def describe_turns(logits: Sequence[float], wording: Floats, turn_indices: Sequence[int]) -> Floats:
    """Describe each customer turn of one call, in order.

    Args:
        logits: Of each turn's text, n; far below zero for routine.
        wording: How its words were described, shape (n, n_wording_features).
        turn_indices: Its place among the turns of both sides.

    Returns:
        Shape (n, n_features).
    """
    logit = np.clip(np.asarray(logits, np.float64), -MAX_LOGIT, MAX_LOGIT)
    n = len(logit)
    is_routine = logit <= -MAX_LOGIT
    best = np.maximum.accumulate(logit)
    before = np.concatenate([[-MAX_LOGIT], best])[:n]
    after = np.append(np.maximum.accumulate(logit[::-1])[::-1], -MAX_LOGIT)[1:]
    position = np.arange(n)
    n_said: NDArray[np.int64] = np.cumsum(~is_routine) - ~is_routine
    gaps = count_between(turn_indices)
    columns = [
        *(logit, position < N_EARLY_TURNS, before, best[-1:].max(initial=-MAX_LOGIT) - logit, after, position == 0),
        *(n_said == 0, n_said == 1, np.minimum(position, MAX_POSITION) / MAX_POSITION, (logit > 0) & (before < 0)),
        *(gaps[:n] / MAX_GAP, gaps[:n] == 0, gaps[1:] / MAX_GAP, gaps[1:] == 0),
    ]
    seen = np.stack([logit / MAX_LOGIT, is_routine, wording[:, WORDS], wording[:, DETAILS], np.ones(n)], axis=1)
    padded = np.pad(seen, ((max(NEIGHBOURS), max(NEIGHBOURS)), (0, 0)))
    neighbours = [padded[offset + max(NEIGHBOURS) :][:n] for offset in NEIGHBOURS]
    return np.concatenate([np.stack(columns, axis=1), *neighbours], axis=1).astype(np.float32)


def count_between(turn_indices: Sequence[int]) -> Floats:
    """Count the other side's turns before each of the customer's and after the last, at most `MAX_GAP`.

    The end of a call counts as one. Where a call's turns leave no gap at all, the other side was not counted: one each.
    """
    between = np.diff(np.asarray(turn_indices, np.int64)) - 1
    if len(between) and not between.any():
        between = between + 1
    gaps: Floats = np.clip([*turn_indices[:1], *between, 1], 0, MAX_GAP).astype(np.float32)
    return gaps


def weigh_questions(questions: Floats) -> Floats:
    """Turn what was asked before each turn, shape (n, 3), into log odds, shape (n,)."""
    odds: Floats = questions @ np.asarray([INVITED, CHECKED, OFFERED], np.float32)
    return odds
