"""Truths: what counts as true of a call, and who differs, by the codes as they are today."""

from dataclasses import replace
from datetime import timedelta

import pytest
from auditing import answer, keep_calls, make_measured
from conftest import NOW
from invented_calls import LATE, NEVER, Invented

from pipeline.audit.answers import Said, list_answers, list_open, resolve_answer
from pipeline.audit.truths import find_disagreements, find_truths, update_said
from pipeline.taxonomy import Code, Taxonomy

CALLS = (Invented("a", 0, (NEVER,)), Invented("b", 1, (LATE,)), Invented("c", 2, (LATE,)))
TAXONOMY = Taxonomy(tuple(Code(number) for number in ("101", "102", "103", "104")))
# 103 was merged into 102, and that into 101 later.
MERGED = Taxonomy(
    tuple(
        replace(code, status="retired", merged_into={"102": "101", "103": "102"}[code.number])
        if code.number in ("102", "103")
        else code
        for code in TAXONOMY.codes
    )
)


@pytest.fixture
def project(tmp_path):
    """A measured project of three calls."""
    return make_measured(tmp_path, CALLS)


@pytest.fixture
def drawn(project):
    """A round of all three, shown in the order b, a, c."""
    return keep_calls(project, {"b": 1.0, "a": 1.0, "c": 1.0}, n_calls=3)


def test_a_resolved_answer_is_the_true_one(project, drawn):
    """Until then the first counts and the call is a disagreement; a later resolution replaces an earlier one."""
    answer(project, drawn, {"a": "101", "b": "102"}, "anna")
    answer(project, drawn, {"a": "not_said", "b": "102"}, "ben", after_min=1)
    assert find_disagreements(list_answers(project, drawn), TAXONOMY) == ["a"]
    for minutes, who, code in ((5, "dora", "104"), (6, "carl", "103")):
        resolve_answer(project, drawn, "a", Said((code,)), who=who, now=NOW + timedelta(minutes=minutes))
    answers = list_answers(project, drawn)
    assert find_disagreements(answers, TAXONOMY) == []
    assert find_truths(answers, TAXONOMY) == {"a": Said(("103",)), "b": Said(("102",))}
    resolve_answer(project, drawn, "a", Said(("101",)), who="dora", now=NOW + timedelta(minutes=7))
    assert find_truths(list_answers(project, drawn), TAXONOMY)["a"] == Said(("101",))
    assert list_open(project, drawn, "dora") == ["b", "a", "c"]  # resolving is not answering blind


def test_the_first_answer_counts_until_one_is_resolved(project, drawn):
    """Who changes an answer keeps their place."""
    answer(project, drawn, {"a": "101"}, "anna")
    answer(project, drawn, {"a": "103"}, "ben", after_min=1)
    answer(project, drawn, {"a": ["102", "101"]}, "anna", after_min=2)
    assert find_truths(list_answers(project, drawn), TAXONOMY) == {"a": Said(("102", "101"))}


@pytest.mark.parametrize(
    ("said", "today"),
    [
        (Said(("103",)), Said(("101",))),
        (Said(("104", "103", "101")), Said(("104", "101"))),
        (Said(no_code="not_said"), Said(no_code="not_said")),
    ],
)
def test_a_merged_code_is_what_it_became(said, today):
    """Through every merge; two that became one are one."""
    assert update_said(said, MERGED) == today


def test_an_old_code_and_what_it_became_are_no_difference(project, drawn):
    """One answered before the merge, the other after it: they say the same, and there is nothing to resolve."""
    answer(project, drawn, {"a": "103", "b": ["104", "102"], "c": "103"}, "anna")
    answer(project, drawn, {"a": "101", "b": ["104", "101"], "c": "104"}, "ben", after_min=1)
    answers = list_answers(project, drawn)
    assert find_disagreements(answers, TAXONOMY) == ["a", "b", "c"]
    assert find_disagreements(answers, MERGED) == ["c"]
    truths = find_truths(answers, MERGED)
    assert truths == {"a": Said(("101",)), "b": Said(("104", "101")), "c": Said(("101",))}
