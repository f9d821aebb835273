"""Decisions: every act is a whole line, and the lines lead back to every earlier taxonomy."""

import json
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from pipeline.decisions import (
    Decision,
    Move,
    append_decision,
    find_moves,
    hold_decisions,
    make_correction,
    make_decision,
    read_decisions,
    step_back,
    step_forward,
)
from pipeline.errors import TaxonomyError

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
OLD = {"101": {"number": 101, "examples": ["a", "b"]}, "102": {"number": 102, "examples": ["c"], "owner": "x"}}
MOVED = {"101": {"number": 101, "examples": ["a"]}, "102": {"number": 102, "examples": ["c", "b"], "owner": "x"}}


def decide(old, new, what="move") -> Decision:
    """Make a decision."""
    return make_decision(what, old, new, who="li", now=NOW)


def write(path, *decisions):
    """Append decisions."""
    for one in decisions:
        with hold_decisions(path) as log:
            append_decision(log, one)


def test_a_decision_holds_what_changed_and_nothing_else():
    """Codes and fields that stayed are not in it."""
    one = decide(OLD, MOVED)
    assert one.before == {"101": {"examples": ["a", "b"]}, "102": {"examples": ["c"]}}
    assert one.after == {"101": {"examples": ["a"]}, "102": {"examples": ["c", "b"]}}


def test_what_is_written_is_read_again(tmp_path):
    """Lines come back in their order, with Chinese as it is and the time in UTC."""
    decisions = [decide(OLD, MOVED), decide(MOVED, MOVED | {"103": {"number": 103, "examples": ["货没到"]}}, "add")]
    write(tmp_path / "decisions.jsonl", *decisions)
    assert read_decisions(tmp_path / "decisions.jsonl") == decisions
    line = json.loads((tmp_path / "decisions.jsonl").read_text("utf-8").splitlines()[1])
    assert list(line) == ["decision_id", "at", "who", "what", "before", "after"]
    assert (line["at"], line["who"], line["before"]) == ("2026-11-22T09:30:00+00:00", "li", {"103": None})


def test_decisions_read_backwards_lead_to_the_taxonomy_before():
    """New codes, moved sentences, new, changed and emptied fields can all be taken back."""
    steps = [
        OLD,
        MOVED,
        {**MOVED, "103": {"number": 103}},
        {**MOVED, "102": {"number": 102, "examples": ["z"]}, "103": {"number": 103, "owner": "y"}},
    ]
    for before, after in pairwise(steps):
        assert step_back(after, decide(before, after)) == before
        assert step_forward(before, decide(before, after)) == after


def test_a_code_that_is_taken_out_can_be_put_back():
    """What a correction took out has null in every field; reading it backwards and forwards loses nothing."""
    out = make_correction("undo", OLD, {"101": OLD["101"]}, who="li", now=NOW, decision="a1")
    assert (out.after, out.decision) == ({"102": {"number": None, "examples": None, "owner": None}}, "a1")
    assert step_forward(OLD, out) == {"101": OLD["101"]}
    assert step_back({"101": OLD["101"]}, out) == OLD


@pytest.mark.parametrize(
    ("new", "moves"),
    [
        (MOVED, [Move("b", "101", "102")]),
        ({**OLD, "102": {"examples": ["c", "new"]}}, []),
        (
            {"101": {"examples": ["a", "b"], "not_examples": ["u"]}, "102": {"examples": ["c", {"text": "u"}]}},
            [Move("u", "101", "102")],
        ),
    ],
)
def test_a_learner_sees_which_sentences_people_moved(new, moves):
    """A sentence moved when it left one code, or was refused by it, and came to another."""
    assert find_moves(decide(OLD, new)) == moves


def test_a_torn_last_line_is_said_and_nothing_is_added(tmp_path):
    """A line that a crash cut off is named, with what to do; the file stays as it is."""
    path = tmp_path / "decisions.jsonl"
    write(path, decide(OLD, MOVED), decide(MOVED, OLD))
    torn = path.read_bytes()[:-20]
    path.write_bytes(torn)
    with pytest.raises(TaxonomyError, match=r"line 2 was cut off.*Delete that line"):
        read_decisions(path)
    with pytest.raises(TaxonomyError, match="line 2 was cut off"):
        write(path, decide(OLD, MOVED))
    assert path.read_bytes() == torn


def test_a_line_that_is_no_decision_is_named(tmp_path):
    """A broken line in the middle is not a crash's doing."""
    path = tmp_path / "decisions.jsonl"
    write(path, decide(OLD, MOVED))
    path.write_bytes(b"{}\n" + path.read_bytes())
    with pytest.raises(TaxonomyError, match="line 1 is no decision"):
        read_decisions(path)


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    """When the disk is full the file is as it was."""
    path = tmp_path / "decisions.jsonl"
    write(path, decide(OLD, MOVED))
    content = path.read_bytes()

    def fail(_: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("pipeline.decisions.os.fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write(path, decide(MOVED, OLD))
    assert path.read_bytes() == content


def test_a_lost_line_end_does_no_harm(tmp_path):
    """An editor may take the last line's end away; the next decision still begins a line."""
    path = tmp_path / "decisions.jsonl"
    write(path, decide(OLD, MOVED))
    path.write_bytes(path.read_bytes().rstrip())
    write(path, decide(MOVED, OLD))
    assert len(read_decisions(path)) == 2


def test_a_code_is_never_deleted_and_an_act_has_a_known_name():
    """A programmer who tries is told."""
    with pytest.raises(ValueError, match="never deleted"):
        decide(OLD, {"101": OLD["101"]})
    with pytest.raises(ValueError, match="what should be one of"):
        decide(OLD, MOVED, "shuffle")
