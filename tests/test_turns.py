"""Turns."""

import pytest

from pipeline.errors import MissingTableError
from pipeline.tables import make_table
from pipeline.turns import AGENT, CUSTOMER, UNKNOWN, Turn, find_calls_with_turns, group_turns


def test_turns_of_each_call_are_in_order():
    """Rows of many calls come back by call, sorted, and a call without a turn has none."""
    rows = [
        {"call_id": call_id, "turn_index": index, "role": CUSTOMER, "text": "hi", "language": "en"}
        for call_id, index in (("a", 1), ("b", 0), ("a", 0))
    ]
    grouped = group_turns(make_table("turns", rows), ["a", "empty"])
    assert [turn.turn_index for turn in grouped["a"]] == [0, 1]
    assert grouped["empty"] == []
    assert "b" not in grouped


def test_covered_calls_are_those_roles_went_through(work):
    """A call without a turn is covered too, with what it was made from."""
    work.store.write("turns", "f1", make_table("turns", []), {"a": "1", "b": "2"})
    work.store.set_current("turns", ["f1"])
    assert find_calls_with_turns(work.store) == {"a": "1", "b": "2"}


def test_without_turns_the_stage_says_so(work):
    """Before roles ran, the missing table is named."""
    with pytest.raises(MissingTableError, match="turns"):
        find_calls_with_turns(work.store)


@pytest.mark.parametrize(("role", "may_be"), [(CUSTOMER, True), (UNKNOWN, True), (AGENT, False)])
def test_unknown_may_be_the_customer(role, may_be):
    """Whoever is not known to be the agent may be the customer."""
    assert Turn("a", 0, role, "hi").may_be_customer == may_be
