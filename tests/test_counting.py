"""Counting: known tokens in many texts, as many as scikit-learn finds."""

import numpy as np
import pytest

from pipeline import counting
from pipeline.counting import PieceCounter, make_run_counter
from pipeline.evidence import fit_evidence, list_letters, list_sounds, list_words
from pipeline.languages import WORD
from pipeline.pieces import find_pieces
from pipeline.signs import LATIN_WORD, find_signs

TEXTS = (
    "Can’t LOG in, can't", "it never came late late", "没收到货 order", "又迟到了 my parcel's 快递没到", "",
    "a b a b a", "ΣΑΣ été 'tis don''t ' '", "x\ny z", "it never came",
)  # fmt: skip
OTHERS = (*TEXTS, "log in late", "货没收到又", "…", "never, never it")


@pytest.mark.parametrize(
    ("name", "lister"), [("words", list_words), ("letters", list_letters), ("sounds", list_sounds)]
)
def test_tokens_weigh_what_scikit_learn_says(name, lister):
    """Counting many texts at once gives the very rows that listing the tokens of each gives."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    theirs = TfidfVectorizer(analyzer=lister, sublinear_tf=True, dtype=np.float32).fit(TEXTS).transform(OTHERS)
    embeddings = np.eye(len(OTHERS), dtype=np.float32)
    signs = find_signs(OTHERS, embeddings, None)
    ours = fit_evidence(TEXTS, embeddings[: len(TEXTS)]).weighers[name].weigh(getattr(signs, name))
    assert ours.nnz == theirs.nnz > 0
    assert abs(ours - theirs).max() < 1e-6


def count_words(vocabulary, *texts):
    """Count words and pairs of neighbours."""
    return make_run_counter(vocabulary, 2).count(find_pieces(WORD, texts)).toarray().tolist()


def test_pairs_do_not_reach_from_one_text_into_the_next():
    """The last word of a text and the first of another are no neighbours."""
    known = {"late": 0, "late again": 1, "again": 2}
    assert count_words(known, "late again", "late", "again") == [[1, 1, 1], [1, 0, 0], [0, 0, 1]]


def test_an_unknown_word_parts_its_neighbours():
    """What stood on both sides of it is no pair."""
    assert count_words({"late": 0, "late again": 1, "again": 2}, "late and again") == [[1, 0, 1]]


def test_a_run_of_three_is_known_where_no_pair_is():
    """Three neighbours are looked for as three, whatever shorter runs there are."""
    known = {"it": 0, "never": 1, "came": 2, "it never came": 3}
    texts = find_pieces(WORD, ["it never came", "it never", "never came it", "it and never came"])
    counts = make_run_counter(known, 3).count(texts).toarray().tolist()
    assert counts == [[1, 1, 1, 1], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 0]]


def test_a_vocabulary_without_pairs_counts_words():
    """Single characters have no neighbours."""
    assert count_words({"late": 0}, "late late", "") == [[2], [0]]


def test_what_is_remembered_stays_small(monkeypatch):
    """Pieces are forgotten before they fill the memory, and count the same after."""
    monkeypatch.setattr(counting, "MAX_REMEMBERED", 2)
    monkeypatch.setattr(counting, "MAX_LISTS", 2)
    counter = PieceCounter(list_letters, {"<ab": 0, "ab>": 1})
    for _ in range(4):
        pieces = find_pieces(LATIN_WORD, ["ab cd ef gh ab"])
        assert counter.count(pieces).toarray().tolist() == counter.count(pieces).toarray().tolist() == [[2, 2]]
        assert len(counter.remembered) <= 2 and len(counter.lists) <= 2


def test_a_text_without_pieces_is_a_row_of_zeros():
    """Letters alone have no sounds."""
    counter = make_run_counter({"dao": 0}, 3)
    assert counter.count(find_signs(["late", "到"], np.eye(2, dtype=np.float32), None).sounds).toarray().tolist() == [
        [0],
        [1],
    ]
