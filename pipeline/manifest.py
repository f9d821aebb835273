"""Manifest: a CSV with a row a call, its column names mapped to ours, its cells read as what they say.

Errors: InputError when a file or its columns are wrong; ValueError, turned into a failure of that row alone, when a
cell is. Messages hold line numbers and column names, never a cell.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from pipeline.config import Project
from pipeline.errors import InputError
from pipeline.state import hash_id, read_key

# Our column, and what manifests commonly call it; names are compared in lower case without punctuation.
MANIFEST_COLUMNS: dict[str, tuple[str, ...]] = {
    "call_id": ("call", "id", "contact id", "interaction id", "通话编号", "通话id"),
    "recording": ("file", "file name", "recording file", "audio", "path", "录音", "录音文件"),
    "started_at": ("start time", "start", "date time", "datetime", "timestamp", "开始时间", "通话时间"),
    "agent_id": ("agent", "agent name", "坐席", "坐席工号", "客服"),
    "queue": ("skill", "department", "队列", "技能组"),
    "contact_channel": ("channel", "medium", "渠道"),
    "region": ("area", "地区", "区域"),
    "customer_id": ("customer", "caller", "caller id", "account", "客户", "客户编号"),
    "wait_s": ("wait", "wait seconds", "等待时长"),
    "talk_s": ("talk", "talk seconds", "duration", "duration s", "通话时长"),
    "hold_s": ("hold", "hold seconds", "保持时长"),
    "wrap_s": ("wrap", "wrap up", "wrap seconds", "acw", "acw s", "整理时长"),
    "first_response_s": ("first response", "first response seconds", "首次响应时长"),
    "is_abandoned": ("abandoned", "是否放弃"),
    "logged_code": ("code", "disposition", "wrap code", "登记原因"),
    "agent_note": ("note", "notes", "agent notes", "备注"),
    "csat": ("csat score", "满意度"),
    "nps": ("nps score",),
    "ces": ("ces score",),
    "survey_comment": ("comment", "survey comments", "评价"),
}

TIME_FORMATS = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%Y%m%d%H%M%S")
NUMBERS = ("wait_s", "talk_s", "hold_s", "wrap_s", "first_response_s", "csat", "nps", "ces")
YES = frozenset({"1", "true", "yes", "y", "t", "x", "是"})
NO = frozenset({"", "0", "false", "no", "n", "f", "否"})
CONTACT_CHANNELS = {
    "phone": "phone", "call": "phone", "voice": "phone", "telephone": "phone", "电话": "phone",
    "chat": "chat", "webchat": "chat", "message": "chat", "在线": "chat",
    "email": "email", "mail": "email", "邮件": "email",
    "note": "note", "comment": "comment", "survey": "comment",
}  # fmt: skip

Call = dict[str, Any]  # one row of `calls`, perhaps without some columns


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV in UTF-8 or, failing that, GB18030; comma, semicolon or tab.

    Raises:
        InputError: The file cannot be read, or has no header.
    """
    try:
        content = path.read_bytes()
    except OSError:
        raise InputError(f"{path} cannot be read. Check that it is there and readable.") from None
    text = decode_text(content, path)
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restkey="", restval="")
    if not reader.fieldnames:
        raise InputError(f"{path} is empty. A CSV starts with a line of column names.")
    return [{key.strip(): (value or "").strip() for key, value in row.items() if key} for row in reader]


