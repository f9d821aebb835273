"""Digits and numbers: how runs are read, and which check digits hold."""

import pytest

from pipeline.redact.digits import find_runs
from pipeline.redact.numbers import has_luhn_digit, has_resident_check


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("four one one one double seven oh three", ["41117703"]),
        ("4111 1111-1111 1111", ["4111111111111111"]),
        ("4111, 1111, 1111, 1111", ["4111111111111111"]),
        ("twelve oh three eighty five", ["120385"]),
        ("triple eight five", ["8885"]),
        ("一三八零零一三八零零零", ["13800138000"]),
        ("幺三八三个八", ["138888"]),
        ("１３８ 0013", ["1380013"]),
        ("two, um, five", ["25"]),
        ("oh, two of them", ["2"]),
        ("I paid 300. 5 days later", ["300", "5"]),
        ("1384 and 1583", ["1384", "1583"]),
        ("我的卡丢了，一直没补", []),
        ("nobody called", []),
    ],
)
def test_runs_are_read_however_written(text: str, digits: list[str]):
    """Spoken, written, full-width and mixed digits of one number make one run."""
    assert [run.digits for run in find_runs(text)] == digits


@pytest.mark.parametrize(
    ("digits", "is_valid"), [("4111111111111111", True), ("4111111111111112", False), ("378282246310005", True)]
)
def test_luhn_digit(digits: str, is_valid: bool):
    """The last digit of a card number checks the others."""
    assert has_luhn_digit(digits) is is_valid


@pytest.mark.parametrize(
    ("number", "is_valid"),
    [
        ("11010519491231002X", True),
        ("110105194912310021", False),
        ("440524188001010014", False),
        ("110105194913310028", False),
    ],
)
def test_resident_check_digit(number: str, is_valid: bool):
    """A Chinese resident's number has a birth date and a check digit, which may be X."""
    assert has_resident_check(number) is is_valid
