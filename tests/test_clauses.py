"""Tests of clauses."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clauses import split_clauses
from pipeline.languages import count_words


@pytest.mark.parametrize(
    ("language", "text", "clauses"),
    [
        ("en", "My parcel is late. Also my bill is wrong.", ["My parcel is late.", "Also my bill is wrong."]),
        (
            "en",
            "i ordered a lamp and another thing my bill is wrong",
            ["i ordered a lamp", "and another thing my bill is wrong"],
        ),
        ("en", "hi my name is Eva Lund what are your hours", ["hi my name is Eva Lund", "what are your hours"]),
        ("en", "my name is on the list", ["my name is on the list"]),
        ("en", "I was there at 4 p.m. on Monday", ["I was there at 4 p.m. on Monday"]),
        ("en", "Yes. My parcel is late", ["Yes. My parcel is late"]),
        ("zh", "我的网断了。另外，话费多扣了五十块", ["我的网断了。", "另外，话费多扣了五十块"]),
        ("zh", "我上周买的洗衣机 到现在还没送到", ["我上周买的洗衣机", "到现在还没送到"]),
        ("zh", "我的快递丢了，还有一个事我想改地址", ["我的快递丢了", "还有一个事我想改地址"]),
        ("zh", "我的 order 还没到，系统上却显示 delivered", ["我的 order 还没到", "系统上却显示 delivered"]),
        ("en", "first message\nsecond message here now", ["first message\nsecond message here now"]),
        ("mixed", "我的灯坏了，另外 the bill is wrong", ["我的灯坏了", "另外 the bill is wrong"]),
        ("en", "", []),
        ("zh", "。。", []),
    ],
)
def test_cuts_where_a_new_thought_begins(language, text, clauses):
    """Sentence ends, pauses and words that open a new thought cut; very short pieces join."""
    assert [clause.text for clause in split_clauses(text, language)] == clauses


@pytest.mark.parametrize(
    ("language", "text"), [("en", "also my bill is wrong"), ("en", "and another thing"), ("zh", "另外我想改地址")]
)
def test_words_for_another_matter_are_seen(language, text):
    """A clause that brings up another matter says so."""
    assert split_clauses(text, language)[0].opens_matter


def test_words_that_go_on_are_no_other_matter():
    """A clause that goes on with the same story does not."""
    assert not any(clause.opens_matter for clause in split_clauses("it broke and then it caught fire", "en"))


def test_long_unpunctuated_speech_is_cut():
    """A piece is cut at its weakest joint until none is much too long."""
    text = " and ".join(["we waited for the van all morning"] * 12)
    clauses = split_clauses(text, "en")
    assert len(clauses) > 3
    assert max(count_words(clause.text) for clause in clauses) <= 32


@given(st.text(alphabet="ab .,!?，。另外还有我们 alsoi\n", max_size=80), st.sampled_from(["en", "zh"]))
def test_clauses_are_pieces_of_the_text_in_order(text, language):
    """Offsets hold, clauses never overlap, and no word is lost."""
    clauses = split_clauses(text, language)
    assert all(clause.text == text[clause.start : clause.end] for clause in clauses)
    assert all(one.end <= other.start for one, other in pairwise(clauses))
    assert sum(count_words(clause.text) for clause in clauses) == count_words(text)
