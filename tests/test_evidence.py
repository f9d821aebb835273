"""Evidence: words, letters and sounds that two sentences share."""

import numpy as np
import pytest

from pipeline.evidence import fit_evidence, list_letters, list_sounds, list_words


def test_words_and_neighbours_are_listed_in_both_languages():
    """A Chinese character is a word; an apostrophe belongs to its word."""
    assert list_words("Can’t LOG in") == ["can't", "log", "in", "can't log", "log in"]
    assert list_words("没收到") == ["没", "收", "到", "没 收", "收 到"]


def test_letters_mark_the_edges_of_words():
    """The start of a word is another run of letters than its middle."""
    assert "<can" in list_letters("cancel")
    assert "cel>" in list_letters("cancel")


@pytest.mark.parametrize(
    ("said", "heard"), [("我要销户", "我要消护"), ("登录不了", "登炉不了"), ("又迟到了", "又吃到了"), ("話費", "话费")]
)
def test_a_misheard_word_sounds_the_same(said, heard):
    """Homophones, mixed-up initials and Traditional characters have the same sounds."""
    assert list_sounds(said) == list_sounds(heard)


def test_no_sentence_changes_how_another_is_seen():
    """A sentence alone and among others is the same row."""
    rng = np.random.default_rng(0)
    texts, embeddings = ["it is late", "it never came", "没收到"], rng.normal(size=(3, 8)).astype(np.float32)
    evidence = fit_evidence(texts, embeddings)
    alone = evidence.view(texts[1:2], embeddings[1:2])
    among = evidence.view(texts, embeddings)
    assert np.allclose(alone.meaning[0], among.meaning[1])
    assert (alone.words != among.words[1]).nnz == 0


def test_a_text_without_a_word_is_like_nothing():
    """Its rows are zeros, and a reference without Chinese has no sounds."""
    evidence = fit_evidence(["late", "never"], np.eye(2, dtype=np.float32))
    views = evidence.view(["…"], np.ones((1, 2), np.float32))
    assert (views.words.nnz, views.letters.nnz, views.sounds.nnz) == (0, 0, 0)