def find_columns(found: Sequence[str], known: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Find our columns by our names or what they are commonly called, the first of ours that fits.

    Args:
        found: The file's column names.
        known: What each of our columns is commonly called.
    """
    plain = {_plain(name): name for name in reversed(found)}
    columns = {}
    for ours, aliases in known.items():
        taken = next((plain[_plain(name)] for name in (ours, *aliases) if _plain(name) in plain), None)
        if taken:
            columns[ours] = taken
    return columns


def map_columns(found: Sequence[str], mapping: Mapping[str, str], path: Path) -> dict[str, str]:
    """Map our columns to those found in a manifest: by the user's mapping first, else by what they are commonly called.

    Raises:
        InputError: The mapping names a column that is not there, or nothing identifies a call.
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
    if not columns.keys() & {"call_id", "recording"}:
        raise InputError(
            f"{path} has no column for the call id or the recording (found: {', '.join(found)}). "
            "Map them in [ingest.columns]."
        )
    return columns


def read_manifest(path: Path, mapping: Mapping[str, str]) -> list[dict[str, str]]:
    """Read a manifest into rows of our columns; a column the manifest lacks is absent, an empty cell is ''."""
    rows = read_rows(path)
    columns = map_columns(list(rows[0]), mapping, path) if rows else {}
    return [{ours: row[theirs] for ours, theirs in columns.items()} for row in rows]


def find_row_key(row: Mapping[str, str], n_row: int) -> str:
    """Identify a manifest's row: its call id, else its recording, else its line."""
    return row.get("call_id") or row.get("recording") or f"line {n_row}"


def read_fields(project: Project, row: Mapping[str, str]) -> Call:
    """Read a row's cells into columns of `calls`; people's ids are hashed.

    Raises:
        ValueError: A cell is not what its column should hold.
    """
    fields: Call = {name: _read_number(row, name) for name in NUMBERS}
    fields |= {name: row.get(name) or None for name in ("queue", "region", "logged_code")}
    key = read_key(project)
    fields |= {name: hash_id(row[name], key) if row.get(name) else None for name in ("agent_id", "customer_id")}
    started_at = row.get("started_at")
    fields["started_at"] = _read_started_at(started_at, project.timezone) if started_at else None
    fields["started_at_source"] = "manifest" if started_at else None
    fields["contact_channel"] = _read_channel(row.get("contact_channel", ""))
    fields["is_abandoned"] = _read_flag(row, "is_abandoned")
    return fields


def _read_started_at(text: str, timezone: tzinfo) -> datetime:
    try:
        return read_time(text, timezone)
    except (ValueError, OverflowError):
        raise ValueError("started_at is not a time such as 2026-11-20 09:30:00. Mend that cell.") from None


def _read_number(row: Mapping[str, str], name: str) -> float | None:
    text = row.get(name, "")
    if not text:
        return None
    if re.fullmatch(r"\d+:\d\d(:\d\d)?", text):  # 3:25 and 1:03:25 are times
        return float(sum(int(part) * 60**power for power, part in enumerate(reversed(text.split(":")))))
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{name} is not a number. Mend that cell.") from None


def _read_flag(row: Mapping[str, str], name: str) -> bool | None:
    if name not in row:
        return None
    text = row[name].lower()
    if text not in YES | NO:
        raise ValueError(f"{name} is neither yes nor no. Mend that cell.")
    return text in YES


def _read_channel(text: str) -> str | None:
    plain = re.sub(r"[\W_]+", "", text.lower())
    if plain and plain not in CONTACT_CHANNELS:
        raise ValueError("contact_channel should be phone, chat, email, note or comment. Mend that cell.")
    return CONTACT_CHANNELS.get(plain)


def _read_local_time(text: str) -> datetime:
    for time_format in TIME_FORMATS:
        try:
            return datetime.strptime(text, time_format)  # noqa: DTZ007 - the caller sets the zone
        except ValueError:
            continue
    raise ValueError("no known time format")


def read_time(text: str, timezone: tzinfo) -> datetime:
    """Read a time as manifests write it: ISO 8601, seconds since 1970, or a common local format.

    Raises:
        ValueError: The text is no such time.
    """
    if re.fullmatch(r"\d{10}(\.\d+)?", text):
        return datetime.fromtimestamp(float(text), UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _read_local_time(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone)).astimezone(UTC)


def decode_text(content: bytes, path: Path) -> str:
    """Decode a text file.

    Raises:
        InputError: It is neither UTF-8 nor GB18030.
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(f"{path} is neither UTF-8 nor GB18030 text. Save it as UTF-8.")


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())
