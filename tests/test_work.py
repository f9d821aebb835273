"""Work."""

from dataclasses import replace

import pytest

from pipeline.tables import make_table
from pipeline.work import sync_calls


@pytest.fixture
def made():
    """Ids that were made, in order."""
    return []


@pytest.fixture
def make(made):
    """Make rows and remember for whom."""

    def make_rows(call_ids):
        made.extend(call_ids)
        return {"calls": make_table("calls", [{"call_id": call_id} for call_id in call_ids])}

    return make_rows


def test_second_sync_does_nothing(work, make, made):
    """What was made from the same input is not made again."""
    for _ in range(2):
        outcome = sync_calls(work, ["calls"], {"a": "1", "b": "1"}, make)
    assert made == ["a", "b"]
    assert (outcome.n_done, outcome.n_kept) == (0, 2)


def test_changed_input_is_made_again(work, make, made):
    """A call whose input changed is made again, the others stay, and what is gone goes."""
    sync_calls(work, ["calls"], {"a": "1", "b": "1", "c": "1"}, make)
    sync_calls(work, ["calls"], {"a": "2", "b": "1"}, make)
    assert made == ["a", "b", "c", "a"]
    assert sorted(work.store.read("calls")["call_id"].to_pylist()) == ["a", "b"]


def test_new_fingerprint_makes_all_again(work, make, made):
    """A changed model or setting makes every call again."""
    sync_calls(work, ["calls"], {"a": "1"}, make)
    sync_calls(replace(work, fingerprint="f2"), ["calls"], {"a": "1", "b": "1"}, make)
    assert made == ["a", "a", "b"]


def test_only_new_leaves_old_calls(work, make, made):
    """With only_new, calls made under an older fingerprint keep their rows and stay visible."""
    sync_calls(work, ["calls"], {"a": "1"}, make)
    sync_calls(replace(work, fingerprint="f2", only_new=True), ["calls"], {"a": "1", "b": "1"}, make)
    assert made == ["a", "b"]
    assert sorted(work.store.read("calls")["call_id"].to_pylist()) == ["a", "b"]


def test_force_makes_all_again(work, make, made):
    """Force makes what is done again, once."""
    sync_calls(work, ["calls"], {"a": "1"}, make)
    sync_calls(replace(work, force=True), ["calls"], {"a": "1"}, make)
    assert made == ["a", "a"]
    assert work.store.read("calls").num_rows == 1


def test_a_crash_between_batches_loses_nothing(work, make, made):
    """A run that dies in the second batch goes on there."""

    def die_late(call_ids):
        if len(made) >= 200:
            raise KeyboardInterrupt
        return make(call_ids)

    expected = {f"c{index:03}": "1" for index in range(250)}
    with pytest.raises(KeyboardInterrupt):
        sync_calls(work, ["calls"], expected, die_late)
    sync_calls(work, ["calls"], expected, make)
    assert len(made) == 250
    assert work.store.read("calls").num_rows == 250


def test_a_known_failure_of_a_call_that_was_not_tried_stays_known(work, make):
    """What is done already says nothing new about what once failed."""
    sync_calls(work, ["calls"], {"a": "1", "b": "1"}, make)
    outcome = sync_calls(replace(work, known_failures={"a": 1, "gone": 1}), ["calls"], {"a": "1", "b": "2"}, make)
    assert outcome.untried == ("a",)
