"""Baselines: what others would use for the same judgements, on the same rows and embeddings.

Errors: MissingExtraError when a baseline is not installed; the message says how to install it.
"""

import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import MissingExtraError
from pipeline.evidence import Floats

INSTALL = "not installed: pip install 'call-reasons[evaluate]'"
STRENGTHS = (1.0, 10.0, 100.0)  # inverse strengths of regularisation, chosen between by cross-validation
N_FOLDS = 3
VADER_NEUTRAL = 0.05  # as its authors advise
SEED = 0


def import_extra(module: str) -> Any:  # noqa: ANN401
    """Import a module of the extra `evaluate`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_module(module)
    except ImportError:
        raise MissingExtraError(INSTALL) from None


def group_by_kmeans(embeddings: Floats, n_clusters: int) -> NDArray[np.intp]:
    """Group rows by k-means, ten times over."""
    from sklearn.cluster import KMeans

    labels: NDArray[np.intp] = KMeans(n_clusters, n_init=10, random_state=SEED).fit_predict(embeddings)
    return labels


def group_by_bertopic(texts: Sequence[str], embeddings: Floats) -> list[int]:
    """Group texts by BERTopic with its own settings; -1 is what it leaves out."""
    bertopic, umap = import_extra("bertopic"), import_extra("umap")
    reducer = umap.UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        labels, _ = bertopic.BERTopic(umap_model=reducer).fit_transform(list(texts), embeddings)
    return [int(label) for label in labels]


def fit_logistic(embeddings: Floats, labels: Sequence[object]) -> Any:  # noqa: ANN401
    """Fit a logistic regression, its strength chosen by cross-validation."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    search = GridSearchCV(LogisticRegression(max_iter=300), {"C": STRENGTHS}, cv=N_FOLDS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a reason with fewer examples than folds
        return search.fit(embeddings, labels).best_estimator_


def find_softmax_threshold(embeddings: Floats, labels: Sequence[object], model: Any, most_lost_ratio: float) -> float:  # noqa: ANN401
    """Find the least certainty to accept, so that few of the examples, each judged unseen, lose their right label."""
    from sklearn.base import clone
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ratios = cross_val_predict(clone(model), embeddings, labels, cv=folds, method="predict_proba")
    names = np.unique(np.asarray(labels))
    right = np.sort(ratios.max(axis=1)[names[ratios.argmax(axis=1)] == np.asarray(labels)])
    return float(right[min(int(most_lost_ratio * len(ratios)), len(right) - 1)])


def judge_by_vader(texts: Sequence[str]) -> list[str]:
    """Name each English text's feeling by the lexicon VADER."""
    judge = import_extra("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer()
    scores = [judge.polarity_scores(text)["compound"] for text in texts]
    return [
        "positive" if score >= VADER_NEUTRAL else "negative" if score <= -VADER_NEUTRAL else "neutral"
        for score in scores
    ]


def judge_by_snownlp(texts: Sequence[str]) -> list[str]:
    """Name each Chinese text's feeling, negative or positive, by SnowNLP."""
    snownlp = import_extra("snownlp")
    return ["positive" if text.strip() and snownlp.SnowNLP(text).sentiments > 0.5 else "negative" for text in texts]


LEXICONS: dict[str, Callable[[Sequence[str]], list[str]]] = {"VADER": judge_by_vader, "SnowNLP": judge_by_snownlp}
