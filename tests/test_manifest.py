"""Manifests."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pipeline.errors import InputError
from pipeline.manifest import map_columns, read_fields, read_manifest, read_time


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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_spreadsheets_exports_are_read(tmp_path, encoding, delimiter):
    """Whatever a spreadsheet writes as CSV in Europe or China is read."""
    path = tmp_path / "m.csv"
    text = f"call_id{delimiter}地区\r\n7{delimiter}华东\r\n"
    path.write_bytes(text.encode(encoding))
    assert read_manifest(path, {}) == [{"call_id": "7", "region": "华东"}]


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-11-20 09:30:00", 1),
        ("2026-11-20T09:30:00+00:00", 9),
        ("2026-11-20T09:30:00Z", 9),
        ("2026/11/20 09:30", 1),
        ("20.11.2026 09:30", 1),
        ("20261120093000", 1),
        ("1795253400", 9),
    ],
)
def test_times_are_read_in_the_projects_zone(text, hour):
    """A time without a zone is the project's; all are kept in UTC."""
    assert read_time(text, ZoneInfo("Asia/Shanghai")) == datetime(
        2026, 11, 21 if text[0] == "1" else 20, hour, 30, tzinfo=UTC
    )


def test_people_are_hashed(project):
    """Agents and customers are kept as keyed hashes, never as they stand in the manifest."""
    fields = read_fields(project, {"agent_id": "Ada", "customer_id": "4711"})
    assert "Ada" not in str(fields)
    assert "4711" not in str(fields)
    assert len(fields["customer_id"]) == 16


@pytest.mark.parametrize(("cell", "seconds"), [("95", 95.0), ("1:35", 95.0), ("0:01:35", 95.0), ("", None)])
def test_durations_are_seconds_or_clock(project, cell, seconds):
    """Seconds may be written as a number or as minutes and seconds."""
    assert read_fields(project, {"talk_s": cell})["talk_s"] == seconds


@pytest.mark.parametrize(
    "row", [{"talk_s": "long"}, {"started_at": "soon"}, {"is_abandoned": "perhaps"}, {"contact_channel": "pigeon"}]
)
def test_a_bad_cell_is_refused_without_its_value(project, row):
    """A cell that is not what its column holds is refused by the column's name, never by its content."""
    with pytest.raises(ValueError, match=next(iter(row))) as caught:
        read_fields(project, row)
    assert next(iter(row.values())) not in str(caught.value)
