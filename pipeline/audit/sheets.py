"""Sheets: a round's calls as a spreadsheet that a person fills in blind, and their answers read back.

Errors: InputError when a sheet is not one of ours, or a row has no answer that can be.
"""

from collections.abc import Sequence
from pathlib import Path

from pipeline.audit.answers import Said
from pipeline.audit.questions import Question
from pipeline.errors import InputError
from pipeline.spreadsheets import SUFFIXES, Row, read_sheet, write_sheet
from pipeline.tables import NO_CODES

CODES = ("code_1", "code_2", "code_3")
COLUMNS = ("call_id", "started_at", "customer", *CODES, "no_code")
MAX_WORDS = 8000  # characters of a cell; Excel holds 32,767


def write_questions(path: Path, questions: Sequence[Question]) -> None:
    """Write calls to fill in: a copy goes to each person.

    Raises:
        InputError: The suffix is neither .csv nor .xlsx, or the folder is not there.
    """
    write_sheet(path, "audit", [_make_row(one) for one in questions], COLUMNS)


def check_output(path: Path) -> None:
    """Check that a sheet can be written there, before anything is drawn.

    Raises:
        InputError: The suffix is neither .csv nor .xlsx, or the folder is not there.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path} should end in {' or '.join(SUFFIXES)}.")
    if not path.parent.is_dir():
        raise InputError(f"Folder '{path.parent}' is not there. Make it first.")


def read_said(path: Path) -> dict[str, Said]:
    """Read the answers of a filled sheet by call; a call without any is left out.

    Raises:
        InputError: A column is missing, a call has two answers, or a row has both or an unknown kind.
    """
    rows = read_sheet(path)
    missing = [name for name in ("call_id", CODES[0], "no_code") if rows and name not in rows[0]]
    if missing:
        raise InputError(f"{path} has no column '{missing[0]}'. `callreasons audit sample` writes a sheet that has.")
    said: dict[str, Said] = {}
    for n_row, row in enumerate(rows, start=2):
        one = _read_row(row, path, n_row)
        if one is None:
            continue
        if said.setdefault(row["call_id"], one) != one:
            raise InputError(f"{path}, row {n_row}: call '{row['call_id']}' has another answer before. Delete one.")
    return said


def _make_row(question: Question) -> Row:
    lines = [f"{_write_time(turn.start_s)}{turn.text}" for turn in question.turns]
    words = "\n".join(lines)
    return {
        "call_id": question.call_id,
        "started_at": question.started_at.isoformat(timespec="minutes") if question.started_at else "",
        "customer": words if len(words) <= MAX_WORDS else f"{words[:MAX_WORDS]} …",
    }


def _write_time(seconds: float | None) -> str:
    return "" if seconds is None else f"[{int(seconds) // 60}:{int(seconds) % 60:02d}] "


def _read_row(row: Row, path: Path, n_row: int) -> Said | None:
    codes = tuple(row[name] for name in CODES if row.get(name))
    kind = row["no_code"].strip().lower()
    if codes and kind:
        raise InputError(f"{path}, row {n_row}: codes and a kind of no-code exclude each other. Delete one.")
    if kind and kind not in NO_CODES:
        raise InputError(f"{path}, row {n_row}: no_code should be one of {', '.join(NO_CODES)}, or empty.")
    return Said(codes, kind) if codes or kind else None
