"""Decimals: whether a manifest writes thirty and a half as 30,5 or as 30.5.

A column is read as its cells show, else as the file's other numbers show, else as is usual with what stands between the
file's cells; whoever reads says so.

Errors: none of its own.
"""

import re
from collections.abc import Iterable, Mapping

from pipeline.cells import clean_cell, join_thousands

USUAL_SIGNS = {";": ","}  # by what stands between cells; with anything else it is the point
NUMBER = re.compile(r"(?<![\d.,:])\d[\d.,]*(?![\d:])")  # no part of 1:23
SHOWS = {
    sign: re.compile(
        rf"(\d{{1,3}}(\{other}\d{{3}})+\{sign}\d+"  # 1.234,5
        rf"|\d{{1,3}}(\{other}\d{{3}}){{2,}}"  # 1.234.567
        rf"|\d+\{sign}(\d{{1,2}}|\d{{4,}})"  # 30,5
        rf"|(0\d*|\d{{4,}})\{sign}\d+)"  # 0,500
    )
    for sign, other in ((",", "."), (".", ","))
}
TWO_READINGS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")  # 1,234


def find_decimal_signs(columns: Mapping[str, Iterable[str]], setting: str = "") -> dict[str, str]:
    """Find the decimal sign of each column: the setting, else what its cells show, else what all columns' cells show.

    Args:
        columns: Cells by column.
        setting: "," or "."; "" when nobody said.

    Returns:
        "," or "."; "" where nothing shows it, or both are shown.
    """
    shown = {name: _find_shown(cells) for name, cells in columns.items()}
    anywhere = set[str]().union(*shown.values())
    return {name: setting or _take_only(signs) or _take_only(anywhere) for name, signs in shown.items()}


def has_two_readings(cells: Iterable[str]) -> bool:
    """Say whether a column has a number such as 1,234, which is a thousand or one and a bit."""
    return any(TWO_READINGS.fullmatch(number) for number in _list_numbers(cells))


def _find_shown(cells: Iterable[str]) -> set[str]:
    numbers = list(_list_numbers(cells))
    return {sign for sign, shows in SHOWS.items() if any(map(shows.fullmatch, numbers))}


def _take_only(signs: set[str]) -> str:
    return next(iter(signs)) if len(signs) == 1 else ""


def _list_numbers(cells: Iterable[str]) -> Iterable[str]:
    return (number.rstrip(".,") for cell in cells for number in NUMBER.findall(join_thousands(clean_cell(cell))))
