"""Cells of a manifest."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pipeline.cells import (
    clean_cell,
    find_date_order,
    find_top_score,
    is_day_alone,
    is_nobody,
    read_id,
    read_number,
    read_seconds,
    read_time,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")  # 8 hours before UTC


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-11-20 09:30:00", 1),
        ("2026-11-20T09:30:00+00:00", 9),
        ("2026-11-20T09:30:00Z", 9),
        ("2026-11-20 09:30:00 UTC", 9),
        ("2026-11-20 09:30:00 -0500", 14),
        ("2026-11-20T17:30:00+08:00", 9),
        ("2026/11/20 09:30", 1),
        ("20.11.2026 09:30", 1),
        ("20/11/2026 09:30", 1),
        ("11/20/2026 9:30 AM", 1),
        ("20 Nov 2026 09:30", 1),
        ("Nov 20, 2026, 5:30 p.m.", 9),
        ("2026年11月20日 9时30分", 1),
        ("2026/11/20 下午5:30", 9),
        ("２０２６－１１－２０ ０９：３０", 1),
        ("20261120093000", 1),
        ("46346.3958333333", 1),
        ("1795167000", 9),
        ("1795167000000", 9),
    ],
)
def test_times_are_read_in_the_projects_zone(text, hour):
    """A time without a zone is the project's; all are kept in UTC."""
    assert read_time(text, SHANGHAI) == datetime(2026, 11, 20, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "hour"),
    [("12:05 AM", 0), ("12:05 PM", 12), ("1:05 PM", 13), ("11:05 pm", 23), ("13:05 PM", 13), ("13:05", 13)],
)
def test_the_twelve_hour_clock_is_read(text, hour):
    """Midnight and noon are 12; an hour past 12 in the afternoon is what it says."""
    assert read_time(f"2026-11-20 {text}", UTC).hour == hour


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("yesterday", "not a time"),
        ("2026-11-20 13:05 AM", "not a time"),
        ("2026-02-30 09:00", "not a time"),
        ("25/25/2026 09:00", "not a time"),
        ("2026-11-20 09:00 CST", "not a time"),
        ("20.11.26 09:00", "four digits"),
        ("03/04/2026 09:00", "date_order"),
        ("1970-01-01 00:00", "before 1990"),
        ("2026-11-23 00:00", "future"),
    ],
)
def test_what_is_no_time_is_refused(text, rule):
    """A time that can be read two ways, or that no call has, is not read."""
    with pytest.raises(ValueError, match=rule):
        read_time(text, UTC, latest=datetime(2026, 11, 22, tzinfo=UTC))


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["03/04/2026", "25/04/2026"], "dmy"),
        (["03/04/2026", "04-25-2026 10:00"], "mdy"),
        (["03/04/2026", "05/06/2026"], ""),
        (["25/04/2026", "04/25/2026"], ""),
        (["25.04.2026", "2026-04-25", "03/04/2026"], ""),
    ],
)
def test_the_order_of_days_is_what_the_column_shows(cells, order):
    """One row that can be read one way only decides; rows that contradict each other decide nothing."""
    assert find_date_order(cells) == order


def test_the_order_decides_what_can_be_read_two_ways():
    """03/04/2026 is in April day first, in March month first."""
    assert [read_time("03/04/2026", UTC, date_order=order).month for order in ("dmy", "mdy")] == [4, 3]


@pytest.mark.parametrize(
    ("text", "is_alone"), [("2026-11-20", True), ("20/11/2026", True), ("2026-11-20 00:00", False)]
)
def test_a_day_without_an_hour_is_told(text, is_alone):
    """Midnight that somebody wrote is an hour; a day by itself has none."""
    assert is_day_alone(text) is is_alone


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("95", 95.0), ("95.5", 95.5), ("1:35", 95.0), ("0:01:35", 95.0), ("00:01:35.700", 95.0), ("1,234", 1234.0),
        ("1,234.5", 1234.5), ("1 234", 1234.0), ("95 s", 95.0), ("1 min 35 s", 95.0), ("1分35秒", 95.0),
        ("2 h", 7200.0), ("", None), ("-", None), ("N/A", None), ("无", None), ("９５", 95.0),
    ],
)  # fmt: skip
def test_seconds_are_numbers_clocks_or_units(text, seconds):
    """Seconds may be written as a number, as minutes and seconds, or with their unit."""
    assert read_seconds(text) == seconds


@pytest.mark.parametrize(("text", "seconds"), [("83,5 s", 83.5), ("1.234 s", 1234.0), ("1,5 min 3 s", 93.0)])
def test_a_number_with_its_unit_follows_its_column(text, seconds):
    """In a column of decimal commas 1.234 s is a thousand seconds, not one."""
    assert read_seconds(text, is_comma_decimal=True) == seconds


def test_a_columns_unit_is_for_bare_numbers():
    """In a column of minutes 1.5 is ninety seconds, and 1:35 is still 95."""
    assert [read_seconds(text, unit_s=60.0) for text in ("1.5", "1:35", "95 s")] == [90.0, 95.0, 95.0]


@pytest.mark.parametrize("text", ["long", "-3", "inf", "1,23,4", "95 parsecs", "85%", "1.2.3"])
def test_what_is_no_length_of_time_is_refused(text):
    """A word, a percentage or a second below zero is no length of time."""
    with pytest.raises(ValueError, match=r"not a number|below zero"):
        read_seconds(text)


@pytest.mark.parametrize(("text", "number"), [("30,5", 30.5), ("1.234,5", 1234.5), ("1.234", 1234.0), ("40", 40.0)])
def test_decimal_commas_are_read(text, number):
    """In a column of decimal commas a point separates thousands."""
    assert read_number(text, is_comma_decimal=True) == number


@pytest.mark.parametrize(
    ("scores", "top"),
    [
        ([1, 3, 5] * 10, 5.0),
        ([1, 3, 5] * 10 + [55], 5.0),
        ([2, 7, 6] * 10, 7.0),
        ([2, 9, 10] * 10, 10.0),
        ([20, 85, 90] * 10, 100.0),
        ([4, 85] * 10, None),
        ([200, 300] * 10, None),
        ([4, 55], 100.0),
    ],
)
def test_a_columns_scale_is_what_nearly_all_its_scores_show(scores, top):
    """One slip among thirty is outside; two scales in a column are none; few scores show nothing."""
    assert find_top_score(scores) == top


@pytest.mark.parametrize("text", ["0", "000", "unknown", "Anonymous", "-", "未知", "99999999", "N/A", " "])
def test_an_id_that_names_nobody_is_none(text):
    """Thousands of strangers are not one customer."""
    assert read_id(text) is None


@pytest.mark.parametrize(("text", "person"), [("4711.0", "4711"), ("4711", "4711"), ("00815", "00815"), ("K7", "K7")])
def test_an_id_is_kept(text, person):
    """A spreadsheet's .0 makes no other customer; leading zeros stay."""
    assert read_id(text) == person


def test_a_rounded_id_is_refused():
    """8.6138E+12 stands for a million telephone numbers."""
    assert not is_nobody("8.6138E+12")
    with pytest.raises(ValueError, match="rounded"):
        read_id("8.6138E+12")


@pytest.mark.parametrize(("text", "plain"), [("　９５　", "95"), ("a \t b", "a b"), ("#N/A", ""), ("NULL", "")])
def test_cells_are_cleaned(text, plain):
    """Full-width signs are ASCII, blanks are one, a sign for nothing is nothing."""
    assert clean_cell(text) == plain
