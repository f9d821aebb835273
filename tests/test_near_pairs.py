"""Near pairs: read from their file, and found when they meet."""

import re
from itertools import pairwise, product
from pathlib import Path

import pytest

from pipeline.errors import TaxonomyError
from pipeline.languages import find_language
from pipeline.near_pairs import FallenPair, NearPair, Side, find_fallen_pairs, read_near_pairs

PAIRS = read_near_pairs(Path("taxonomy/near_pairs.yaml"))
PAIR = NearPair("late or never", Side("late", (), ("it is late",), "1"), Side("never", (), ("it never came",), "2"))


@pytest.mark.parametrize(
    ("places", "fallen"),
    [
        ({"it is late": "1", "it never came": "2"}, []),
        ({"it is late": "1", "it never came": "1"}, [FallenPair("late or never", "1")]),
        ({"it is late": None, "it never came": None}, []),
    ],
)
def test_a_pair_falls_when_both_sides_are_put_in_one_place(places, fallen):
    """Two codes are apart, one code is together, and nowhere is no place."""
    assert find_fallen_pairs([PAIR], lambda texts: [places[text] for text in texts]) == fallen


def list_pieces(text):
    """List a sentence's words and their neighbours; in Chinese its characters in twos."""
    words = re.sub(r"[\W_]+", " ", text.lower()).split()
    if find_language(text) == "en":
        return {*words, *pairwise(words)}
    return set(pairwise("".join(words)))


def test_there_are_enough_pairs_and_half_are_put_away():
    """At least 64 pairs, more than half of them only to measure by; late is paired with never arrived."""
    assert len(PAIRS) >= 64
    assert sum(pair.is_put_away for pair in PAIRS) >= len(PAIRS) / 2
    assert {"102", "101"} in [{side.code for side in pair.sides} for pair in PAIRS]
    assert len({pair.name for pair in PAIRS}) == len(PAIRS)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_both_sides_teach_and_ask_in_both_languages(pair):
    """Each side has a reason, three examples and two tests, each in Chinese and in English."""
    assert len({side.reason for side in pair.sides}) == 2
    for side in pair.sides:
        assert len(side.examples) >= 3, side.reason
        assert len(side.tests) >= 2, side.reason
        for texts in (side.examples, side.tests):
            assert {find_language(text) for text in texts} == {"en", "zh"}, side.reason


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_a_test_sentence_is_no_copy_of_an_example(pair):
    """At most a third of what two such sentences say is said in the same words."""
    for side in pair.sides:
        for test, example in product(side.tests, side.examples):
            one, other = list_pieces(test), list_pieces(example)
            assert len(one & other) / len(one | other) <= 1 / 3, test


def test_no_sentence_stands_twice():
    """What teaches one reason neither asks for it nor teaches another."""
    sentences = [text for pair in PAIRS for side in pair.sides for text in (*side.examples, *side.tests)]
    assert len(set(sentences)) == len(sentences)


def test_one_reason_has_one_code():
    """A reason that stands in several pairs is the same reason in all of them."""
    codes = {(side.reason, side.code) for pair in PAIRS for side in pair.sides}
    assert len({reason for reason, _ in codes}) == len(codes)
    numbered = [code for _, code in codes if code]
    assert len(set(numbered)) == len(numbered)


def test_a_project_without_the_file_has_no_pairs(tmp_path):
    """The file is optional."""
    assert read_near_pairs(tmp_path / "near_pairs.yaml") == ()


@pytest.mark.parametrize(
    "content", ["pairs: [{name: x, a: {}}]", "pairs: 3", "pairs: [", "pairs: [{a: {tests: x}, b: {}}]"]
)
def test_a_broken_file_is_named(tmp_path, content):
    """The message begins with the file."""
    path = tmp_path / "near_pairs.yaml"
    path.write_text(content)
    with pytest.raises(TaxonomyError, match=r"near_pairs\.yaml"):
        read_near_pairs(path)
