"""Progress: how far each person is in a round, who is out of it, and when answers may be laid side by side."""

import pytest
from auditing import answer, keep_calls, make_measured
from conftest import NOW
from invented_calls import LATE, NEVER, Invented

from pipeline.audit.answers import Said, find_round, is_drawn, list_answers, mark_scored, resolve_answer
from pipeline.audit.progress import find_part, list_parts, may_compare
from pipeline.audit.seen import list_seen, mark_seen
from pipeline.errors import InputError

CALLS = (Invented("a", 0, (NEVER,)), Invented("b", 1, (LATE,)), Invented("c", 2, (LATE,)))


@pytest.fixture
def project(tmp_path):
    """A measured project of three calls."""
    return make_measured(tmp_path, CALLS)


@pytest.fixture
def drawn(project):
    """A round of two of them."""
    return keep_calls(project, {"b": 1.0, "a": 1.0}, n_calls=3)


def test_each_person_is_as_far_as_they_answered(project, drawn):
    """Who resolves a call has not answered it; who has not begun has everything open."""
    answer(project, drawn, {"a": "101"}, "bo", after_min=1)
    answer(project, drawn, {"a": "102", "b": "102"}, "anna")
    resolve_answer(project, drawn, "a", Said(("101",)), who="cleo", now=NOW)
    assert [(one.who, one.n_answered, one.n_open) for one in list_parts(project, drawn)] == [
        ("anna", 2, 0),
        ("bo", 1, 1),
    ]
    assert find_part(project, drawn, " cleo ").n_open == 2


def test_answers_are_compared_when_all_have_ended(project, drawn):
    """Somebody half way could be led: until they finish, see the score, or it was asked for, nobody's are shown."""
    answer(project, drawn, {"a": "101", "b": "102"}, "anna")
    assert may_compare(drawn, list_parts(project, drawn))
    answer(project, drawn, {"a": "102"}, "bo")
    assert not may_compare(drawn, list_parts(project, drawn))
    mark_seen(project, drawn.round_id, "bo", NOW)
    assert may_compare(drawn, list_parts(project, drawn))


def test_answers_are_compared_when_the_score_was_asked_for(project, drawn):
    """Who stops half way holds nobody up for good."""
    answer(project, drawn, {"a": "102"}, "bo")
    mark_scored(project, drawn, NOW)
    assert may_compare(find_round(project), list_parts(project, drawn))


def test_who_has_seen_the_score_answers_no_more(project, drawn):
    """Neither a new answer nor another one: it would not be blind. Others go on, and resolving goes on."""
    answer(project, drawn, {"a": "101"}, "bo")
    mark_seen(project, drawn.round_id, "bo", NOW)
    for said in ({"a": "102"}, {"b": "102"}):
        with pytest.raises(InputError, match="has seen the score of round 1"):
            answer(project, drawn, said, " bo ")
    answer(project, drawn, {"b": "102"}, "anna")
    resolve_answer(project, drawn, "a", Said(("102",)), who="bo", now=NOW)
    assert len(list_answers(project, drawn)) == 3
    assert list_seen(project, drawn.round_id) == {"bo"}


def test_one_round_s_score_says_nothing_of_another(project, drawn):
    """Who has seen last month's score answers this month's calls."""
    mark_seen(project, drawn.round_id, "bo", NOW)
    answer(project, keep_calls(project, {"c": 1.0}), {"c": "102"}, "bo")


def test_a_call_is_drawn_in_any_round(project, drawn):
    """What was never drawn is not."""
    assert is_drawn(project, "a")
    assert not is_drawn(project, "c")
    assert not is_drawn(project, "../a")
