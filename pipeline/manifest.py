"""Manifest: a CSV with a row a call, its column names mapped to ours, its cells read as what they say.

A cell that cannot be read leaves its column empty and is counted; the call stays. Rows that are no calls are left out
and counted.

Errors: InputError when a file or its columns are wrong. Messages hold row numbers and column names, never a cell.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from pipeline import cells
from pipeline.config import IngestSettings, Project
from pipeline.decimals import USUAL_SIGNS, find_decimal_signs, has_two_readings
from pipeline.delimited import Delimited, read_delimited
from pipeline.errors import InputError
from pipeline.state import hash_id, read_key

# Our column, and what manifests commonly call it; names are compared in lower case without punctuation or unit.
MANIFEST_COLUMNS: dict[str, tuple[str, ...]] = {
    "call_id": ("call", "id", "contact id", "interaction id", "通话编号", "通话id", "编号"),
    "recording": ("file", "file name", "recording file", "audio", "path", "录音", "录音文件"),
    "started_at": ("start time", "start", "date time", "datetime", "timestamp", "开始时间", "通话时间", "来电时间"),
    "agent_id": ("agent", "agent name", "坐席", "坐席工号", "客服"),
    "queue": ("skill", "department", "队列", "技能组"),
    "contact_channel": ("channel", "medium", "渠道"),
    "region": ("area", "地区", "区域"),
    "customer_id": ("customer", "caller", "caller id", "account", "客户", "客户编号", "来电号码", "主叫号码"),
    "wait_s": ("wait", "wait time", "等待时长", "等待时间"),
    "talk_s": ("talk", "talk time", "duration", "通话时长"),
    "hold_s": ("hold", "hold time", "保持时长"),
    "wrap_s": ("wrap", "wrap up", "wrap up time", "acw", "整理时长", "话后时长"),
    "first_response_s": ("first response", "first response time", "首次响应时长"),
    "is_abandoned": ("abandoned", "是否放弃"),
    "logged_code": ("code", "disposition", "wrap code", "登记原因"),
    "agent_note": ("note", "notes", "agent notes", "agent comment", "agent comments", "备注"),
    "csat": ("csat score", "满意度"),
    "nps": ("nps score",),
    "ces": ("ces score",),
    # "Comment" alone is as often the agent's, and would be read as the customer's words.
    "survey_comment": ("survey comments", "customer comment", "customer comments", "评价", "客户评价"),
}

SECONDS = ("wait_s", "talk_s", "hold_s", "wrap_s", "first_response_s")
SCORES = ("csat", "nps", "ces")
WORDS = ("queue", "region", "logged_code")
PEOPLE = ("agent_id", "customer_id")
TOP_NPS = 10.0
TOTALS = frozenset({"total", "grand total", "totals", "sum", "summe", "gesamt", "合计", "总计", "小计"})
UNIT = re.compile(
    rf"(?:[\s_.(\[/]|(?<=[^\x00-\x7f]))({'|'.join(sorted(cells.UNITS_S, key=len, reverse=True))})[\s.)\]]*$"
)

Call = dict[str, Any]  # one row of `calls`, perhaps without some columns
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


@dataclass(frozen=True)
class Manifest:
    """A manifest's calls, each with its row's number, and what of it says nothing about calls.

    `lines` are the rows' cells as they stand; `left_out` counts rows that are no calls, `too_long` numbers those whose
    cells do not fit the heading, `rounded` those whose call id a spreadsheet has rounded; `unused` are headings that
    nothing reads.
    """

    rows: tuple[tuple[int, Row], ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    habits: Habits = Habits()
    left_out: Mapping[str, int] = field(default_factory=dict)
    too_long: tuple[int, ...] = ()
    rounded: tuple[int, ...] = ()
    unused: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()


def find_columns(found: Sequence[str], known: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Find our columns by our names or what they are commonly called, the first of ours that fits.

    Args:
        found: The file's column names.
        known: What each of our columns is commonly called.
    """
    plain = {_plain(name): name for name in reversed(found)}
    timed = {_plain(UNIT.sub("", _fold(name))): name for name in reversed(found)} | plain
    columns = {}
    for ours, aliases in known.items():
        names = [ours, *aliases, *([ours.removesuffix("_s")] if ours in SECONDS else [])]
        listed = timed if ours in SECONDS else plain
        taken = next((listed[_plain(name)] for name in names if _plain(name) in listed), None)
        if taken:
            columns[ours] = taken
    return columns


