"""Columns: what we call the columns of a manifest, what manifests commonly call them, and which is which.

Errors: InputError when columns cannot be mapped. Messages hold column names, never a cell.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline import cells
from pipeline.errors import InputError

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
UNIT = re.compile(
    rf"(?:[\s_.(\[/]|(?<=[^\x00-\x7f]))({'|'.join(sorted(cells.UNITS_S, key=len, reverse=True))})[\s.)\]]*$"
)


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


def find_unit(heading: str) -> float:
    """Find how many seconds the unit in a heading has; one where it names none."""
    named = UNIT.search(_fold(heading))
    return cells.UNITS_S[named[1]] if named else 1.0


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().lower()


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", _fold(name))
