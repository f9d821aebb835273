"""Sentiment: how the customer feels in each turn and over the call, from example sentences.

Two judges learn from the same examples, one from their embeddings, one from their wording, and their log odds add up.

Reads `turns`; writes `call_sentiment`: the call's feeling, its first and last third and its worst turn.

Errors: none of its own. A call in which the customer says nothing has no sentiment.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pyarrow as pa

from pipeline.clauses import split_clauses
from pipeline.config import Project
from pipeline.encoders import Encoder, make_encoder
from pipeline.examples import ExampleClassifier, Floats, encode_distinct, fit_embeddings, fit_examples, load_examples
from pipeline.languages import count_words, find_language
from pipeline.sentiment.wording import clean_post, describe_wording
from pipeline.tables import make_table
from pipeline.turns import CUSTOMER, Turn, find_calls_with_turns, group_turns
from pipeline.work import Outcome, Work, sync_calls

# A call feels neutral between these two sentiments.
NEUTRAL_SENTIMENT = 0.2
# What a turn without any feeling still weighs in the call's mean.
MIN_TURN_WEIGHT = 0.1
# Two judges of one text see partly the same: their log odds count for a little less than their sum.
JUDGES_SHARE = 0.7


@dataclass(frozen=True)
class Judges:
    """Everything that judges a feeling, loaded once."""

    encoder: Encoder
    by_embedding: ExampleClassifier
    by_wording: ExampleClassifier


def load_judges(encoder: Encoder, project: Project | None = None) -> Judges:
    """Fit both judges to the project's examples, or the package's."""
    examples = load_examples("sentiment", project)
    by_wording = fit_embeddings(examples.labels, describe_wording(examples.texts), examples.label_indices)
    return Judges(encoder, fit_examples(examples, encoder), by_wording)


def score_sentiment(
    texts: Sequence[str], encoder: Encoder, *, project: Project | None = None
) -> list[tuple[float, str]]:
    """Score each text from -1 (bad) to 1 (well) and name it negative, neutral or positive."""
    return score_feelings(texts, load_judges(encoder, project)) if texts else []


def score_feelings(texts: Sequence[str], judges: Judges) -> list[tuple[float, str]]:
    """Score each text by judges that were fitted before."""
    if not texts:
        return []
    labels = judges.by_embedding.labels
    ratios = _predict_texts([clean_post(text) for text in texts], judges)
    sentiments = (ratios[:, labels.index("positive")] - ratios[:, labels.index("negative")]).tolist()
    named = [labels[index] for index in ratios.argmax(axis=1)]
    return [(round(sentiment, 4), label) for sentiment, label in zip(sentiments, named, strict=True)]


def summarize_call(call_id: str, turns: Sequence[Turn], sentiments: Sequence[float]) -> dict[str, object]:
    """Make the call's row from the customer's turns and their sentiments; null where there are none."""
    if not turns:
        return {"call_id": call_id}
    third = -(-len(turns) // 3)
    whole = _weigh(turns, sentiments)
    label = "negative" if whole < -NEUTRAL_SENTIMENT else "positive" if whole > NEUTRAL_SENTIMENT else "neutral"
    return {
        "call_id": call_id,
        "sentiment": whole,
        "sentiment_label": label,
        "start_sentiment": _weigh(turns[:third], sentiments[:third]),
        "end_sentiment": _weigh(turns[-third:], sentiments[-third:]),
        "worst_sentiment": min(sentiments),
    }


def run(work: Work) -> Outcome:
    """Bring `call_sentiment` up to date with `turns`."""
    expected = find_calls_with_turns(work.store)
    turns = work.store.read("turns")

    load = cache(lambda: load_judges(make_encoder(work.project), work.project))
    return sync_calls(work, ("call_sentiment",), expected, partial(_make_tables, turns, load))


def _make_tables(table: pa.Table, load: Callable[[], Judges], call_ids: list[str]) -> dict[str, pa.Table]:
    calls = {call_id: _pick_customer(turns) for call_id, turns in group_turns(table, call_ids).items()}
    scores = iter(score_feelings([turn.text for turns in calls.values() for turn in turns], load()))
    rows = [summarize_call(call_id, turns, [next(scores)[0] for _ in turns]) for call_id, turns in calls.items()]
    return {"call_sentiment": make_table("call_sentiment", rows)}


def _pick_customer(turns: Sequence[Turn]) -> list[Turn]:
    """Pick the customer's turns, or, where nobody knows who is the customer, all that may be theirs."""
    theirs = [turn for turn in turns if turn.role == CUSTOMER]
    return theirs or [turn for turn in turns if turn.may_be_customer]


def _predict_texts(texts: Sequence[str], judges: Judges) -> Floats:
    """Average what the whole text and what each of its clauses says, and add up both judges, shape (n, n_labels)."""
    clauses = [[clause.text for clause in split_clauses(text, find_language(text))] for text in texts]
    spans = [[text, *(parts if len(parts) > 1 else ())] for text, parts in zip(texts, clauses, strict=True)]
    embeddings = encode_distinct(judges.encoder, [span for group in spans for span in group])
    logits = judges.by_embedding.predict_logits(embeddings)
    ends = np.cumsum([len(group) for group in spans])
    pooled = np.stack([part.mean(axis=0) for part in np.split(logits, ends[:-1])])
    pooled = JUDGES_SHARE * (pooled + judges.by_wording.predict_logits(describe_wording(texts)))
    powers = np.exp(pooled - pooled.max(axis=1, keepdims=True))
    ratios: Floats = powers / powers.sum(axis=1, keepdims=True)
    return ratios


def _weigh(turns: Sequence[Turn], sentiments: Sequence[float]) -> float:
    """Average sentiments so that long turns and those with a feeling count more."""
    weights = [
        (1 + count_words(turn.text)) * max(abs(sentiment), MIN_TURN_WEIGHT)
        for turn, sentiment in zip(turns, sentiments, strict=True)
    ]
    return round(float(np.average(sentiments, weights=weights)), 4)
