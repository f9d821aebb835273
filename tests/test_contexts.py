"""Contexts."""

import numpy as np
import pytest
from toy_encoder import ToyEncoder

from pipeline.config import ModelSettings
from pipeline.contexts import MAX_WORDS, ClauseEncoder, cut_context, embed_by_clauses, read_contexts
from pipeline.encoders import load_encoder
from pipeline.evidence import normalize_rows
from pipeline.languages import count_words
from pipeline.picking.picker import make_weigh
from pipeline.tables import Store, make_table

LONG = "I have lived on the hill for nine years with my two dogs. The parcel is late."


def weigh_alike(texts):
    """Let each clause count alike."""
    return np.zeros(len(texts))


def weigh_nothing(texts):
    """Say that nobody should have asked."""
    pytest.fail(f"{len(texts)} texts of one clause were weighed")


def test_a_short_turn_is_its_own_context():
    """All of a short turn is about the reason."""
    assert cut_context("Hi there. It never came. Thanks.", "It never came.") == "Hi there. It never came. Thanks."


def test_a_long_turn_is_cut_around_the_clause():
    """Of a long turn only the words around the clause count, in either language."""
    for filler, clause in (("well you know ", "it never came"), ("就是说啊", "一直没收到货")):
        context = cut_context(filler * 40 + clause + " " + filler * 40, clause)
        assert clause in context
        assert count_words(context) == MAX_WORDS


def test_a_clause_at_an_end_keeps_the_other_side():
    """At the start or the end of a turn the words of the other side make up the number."""
    filler = "well you know " * 40
    for turn in ("it never came " + filler, filler + "it never came"):
        assert count_words(cut_context(turn, "it never came")) == MAX_WORDS


def test_without_a_turn_the_clause_stands_alone(tmp_path):
    """A clause whose turn is not there is its own context."""
    store = Store(tmp_path)
    store.write_whole(
        "turns", "f1", make_table("turns", [{"call_id": "a", "turn_index": 0, "text": "Hi. Late again."}])
    )
    rows = [
        {"call_id": "a", "turn_index": 0, "text": "Late again."},
        {"call_id": "b", "turn_index": 0, "text": "Lost."},
    ]
    assert read_contexts(store, rows) == ["Hi. Late again.", "Lost."]


def test_a_text_of_one_clause_keeps_its_embedding():
    """There is nothing to weigh; a batch of such texts is embedded once."""
    texts = ["my parcel is late", "包裹晚了"]
    assert np.array_equal(embed_by_clauses(texts, ToyEncoder(), weigh_nothing), ToyEncoder().encode(texts))


def test_clauses_have_their_say_beside_the_whole():
    """Clauses that are as likely weigh the same, however long; the rest of the batch changes nothing."""
    alone, together = (
        embed_by_clauses([LONG, *others], ToyEncoder(), weigh_alike)[0] for others in ((), ("late", "invoice"))
    )
    aim = ToyEncoder().encode(["The parcel is late."])[0]
    assert alone @ aim > ToyEncoder().encode([LONG])[0] @ aim
    assert np.array_equal(alone, together) and np.isclose(np.linalg.norm(alone), 1)


def test_the_clause_that_states_a_reason_weighs_most():
    """Where one clause is sure to be the reason and the other is not, the other has no say of its own."""
    sure = embed_by_clauses([LONG], ToyEncoder(), lambda texts: np.array([40.0 * ("late" in one) for one in texts]))
    whole, reason = ToyEncoder().encode([LONG, "The parcel is late."])
    assert np.allclose(sure[0], normalize_rows((whole + reason)[None])[0], atol=1e-6)


def test_an_encoder_of_turns_is_the_encoder_that_weighs_their_clauses():
    """It goes by the same name, and everything that embeds texts can work with it."""
    toy = ToyEncoder()
    turns = ClauseEncoder(toy, weigh_alike)
    assert (turns.name, turns.dim, turns.library) == (toy.name, toy.dim, toy.library)
    assert np.array_equal(turns.encode([LONG, "late"]), embed_by_clauses([LONG, "late"], toy, weigh_alike))


def test_the_real_judge_weighs_a_reason_above_where_somebody_lives():
    """What the product weighs clauses with."""
    weigh = make_weigh(load_encoder("all-MiniLM-L6-v2", ModelSettings()))
    lives, late = weigh(["I have lived on the hill for nine years with my two dogs.", "My parcel has not come yet."])
    assert late > lives + 1
