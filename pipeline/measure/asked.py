"""Asked: the agents' answers to the weekly question "what did most people call about?", read and coded.

An answer is a code's number, a code's name or free text, which is matched like a reason utterance. Only codes are kept,
never the words. Who answered is hashed.

Errors: InputError when the file or a column of it is missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo
from pathlib import Path

import pyarrow as pa

from pipeline.cells import find_date_order, read_time
from pipeline.config import Project
from pipeline.delimited import count_rows, read_rows
from pipeline.encoders import make_reason_encoder
from pipeline.errors import InputError
from pipeline.examples import load_examples
from pipeline.manifest.columns import find_columns
from pipeline.matching import fit_assigner
from pipeline.taxonomy import Taxonomy

COLUMNS = {
    "week": ("date", "day", "week of", "week from", "周", "日期", "星期"),
    "queue": ("team", "skill", "department", "group", "队列", "技能组", "团队", "班组"),
    "answer": ("code", "reason", "most people called about", "what did most people call about", "回答", "答案", "原因"),
}
NEEDED = ("week", "answer")
ANSWERS = pa.schema(
    [
        ("week", pa.date32()),
        ("queue", pa.string()),
        ("reason_kind", pa.string()),
        ("reason_id", pa.string()),
    ]
)


@dataclass(frozen=True)
class Answer:
    """One agent's answer; `week` is its Monday, `queue` the team, empty when not known."""

    week: date
    queue: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Answers:
    """All answers of a file, and the rows of those that could not be read."""

    answers: tuple[Answer, ...] = ()
    bad_rows: tuple[int, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know of the file."""
        if not self.bad_rows:
            return ()
        counted = count_rows("without a day such as 2026-11-16, or empty", self.bad_rows)
        return (f"Answers to the weekly question that were left out: {counted}. Mend those cells.",)


def find_answers_file(project: Project) -> Path | None:
    """Say where the answers lie; None where the project does not ask.

    Raises:
        InputError: The settings name a file that is not there.
    """
    name = project.settings.measure.weekly_question
    if not name:
        return None
    path = project.root / name
    if not path.is_file():
        raise InputError(f"{path} is not there. Mend `weekly_question` in section [measure] of pipeline.toml.")
    return path


def read_answers(project: Project, path: Path) -> Answers:
    """Read a CSV of answers, a row an answer, whatever a spreadsheet made of it.

    Raises:
        InputError: The file cannot be read, or has no column for the week or for the answer.
    """
    rows = read_rows(path)
    if not rows:
        return Answers()
    found = list(rows[0][1])
    columns = find_columns(found, COLUMNS)
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise InputError(
            f"{path} has no column for the {missing[0]} (found: {', '.join(found)}). Name it '{missing[0]}'."
        )
    date_order = find_date_order(row[columns["week"]] for _, row in rows)
    answers, bad_rows = list[Answer](), list[int]()
    for n_row, row in rows:
        cells = {ours: row[theirs] for ours, theirs in columns.items()}
        day = _read_day(cells["week"], project.timezone, date_order)
        if day is None or not cells["answer"]:
            bad_rows.append(n_row)
            continue
        monday = day - timedelta(days=day.weekday())
        answers.append(Answer(monday, cells.get("queue", ""), cells["answer"]))
    return Answers(tuple(answers), tuple(bad_rows))


def _read_day(text: str, timezone: tzinfo, date_order: str) -> date | None:
    """Read a day, or a week such as 2026-W47; None where the text is neither."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        return read_time(text, timezone, date_order=date_order).astimezone(timezone).date()
    except (ValueError, OverflowError):
        return None


def code_answers(answers: Sequence[Answer], taxonomy: Taxonomy, project: Project) -> pa.Table:
    """Code each answer: by number, by name, else by what it says.

    Returns:
        A row an answer, in order, in the schema `ANSWERS`.
    """
    known = name_codes(taxonomy)
    texts = sorted({one.text for one in answers if _plain(one.text) not in known})
    coded = {text: known[_plain(text)] for text in {one.text for one in answers} - set(texts)}
    coded |= _match(texts, taxonomy, project) if texts else {}
    rows = [
        {"week": one.week, "queue": one.queue} | dict(zip(("reason_kind", "reason_id"), coded[one.text], strict=True))
        for one in answers
    ]
    return pa.Table.from_pylist(rows, schema=ANSWERS)


def name_codes(taxonomy: Taxonomy) -> dict[str, tuple[str, str]]:
    """Map what people call a code, its number and its names, to the code that it counts for today."""
    named: dict[str, tuple[str, str]] = {}
    for code in taxonomy.codes:
        for name in (*code.names.values(), code.number):
            named[_plain(name)] = ("code", taxonomy.find_current(code.number))
    return named


def _match(texts: Sequence[str], taxonomy: Taxonomy, project: Project) -> Mapping[str, tuple[str, str]]:
    background = load_examples("background", project).texts
    assign = fit_assigner(taxonomy, make_reason_encoder(project), project.settings.assign, background=background)
    matched = assign([(text, text) for text in texts])
    return {
        text: ("code", one.code) if one.code else ("no_code", str(one.no_code))
        for text, one in zip(texts, matched, strict=True)
    }


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
