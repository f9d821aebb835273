"""Answers: who said what, what is open, what counts as true, and what is refused."""

from datetime import timedelta

import pytest
from auditing import answer, keep_calls, make_measured
from conftest import NOW
from invented_calls import LATE, NEVER, Invented

from pipeline.audit.answers import (
    Said,
    find_round,
    find_scored_round,
    list_answers,
    list_open,
    list_rounds,
    mark_scored,
    record_answer,
)
from pipeline.errors import InputError

CALLS = (Invented("a", 0, (NEVER,)), Invented("b", 1, (LATE,)), Invented("c", 2, (LATE,)))


@pytest.fixture
def project(tmp_path):
    """A measured project of three calls."""
    return make_measured(tmp_path, CALLS)


@pytest.fixture
def drawn(project):
    """A round of all three, shown in the order b, a, c."""
    return keep_calls(project, {"b": 1.0, "a": 1.0, "c": 1.0}, n_calls=3)


def test_what_one_has_answered_is_open_to_the_other(project, drawn):
    """Open calls keep the round's order."""
    answer(project, drawn, {"a": "101"}, "anna")
    assert list_open(project, drawn, "anna") == ["b", "c"]
    assert list_open(project, drawn, "ben") == ["b", "a", "c"]


def test_a_changed_answer_keeps_its_place(project, drawn):
    """Anna was first; what she says now counts, with the time she first answered and the time she changed it."""
    answer(project, drawn, {"a": "101"}, "anna")
    answer(project, drawn, {"a": "103"}, "ben", after_min=1)
    answer(project, drawn, {"a": ["102", "101"]}, "anna", after_min=2)
    first, second = list_answers(project, drawn)
    assert (first.who, first.said, second.who) == ("anna", Said(("102", "101")), "ben")
    assert first.answered_at < second.answered_at < first.changed_at


@pytest.mark.parametrize(
    ("call_id", "said", "who", "message"),
    [
        ("z", Said(("101",)), "anna", "Call 'z' is not in round 1"),
        ("a", Said(), "anna", "should have codes or a kind of no-code"),
        ("a", Said(("101",), "not_said"), "anna", "should have codes or a kind of no-code"),
        ("a", Said(no_code="dunno"), "anna", "should be one of none_of_these, undecided, not_said, not_heard"),
        ("a", Said(("999",)), "anna", "no active code 999"),
        ("a", Said(("101", "101")), "anna", "the same code twice"),
        ("a", Said(("101",)), " ", "Nobody is named"),
    ],
)
def test_what_is_no_answer_is_refused(project, drawn, call_id, said, who, message):
    """Nothing is recorded then."""
    with pytest.raises(InputError, match=message):
        record_answer(project, drawn, call_id, said, who=who, now=NOW)
    assert list_answers(project, drawn) == []


def test_answers_are_recorded_all_or_none(project, drawn):
    """One bad answer leaves the others out too."""
    with pytest.raises(InputError, match="no active code"):
        answer(project, drawn, {"a": "101", "b": "999"}, "anna")
    assert list_answers(project, drawn) == []


def test_rounds_are_kept_apart(project, drawn):
    """Each has its own answers; the last one is meant unless one is named."""
    answer(project, drawn, {"a": "101"}, "anna")
    later = keep_calls(project, {"c": 1.0}, n_calls=3)
    assert [one.round_id for one in list_rounds(project)] == [1, 2]
    assert (find_round(project), find_round(project, 1)) == (later, drawn)
    assert list_answers(project, later) == []
    with pytest.raises(InputError, match=r"There is no round 7\. The last one is 2"):
        find_round(project, 7)


def test_a_round_counts_when_it_is_whole_or_scored(project, drawn):
    """Half a round corrects nothing until somebody asks for its score; the last such round does."""
    assert find_scored_round(project) is None
    answer(project, drawn, {"a": "101", "b": "102"}, "anna")
    assert find_scored_round(project) is None
    answer(project, drawn, {"c": "102"}, "ben")
    assert find_scored_round(project) == drawn
    later = keep_calls(project, {"a": 0.5, "c": 0.5}, n_calls=3)
    answer(project, later, {"a": "101"}, "anna")
    assert find_scored_round(project) == drawn
    mark_scored(project, later, NOW)
    assert find_scored_round(project).round_id == later.round_id
    mark_scored(project, drawn, NOW + timedelta(days=40))
    assert find_scored_round(project).round_id == drawn.round_id  # what is asked for last counts


def test_without_a_draw_the_line_says_what_to_do(tmp_path):
    """There is nothing to answer or to score."""
    project = make_measured(tmp_path, CALLS)
    assert list_rounds(project) == []
    with pytest.raises(InputError, match="callreasons audit sample"):
        find_round(project)
