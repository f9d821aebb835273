"""Judging: how a text feels, by two judges who learn from the same examples.

One judges by embeddings and phrases, one by kinds of words, and their log odds add up. The examples know four labels; a
`problem` told calmly is counted as negative in a written post, where complaining is the whole point, and as the
settings say in a call, where nearly everyone has a problem.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from pipeline.clauses import split_clauses
from pipeline.config import Project
from pipeline.encoders import Encoder
from pipeline.examples import (
    ExampleClassifier,
    Examples,
    Floats,
    fit_embeddings,
    keep_readable,
    load_examples,
    to_ratios,
)
from pipeline.languages import find_language
from pipeline.phrases import TextClassifier, fit_texts
from pipeline.sentiment.wording import clean_post, describe_wording

NEGATIVE, PROBLEM, NEUTRAL, POSITIVE = "negative", "problem", "neutral", "positive"
# Two judges of one text see partly the same: their log odds count for a little less than their sum.
JUDGES_SHARE = 0.7
# Most of what is said in calls carries no feeling: log odds added to `neutral`, for the examples stand in equal shares.
NEUTRAL_ODDS = 2.0


@dataclass(frozen=True)
class Judges:
    """Everything that judges a feeling, loaded once; `neutral_odds` are added to the log odds of neutral."""

    by_text: TextClassifier
    by_wording: ExampleClassifier
    neutral_odds: float = 0.0


def load_judges(
    encoder: Encoder,
    project: Project | None = None,
    *,
    calm_problem: Literal["negative", "neutral"] = "negative",
    neutral_odds: float = 0.0,
) -> Judges:
    """Fit both judges to the project's examples, or the package's."""
    examples = keep_readable(_place_problem(load_examples("sentiment", project), calm_problem), encoder)
    by_wording = fit_embeddings(examples.labels, describe_wording(examples.texts), examples.label_indices)
    return Judges(fit_texts(examples, encoder), by_wording, neutral_odds)


def score_feelings(texts: Sequence[str], judges: Judges) -> list[tuple[float, str]]:
    """Score each text from -1 (bad) to 1 (well) and name it negative, neutral or positive."""
    if not texts:
        return []
    labels = judges.by_text.labels
    ratios = _predict_texts([clean_post(text) for text in texts], judges)
    sentiments = (ratios[:, labels.index(POSITIVE)] - ratios[:, labels.index(NEGATIVE)]).tolist()
    named = [labels[index] for index in ratios.argmax(axis=1)]
    return [(round(sentiment, 4), label) for sentiment, label in zip(sentiments, named, strict=True)]


def _place_problem(examples: Examples, place: str) -> Examples:
    """Count the examples of a problem told calmly under another label; a file of one's own may have none."""
    labels = tuple(label for label in examples.labels if label != PROBLEM)
    indices = [labels.index(place if label == PROBLEM else label) for label in examples.labels]
    return replace(examples, labels=labels, label_indices=tuple(indices[index] for index in examples.label_indices))


def _predict_texts(texts: Sequence[str], judges: Judges) -> Floats:
    """Average what the whole text and what each of its clauses says, and add up both judges, shape (n, n_labels)."""
    clauses = [[clause.text for clause in split_clauses(text, find_language(text))] for text in texts]
    spans = [[text, *(parts if len(parts) > 1 else ())] for text, parts in zip(texts, clauses, strict=True)]
    logits = judges.by_text.predict_logits([span for group in spans for span in group])
    ends = np.cumsum([len(group) for group in spans])
    pooled = np.stack([part.mean(axis=0) for part in np.split(logits, ends[:-1])])
    pooled = JUDGES_SHARE * (pooled + judges.by_wording.predict_logits(describe_wording(texts)))
    pooled[:, judges.by_text.labels.index(NEUTRAL)] += np.float32(judges.neutral_odds)
    return to_ratios(pooled)
