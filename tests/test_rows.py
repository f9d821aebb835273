"""Rows of any file."""

import pytest

from pipeline.errors import InputError
from pipeline.rows import read_rows, write_rows

ROWS = [{"text": "a,b", "n": "1"}, {"text": "第二\n行", "n": ""}, {"text": '"x"', "n": "=1+1"}]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet", ".CSV"])
def test_rows_come_back_as_written(tmp_path, suffix):
    """Every kind of file keeps rows, their order, and all columns."""
    path = tmp_path / f"rows{suffix}"
    write_rows(path, ROWS)
    assert read_rows(path) == ROWS


def test_a_list_in_a_csv_is_json(tmp_path):
    """A CSV has no lists, so one is written as JSON."""
    path = tmp_path / "rows.csv"
    write_rows(path, [{"text": "a", "entities": [{"type": "PHONE"}]}])
    assert read_rows(path)[0]["entities"] == '[{"type": "PHONE"}]'


def test_numbers_keep_their_type_in_parquet(tmp_path):
    """Parquet and JSON lines pass numbers through as numbers."""
    path = tmp_path / "rows.parquet"
    write_rows(path, [{"text": "a", "n": 1, "x": 0.5, "flag": True}])
    assert read_rows(path) == [{"text": "a", "n": 1, "x": 0.5, "flag": True}]


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("rows.txt", "text", "should end in"),
        ("gone.csv", None, "is not there"),
        ("rows.csv", "words\nsecret", "column 'text'"),
        ("rows.jsonl", "{'secret'}", "line 1"),
        ("rows.parquet", "secret", "not a Parquet"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, name, content, word):
    """A file that cannot be read is one line that says why, without its words."""
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=word) as caught:
        read_rows(tmp_path / name)
    assert "secret" not in str(caught.value)


def test_an_empty_file_has_no_rows(tmp_path):
    """A file with a header and no rows is read as no rows."""
    (tmp_path / "rows.csv").write_text("text\n")
    assert read_rows(tmp_path / "rows.csv") == []
