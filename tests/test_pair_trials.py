"""Putting near pairs to assigning and grouping as they are."""

import pytest

from pipeline.near_pairs import NearPair, count_answers
from pipeline.near_pairs.reading import Side
from pipeline.pair_trials import try_near_pairs
from tests.toy_encoder import ToyEncoder

LATE = Side(
    "late", ("parcel late", "late late parcel", "the parcel is late"), ("late parcel today", "so late the parcel")
)
INVOICE = Side("invoice", ("invoice wrong", "wrong wrong invoice", "the invoice is wrong"), ("wrong invoice again",))
# The toy knows words alone, so a test sentence in the other side's words must fail.
TURNED = Side("invoice", INVOICE.examples, ("the late parcel is late",))


@pytest.fixture(scope="module")
def trial():
    """Try one pair, the number of reasons given."""
    return try_near_pairs([NearPair("a", LATE, INVOICE, is_put_away=False)], ToyEncoder(), is_number_given=True)


def test_words_that_only_one_side_uses_part_the_sides(trial):
    """Sentences with words of their own side find it."""
    for question in ("two_codes", "all_codes", "pair_apart", "apart"):
        share = count_answers(trial.answers, question)
        assert share.n_right == share.n_asked > 0, question


def test_every_question_is_asked_of_every_test_sentence(trial):
    """Three test sentences, two pairs of one sentence each."""
    n_asked = {one: count_answers(trial.answers, one).n_asked for one in ("two_codes", "together", "pair_apart")}
    assert n_asked == {"two_codes": 3, "together": 3, "pair_apart": 2}


def test_a_sentence_in_the_other_sides_words_fails():
    """The trial can fail: it is told what was mixed up."""
    trial = try_near_pairs([NearPair("a", LATE, TURNED, is_put_away=False)], ToyEncoder(), is_number_given=True)
    failed = {(one.question, one.text) for one in trial.failed}
    assert ("two_codes", "the late parcel is late") in failed
    assert ("pair_together", "the late parcel is late") in failed


def test_the_number_is_told_only_where_it_is_given(monkeypatch):
    """For all pairs 0 lets the number be found; a pair alone is always two."""
    told = []
    monkeypatch.setattr(
        "pipeline.pair_trials._group", lambda texts, n_clusters, encoder: told.append(n_clusters) or [0] * len(texts)
    )
    pair = NearPair("a", LATE, INVOICE, is_put_away=False)
    try_near_pairs([pair], ToyEncoder())
    try_near_pairs([pair], ToyEncoder(), is_number_given=True)
    assert told == [0, 2, 2, 2]
