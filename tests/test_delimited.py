"""Delimited text files."""

import csv

import pytest

from pipeline.delimited import count_lines, decode_text, read_delimited, read_rows
from pipeline.errors import InputError
from pipeline.rows import read_rows as read_texts


def _write(tmp_path, content):
    path = tmp_path / "m.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_chinese_is_read_whatever_wrote_it(tmp_path, encoding):
    """UTF-8, UTF-16 and GB18030 say the same."""
    assert decode_text("地区,华东".encode(encoding), tmp_path) == "地区,华东"


@pytest.mark.parametrize("text", ["Köln;München", "Größe;Ärger;Übergabe"])
def test_western_letters_are_not_taken_for_chinese(tmp_path, text):
    """A letter with dots stands among Latin letters; two bytes of GB18030 stand together."""
    assert decode_text(text.encode("cp1252"), tmp_path) == text


def test_a_workbook_is_no_text(tmp_path):
    """A workbook that was renamed is named as one."""
    with pytest.raises(InputError, match="workbook"):
        read_delimited(_write(tmp_path, b"PK\x03\x04 and so on"))


@pytest.mark.parametrize(
    "lines", [b'id,note\n1,"no end\n2,ok\n3,ok\n', b'id,note\n1,"he said "no" twice"\n2,ok\n', b'id,note\n1,"a"b\n']
)
def test_a_quote_that_swallows_rows_is_refused(tmp_path, lines):
    """A quote that does not end would make one cell of the rest of the file: the row is named instead."""
    with pytest.raises(InputError, match="row 2: a quoted cell"):
        read_delimited(_write(tmp_path, lines))


def test_rows_keep_their_number(tmp_path):
    """A quoted cell over two lines is one row; an empty line counts, as in a spreadsheet."""
    read = read_delimited(_write(tmp_path, 'id,note\n1,"a\nb"\n\n2,ok\n'))
    assert read.rows == ((2, ("1", "a\nb")), (3, ()), (4, ("2", "ok")))


def test_rows_are_named_and_empty_ones_left_out(tmp_path):
    """A short row has empty cells; one without any is none, and the next keeps its number."""
    rows = read_rows(_write(tmp_path, "id;note\n1\n;\n2;ok\n"))
    assert rows == [(2, {"id": "1", "note": ""}), (4, {"id": "2", "note": "ok"})]


@pytest.mark.parametrize("content", [b"", b"\n", b",,\n1,2,3\n"])
def test_a_file_without_a_heading_is_refused(tmp_path, content):
    """A CSV starts with names."""
    with pytest.raises(InputError, match="empty"):
        read_delimited(_write(tmp_path, content))


def test_a_huge_cell_is_read(tmp_path):
    """A long note is no error."""
    assert len(read_rows(_write(tmp_path, "id,note\n1," + "x" * 200_000))[0][1]["note"]) == 200_000


def test_reading_leaves_the_interpreters_limit_alone(tmp_path):
    """Whoever else reads CSVs in this process keeps their own limit."""
    usual = csv.field_size_limit(1000)
    read_rows(_write(tmp_path, "id,note\n1,a\n"))
    read_texts(_write(tmp_path, "text\na\n"))
    assert csv.field_size_limit(usual) == 1000


def test_a_zero_byte_is_refused(tmp_path):
    """A damaged file is one clear line."""
    with pytest.raises(InputError, match="Save it as UTF-8"):
        read_delimited(_write(tmp_path, b"id,note\n1,a\x00b\n"))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([3], "1 bad (line 3)"),
        ([8, 2, 3, 4], "4 bad (lines 2-4, 8)"),
        (range(1, 9001), "9000 bad (lines 1-9000)"),
        (range(0, 20, 2), "10 bad (lines 0, 2, 4, 6, 8, 10, 12, 14, 16, 18)"),
        ([*range(0, 200, 2), 301, 302], "102 bad (lines 0, 2, 4, 6, 8, 10, 12, 14, 16, 18 and 92 more)"),
    ],
)
def test_of_many_lines_the_first_are_named(lines, said):
    """A whole export that is broken is said in one line that can be read."""
    assert count_lines("bad", list(lines)) == said
