"""Decimal commas and points."""

import pytest

from pipeline.decimals import find_decimal_signs, has_two_readings


@pytest.mark.parametrize(
    ("cells", "sign"),
    [
        (["12,5", "1.234"], ","),
        (["1.234,5"], ","),
        (["1.234.567"], ","),
        (["0,500", "1,234"], ","),
        (["1 234,567"], ","),
        (["-12,5"], ","),
        (["83,5 s"], ","),
        (["12.5", "1,234"], "."),
        (["1,234.5"], "."),
        (["1,234,567"], "."),
        (["0.500"], "."),
        (["1,234", "1.234", "95", "", "1:23", "00:01:35.70", "20.11.2026"], ""),
        (["12,5", "12.5", "1,234"], ""),
    ],
)
def test_the_decimal_sign_is_what_a_column_shows(cells, sign):
    """One cell that can be read one way only decides; 1,234 decides nothing, nor does a column with both signs."""
    assert find_decimal_signs({"talk_s": cells}) == {"talk_s": sign}


def test_a_column_that_shows_nothing_follows_the_others():
    """A file is written by one hand: what its other numbers show counts, unless they contradict each other."""
    columns = {"talk_s": ["1.234"], "hold_s": ["30,5"]}
    assert find_decimal_signs(columns) == {"talk_s": ",", "hold_s": ","}
    assert find_decimal_signs({**columns, "wrap_s": ["7.5"]}) == {"talk_s": "", "hold_s": ",", "wrap_s": "."}


def test_the_setting_counts_before_the_cells():
    """What a person says of the file is not guessed."""
    assert find_decimal_signs({"talk_s": ["12.5"]}, ",") == {"talk_s": ","}


@pytest.mark.parametrize(
    ("cell", "has_two"),
    [("1,234", True), ("12.345 s", True), ("0,234", False), ("12,5", False), ("1,234.5", False), ("1:23,456", False)],
)
def test_a_number_that_can_be_read_two_ways_is_told(cell, has_two):
    """Three digits after one sign are thousands or decimals, unless a zero stands before it."""
    assert has_two_readings([cell]) is has_two
