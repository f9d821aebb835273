"""Picker: how surely a text states a reason, by the curator's examples and by what public chats taught.

Two judges look at a text's embedding: the classifier fitted to `models/examples/reasons.yaml`, and, for the encoders
that have one, a small adapter in `models/adapters/` taught on public chats. A logistic regression that was taught
with the adapter weighs both, so that an added example changes the outcome of the next run without any training.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.config import Project
from pipeline.encoders import Encoder
from pipeline.examples import ExampleClassifier, Floats, centre, encode_distinct, fit_examples, load_examples
from pipeline.extract.context import ContextWeights
from pipeline.extract.routine import is_routine
from pipeline.extract.wording import describe_wording
from pipeline.models import find_defaults

REASON, OTHER = "reason", "other"
WHY_CALLING, DETAILS, ANYTHING_ELSE = "why_calling", "details", "anything_else"
# The encoder whose weights of both judges stand in for an encoder without an adapter.
NO_ADAPTER = "examples"
# Whatever its place in the call, a line check, a greeting or a thank you states no reason.
ROUTINE_LOGIT = -12.0


@dataclass(frozen=True)
class Adapter:
    """What was taught for one encoder: a judge of embeddings, and how to weigh the judges and the context.

    `judge` is null for an encoder without its own; `text_weights` weigh examples, adapter, wording and 1.
    """

    mean: Floats | None
    judge: Floats | None
    judge_bias: float
    text_weights: Floats
    context: ContextWeights


@dataclass(frozen=True)
class Picker:
    """Everything that judges texts, loaded once."""

    encoder: Encoder
    reasons: ExampleClassifier
    questions: ExampleClassifier
    adapter: Adapter

    def weigh_texts(self, texts: Sequence[str]) -> Floats:
        """Weigh how surely each text states a reason, as logits, shape (n,)."""
        if not texts:
            return np.zeros(0, np.float32)
        logits = weigh_embeddings(texts, encode_distinct(self.encoder, texts), self.reasons, self.adapter)
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


def weigh_embeddings(texts: Sequence[str], embeddings: Floats, reasons: ExampleClassifier, adapter: Adapter) -> Floats:
    """Combine both judges into one logit a text, shape (n,)."""
    judged = judge_embeddings(texts, embeddings, reasons, adapter)
    logits: Floats = judged @ adapter.text_weights
    return logits


def judge_embeddings(texts: Sequence[str], embeddings: Floats, reasons: ExampleClassifier, adapter: Adapter) -> Floats:
    """Ask both judges; columns are examples, adapter, the wording's features and 1, shape (n, 3 + n_features)."""
    by_label = reasons.predict_logits(embeddings)
    by_examples = by_label[:, reasons.labels.index(REASON)] - by_label[:, reasons.labels.index(OTHER)]
    by_adapter: Floats = np.zeros(len(texts), np.float32)
    if adapter.judge is not None and adapter.mean is not None:
        by_adapter = centre(embeddings, adapter.mean) @ adapter.judge + adapter.judge_bias
    columns = [by_examples[:, None], by_adapter[:, None], describe_wording(texts), np.ones((len(texts), 1))]
    return np.concatenate(columns, axis=1).astype(np.float32)


def load_picker(encoder: Encoder, project: Project | None = None) -> Picker:
    """Fit the examples and load what was taught for this encoder."""
    return Picker(
        encoder,
        fit_examples(load_examples("reasons", project), encoder),
        fit_examples(load_examples("questions", project), encoder),
        load_adapter(encoder.name),
    )


def load_adapter(encoder_name: str) -> Adapter:
    """Load what was taught for an encoder; for one without an adapter, how to weigh the examples alone."""
    folder = find_defaults() / "adapters"
    path = folder / f"reasons-{encoder_name}.npz"
    with np.load(path if path.exists() else folder / f"reasons-{NO_ADAPTER}.npz") as arrays:
        has_judge = "judge" in arrays
        return Adapter(
            mean=arrays["mean"] if has_judge else None,
            judge=arrays["judge"] if has_judge else None,
            judge_bias=float(arrays["judge_bias"]) if has_judge else 0.0,
            text_weights=arrays["text_weights"],
            context=ContextWeights(arrays["context_weights"], float(arrays["context_bias"])),
        )
