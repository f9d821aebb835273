"""Spoken: utterances call by call, with the words around each."""

import numpy as np
import pytest

from pipeline.spoken import read_spoken
from pipeline.tables import Store, make_table

ROWS = (("b", 0, 2, "Lost."), ("a", 0, 1, "Late."), ("b", 1, 3, "Broken."), ("c", 0, 1, "Refund."))
TURNS = (("a", 1, "Hi. Late.", "recording"), ("b", 2, "Lost.", "recording"), ("b", 9, "rang", "note"))


@pytest.fixture
def store(tmp_path) -> Store:
    """Three calls; of one utterance the turn is gone."""
    store, keys = Store(tmp_path), ("call_id", "utterance_index", "turn_index", "text")
    tables = {
        "reason_utterances": [dict(zip(keys, row, strict=True)) for row in ROWS],
        "turns": [dict(zip(("call_id", "turn_index", "text", "source"), row, strict=True)) for row in TURNS],
        "transcripts": [{"call_id": one, "is_heard": one != "c"} for one in "abcd"],
    }
    for name, rows in tables.items():
        store.write_whole(name, "f", make_table(name, rows))
    return store


def test_utterances_come_call_by_call_with_their_contexts(store):
    """In the order of the calls asked for; a call without any has none, and is known to be heard."""
    spoken = read_spoken(store)
    rows = spoken.find_rows(["c", "d", "b"])
    assert spoken.list_pairs(rows) == [("Refund.", "Refund."), ("Lost.", "Lost."), ("Broken.", "Broken.")]
    assert spoken.list_pairs(spoken.find_rows(["a"])) == [("Late.", "Hi. Late.")]
    keys = {name: column.to_pylist() for name, column in spoken.make_keys(rows).items()}
    assert keys == {"call_id": ["c", "b", "b"], "utterance_index": [0, 0, 1]}
    assert spoken.list_silent(["e", "c", "d", "b"]) == ["e", "d"]
    assert (spoken.heard, spoken.notes) == ({"d"}, {"b": "rang"})


def test_without_utterances_nothing_is_spoken(store):
    """Only notes and who was heard."""
    store.write_whole("reason_utterances", "g", make_table("reason_utterances", []))
    spoken = read_spoken(store)
    assert np.array_equal(spoken.find_rows(["a"]), []) and spoken.list_pairs(spoken.find_rows(["a"])) == []
    assert spoken.list_silent(["a", "b"]) == ["a", "b"] and spoken.list_silent([]) == []


def test_a_turn_that_a_crash_left_twice_counts_once(store):
    """Every utterance keeps its own turn."""
    store.add("turns", "f", make_table("turns", [{"call_id": "a", "turn_index": 1, "text": "Hi. Late."}]), {"a": "x"})
    spoken = read_spoken(store)
    pairs = spoken.list_pairs(spoken.find_rows(["a", "b"]))
    assert pairs == [("Late.", "Hi. Late."), ("Lost.", "Lost."), ("Broken.", "Broken.")]
