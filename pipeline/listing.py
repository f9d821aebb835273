"""Listing: the calls of manifests' rows, recordings and written contacts, each made once and filled in by others.

Errors: InputError when a file of turns cannot be read.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from pipeline.call_ids import ID_DIGITS
from pipeline.cells import ROUNDED_RULE, clean_cell
from pipeline.config import Project
from pipeline.manifest import Manifest
from pipeline.manifest.columns import MANIFEST_COLUMNS
from pipeline.manifest.fields import Call, find_row_key, read_fields
from pipeline.manifest.habits import Habits, find_habits
from pipeline.named_recordings import SEVERAL_RULE, match_recordings
from pipeline.sources import Turns, read_turns
from pipeline.state import hash_id, read_key
from pipeline.tables import hash_text
from pipeline.unread import Clashes, Unread, add_clash, is_correction, is_other_call

# Found anywhere in a file name: 20261120-093000, 2026-11-20_09.30.00, 2026-11-20T09:30:00.
DEFAULT_PATTERN = (
    r"(?P<year>20\d\d)[-_.]?(?P<month>[01]\d)[-_.]?(?P<day>[0-3]\d)[-_ T.]?"
    r"(?P<hour>[0-2]\d)[-_:.]?(?P<minute>[0-5]\d)(?:[-_:.]?(?P<second>[0-5]\d))?"
)
LATE = timedelta(days=1)  # a clock may be that wrong; what lies further ahead is no call


@dataclass
class Listing:
    """What is being listed: calls by id, cells and lines that were not read, and rows that clash."""

    project: Project
    now: datetime
    earlier: Mapping[str, Call]
    hashes: Mapping[Path, str]
    calls: dict[str, Call] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    lost: dict[str, Mapping[str, Sequence[int]]] = field(default_factory=dict)
    clashes: Clashes = field(default_factory=Clashes)
    n_absent: int = 0


def find_started_at(name: str, pattern: str, timezone: tzinfo) -> datetime | None:
    """Find when a call started from its recording's name; None when the name does not say."""
    match = re.search(pattern or DEFAULT_PATTERN, name)
    if not match:
        return None
    fields = {unit: int(value) for unit, value in match.groupdict().items() if value}
    try:
        return datetime(**fields, tzinfo=timezone).astimezone(UTC)
    except (TypeError, ValueError):
        return None


def list_rows(listing: Listing, manifest: Manifest, path: Path) -> set[Path]:
    """List the calls of a manifest; returns the recordings that it names."""
    matches = match_recordings((row.get("recording", "") for _, row in manifest.rows), path.parent, listing.hashes)
    listing.unread += [Unread(path.name, "call_id", ROUNDED_RULE, n_row) for n_row in manifest.rounded]
    taken = set[Path]()
    for (n_row, row), row_hash in zip(manifest.rows, hash_lines(listing.project, manifest.lines), strict=True):
        name = row.get("recording", "")
        recording = matches.files.get(name)
        if name in matches.several:
            listing.unread.append(Unread(path.name, "recording", SEVERAL_RULE, n_row))
        elif name and not recording:
            listing.n_absent += 1
        call, unread = _make_manifest_call(listing, row, n_row, recording, manifest.habits)
        listing.unread += [Unread(path.name, column, rule, n_row) for column, rule in unread.items()]
        taken |= {recording} if recording else set()
        call["sources"] = [*call["sources"], *_make_remarks(listing.project, path, row, n_row)]
        call["row_hashes"] = [row_hash]
        _add_row(listing, call)
    return taken


