"""Manifests."""

from datetime import UTC, datetime

import pytest

from pipeline.config import IngestSettings
from pipeline.errors import InputError
from pipeline.manifest import read_manifest
from pipeline.manifest.columns import map_columns
from pipeline.manifest.fields import read_fields


@pytest.mark.parametrize(
    ("found", "ours", "theirs"),
    [
        ("Call ID,Start Time,Agent", "started_at", "Start Time"),
        ("call_id,talk_seconds", "talk_s", "talk_seconds"),
        ("通话编号,录音文件,满意度", "csat", "满意度"),
        ("Recording File,ACW", "wrap_s", "ACW"),
    ],
)
def test_common_column_names_are_found(tmp_path, found, ours, theirs):
    """A manifest's common column names need no mapping."""
    assert map_columns(found.split(","), {}, tmp_path)[ours] == theirs


def test_the_users_mapping_comes_first(tmp_path):
    """A mapped column is taken even where another has the common name."""
    columns = map_columns(["id", "ref", "wait"], {"call_id": "ref"}, tmp_path)
    assert columns["call_id"] == "ref"


@pytest.mark.parametrize(
    ("found", "mapping", "word"),
    [
        (["id"], {"talk_s": "Talk"}, "no column 'Talk'"),
        (["id"], {"colour": "id"}, "unknown 'colour'"),
        (["a", "b"], {}, "found: a, b"),
    ],
)
def test_a_wrong_mapping_is_named(tmp_path, found, mapping, word):
    """A mapping that cannot be right is refused in one line that says why."""
    with pytest.raises(InputError, match=word):
        map_columns(found, mapping, tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_spreadsheets_exports_are_read(tmp_path, encoding, delimiter):
    """Whatever a spreadsheet writes as CSV in Europe or China is read."""
    path = tmp_path / "m.csv"
    text = f"call_id{delimiter}地区\r\n7{delimiter}华东\r\n"
    path.write_bytes(text.encode(encoding))
    assert read_manifest(path, IngestSettings()).rows == ((2, {"call_id": "7", "region": "华东"}),)


def _read(tmp_path, text, **settings):
    path = tmp_path / "m.csv"
    path.write_text(text, encoding="utf-8")
    return read_manifest(path, IngestSettings(**settings))


@pytest.mark.parametrize(
    ("heading", "unit_s"),
    [
        ("talk_s", 1),
        ("Talk (min)", 60),
        ("talk_ms", 0.001),
        ("Duration [h]", 3600),
        ("通话时长(分钟)", 60),
        ("Talk", 1),
    ],
)
def test_a_headings_unit_counts(tmp_path, heading, unit_s):
    """Seconds, minutes, milliseconds and hours are known by the heading, in both languages."""
    assert _read(tmp_path, f"call_id,{heading}\n1,3\n").habits.units_s == {"talk_s": unit_s}


def test_settings_say_what_a_column_does_not(tmp_path):
    """Unit, best score and order of days come from [ingest] where it has them."""
    habits = _read(
        tmp_path, "call_id,talk,csat\n1,3,4\n", units={"talk_s": "min"}, top_scores={"csat": 7}, date_order="mdy"
    ).habits
    assert (habits.units_s["talk_s"], habits.tops["csat"], habits.date_order) == (60.0, 7.0, "mdy")


@pytest.mark.parametrize(
    ("text", "settings", "comma", "guessed"),
    [
        ("call_id;talk_s\n1;1.234\n2;30,5\n", {}, {"talk_s"}, set()),
        ("call_id;talk_s\n1;1.234\n2;1,234.5\n", {}, set(), set()),
        ("call_id;talk_s\n1;1.234\n", {}, {"talk_s"}, {"talk_s"}),
        ('call_id,talk_s\n1,"1,234"\n', {}, set(), {"talk_s"}),
        ("call_id;talk_s\n1;1.234\n", {"decimal_sign": "."}, set(), set()),
    ],
)
def test_a_number_of_two_readings_is_read_as_cells_settings_or_the_rule_say(tmp_path, text, settings, comma, guessed):
    """Where nothing shows it, a comma goes with semicolons and a point with the rest; the column is kept as guessed."""
    habits = _read(tmp_path, text, **settings).habits
    assert (habits.decimal_comma, habits.guessed) == (comma, guessed)


@pytest.mark.parametrize(
    ("cells", "settings", "unclear"),
    [
        (["4", "5", "9"], {}, {"csat"}),
        (["4", "5"], {}, set()),
        (["8", "9"], {}, set()),
        ([], {}, set()),
        (["4", "5", "9"], {"top_scores": {"csat": 10}}, set()),
        (["4", "5", "9"] * 7, {}, set()),
    ],
)
def test_a_scale_that_few_scores_do_not_show_is_unclear(tmp_path, cells, settings, unclear):
    """A 9 beside 4 and 5 is a slip on one scale and an answer on another; settings, or enough scores, say which."""
    rows = "".join(f"{index},{cell}\n" for index, cell in enumerate(cells))
    assert _read(tmp_path, f"call_id,csat\n{rows}", **settings).habits.unclear == unclear


def test_rows_that_are_no_calls_are_counted(tmp_path):
    """Totals, empty rows and the heading once more are left out; each row keeps its number."""
    manifest = _read(tmp_path, "call_id,talk_s\n1,30\n,\ncall_id,talk_s\n2,40\n合计,70\n")
    assert [n_row for n_row, _ in manifest.rows] == [2, 5]
    assert manifest.left_out == {"empty": 1, "heading": 1, "total": 1}


def test_rows_that_do_not_fit_the_heading_are_numbered(tmp_path):
    """A comma too many shifts every cell after it, so such a row says nothing that can be believed."""
    manifest = _read(tmp_path, "call_id,note,talk_s\n1,late, again,30\n2,ok,40\n")
    assert (manifest.too_long, len(manifest.rows)) == ((2,), 1)


@pytest.mark.parametrize("call_id", ["1.23457E+15", "-", "N/A"])
def test_an_id_that_tells_no_call_apart_is_none(tmp_path, call_id):
    """Ids that a spreadsheet rounded, or that say nothing, would make one call of many."""
    assert _read(tmp_path, f"call_id,talk_s\n{call_id},30\n").rows[0][1]["call_id"] == ""


def test_what_nothing_reads_is_named(tmp_path):
    """An amount in another currency is not added to anything: it is a column that nothing reads."""
    assert _read(tmp_path, "call_id,Refund USD\n1,9\n").unused == ("Refund USD",)


def test_a_heading_of_cells_is_not_repeated(tmp_path):
    """A file without a heading begins with a call, whose cells stand in no message."""
    with pytest.raises(InputError, match="cells, not names") as caught:
        _read(tmp_path, "8613800138000,Jane Doe\n")
    assert "Jane" not in str(caught.value)


def test_people_are_hashed(project):
    """Agents and customers are kept as keyed hashes, never as they stand in the manifest."""
    fields, _ = read_fields(project, {"agent_id": "Ada", "customer_id": "4711"})
    assert "Ada" not in str(fields)
    assert "4711" not in str(fields)
    assert len(fields["customer_id"]) == 16


@pytest.mark.parametrize(
    "row",
    [
        {"talk_s": "long"},
        {"talk_s": "-3"},
        {"talk_s": "172800"},
        {"started_at": "soon"},
        {"started_at": "2126-11-20 09:00"},
        {"is_abandoned": "perhaps"},
        {"contact_channel": "pigeon"},
        {"customer_id": "8.6138E+12"},
        {"csat": "85%"},
        {"csat": "101"},
    ],
)
def test_a_bad_cell_is_left_empty_without_its_value(project, row):
    """A cell that is not what its column holds is named by its column and a rule, never by its content."""
    ((column, cell),) = row.items()
    fields, unread = read_fields(project, row, latest=datetime(2026, 11, 22, tzinfo=UTC))
    assert (fields[column], list(unread), fields["unread_columns"]) == (None, [column], [column])
    assert cell not in unread[column]


@pytest.mark.parametrize(
    ("nps", "top"), [(["9", "0", "10"], 10.0), (["100", "0", "-100"], None), (["9"] * 30 + ["99"], 10.0)]
)
def test_nps_is_answers_from_0_to_10(tmp_path, nps, top):
    """Scores from -100 to 100 are another measure, whose 0 is no detractor; a slip among thirty is only a slip."""
    rows = "".join(f"{n},{score}\n" for n, score in enumerate(nps))
    assert _read(tmp_path, f"call_id,nps\n{rows}").habits.tops["nps"] == top
