"""Homophones: what was meant is written for what only sounds like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.homophones import DENYING, mend_segment
from pipeline.roles.merging import merge_segments
from pipeline.transcripts import Segment, Transcript, Word

UNSURE, SURE = 0.5, 0.99


def mend(text: str, ratio: float = UNSURE) -> str:
    """Mend a text whose every word was heard with one probability."""
    return mend_segment(Segment(text, "zh", words=(Word(0.0, 1.0, text, ratio),)))


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("我的护造丢了", "我的护照丢了"),
        ("我要改签鸡票", "我要改签机票"),
        ("请问沈份证带了吗", "请问身份证带了吗"),
        ("宽代又断了", "宽带又断了"),
        ("帮我查一下保现", "帮我查一下保险"),
    ],
)
def test_a_word_that_was_misspelled_by_sound_is_mended(heard: str, meant: str) -> None:
    """Characters that make no word are written as the word that sounds like them."""
    assert mend(heard) == meant


@pytest.mark.parametrize(
    "text",
    [
        "我的客服电话是多少",
        "我用微信登录的",
        "我已经付了钱",
        "账户里没有钱",
        "沒事了",
        "我的護照丟了",
        "收到了，谢谢",
        "网络很慢但是能用",
        "it was never sent",
        "",
    ],
)
def test_a_text_that_was_heard_right_stays(text: str) -> None:
    """Words that stand in the dictionary and were heard surely are left alone."""
    assert mend(text, SURE) == text


def test_a_sure_word_is_kept_where_an_unsure_one_is_mended() -> None:
    """The transcriber's probability decides between two readings of the same sounds."""
    assert (mend("必需", UNSURE), mend("必需", SURE)) == ("必须", "必需")


@given(st.text(alphabet="我不没沒無的付款补上别未退票收到改签机鸡护照造 ,。abc[]", max_size=30), st.floats(0, 1))
def test_length_and_denials_survive(text: str, ratio: float) -> None:
    """Every character keeps its place, a denial is neither put in nor taken out, and other scripts stay."""
    mended = mend(text, ratio)
    assert len(mended) == len(text)
    for one, other in zip(text, mended, strict=True):
        assert one == other or (one not in DENYING and other not in DENYING and one > "\u4e00")


def test_words_that_do_not_make_the_text_are_not_trusted() -> None:
    """Where the words' times belong to another text, every character counts as heard unsurely."""
    assert mend_segment(Segment("必需", "zh", words=(Word(0.0, 1.0, "别的", SURE),))) == "必须"


def test_turns_are_mended_and_transcripts_are_not() -> None:
    """Roles writes what was meant; the transcript it reads keeps what was heard."""
    heard = Segment(
        "我要改签鸡票", "zh", channel=1, start_s=0.0, end_s=2.0, words=(Word(0.0, 2.0, "我要改签鸡票", UNSURE),)
    )
    transcript = Transcript("a", "2026-11-20T08:00", "phone", "0", segments=(heard,))
    assert [turn.text for turn in merge_segments(transcript, mend_segment)] == ["我要改签机票"]
    assert [turn.text for turn in merge_segments(transcript)] == ["我要改签鸡票"]