def hash_lines(project: Project, lines: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Hash each row's cells with the project's key, whatever columns they are read as; of equal rows, the n-th."""
    key, seen = read_key(project), Counter[tuple[str, ...]]()
    for line in lines:
        filled = tuple(cell for cell in line if cell)
        seen[filled] += 1
        yield hash_id(json.dumps([seen[filled], *filled]), key)


def _add_row(listing: Listing, call: Call) -> None:
    """Add a row's call; one that takes the id of a call on another day gets an id of its own, unless it corrects it."""
    listed, earlier = (rows.get(call["call_id"]) for rows in (listing.calls, listing.earlier))
    known = listed or earlier
    if known and is_other_call(known, call):
        own_id = hash_text(f"{call['call_id']} {call['started_at']}")
        if not listed and own_id not in listing.earlier and is_correction(known, call):
            listing.clashes.n_corrected += 1
        else:
            listing.clashes.n_other_calls += 1
            call = {**call, "call_id": own_id}
    known = listing.calls.get(call["call_id"])
    if known:
        add_clash(listing.clashes, known, call)
    add_call(listing.calls, call)


def list_texts(listing: Listing, path: Path) -> None:
    """List the written contacts of one file."""
    settings = listing.project.settings.ingest
    written = read_turns(path)
    contacts = written.contacts
    listing.lost[os.path.relpath(path, listing.project.root)] = written.lost
    habits = find_habits([turns.fields for turns in contacts], settings, {name: name for name in MANIFEST_COLUMNS})
    for turns in contacts:
        call, unread = _make_written_call(listing, path, turns, habits)
        listing.unread += [Unread(path.name, column, rule) for column, rule in unread.items()]
        add_call(listing.calls, call)


def _make_manifest_call(
    listing: Listing, row: Mapping[str, str], n_row: int, path: Path | None, habits: Habits
) -> tuple[Call, dict[str, str]]:
    """Make a row's call; also returns the columns that could not be read, and why."""
    project = listing.project
    sources = [_make_source(project, path, listing.hashes[path])] if path else []
    row_id = hash_text(json.dumps([find_row_key(row, n_row), dict(row)]))
    content_id = listing.hashes[path][:ID_DIGITS] if path else row_id
    fields, unread = read_fields(project, row, habits, latest=listing.now + LATE)
    if path and not fields["started_at"]:
        fields |= _find_file_time(project, path)
    call = {
        "call_id": make_call_id(row.get("call_id") or content_id),
        **fields,
        "contact_channel": fields["contact_channel"] or "phone",
        "sources": sources,
    }
    return call, unread


def make_recording_call(project: Project, path: Path, sha256: str) -> Call:
    """Make the call of a recording that no manifest names."""
    n_bytes = path.stat().st_size
    call_id = (
        sha256[:ID_DIGITS] if n_bytes else hash_text(os.path.relpath(path, project.root))
    )  # empty files are not one call
    source = _make_source(project, path, sha256)
    return {"call_id": call_id, "contact_channel": "phone", "sources": [source], **_find_file_time(project, path)}


def _make_written_call(listing: Listing, path: Path, turns: Turns, habits: Habits) -> tuple[Call, dict[str, str]]:
    project = listing.project
    fields, unread = read_fields(project, turns.fields, habits, latest=listing.now + LATE)
    kind = fields["contact_channel"] if fields["contact_channel"] not in (None, "phone") else "chat"
    source = {
        "kind": kind,
        "path": os.path.relpath(path, project.root),
        "row_key": turns.call_id,
        "sha256": turns.sha256,
    }
    if not fields["started_at"]:
        fields |= {"started_at": datetime.fromtimestamp(path.stat().st_mtime, UTC), "started_at_source": "file_time"}
    elif fields["started_at_source"] == "manifest":
        fields["started_at_source"] = "text"
    call = {**fields, "call_id": make_call_id(turns.call_id), "contact_channel": kind, "sources": [source]}
    return call, unread


def _make_source(project: Project, path: Path, sha256: str) -> dict[str, str | None]:
    return {"kind": "recording", "path": os.path.relpath(path, project.root), "row_key": None, "sha256": sha256}


def _make_remarks(project: Project, manifest: Path, row: Mapping[str, str], n_row: int) -> list[dict[str, str | None]]:
    kinds = (("note", row.get("agent_note", "")), ("comment", row.get("survey_comment", "")))
    path = os.path.relpath(manifest, project.root)
    key = find_row_key(row, n_row)
    said = ((kind, text) for kind, text in kinds if clean_cell(text))
    return [{"kind": kind, "path": path, "row_key": key, "sha256": hash_text(text)} for kind, text in said]


def _find_file_time(project: Project, path: Path) -> Call:
    named = find_started_at(path.name, project.settings.ingest.file_name_pattern, project.timezone)
    if named:
        return {"started_at": named, "started_at_source": "file_name"}
    return {"started_at": datetime.fromtimestamp(int(path.stat().st_mtime), UTC), "started_at_source": "file_time"}


def make_call_id(text: str) -> str:
    """Make a call id that is safe as a file name: the manifest's own where it is, else its hash."""
    return text if re.fullmatch(r"[\w][\w.-]{0,99}", text) else hash_text(text)


def add_call(calls: dict[str, Call], one: Call) -> None:
    """Add a call; a second row or recording with the same id is another part of it, and fills in what it lacks."""
    known = calls.get(str(one["call_id"]))
    call = one
    if known:
        sources = [*known["sources"], *(source for source in one["sources"] if source not in known["sources"])]
        said = {name: value for name, value in known.items() if value is not None}
        call = {**known, **one, **said, "sources": sources}
        call["row_hashes"] = [*(known.get("row_hashes") or ()), *(one.get("row_hashes") or ())] or None
        filled = {name for name, value in known.items() if value is None and call[name] is not None}
        call["unread_columns"] = [name for name in list_still_unread(one, known) or () if name not in filled] or None
    calls[str(call["call_id"])] = call


def list_still_unread(before: Call, call: Call) -> list[str] | None:
    """List the columns of a call that cannot be read: its own, and earlier ones that it says nothing of."""
    earlier = {name for name in before.get("unread_columns") or () if call.get(name) is None}
    return sorted(earlier | set(call.get("unread_columns") or ())) or None
