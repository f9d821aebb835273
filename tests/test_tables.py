"""Tables."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import MissingTableError
from pipeline.tables import TABLES, Store, hash_text, make_table, write_atomically
from pipeline.tables import store as store_module
from pipeline.tables.by_text import hash_texts, name_ids, parse_ids


def _make_calls(*call_ids: str) -> pa.Table:
    return make_table("calls", [{"call_id": call_id, "queue": "q"} for call_id in call_ids])


def _read_ids(store: Store) -> list[str]:
    return sorted(store.read("calls")["call_id"].to_pylist())


def test_every_key_column_is_declared():
    """A table's key names columns of its schema, and every column says what it holds."""
    for spec in TABLES.values():
        assert set(spec.key) <= set(spec.schema.names)
        assert all(field.metadata.get(b"about") for field in spec.schema)


def test_unmade_table_says_what_to_run(tmp_path):
    """Reading a table that no run made names the command that makes it."""
    with pytest.raises(MissingTableError, match="callreasons run"):
        Store(tmp_path).read("turns")


def test_writing_twice_is_harmless(tmp_path):
    """The same batch written twice is there once."""
    store = Store(tmp_path)
    for _ in range(2):
        store.write("calls", "f1", _make_calls("a", "b"), {"a": "1", "b": "1"})
    store.set_current("calls", ["f1"])
    assert _read_ids(store) == ["a", "b"]


def test_newer_batch_replaces_rows_of_its_calls(tmp_path):
    """A call made again from something else loses its earlier rows, its neighbours keep theirs."""
    store = Store(tmp_path)
    store.write("calls", "f1", _make_calls("a", "b"), {"a": "1", "b": "1"})
    store.write("calls", "f1", _make_calls("a"), {"a": "2"})
    store.set_current("calls", ["f1"])
    assert _read_ids(store) == ["a", "b"]
    assert store.covers("calls", "f1") == {"a": "2", "b": "1"}


def test_rows_left_twice_by_a_crash_are_dropped(tmp_path):
    """Where a crash left a call in two batches, both are dropped and the call is to be done again."""
    store = Store(tmp_path)
    store.write("calls", "f1", _make_calls("a", "b"), {"a": "1", "b": "1"})
    first = next((tmp_path / "calls" / "f1").glob("*.parquet"))
    content = first.read_bytes()
    store.write("calls", "f1", _make_calls("a"), {"a": "2"})
    write_atomically(first, content)
    store.drop_stale("calls", "f1", {"a": "2", "b": "1"})
    assert store.covers("calls", "f1") == {"b": "1"}


def test_a_call_without_rows_is_covered(tmp_path):
    """A batch remembers the calls it was made for, also those without a row."""
    store = Store(tmp_path)
    store.write("reason_utterances", "f1", make_table("reason_utterances", []), {"a": "1"})
    assert store.covers("reason_utterances", "f1") == {"a": "1"}


def test_first_fingerprint_wins(tmp_path):
    """Readers see each call from the first fingerprint that covers it, so rows of two models never mix in a call."""
    store = Store(tmp_path)
    store.write("calls", "old", _make_calls("a", "b"), {"a": "1", "b": "1"})
    store.write("calls", "new", _make_calls("b", "c"), {"b": "1", "c": "1"})
    store.set_current("calls", ["new", "old"])
    assert _read_ids(store) == ["a", "b", "c"]


def test_rows_of_one_fingerprint_are_read_without_its_list_of_calls(tmp_path, monkeypatch):
    """What is covered is looked up only where a second fingerprint could hold the same calls."""
    store = Store(tmp_path)
    store.write("calls", "f1", _make_calls("a", "b"), {"a": "1", "b": "1"})
    store.set_current("calls", ["f1"])
    monkeypatch.setattr(Store, "covers", lambda *_: pytest.fail("looked up"))
    assert _read_ids(store) == ["a", "b"]


def test_older_fingerprints_are_deleted(tmp_path):
    """What readers no longer see is deleted."""
    store = Store(tmp_path)
    store.write("calls", "old", _make_calls("a"), {"a": "1"})
    store.write_whole("calls", "new", _make_calls("b"))
    assert [path.name for path in (tmp_path / "calls").iterdir() if path.is_dir()] == ["new"]


def test_any_parquet_reader_reads_a_batch(tmp_path):
    """A batch is plain Parquet with the declared columns."""
    path = Store(tmp_path).write("calls", "f1", _make_calls("a"), {"a": "1"})
    assert pq.read_table(path, partitioning=None).schema.names == TABLES["calls"].schema.names


def test_a_failed_write_leaves_the_old_file(tmp_path):
    """A file is written whole or not at all, and no temporary file stays."""
    path = tmp_path / "file"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, "not bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_rows_of_an_older_version_lack_what_it_did_not_know(tmp_path):
    """A column that came later is null, one that went is left out; nothing breaks before the rows are made again."""
    store = Store(tmp_path)
    table = make_table("call_sentiment", [{"call_id": "a", "sentiment": 0.5, "sentiment_label": "positive"}])
    older = table.select(["call_id", "sentiment"]).append_column("mood", pa.array(["good"]))
    store.write("call_sentiment", "f", table, {"a": "x"})
    (path,) = (tmp_path / "call_sentiment" / "f").glob("*.parquet")
    pq.write_table(older, path)
    store.set_current("call_sentiment", ["f"])
    (row,) = store.read("call_sentiment").to_pylist()
    assert (row["call_id"], row["sentiment"], row["sentiment_label"]) == ("a", 0.5, None)
    assert "mood" not in row


def test_many_small_batches_become_few(tmp_path, monkeypatch):
    """Rows and what they were made from stay; large batches and few small ones are left alone."""
    monkeypatch.setattr(store_module, "MAX_FILES", 3)
    monkeypatch.setattr(store_module, "MERGED_CALLS", 4)
    store = Store(tmp_path)
    store.write("calls", "f1", _make_calls(*"wxyz"), dict.fromkeys("wxyz", "large"))
    large = next((tmp_path / "calls" / "f1").glob("*.parquet"))
    for at, call_id in enumerate("abcdefg"):
        store.merge("calls", "f1")
        store.write("calls", "f1", _make_calls(call_id), {call_id: str(at), f"{call_id}-silent": "0"})
    store.merge("calls", "f1")
    store.set_current("calls", ["f1"])
    assert _read_ids(store) == list("abcdefgwxyz")
    covers = store.covers("calls", "f1")
    assert (len(covers), covers["c"], covers["c-silent"], covers["w"]) == (18, "2", "0", "large")
    assert large.exists() and len(list(large.parent.glob("*.parquet"))) <= 6


def test_ids_as_numbers_are_the_ids_of_the_texts():
    """What is looked up by number is what stands in the table."""
    texts = ["late parcel", "货没到", "", "\ud800"]
    names = [hash_text(text) for text in texts]
    assert name_ids(hash_texts(texts)) == names
    assert parse_ids(pa.array(names)).tolist() == hash_texts(texts).tolist()
