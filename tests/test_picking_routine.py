"""Tests of routine words."""

import pytest

from pipeline.picking.routine import is_routine


@pytest.mark.parametrize(
    "text",
    [
        "Hello, can you hear me?",
        "hello? are you still there",
        "Yes, hello, can anybody hear me",
        "sorry I can't hear you very well",
        "thank you so much for your help",
        "bye bye, have a nice day",
        "okay I will hold",
        "one moment please",
        "I would give you a five for the service",
        "sure I can answer the survey",
        "喂听得到吗",
        "喂，你那边听得清楚吗",
        "你能听见我说话吗",
        "有人吗？",
        "谢谢，辛苦了，再见",
        "没有别的问题了",
        "您好，稍等一下",
        "我给你打五分",
        "",
    ],
)
def test_routine_is_seen(text):
    """Line checks, greetings, holding, thanks, goodbyes and survey talk are routine in both languages."""
    assert is_routine(text)


@pytest.mark.parametrize(
    "text",
    [
        "can you hear me? my lamp is broken",
        "can you help me",
        "callers cannot hear me on this phone",
        "thank you for the lamp but it is broken",
        "no one came today",
        "the line is dead",
        "is there a fee",
        "喂我的快递没收到",
        "好的我要退货",
        "没有网了",
        "我的卡没了",
        "有没有优惠",
        "信号不好",
    ],
)
def test_anything_more_is_not(text):
    """One word about a matter makes a text more than routine."""
    assert not is_routine(text)


def test_long_texts_are_more_than_routine():
    """A text of many words is not searched through."""
    assert not is_routine("ok " * 26)
