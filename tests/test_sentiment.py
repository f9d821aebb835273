"""Sentiment."""

import json
from functools import cache

import pytest
from toy_encoder import ToyEncoder

from pipeline import sentiment
from pipeline.config import ModelSettings
from pipeline.encoders import Encoder, choose_encoder, load_encoder
from pipeline.sentiment import score_sentiment, summarize_call
from pipeline.sentiment.wording import clean_post, describe_wording
from pipeline.tables import make_table
from pipeline.turns import AGENT, CUSTOMER, UNKNOWN, Turn


@cache
def load_once(name: str) -> Encoder:
    """Load a real encoder once for all tests of this file."""
    return load_encoder(name, ModelSettings())


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ("the lamp is great", 1, 0),
        ("the lamp is not great", 0, 1),
        ("the lamp is broken", 0, 1),
        ("no problem at all", 0, 0),
        ("味道不错", 1, 0),
        ("味道很差", 0, 1),
        ("不好吃", 0, 1),
        ("没退款的问题", 0, 0),
        ("the lamp stands in the hall", 0, 0),
    ],
)
def test_negation_turns_words_round(text, good, bad):
    """A good word that is denied is bad, a bad one that is denied is nothing."""
    described = describe_wording([text])[0]
    assert (described[2], described[3]) == (good, bad)


@pytest.mark.parametrize(
    ("post", "text"),
    [
        ("@lumen my #lamp is late https://lumen.example/x", "my lamp is late"),
        ("fish &amp; chips were cold", "fish chips were cold"),
        ("@lumen", "@lumen"),
        ("我的灯坏了", "我的灯坏了"),
    ],
)
def test_post_marks_are_taken_out(post, text):
    """Handles, links and tags' marks say nothing about a feeling."""
    assert clean_post(post) == text


def make_turns(*texts: str, role: str = CUSTOMER) -> list[Turn]:
    """Make a call's turns of one role."""
    return [Turn("c1", index, role, text, language="en") for index, text in enumerate(texts)]


def test_a_long_bad_turn_outweighs_polite_thanks():
    """A complaint weighs by its words; the short thanks at the end does not make the call positive."""
    turns = make_turns("my lamp came broken and nobody in your shop would help me", "yes", "thanks bye")
    row = summarize_call("c1", turns, [-0.8, 0.0, 0.9])
    assert row["sentiment_label"] == "negative"
    assert (row["start_sentiment"], row["end_sentiment"], row["worst_sentiment"]) == (-0.8, 0.9, -0.8)


def test_silent_customer_has_no_sentiment():
    """A call without a customer's word has a row of nulls."""
    assert summarize_call("c1", [], []) == {"call_id": "c1"}


def test_unknown_voices_count_only_without_a_customer(work, monkeypatch):
    """The agent never counts; unknown voices do where nobody is known to be the customer."""
    monkeypatch.setattr(sentiment, "make_encoder", lambda project: ToyEncoder())
    rows = [
        {"call_id": "a", "turn_index": 0, "role": AGENT, "text": "this is terrible"},
        {"call_id": "b", "turn_index": 0, "role": UNKNOWN, "text": "this is terrible"},
    ]
    table = make_table("turns", [row | {"language": "en"} for row in rows])
    work.store.write("turns", "f0", table, {"a": "1", "b": "1"})
    work.store.set_current("turns", ["f0"])
    assert sentiment.run(work).n_done == 2
    written = {row["call_id"]: row["sentiment_label"] for row in work.store.read("call_sentiment").to_pylist()}
    assert written["a"] is None
    assert written["b"] == "negative"
    assert sentiment.run(work).n_done == 0


def test_order_of_texts_does_not_matter():
    """A permutation of the texts permutes the scores."""
    texts = ["great lamp", "awful lamp", "where is it", ""]
    scores = score_sentiment(texts, ToyEncoder())
    assert score_sentiment(texts[::-1], ToyEncoder()) == scores[::-1]
    assert score_sentiment([], ToyEncoder()) == []


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("no problem at all, that was really quick", "positive"),
        ("thanks a lot, you fixed it right away", "positive"),
        ("oh great, it broke again, thanks for nothing", "negative"),
        ("I waited six hours and nobody came", "negative"),
        ("what time do you close on Saturday", "neutral"),
        ("没问题，都挺好的", "positive"),
        ("不好吃，再也不来了", "negative"),
        ("呵呵，你们可真准时，晚了三个小时", "negative"),
        ("请问周六几点关门", "neutral"),
    ],
)
def test_real_encoders_feel_both_languages(text, label):
    """Thanks, complaints, sarcasm and plain questions are told apart in either language."""
    encoder = load_once(choose_encoder([text], ModelSettings()))
    assert score_sentiment([text], encoder)[0][1] == label


@pytest.mark.model
def test_accuracy_on_posts_nobody_learned_from(eval_folder):
    """On 400 posts at least .68 are right (measured: .74)."""
    lines = (eval_folder / "check" / "sentiment_en_airline_2000.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines[::5]]
    encoder = load_once("all-MiniLM-L6-v2")
    scores = score_sentiment([row["text"] for row in rows], encoder)
    accuracy = sum(label == row["sentiment"] for (_, label), row in zip(scores, rows, strict=True)) / len(rows)
    assert accuracy >= 0.68, f"accuracy is {accuracy:.3f}"
