"""Habits: how a manifest writes what can be read two ways: days, decimals, units and the scale of scores.

Errors: none of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline import cells
from pipeline.config import IngestSettings
from pipeline.decimals import USUAL_SIGNS, find_decimal_signs, has_two_readings
from pipeline.manifest.columns import SECONDS, find_unit

SCORES = ("csat", "nps", "ces")
TOP_NPS = 10.0
Row = dict[str, str]  # one row of a manifest, by our columns


@dataclass(frozen=True)
class Habits:
    """How a manifest writes what can be read two ways; a score's top is None where its column has no one scale.

    `unclear` are columns with too few scores to show their scale, some above its smallest.

    `guessed` are columns with numbers such as 1,234 whose decimal sign neither a cell nor the settings show.
    """

    date_order: str = ""
    decimal_comma: frozenset[str] = frozenset()
    guessed: frozenset[str] = frozenset()
    units_s: Mapping[str, float] = field(default_factory=dict)
    tops: Mapping[str, float | None] = field(default_factory=dict)
    unclear: frozenset[str] = frozenset()


def find_habits(
    rows: Sequence[Row], settings: IngestSettings, columns: Mapping[str, str], delimiter: str = ","
) -> Habits:
    """Find how a manifest writes what can be read two ways: as the settings say, else as its columns show."""
    by_column = {name: [row.get(name, "") for row in rows] for name in columns}
    numbers = {name: by_column[name] for name in (*SECONDS, *SCORES) if name in columns}
    shown = find_decimal_signs(numbers, settings.decimal_sign)
    guessed = {name for name, column in numbers.items() if not shown[name] and has_two_readings(column)}
    usual = guessed if USUAL_SIGNS.get(delimiter) == "," else set()
    commas = {name for name, sign in shown.items() if sign == ","} | usual
    units = {name: find_unit(columns[name]) for name in SECONDS if name in columns}
    units |= {name: cells.UNITS_S[unit] for name, unit in settings.units.items()}
    scores = {name: _read_scores(by_column[name], name in commas) for name in SCORES if name in columns}
    set_tops = {str(name): top for name, top in settings.top_scores.items()}
    tops = {name: _find_top(name, known) for name, known in scores.items()} | set_tops
    unclear = {name for name in scores.keys() - {"nps"} - set_tops.keys() if cells.is_scale_unclear(scores[name])}
    order = settings.date_order or cells.find_date_order(by_column.get("started_at", ()))
    return Habits(order, frozenset(commas), frozenset(guessed), units, tops, frozenset(unclear))


def _read_scores(column: Sequence[str], is_comma_decimal: bool) -> list[float]:
    scores = []
    for cell in column:
        try:
            scores.append(cells.read_number(cell, is_comma_decimal=is_comma_decimal))
        except ValueError:
            continue
    return [score for score in scores if score is not None]


def _find_top(name: str, known: Sequence[float]) -> float | None:
    if name != "nps":
        return cells.find_top_score(known)
    n_inside = sum(0 <= score <= TOP_NPS for score in known)
    return TOP_NPS if n_inside >= cells.MIN_INSIDE_RATIO * len(known) else None
