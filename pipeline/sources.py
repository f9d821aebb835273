"""Sources: what there is to hear or read: recordings, and files of turns.

Chats and e-mails are JSON lines or CSV, a row a turn, or JSON lines with a call's turns in one list.

A line that is no message is left out by its number.

Errors: InputError when a file cannot be read; messages hold row numbers and column names, never a cell.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipeline.config import IngestSettings, Project
from pipeline.delimited import decode_text, read_rows
from pipeline.errors import InputError
from pipeline.languages import find_language
from pipeline.manifest import read_manifest
from pipeline.manifest.fields import find_row_key
from pipeline.tables import hash_text
from pipeline.transcripts import Segment

AUDIO_SUFFIXES = frozenset(
    {".wav", ".wave", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".mp4", ".aac", ".webm", ".mkv"}
    | {".gsm", ".au", ".wma", ".amr", ".aif", ".aiff"}
)
CUSTOMER_WORDS = ("customer", "client", "user", "caller", "consumer", "visitor", "客户", "用户", "顾客", "买家")
AGENT_WORDS = ("agent", "bot", "system", "assistant", "advisor", "operator", "staff", "seller", "客服", "坐席", "商家")
ROLE_OF = dict.fromkeys(CUSTOMER_WORDS, "customer") | dict.fromkeys(AGENT_WORDS, "agent")

TextSource = Mapping[str, str | None]


@dataclass(frozen=True)
class Turns:
    """One written contact: its own fields, and its messages in order as role and text."""

    call_id: str
    fields: dict[str, str]
    messages: tuple[tuple[str, str], ...]

    @property
    def sha256(self) -> str:
        """The content's hash."""
        return hashlib.sha256(json.dumps(self.messages, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Written:
    """A file's contacts in order of appearance, and the numbers of its lines that are none, by the rule they break."""

    contacts: tuple[Turns, ...]
    lost: Mapping[str, Sequence[int]]


def find_recordings(where: str, root: Path) -> list[Path]:
    """Find recordings by their file name's suffix.

    Args:
        where: A folder, searched with its folders; a file; or a glob.
        root: What a relative path starts from.

    Raises:
        InputError: There is no such folder or file.
    """
    path = root / where
    if path.is_dir():
        found = [
            one for one in path.rglob("*") if not any(part.startswith(".") for part in one.relative_to(path).parts)
        ]
    elif path.exists():
        return [path]
    elif re.search(r"[*?\[]", where):
        anchor = Path(where).anchor
        found = list((Path(anchor) if anchor else root).glob(where.removeprefix(anchor)))
    else:
        raise InputError(
            f"'{where}' is no folder, file or glob of recordings. Mend --recordings, or `recordings` in pipeline.toml."
        )
    suffixed = (one for one in found if one.suffix.lower() in AUDIO_SUFFIXES and not one.name.startswith("."))
    return sorted(one for one in suffixed if one.is_file())


def hash_sources(sources: Sequence[TextSource]) -> str:
    """Name what a transcript was made from: the SHA-256 over its sources' own."""
    return hashlib.sha256("\n".join(str(source["sha256"]) for source in sources).encode()).hexdigest()


def read_turns(path: Path) -> Written:
    """Read a file of written contacts.

    Raises:
        InputError: The file cannot be read as text.
    """
    calls: dict[str, tuple[dict[str, str], list[tuple[str, str]]]] = {}
    lost: dict[str, list[int]] = {}
    for n_line, row in _read_records(path):
        turns = _find_turns(row) if row is not None else None
        if row is None or turns is None:
            lost.setdefault("not a JSON object" if row is None else "without call_id and text", []).append(n_line)
            continue
        call_id = str(row["call_id"]).strip()
        fields, messages = calls.setdefault(call_id, ({}, []))
        skipped = {"turns", "text", "role", "turn_index"}
        fields.update({key: str(value) for key, value in row.items() if key not in skipped and value not in (None, "")})
        messages.extend((find_role(str(turn.get("role") or "customer")), str(turn["text"])) for turn in turns)
    contacts = (Turns(call_id, fields, tuple(messages)) for call_id, (fields, messages) in calls.items())
    return Written(tuple(contacts), lost)


def _find_turns(row: Mapping[str, object]) -> list[Mapping[str, object]] | None:
    """Find a record's messages; None when it has no call id, or one of them has no text."""
    nested = row.get("turns")
    turns = nested if isinstance(nested, list) else [row]
    is_whole = all(isinstance(turn, Mapping) and turn.get("text") is not None for turn in turns)
    return turns if str(row.get("call_id") or "").strip() and is_whole else None


def find_role(word: str) -> str:
    """Tell a role from what a file calls it; unknown when it is none we know."""
    return ROLE_OF.get(word.strip().lower(), "unknown")


def read_text_segments(project: Project, source: TextSource) -> tuple[Segment, ...]:
    """Read a written source of a call again, unredacted.

    Raises:
        InputError: The file or the row is no longer there.
    """
    path, kind, row_key = project.root / str(source["path"]), str(source["kind"]), str(source["row_key"])
    modified_ns = path.stat().st_mtime_ns if path.exists() else 0
    if kind in ("note", "comment"):
        mapping = tuple(project.settings.ingest.columns.items())
        messages = _read_remarks(path, modified_ns, kind, mapping).get((row_key, str(source["sha256"])))
    else:
        messages = _read_messages(path, modified_ns).get(row_key)
    if messages is None:
        raise InputError(
            f"{path} no longer has what was written for call {row_key}. Put the file back, then run again."
        )
    return tuple(
        Segment(text=text, language=find_language(text), source=kind, role=role)
        for role, text in messages
        if text.strip()
    )


Messages = tuple[tuple[str, str], ...]


@lru_cache(maxsize=8)
def _read_messages(path: Path, modified_ns: int) -> dict[str, Messages]:
    return {turns.call_id: turns.messages for turns in read_turns(path).contacts} if modified_ns else {}


@lru_cache(maxsize=8)
def _read_remarks(
    path: Path, modified_ns: int, kind: str, mapping: tuple[tuple[str, str], ...]
) -> dict[tuple[str, str], Messages]:
    """Read a manifest's notes or comments by row key and hash: two rows of one call may say different things."""
    column, role = ("agent_note", "agent") if kind == "note" else ("survey_comment", "customer")
    rows = read_manifest(path, IngestSettings(columns=dict(mapping))).rows if modified_ns else ()
    remarks = ((find_row_key(row, n_row), row.get(column, "")) for n_row, row in rows)
    return {(key, hash_text(text)): ((role, text),) for key, text in remarks}


def _read_records(path: Path) -> Iterator[tuple[int, Mapping[str, object] | None]]:
    """Read a file's records, each with its line's number; None where a line is no object."""
    if path.suffix.lower() == ".csv":
        yield from read_rows(path)
        return
    try:
        text = decode_text(path.read_bytes(), path)
    except OSError:
        raise InputError(f"{path} cannot be read. Check that it is there and readable.") from None
    for n_line, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                record = json.loads(line)
            except ValueError:
                record = None
            yield n_line, record if isinstance(record, dict) else None