def map_columns(found: Sequence[str], mapping: Mapping[str, str], path: Path) -> dict[str, str]:
    """Map our columns to those found in a manifest: by the user's mapping first, else by what they are commonly called.

    Raises:
        InputError: The mapping names a column that is not there, two have one name, or nothing identifies a call.
    """
    for ours, theirs in mapping.items():
        if ours in MANIFEST_COLUMNS and theirs not in found:
            raise InputError(f"{path} has no column '{theirs}', which [ingest.columns] names for {ours}.")
    left = [name for name in found if name not in mapping.values()]
    columns = find_columns(left, {ours: names for ours, names in MANIFEST_COLUMNS.items() if ours not in mapping})
    columns |= {ours: theirs for ours, theirs in mapping.items() if ours in MANIFEST_COLUMNS}
    unknown = mapping.keys() - MANIFEST_COLUMNS.keys()
    if unknown:
        raise InputError(f"[ingest.columns] has unknown '{min(unknown)}'. Known: {', '.join(MANIFEST_COLUMNS)}.")
    _check_columns(found, columns, path)
    return columns


def _check_columns(found: Sequence[str], columns: Mapping[str, str], path: Path) -> None:
    twice = [name for name in columns.values() if found.count(name) > 1]
    if twice:
        raise InputError(f"{path} has the column '{twice[0]}' twice. Rename the one that does not count.")
    if not columns.keys() & {"call_id", "recording"}:
        is_heading = not any(re.search(r"\d{3}", name) for name in found)
        shown = f"found: {', '.join(filter(None, found))}" if is_heading else "it holds cells, not names"
        raise InputError(
            f"{path} has no column for the call id or the recording in its first line ({shown}). "
            "Map them in [ingest.columns]."
        )


def read_manifest(path: Path, settings: IngestSettings) -> Manifest:
    """Read a manifest into rows of our columns; a column the manifest lacks is absent, an empty cell is ''.

    Raises:
        InputError: The file cannot be read as a CSV, or its columns cannot be mapped.
    """
    read = read_delimited(path)
    columns = map_columns(read.heading, settings.columns, path)
    indexes = {ours: read.heading.index(theirs) for ours, theirs in columns.items()}
    left_out, rows, rounded = Counter[str](), list[tuple[int, Row]](), list[int]()
    lines = list[tuple[str, ...]]()
    too_long = tuple(n_row for n_row, line in read.rows if any(line[len(read.heading) :]))
    for n_row, line in read.rows:
        kind = _find_left_out(line, read, indexes)
        left_out.update([kind] if kind else [])
        if kind or n_row in too_long:
            continue
        row = {ours: line[index] if index < len(line) else "" for ours, index in indexes.items()}
        rounded += [n_row] if cells.ROUNDED.fullmatch(row.get("call_id", "")) else []
        rows.append((n_row, _drop_useless_id(row)))
        lines.append(line)
    habits = find_habits([row for _, row in rows], settings, columns, read.delimiter)
    unused = tuple(name for name in read.heading if name and name not in columns.values())
    return Manifest(tuple(rows), columns, habits, dict(left_out), too_long, tuple(rounded), unused, tuple(lines))


def _find_left_out(line: Sequence[str], read: Delimited, indexes: Mapping[str, int]) -> str:
    """Say why a row is no call; '' when it is one."""
    if not any(line):
        return "empty"
    if line == read.heading:
        return "heading"
    where = {0, *(indexes[name] for name in ("call_id", "recording", "started_at") if name in indexes)}
    named = [line[index] for index in where if index < len(line)]
    return "total" if any(cell.strip(" :：").lower() in TOTALS for cell in named) else ""


