"""Feeling: how do they feel? Beside a lexicon."""

from functools import partial

import numpy as np

from pipeline.evaluate.baselines import LEXICONS
from pipeline.evaluate.bench import Answer, Bench, Beside, Figures, Trial
from pipeline.evaluate.scores import Positions, find_intervals, score_labels
from pipeline.sentiment import score_sentiment

LABELS = ("negative", "neutral", "positive")


def measure_feeling(bench: Bench, *, file: str) -> Answer:
    """Judge as `apply sentiment` does; where the reference knows two classes, the sign decides."""
    rows = bench.read(file)
    texts = [row["text"] for row in rows]
    scores = score_sentiment(texts, bench.load_plain(texts), project=bench.project)
    reference = _number([row["sentiment"] for row in rows])
    has_neutral = LABELS.index("neutral") in reference
    predicted = _number(
        [label if has_neutral else "negative" if sentiment < 0 else "positive" for sentiment, label in scores]
    )
    return Answer(score_labels(reference, predicted), f"{len(rows)} texts", predicted)


def compare_lexicon(bench: Bench, answer: Answer, *, file: str, lexicon: str) -> Beside:
    """Judge by a lexicon."""
    rows = bench.read(file)
    reference = _number([row["sentiment"] for row in rows])
    predicted = _number(LEXICONS[lexicon]([row["text"] for row in rows]))

    def score(labels: Positions, drawn: Positions) -> Figures:
        return score_labels(reference[drawn], labels[drawn])

    intervals = find_intervals(
        partial(score, answer.outcome), partial(score, predicted), [len(rows)], bench.effort.n_resamples
    )
    return Beside(score_labels(reference, predicted), intervals)


def _number(labels: list[str]) -> Positions:
    return np.array([LABELS.index(label) for label in labels], np.intp)


def make_feeling(name: str, judgement: str, file: str, lexicon: str, aim: str) -> Trial:
    """Declare a trial of feelings."""
    return Trial(
        name,
        "sentiment",
        f"how do they feel? {judgement}",
        (file,),
        aim,
        partial(measure_feeling, file=file),
        {lexicon: partial(compare_lexicon, file=file, lexicon=lexicon)},
    )


FEELINGS = (
    make_feeling(
        "feeling-en",
        "English posts, three classes",
        "check/sentiment_en_airline_2000.jsonl",
        "VADER",
        "accuracy ≥ 75, macro F1 ≥ 65",
    ),
    make_feeling(
        "feeling-zh",
        "Chinese reviews, two classes",
        "check/sentiment_zh_takeaway_1000.jsonl",
        "SnowNLP",
        "accuracy ≥ 85, macro F1 ≥ 83",
    ),
)
