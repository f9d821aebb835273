"""Phrases: judge a text by its words and pairs of words beside its embedding, both taught by the same examples.

An embedding says what a text is about better than how it is put: "again", "for the third time", "or else I". With a few
hundred examples their log odds add up to more than either knows.

Errors: none of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pipeline.encoders import Encoder
from pipeline.evidence import list_words
from pipeline.examples import (
    ExampleClassifier,
    Examples,
    Floats,
    cross_validate,
    encode_distinct,
    find_sharpening,
    fit_and_predict,
    fit_logistic,
)

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

STRENGTH = 10.0  # inverse, of regularisation; 10 and 30 are alike by cross-validation over the signals' examples


@dataclass(frozen=True)
class TextClassifier:
    """Two logistic regressions, on embeddings and on phrases, whose log odds are added and calibrated together.

    `weights` has shape (n_phrases, n_labels), `bias` (n_labels,).
    """

    encoder: Encoder
    by_embedding: ExampleClassifier
    vectorizer: "TfidfVectorizer" = field(repr=False)
    weights: Floats = field(repr=False)
    bias: Floats = field(repr=False)
    sharpening: float = 1.0

    @property
    def labels(self) -> tuple[str, ...]:
        """In the order of the file."""
        return self.by_embedding.labels

    def predict_logits(self, texts: Sequence[str]) -> Floats:
        """Say how strongly each text speaks for each label, shape (n, n_labels)."""
        by_embedding = self.by_embedding.predict_logits(encode_distinct(self.encoder, texts))
        by_phrases = self.vectorizer.transform(texts) @ self.weights + self.bias
        logits: Floats = ((by_embedding + by_phrases) * self.sharpening).astype(np.float32)
        return logits


def fit_texts(examples: Examples, encoder: Encoder) -> TextClassifier:
    """Fit both regressions to examples and calibrate their sum by what they say of examples that they did not see."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    y = np.asarray(examples.label_indices)
    by_embedding, unseen = fit_and_predict(examples.labels, encoder.encode(examples.texts), examples.label_indices)
    vectorizer = TfidfVectorizer(analyzer=list_words, sublinear_tf=True, dtype=np.float32)
    phrases = vectorizer.fit_transform(examples.texts)
    weights, bias = fit_logistic(phrases, y, STRENGTH)
    sharpening = find_sharpening(unseen + cross_validate(phrases, y, STRENGTH), y)
    return TextClassifier(encoder, by_embedding, vectorizer, weights, bias, sharpening)