def _drop_useless_id(row: Row) -> Row:
    """Let a row whose call id tells no call from others stand for itself."""
    call_id = row.get("call_id", "")
    useless = call_id and (cells.ROUNDED.fullmatch(call_id) or not cells.clean_cell(call_id))
    return {**row, "call_id": ""} if useless else row


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
    units = {name: _find_unit(columns[name]) for name in SECONDS if name in columns}
    units |= {name: cells.UNITS_S[unit] for name, unit in settings.units.items()}
    scores = {name: _read_scores(by_column[name], name in commas) for name in SCORES if name in columns}
    set_tops = {str(name): top for name, top in settings.top_scores.items()}
    tops = {name: _find_top(name, known) for name, known in scores.items()} | set_tops
    unclear = {name for name in scores.keys() - {"nps"} - set_tops.keys() if cells.is_scale_unclear(scores[name])}
    order = settings.date_order or cells.find_date_order(by_column.get("started_at", ()))
    return Habits(order, frozenset(commas), frozenset(guessed), units, tops, frozenset(unclear))


def _find_unit(heading: str) -> float:
    named = UNIT.search(_fold(heading))
    return cells.UNITS_S[named[1]] if named else 1.0


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


def find_row_key(row: Mapping[str, str], n_row: int) -> str:
    """Identify a manifest's row: its call id, else its recording, else its line."""
    return row.get("call_id") or row.get("recording") or f"line {n_row}"


def read_fields(
    project: Project, row: Mapping[str, str], habits: Habits | None = None, *, latest: datetime | None = None
) -> tuple[Call, dict[str, str]]:
    """Read a row's cells into columns of `calls`; people's ids are hashed.

    Args:
        project: Its zone, settings and key.
        row: Cells by our columns.
        habits: How the manifest writes; None: as a row by itself shows.
        latest: No call began after this.

    Returns:
        The columns, null where a cell is empty or cannot be read; and for those the rule that the cell breaks.
    """
    habits = habits or find_habits([dict(row)], project.settings.ingest, {name: name for name in row})
    key = read_key(project)
    readers: dict[str, Callable[[str], object]] = {
        **{name: partial(_read_seconds, name, habits) for name in SECONDS},
        **{name: partial(_read_score, name, habits) for name in SCORES},
        **dict.fromkeys(WORDS, _read_words),
        **{name: partial(_read_person, key) for name in PEOPLE},
        "started_at": partial(_read_started_at, project, habits, latest),
        "contact_channel": cells.read_channel,
        "is_abandoned": cells.read_flag,
    }
    fields: Call = dict.fromkeys(readers)
    unread: dict[str, str] = {}
    for name, read in readers.items():
        try:
            fields[name] = read(row[name]) if name in row else None
        except ValueError as error:
            unread[name] = str(error)
    fields["started_at_source"] = "manifest" if fields["started_at"] else None
    fields["unread_columns"] = sorted(unread) or None
    return fields, unread


def _read_seconds(name: str, habits: Habits, text: str) -> float | None:
    comma = name in habits.decimal_comma
    seconds = cells.read_seconds(text, unit_s=habits.units_s.get(name, 1.0), is_comma_decimal=comma)
    if seconds is not None and seconds > cells.DAY_S and name != "first_response_s":
        raise ValueError("longer than a day; name another unit in [ingest.units]")
    return seconds


def _read_score(name: str, habits: Habits, text: str) -> float | None:
    score = cells.read_number(text, is_comma_decimal=name in habits.decimal_comma)
    top = habits.tops.get(name, cells.USUAL_TOPS[-1])
    if score is None:
        return None
    if top is None:
        rule = "answers from 0 to 10, not -100 to 100" if name == "nps" else "one scale; set its best in top_scores"
        raise ValueError(f"the column should hold {rule}")
    if not 0 <= score <= top:
        raise ValueError(f"not between 0 and {top:g}")
    return score


def _read_words(text: str) -> str | None:
    return text if cells.clean_cell(text) else None


def _read_person(key: bytes, text: str) -> str | None:
    person = cells.read_id(text)
    return hash_id(person, key) if person else None


def _read_started_at(project: Project, habits: Habits, latest: datetime | None, text: str) -> datetime | None:
    if not cells.clean_cell(text):
        return None
    return cells.read_time(text, project.timezone, date_order=habits.date_order, latest=latest)


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().lower()


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", _fold(name))
