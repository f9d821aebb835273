"""Near pairs: read from their file, and found when they meet."""

import re
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import pytest

from pipeline.errors import TaxonomyError
from pipeline.languages import find_language
from pipeline.matching import Assignment
from pipeline.near_pairs import (
    NearPair,
    Share,
    Side,
    check_candidates,
    check_codes,
    count_answers,
    find_coded_pairs,
    judge_coding,
    judge_grouping,
    keep_language,
    make_pair_taxonomy,
    read_near_pairs,
)
from pipeline.taxonomy import Code, Taxonomy

PAIRS = read_near_pairs(Path("taxonomy/near_pairs.yaml"))
LATE = Side("late", ("it is slow",), ("it is late", "晚了"), "1")
NEVER = Side("never", ("it is not here",), ("it never came", "没来"), "2")
PAIR = NearPair("late or never", LATE, NEVER)
CODES = Taxonomy((Code("1", examples=("late",)), Code("2", examples=("never",))))


def list_pieces(text):
    """List a sentence's words and their neighbours; in Chinese its characters in twos."""
    words = re.sub(r"[\W_]+", " ", text.lower()).split()
    if find_language(text) == "en":
        return {*words, *pairwise(words)}
    return set(pairwise("".join(words)))


def test_there_are_enough_pairs_and_many_are_put_away():
    """At least 100 pairs, 40 of them only to measure by; late is paired with never arrived."""
    assert len(PAIRS) >= 100
    assert sum(pair.is_put_away for pair in PAIRS) >= 40
    assert {"102", "101"} in [{side.code for side in pair.sides} for pair in PAIRS]
    assert len({pair.name for pair in PAIRS}) == len(PAIRS)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_both_sides_teach_and_ask_in_both_languages(pair):
    """Each side has a name, three examples and two tests, each in Chinese and in English."""
    assert len({side.reason for side in pair.sides}) == len({side.reason_zh for side in pair.sides}) == 2
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


def test_reasons_may_be_named_in_both_languages(tmp_path):
    """A name by language is shown in that language; a plain one in both."""
    path = tmp_path / "near_pairs.yaml"
    path.write_text("pairs: [{a: {reason: {en: late, zh: 晚到}}, b: {reason: never}}]", "utf-8")
    (pair,) = read_near_pairs(path)
    assert [side.name(language) for side in pair.sides for language in ("en", "zh")] == [
        "late",
        "晚到",
        "never",
        "never",
    ]


def assign_by(codes):
    """Make an assigner that looks codes up."""
    return lambda texts: [Assignment(codes[text], None, 1.0, codes[text], None, 0.0) for text, _ in texts]


@pytest.mark.parametrize(
    ("codes", "places", "n_right"),
    [
        (("1", "1", "2", "2"), (), 4),
        (("1", None, None, "2"), (), 2),
        ((None, None, None, None), (), 0),
        (("1", "1", "1", "2"), ("1",), 3),
        (("2", None, None, None), ("2",), 0),
        (("9", None, None, "9"), ("9",), 0),
        (("9", None, None, "8"), (), 0),
    ],
)
def test_a_pair_meets_in_a_code(codes, places, n_right):
    """One side took the other's code, or both took a third; a refusal is neither right nor a place to meet."""
    by_text = dict(zip((*LATE.tests, *NEVER.tests), codes, strict=True))
    (check,) = check_codes(find_coded_pairs([PAIR], CODES), assign_by(by_text))
    assert (check.places, check.n_right, check.n_asked) == (places, n_right, 4)


def test_only_pairs_with_two_codes_concern_a_taxonomy():
    """A side without a code, or with one that is retired or not there, is not asked; a merged pair shares its code."""
    retired = Taxonomy((CODES.codes[0], Code("2", examples=("never",), status="retired")))
    merged = Taxonomy((CODES.codes[0], Code("2", examples=("never",), merged_into="1")))
    assert not find_coded_pairs([PAIR], retired)
    assert not find_coded_pairs([NearPair("x", Side("a", (), ()), NEVER)], CODES)
    coded = find_coded_pairs([PAIR], merged)
    codes = dict.fromkeys((*LATE.tests, *NEVER.tests), "1")
    assert check_codes(coded, assign_by(codes))[0].places == ("1",)


@pytest.mark.parametrize(
    ("n_late", "n_never", "places"),
    [(2, 2, ("c",)), (9, 1, ()), (8, 2, ("c",)), (9, 2, ()), (0, 4, ())],
)
def test_a_pair_meets_in_a_candidate(n_late, n_never, places):
    """Both sides have two members or more, and a fifth of those that are of either."""
    members = {"c": ["late"] * n_late + ["never"] * n_never + [None] * 5, "d": ["late"]}
    (check,) = check_candidates([PAIR], members)
    assert (check.places, check.n_asked) == (places, n_late + n_never + 1)


def test_a_reason_of_several_pairs_is_taught_once():
    """The same reason in two pairs is one code with the sentences of both."""
    other = NearPair("late or broken", Side("late", ("slow",), ("tardy",)), Side("broken", ("cracked",), ("in bits",)))
    codes = {code.number: code.examples for code in make_pair_taxonomy([PAIR, other]).codes}
    assert list(codes) == ["late", "never", "broken"]
    assert codes["late"] == ("it is slow", "it is late", "晚了", "slow", "tardy")
    (late, *_) = make_pair_taxonomy([NearPair("late", replace(LATE, reason_zh="晚到"), NEVER)], with_tests=False).codes
    assert (late.examples, late.wordings) == (("it is slow",), ("late", "晚到"))


def test_a_refusal_is_no_pass():
    """Each test sentence is asked among two codes and among all; only its own side's code is right."""
    found = {"it is late": "late", "晚了": None, "it never came": "late", "没来": "never"}
    answers = judge_coding([PAIR], lambda taxonomy: lambda texts: [found[text] for text in texts])
    assert count_answers(answers, "two_codes") == count_answers(answers, "all_codes") == Share(2, 4)
    assert count_answers(answers, "two_codes", language="zh") == Share(1, 2)
    assert count_answers(answers, "two_codes", is_put_away=True) == Share(0, 0)
    assert [(one.text, one.other) for one in answers if not one.is_right][:2] == [
        ("晚了", ""),
        ("it never came", "late"),
    ]


def test_groups_are_asked_for_both_sides():
    """Two sides are apart in two groups; a test sentence is together with where most examples of its side are."""
    places = {"it is slow": 0, "it is late": 0, "晚了": -1, "it is not here": 1, "it never came": 0, "没来": 1}
    answers = judge_grouping([PAIR], lambda texts, n: [places[text] for text in texts])
    assert count_answers(answers, "apart") == Share(3, 4)
    assert count_answers(answers, "together") == count_answers(answers, "pair_together") == Share(2, 4)


def test_sentences_of_one_language_can_be_kept():
    """A pair that is left without examples in that language goes."""
    assert [side.tests for side in keep_language([PAIR], "en")[0].sides] == [("it is late",), ("it never came",)]
    assert keep_language([PAIR], "zh") == []
