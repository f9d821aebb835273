"""Sentiment: how the customer feels in each turn and over the call, from example sentences.

Reads `turns`; writes `turn_sentiment`, a row for each turn of the customer, and `call_sentiment`: how the customer
came, how they left, the worst turn and the whole, by the rules of docs/measures.md.

Errors: none of its own. A call in which the customer says nothing has no sentiment.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial

import numpy as np
import pyarrow as pa

from pipeline.config import Project, SentimentSettings
from pipeline.encoders import Encoder, make_encoder
from pipeline.languages import count_words
from pipeline.sentiment.judging import NEUTRAL_ODDS, Judges, load_judges, score_feelings
from pipeline.tables import make_table
from pipeline.turns import CUSTOMER, Turn, find_calls_with_turns, group_turns
from pipeline.work import Outcome, Work, sync_calls

# What a turn without any feeling still weighs in the mean of a third.
MIN_TURN_WEIGHT = 0.1
N_PARTS = 3


def score_sentiment(
    texts: Sequence[str], encoder: Encoder, *, project: Project | None = None
) -> list[tuple[float, str]]:
    """Score written texts from -1 (bad) to 1 (well); a complaint is negative even if it is told calmly."""
    return score_feelings(texts, load_judges(encoder, project)) if texts else []


def load_call_judges(encoder: Encoder, project: Project) -> Judges:
    """Fit the judges of what is said in calls."""
    calm_problem = project.settings.sentiment.calm_problem
    return load_judges(encoder, project, calm_problem=calm_problem, neutral_odds=NEUTRAL_ODDS)


def name_feeling(sentiment: float, settings: SentimentSettings) -> str:
    """Name a feeling from -1 to 1."""
    if abs(sentiment) < settings.min_feeling:
        return "neutral"
    return "positive" if sentiment > 0 else "negative"


def summarize_call(
    call_id: str, turns: Sequence[Turn], sentiments: Sequence[float], settings: SentimentSettings
) -> dict[str, object]:
    """Make the call's row from the customer's turns and their sentiments; null where there are none."""
    if not turns:
        return {"call_id": call_id}
    thirds = [_weigh(turns[part], sentiments[part]) for part in _cut_thirds(len(turns))]
    worst = int(np.argmin(sentiments))
    end_share = settings.end_share_ratio
    whole = round((1 - end_share) * min(thirds) + end_share * thirds[-1], 4)
    return {
        "call_id": call_id,
        "sentiment": whole,
        "sentiment_label": name_feeling(whole, settings),
        "start_sentiment": thirds[0],
        "start_label": name_feeling(thirds[0], settings),
        "end_sentiment": thirds[-1],
        "end_label": name_feeling(thirds[-1], settings),
        "worst_sentiment": sentiments[worst],
        "worst_label": name_feeling(sentiments[worst], settings),
        "worst_turn_index": turns[worst].turn_index,
    }


def run(work: Work) -> Outcome:
    """Bring `turn_sentiment` and `call_sentiment` up to date with `turns`."""
    expected = find_calls_with_turns(work.store)
    turns = work.store.read("turns")

    load = cache(lambda: load_call_judges(make_encoder(work.project), work.project))
    make = partial(_make_tables, turns, load, work.project.settings.sentiment)
    return sync_calls(work, ("call_sentiment", "turn_sentiment"), expected, make)


def _make_tables(
    table: pa.Table, load: Callable[[], Judges], settings: SentimentSettings, call_ids: list[str]
) -> dict[str, pa.Table]:
    calls = {call_id: _pick_customer(turns) for call_id, turns in group_turns(table, call_ids).items()}
    scores = iter(score_feelings([turn.text for turns in calls.values() for turn in turns], load()))
    felt = {call_id: [next(scores)[0] for _ in turns] for call_id, turns in calls.items()}
    by_turn = [
        {
            "call_id": call_id,
            "turn_index": turn.turn_index,
            "sentiment": sentiment,
            "sentiment_label": name_feeling(sentiment, settings),
        }
        for call_id, turns in calls.items()
        for turn, sentiment in zip(turns, felt[call_id], strict=True)
    ]
    by_call = [summarize_call(call_id, turns, felt[call_id], settings) for call_id, turns in calls.items()]
    return {
        "turn_sentiment": make_table("turn_sentiment", by_turn),
        "call_sentiment": make_table("call_sentiment", by_call),
    }


def _pick_customer(turns: Sequence[Turn]) -> list[Turn]:
    """Pick the customer's turns, or, where nobody knows who is the customer, all that may be theirs."""
    theirs = [turn for turn in turns if turn.role == CUSTOMER]
    return theirs or [turn for turn in turns if turn.may_be_customer]


def _cut_thirds(n_turns: int) -> list[slice]:
    """Cut turns into thirds, the first and the last never empty; one turn is all three."""
    third = -(-n_turns // N_PARTS)
    middle = slice(third, n_turns - third)
    return [slice(0, third), *([middle] if middle.start < middle.stop else []), slice(n_turns - third, n_turns)]


def _weigh(turns: Sequence[Turn], sentiments: Sequence[float]) -> float:
    """Average sentiments so that long turns and those with a feeling count more."""
    weights = [
        (1 + count_words(turn.text)) * max(abs(sentiment), MIN_TURN_WEIGHT)
        for turn, sentiment in zip(turns, sentiments, strict=True)
    ]
    return round(float(np.average(sentiments, weights=weights)), 4)
