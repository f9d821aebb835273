"""Rows: turns that stand in a file of any order, as `callreasons apply extract` is given them.

Errors: InputError names the row whose `turn_index` is not a number.
"""

from collections.abc import Mapping, Sequence

from pipeline.errors import InputError
from pipeline.languages import find_language
from pipeline.turns import AGENT, CUSTOMER, UNKNOWN, Turn

ROLES = {AGENT: AGENT, CUSTOMER: CUSTOMER, UNKNOWN: UNKNOWN, "": CUSTOMER}


def group_rows(rows: Sequence[Mapping[str, object]]) -> list[list[int]]:
    """Group rows by call.

    Returns:
        For each call, the positions of its rows in the order of their turns. A row without `call_id` is its own call.
    """
    by_call: dict[object, list[int]] = {}
    for index, row in enumerate(rows):
        call_id = row.get("call_id")
        by_call.setdefault(("row", index) if call_id in (None, "") else ("call", str(call_id)), []).append(index)
    return [sorted(indices, key=lambda index: _read_index(rows[index], index)) for indices in by_call.values()]


def make_turn(row: Mapping[str, object], index: int) -> Turn:
    """Make a row a turn; without a role the customer says it, with a role nobody knows it is unknown."""
    text = str(row.get("text") or "")
    role = ROLES.get(str(row.get("role") or "").strip().lower(), UNKNOWN)
    call_id = str(row.get("call_id") or f"row {index}")
    return Turn(call_id, _read_index(row, index), role, text, language=find_language(text))


def _read_index(row: Mapping[str, object], index: int) -> int:
    value = row.get("turn_index")
    try:
        return index if value in (None, "") else int(float(str(value)))
    except ValueError:
        raise InputError(
            f"Row {index + 1}: 'turn_index' should be a whole number. Mend it or drop the column."
        ) from None
