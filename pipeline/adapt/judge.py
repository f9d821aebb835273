"""Judge: change an encoder's matrices a little so that what states a reason and what does not come apart.

One pass over the lessons with a logistic regression on top that is thrown away: the judge is fitted anew to what the
changed encoder embeds. Reasons and the rest are drawn alike often; each lesson as often as its weight says.

Errors: none of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.adapt.teaching import MAX_GRADIENT, WEIGHT_DECAY, Changes, count_steps, embed_lessons, open_matrices
from pipeline.encoders import SentenceEncoder
from pipeline.work import Progress

BATCH_TEXTS = 48
WARM_UP_STEPS = 50
MAX_TOKENS = 96  # a turn is longer than a sentence
LEARNING_RATE, TOP_RATE = 3e-5, 1e-2
SHARPNESS = 4.0  # embeddings have length 1: what the regression says is made this much sharper


@dataclass(frozen=True)
class JudgeLessons:
    """Texts, whether each states a reason, and how much each counts, n of all three."""

    texts: Sequence[str]
    states_reason: NDArray[np.float32]
    weights: NDArray[np.float64]

    def draw_batches(self, seed: int) -> Iterator[NDArray[np.intp]]:
        """Draw the positions of one pass's batches."""
        shares = self.weights.copy()
        for value in (0, 1):
            chosen = self.states_reason == value
            shares[chosen] /= 2 * shares[chosen].sum()
        rng = np.random.default_rng(seed)
        for _ in range(len(self.texts) // BATCH_TEXTS):
            yield rng.choice(len(self.texts), BATCH_TEXTS, p=shares)


def teach_judge(encoder: SentenceEncoder, lessons: JudgeLessons, progress: Progress, *, seed: int = 0) -> Changes:
    """Teach an encoder in place.

    Args:
        encoder: Changed by this.
        lessons: What to learn from; a pass takes some hundred steps.
        progress: Shows each step.
        seed: Of the draws.

    Returns:
        By how much each matrix changed, by parameter.
    """
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits as measure_loss

    torch.manual_seed(seed)
    matrices = open_matrices(encoder.model)
    before = {name: one.detach().clone() for name, one in matrices.items()}
    top = torch.nn.Linear(encoder.dim, 1)
    torch.nn.init.zeros_(top.weight)
    groups = [{"params": list(matrices.values()), "lr": LEARNING_RATE}, {"params": top.parameters(), "lr": TOP_RATE}]
    optimizer = torch.optim.AdamW(groups, weight_decay=WEIGHT_DECAY)
    batches = list(lessons.draw_batches(seed))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / WARM_UP_STEPS) * (1 - step / max(1, len(batches)))
    )
    for batch, _ in zip(batches, count_steps(len(batches), progress), strict=True):
        embeddings = embed_lessons(encoder, [lessons.texts[at] for at in batch], MAX_TOKENS)
        wanted = torch.from_numpy(lessons.states_reason[batch])
        loss: Any = measure_loss(SHARPNESS * top(embeddings).squeeze(-1), wanted)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(matrices.values()), MAX_GRADIENT)
        optimizer.step()
        schedule.step()
    encoder.model.eval()
    return {name: (one.detach() - before[name]).cpu().numpy() for name, one in matrices.items()}
