"""Counting: known tokens in many texts, as many as scikit-learn finds."""

import numpy as np
import pytest

from pipeline import counting
from pipeline.counting import PieceCounter, make_pair_counter
from pipeline.evidence import CHINESE_RUN, LATIN_WORD, fit_evidence, list_letters, list_sounds, list_words
from pipeline.languages import WORD

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
    ours = fit_evidence(TEXTS, np.eye(len(TEXTS), dtype=np.float32)).weighers[name].weigh(OTHERS)
    assert ours.nnz == theirs.nnz > 0
    assert abs(ours - theirs).max() < 1e-6


def test_pairs_do_not_reach_from_one_text_into_the_next():
    """The last word of a text and the first of another are no neighbours."""
    counter = make_pair_counter(WORD, {"late": 0, "late again": 1, "again": 2})
    assert counter.count(["late again", "late", "again"]).toarray().tolist() == [[1, 1, 1], [1, 0, 0], [0, 0, 1]]


def test_a_vocabulary_without_pairs_counts_words():
    """Single characters have no neighbours."""
    assert make_pair_counter(WORD, {"late": 0}).count(["late late", ""]).toarray().tolist() == [[2], [0]]


def test_what_is_remembered_stays_small(monkeypatch):
    """Pieces are forgotten before they fill the memory, and count the same after."""
    monkeypatch.setattr(counting, "MAX_REMEMBERED", 2)
    counter = PieceCounter(LATIN_WORD, list_letters, {"<ab": 0, "ab>": 1})
    first = counter.count(["ab cd ef gh ab"]).toarray().tolist()
    assert first == counter.count(["ab cd ef gh ab"]).toarray().tolist() == [[2, 2]]
    assert len(counter.remembered) <= 2


def test_a_text_without_pieces_is_a_row_of_zeros():
    """No Chinese, no sounds."""
    counter = PieceCounter(CHINESE_RUN, list_sounds, {"dao": 0})
    assert counter.count(["late", "到"]).toarray().tolist() == [[0], [1]]
