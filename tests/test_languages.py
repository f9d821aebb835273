"""Languages: which one, and how many words."""

import pytest

from pipeline.languages import count_words, find_language


@pytest.mark.parametrize(
    ("text", "n_words"),
    [("APP打不开", 4), ("我的wifi连不上", 6), ("it's late", 2), ("第2次", 3), ("", 0), ("a?们", 2)],
)
def test_words_are_counted_in_both_languages(text, n_words):
    """A Chinese character is a word; letters beside it are one of their own."""
    assert count_words(text) == n_words


@pytest.mark.parametrize(("text", "language"), [("APP打不开", "zh"), ("please reset my 密码", "en"), ("hello", "en")])
def test_the_language_is_what_most_words_are_in(text, language):
    """One foreign word does not change it."""
    assert find_language(text) == language
