"""Rows: a taxonomy as a sheet with a row an example, and what a sheet that people worked on adds to a taxonomy.

Rows add and update. They never delete, an empty cell leaves what is there, and a number that was retired or merged
stays as it is. Only the columns code and example are needed.

Errors: TaxonomyError names the file, the row and the rule. Row 1 is the heading, as in a spreadsheet.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pipeline.cells import NO, YES
from pipeline.decimals import find_decimal_signs
from pipeline.errors import TaxonomyError
from pipeline.languages import has_chinese
from pipeline.taxonomy.codes import FEELINGS, STATUSES, Code, Target, Taxonomy

CODE, EXAMPLE, IS_EXAMPLE, CALL_ID = "code", "example", "is_example", "call_id"
COLUMNS = (
    CODE, "name_en", "name_zh", "owner", "customer", "company", "status", "merged_into", EXAMPLE, IS_EXAMPLE, CALL_ID,
    "unit_cost", "unit_cost_what", "target_measure", "target_value", "target_per", "target_by", "target_who",
    "target_baseline",
)  # fmt: skip
NAME = re.compile(r"name(_[a-z]{2,3})?")
NUMBER = re.compile(
    r"(?!(true|false)$)[^\W_][\w./&?'()+:-]*", re.IGNORECASE
)  # what a spreadsheet makes of a tick is no number


@dataclass(frozen=True)
class Line:
    """One row of a sheet, and where it stands in it."""

    cells: Mapping[str, str]
    where: str

    def __getitem__(self, column: str) -> str:
        """Read a cell; a column that is not there is empty."""
        return self.cells.get(column, "")


def to_rows(taxonomy: Taxonomy) -> list[dict[str, str]]:
    """Write every code as rows, one an example; a code without any has one row."""
    return [row for code in taxonomy.codes for row in _describe(code)]


def find_columns(taxonomy: Taxonomy) -> list[str]:
    """List the columns of `to_rows`, names in other languages among them."""
    spoken = sorted({f"name_{language}" for code in taxonomy.codes for language in code.names} - set(COLUMNS))
    return [*COLUMNS[:3], *spoken, *COLUMNS[3:]]


def find_unknown_columns(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """List the columns that no rule reads."""
    found = dict.fromkeys(name for row in rows for name in row)
    return [name for name in found if _plain(name) not in COLUMNS and not NAME.fullmatch(_plain(name))]


def apply_rows(taxonomy: Taxonomy, rows: Sequence[Mapping[str, str]], path: Path) -> Taxonomy:
    """Add to a taxonomy what rows say; codes keep their order, new ones come last.

    Args:
        taxonomy: What there is.
        rows: Cells by column.
        path: Where the rows come from, for messages.

    Raises:
        TaxonomyError: A column is missing, a cell is not what its column should hold, two rows of a code differ, or a
            number would be used again.
    """
    _check_columns(rows, path)
    by_code: dict[str, list[Line]] = {}
    for n_row, row in enumerate(rows, start=2):
        line = Line({_plain(name): cell.strip() for name, cell in row.items()}, f"{path}, row {n_row}")
        if not line[CODE] and any(line.cells.values()):
            raise TaxonomyError(f"{line.where}: code is empty. Give the example a code.")
        if line[CODE] and not NUMBER.fullmatch(line[CODE]):
            raise TaxonomyError(f"{line.where}: code is not a number such as 101 or 4.2, nor a label. Mend that cell.")
        if line[CODE]:
            by_code.setdefault(line[CODE], []).append(line)
    known = {code.number: code for code in taxonomy.codes}
    changed = {number: _apply(known.get(number), number, lines) for number, lines in by_code.items()}
    return replace(taxonomy, codes=tuple((known | changed).values()))


def _check_columns(rows: Sequence[Mapping[str, str]], path: Path) -> None:
    if not rows:
        raise TaxonomyError(
            f"{path} has no row under its first one. The first row names the columns code and example, each row below "
            "is an example; in a workbook they stand in its first sheet."
        )
    found = {_plain(name) for row in rows for name in row}
    if not found >= {CODE, EXAMPLE}:
        raise TaxonomyError(
            f"{path}: columns are {', '.join(rows[0])}; a taxonomy needs code and example. "
            "Rename them in the first row, or add them."
        )


def _plain(name: str) -> str:
    return re.sub(r"[\W]+", "_", name.strip().lower())


def _apply(old: Code | None, number: str, lines: Sequence[Line]) -> Code:
    code = _apply_examples(_apply_fields(old or Code(number), lines), lines)
    if old is not None and not old.is_active and code != old:
        became = f"was merged into {old.merged_into}" if old.merged_into else "is retired"
        raise TaxonomyError(
            f"{lines[0].where}: code {number} {became} and its number is never used again, but the rows change it. "
            "Give the reason a new number."
        )
    return code


def _apply_fields(code: Code, lines: Sequence[Line]) -> Code:
    names = {
        _find_language(column, value): value
        for column in dict.fromkeys(name for line in lines for name in line.cells if NAME.fullmatch(name))
        if (value := _find_value(lines, column))
    }
    unit_cost = _find_amount(lines, "unit_cost")
    return replace(
        code,
        names={**code.names, **names},
        owner=_find_value(lines, "owner") or code.owner,
        customer=_find_value(lines, "customer", FEELINGS) or code.customer,
        company=_find_value(lines, "company", FEELINGS) or code.company,
        unit_cost=code.unit_cost if unit_cost is None else unit_cost,
        unit_cost_what=_find_value(lines, "unit_cost_what") or code.unit_cost_what,
        target=_apply_target(code.target, lines),
        status=_find_value(lines, "status", STATUSES) or code.status,
        merged_into=_find_value(lines, "merged_into") or code.merged_into,
    )


def _apply_target(target: Target | None, lines: Sequence[Line]) -> Target | None:
    measure, per, who = (_find_value(lines, f"target_{name}") for name in ("measure", "per", "who"))
    value, by = _find_amount(lines, "target_value"), _find_day(lines, "target_by")
    baseline = _find_amount(lines, "target_baseline")
    if not (measure or per or who or by) and value is None and baseline is None:
        return target
    known = target or Target("", 0.0)
    return Target(
        measure or known.measure,
        known.value if value is None else value,
        per or known.per,
        by or known.by,
        who or known.who,
        known.baseline if baseline is None else baseline,
    )


def _apply_examples(code: Code, lines: Sequence[Line]) -> Code:
    """Add sentences; one whose row now says the opposite changes sides, unless the rows say both."""
    said: dict[bool, dict[str, str]] = {True: {}, False: {}}
    for line in lines:
        if line[EXAMPLE]:
            said[_read_side(line)].setdefault(line[EXAMPLE], line[CALL_ID])
    examples = [text for text in code.examples if text not in said[False] or text in said[True]]
    not_examples = [text for text in code.not_examples if text not in said[True] or text in said[False]]
    told = {text: call_id for texts in said.values() for text, call_id in texts.items() if call_id}
    return replace(
        code,
        examples=tuple(dict.fromkeys([*examples, *said[True]])),
        not_examples=tuple(dict.fromkeys([*not_examples, *said[False]])),
        example_call_ids={**code.example_call_ids, **told},
    )


def _read_side(line: Line) -> bool:
    text = line[IS_EXAMPLE].lower()
    if text not in YES | NO:
        raise TaxonomyError(f"{line.where}: is_example is neither yes nor no. Mend that cell.")
    return text in YES or not text


def _find_language(column: str, name: str) -> str:
    return column.partition("_")[2] or ("zh" if has_chinese(name) else "en")


def _find_value(lines: Sequence[Line], column: str, allowed: Iterable[str] = ()) -> str:
    """Find what the rows of a code say in a column."""
    first = next((line for line in lines if line[column]), None)
    if first is None:
        return ""
    for line in lines:
        if line[column] and line[column] != first[column]:
            raise TaxonomyError(
                f"{line.where}: {column} of code {line[CODE]} is not the same as in {first.where.rpartition(', ')[2]}. "
                "Make them the same."
            )
    named = [one for one in allowed if one]
    if named and first[column] not in named:
        raise TaxonomyError(f"{first.where}: {column} should be {' or '.join(named)}. Mend that cell.")
    return first[column]


def _find_amount(lines: Sequence[Line], column: str) -> float | None:
    text = _find_value(lines, column)
    if not text:
        return None
    try:
        has_comma = find_decimal_signs({column: [text]})[column] == ","
        amount = float(text.replace(".", "").replace(",", ".") if has_comma else text)
    except ValueError:
        amount = -1.0
    if not 0 <= amount < float("inf"):
        where = next(line.where for line in lines if line[column])
        raise TaxonomyError(
            f"{where}: {column} should be a number of at least 0. Write it without a currency, as 42.50 or 42,50."
        )
    return amount


def _find_day(lines: Sequence[Line], column: str) -> date | None:
    text = _find_value(lines, column)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        where = next(line.where for line in lines if line[column])
        raise TaxonomyError(f"{where}: {column} should be a day such as 2027-03-31. Mend that cell.") from None


def _describe(code: Code) -> list[dict[str, str]]:
    target = code.target or Target("", 0.0)
    fields = {
        CODE: code.number,
        **{f"name_{language}": name for language, name in code.names.items()},
        **{name: getattr(code, name) for name in ("owner", "customer", "company", "status", "merged_into")},
        "unit_cost": _write_amount(code.unit_cost),
        "unit_cost_what": code.unit_cost_what,
        "target_measure": target.measure,
        "target_value": _write_amount(target.value) if code.target else "",
        "target_per": target.per,
        "target_by": target.by.isoformat() if target.by else "",
        "target_who": target.who,
        "target_baseline": _write_amount(target.baseline or 0.0),
    }
    sentences = [
        {EXAMPLE: text, IS_EXAMPLE: side, CALL_ID: code.example_call_ids.get(text, "")}
        for side, texts in (("yes", code.examples), ("no", code.not_examples))
        for text in texts
    ]
    return [fields | sentence for sentence in sentences or [{}]]


def _write_amount(amount: float) -> str:
    return f"{amount:.12g}" if amount else ""
