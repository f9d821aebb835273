"""Picker: how surely a text states a reason, by the curator's examples and by what public chats taught.

Two judges look at a text's embedding: the classifier fitted to `models/examples/reasons.yaml`, and, for the encoders
that have one, a judge in `models/adapters/` taught on public chats, for some together with a small change of the
encoder itself. A logistic regression that was taught with the judge weighs both, so that an added example changes the
outcome of the next run without any training.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import numpy as np

from pipeline.adapters import find_judge, read_adapter
from pipeline.config import Project
from pipeline.contexts import Weigh
from pipeline.encoders import Adaptable, Encoder
from pipeline.examples import ExampleClassifier, Floats, centre, encode_distinct, fit_examples, load_examples
from pipeline.picking.context import ContextWeights
from pipeline.picking.routine import is_routine
from pipeline.picking.wording import describe_wording

REASON, OTHER = "reason", "other"
WHY_CALLING, DETAILS, ANYTHING_ELSE = "why_calling", "details", "anything_else"
# Whatever its place in the call, a line check, a greeting or a thank you states no reason.
ROUTINE_LOGIT = -12.0


@dataclass(frozen=True)
class Adapter:
    """What was taught for one encoder: a judge of embeddings, and how to weigh the judges and the context.

    `judge` is null for an encoder without its own; `text_weights` weigh examples, adapter, wording and 1. The judge may
    have been taught together with a change of the encoder, which lies in the same file.
    """

    mean: Floats | None
    judge: Floats | None
    judge_bias: float
    text_weights: Floats
    context: ContextWeights

    def judge_embeddings(self, embeddings: Floats) -> Floats:
        """Say how surely each row states a reason, as logits, shape (n,); nothing where there is no judge."""
        if self.judge is None or self.mean is None:
            return np.zeros(len(embeddings), np.float32)
        logits: Floats = centre(embeddings, self.mean) @ self.judge + np.float32(self.judge_bias)
        return logits


@dataclass(frozen=True)
class Picker:
    """Everything that judges texts, loaded once."""

    encoder: Encoder
    judge_encoder: Encoder  # what the adapter's judge looks through
    reasons: ExampleClassifier
    questions: ExampleClassifier
    adapter: Adapter

    def weigh_texts(self, texts: Sequence[str]) -> Floats:
        """Weigh how surely each text states a reason, as logits, shape (n,)."""
        if not texts:
            return np.zeros(0, np.float32)
        logits: Floats = self._judge(texts) @ self.adapter.text_weights
        logits[[is_routine(text) for text in texts]] = ROUTINE_LOGIT
        return logits

    def weigh_questions(self, texts: Sequence[str]) -> Floats:
        """Say how probable it is that each text invites a reason, asks for details, offers more; shape (n, 3)."""
        if not texts:
            return np.zeros((0, 3), np.float32)
        ratios = self.questions.predict_ratios(encode_distinct(self.encoder, texts))
        columns = [self.questions.labels.index(label) for label in (WHY_CALLING, DETAILS, ANYTHING_ELSE)]
        picked: Floats = ratios[:, columns]
        return picked

    def _judge(self, texts: Sequence[str]) -> Floats:
        """Ask both judges; columns are examples, adapter, the wording's features and 1, shape (n, 3 + n_features)."""
        embeddings = encode_distinct(self.encoder, texts)
        is_changed = self.judge_encoder is not self.encoder
        seen = encode_distinct(self.judge_encoder, texts) if is_changed else embeddings
        by_label = self.reasons.predict_logits(embeddings)
        by_examples = by_label[:, self.reasons.labels.index(REASON)] - by_label[:, self.reasons.labels.index(OTHER)]
        by_adapter = self.adapter.judge_embeddings(seen)
        columns = [by_examples[:, None], by_adapter[:, None], describe_wording(texts), np.ones((len(texts), 1))]
        return np.concatenate(columns, axis=1).astype(np.float32)


def load_picker(encoder: Encoder, project: Project | None = None) -> Picker:
    """Fit the examples and load what was taught for this encoder."""
    path = find_judge(encoder.name)
    return Picker(
        encoder,
        cast(Adaptable, encoder).with_adapter(path) if read_adapter(path) else encoder,
        fit_examples(load_examples("reasons", project), encoder),
        fit_examples(load_examples("questions", project), encoder),
        load_adapter(path),
    )


def make_weigh(encoder: Encoder, project: Project | None = None) -> Weigh:
    """Make what weighs how surely each text states a reason, as logits; everything is loaded when it is first asked."""
    load = cache(lambda: load_picker(encoder, project))
    return lambda texts: load().weigh_texts(texts)


def load_adapter(path: Path) -> Adapter:
    """Load the judge of an encoder and its weights."""
    with np.load(path) as arrays:
        has_judge = "judge" in arrays
        return Adapter(
            mean=arrays["mean"] if has_judge else None,
            judge=arrays["judge"] if has_judge else None,
            judge_bias=float(arrays["judge_bias"]) if has_judge else 0.0,
            text_weights=arrays["text_weights"],
            context=ContextWeights(arrays["context_weights"], float(arrays["context_bias"])),
        )
