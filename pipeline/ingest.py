"""Ingest: list every call there is: recordings, the manifest's rows, chats, e-mails, notes and survey comments.

Reads file names, hashes and manifests; writes `calls`. Opens no recording. A row of the manifest without a recording is
a call that was offered; metadata that comes days later updates its call.

Errors: InputError when a manifest or a file of turns cannot be read; a single bad row fails alone.
"""

import fcntl
import json
import os
import re
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import pyarrow as pa

from pipeline.call_ids import ID_DIGITS, find_renamed, rename_transcripts
from pipeline.config import Project
from pipeline.manifest import Call, find_row_key, read_fields, read_manifest
from pipeline.sources import Turns, find_recordings, read_turns
from pipeline.state import hash_file, open_state
from pipeline.tables import hash_text, make_table
from pipeline.transcripts import read_transcripts
from pipeline.work import Failure, Outcome, Work, sync_calls

# Found anywhere in a file name: 20261120-093000, 2026-11-20_09.30.00, 2026-11-20T09:30:00.
DEFAULT_PATTERN = (
    r"(?P<year>20\d\d)[-_.]?(?P<month>[01]\d)[-_.]?(?P<day>[0-3]\d)[-_ T.]?"
    r"(?P<hour>[0-2]\d)[-_:.]?(?P<minute>[0-5]\d)(?:[-_:.]?(?P<second>[0-5]\d))?"
)
RECENT_S = 60.0  # a file changed less than this long ago may still be being written


@dataclass(frozen=True)
class Found:
    """Calls by id, and what could not be taken in."""

    calls: dict[str, Call]
    failures: tuple[Failure, ...] = ()
    n_waiting: int = 0
    n_absent: int = 0
    n_copies: int = 0
    n_unread: int = 0


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


def run(work: Work) -> Outcome:
    """Bring `calls` up to date; calls ingested before stay, whatever became of their files."""
    settings = work.project.settings.ingest
    found = _find_calls(work.project, work.now)
    earlier = {row["call_id"]: row for row in _read_earlier(work)}
    renamed = find_renamed(earlier, found.calls)
    rename_transcripts(work.project.transcripts, renamed)
    earlier = {call_id: call for call_id, call in earlier.items() if call_id not in renamed}
    calls = {**earlier, **{call_id: _merge(earlier.get(call_id), call) for call_id, call in found.calls.items()}}
    expected = {call_id: hash_text(json.dumps(call, sort_keys=True, default=str)) for call_id, call in calls.items()}

    def make(call_ids: list[str]) -> Mapping[str, pa.Table]:
        return {"calls": make_table("calls", [calls[call_id] for call_id in call_ids])}

    outcome = sync_calls(work, ["calls"], expected, make)
    return replace(outcome, failures=found.failures, warnings=tuple(_list_warnings(found, settings.manifest)))


def _list_warnings(found: Found, manifest: str) -> Iterator[str]:
    if found.n_unread:
        yield (
            f"Tables beside the recordings that were not read: {found.n_unread}. Name every file of chats and e-mails "
            "in `texts` of section [ingest], JSON lines too, or one CSV as `manifest`."
        )
    if found.n_copies:
        yield f"Copies of recordings that the manifest names, not counted again: {found.n_copies}."
    if found.n_waiting:
        yield f"{found.n_waiting} files are still being written and were left for the next run."
    if found.n_absent:
        yield f"{found.n_absent} recordings that {manifest or 'the manifest'} names are not there."


def _find_calls(project: Project, now: datetime) -> Found:
    settings = project.settings.ingest
    manifest = _find_manifest(project)
    recordings, n_waiting = _leave_unfinished(_find_recordings(project), settings.settle_s, now)
    rows = read_manifest(manifest, settings.columns) if manifest else []
    hashes = _hash_recordings(project, recordings)
    by_name = {path.name: path for path in recordings} | {str(path): path for path in recordings}
    calls, failures, n_absent, taken = dict[str, Call](), list[Failure](), 0, set[Path]()
    for n_row, row in enumerate(rows, start=2):
        path = _match_recording(row, manifest, by_name) if manifest else None
        n_absent += bool(row.get("recording")) and path is None
        try:
            call = _make_manifest_call(project, row, n_row, path, hashes)
        except ValueError as error:
            failures.append(Failure("ingest", f"manifest line {n_row}", str(error)))
            continue
        finally:
            taken |= {path} if path else set()
        call["sources"] = [*call["sources"], *_make_remarks(project, manifest, row, n_row)]
        _add_call(calls, call)
    known = {hashes[path] for path in taken if path.stat().st_size}
    unnamed = [path for path in recordings if path not in taken]
    for path in unnamed:
        if hashes[path] not in known:
            _add_call(calls, _make_recording_call(project, path, hashes[path]))
    texts = _find_text_files(project, manifest)
    for path in texts:
        for turns in read_turns(path):
            try:
                _add_call(calls, _make_written_call(project, path, turns))
            except ValueError as error:
                failures.append(Failure("ingest", turns.call_id, str(error)))
    n_copies = sum(hashes[path] in known for path in unnamed)
    n_unread = _count_unread_tables(project, {*texts, *([manifest] if manifest else [])})
    return Found(calls, tuple(failures), n_waiting, n_absent, n_copies, n_unread)


def _find_manifest(project: Project) -> Path | None:
    settings = project.settings.ingest
    if settings.manifest:
        return project.root / settings.manifest
    default = project.root / settings.recordings / "manifest.csv"
    return default if default.exists() else None


def _find_recordings(project: Project) -> list[Path]:
    where = project.settings.ingest.recordings
    if where == "recordings" and not (project.root / where).exists():
        return []
    return find_recordings(where, project.root)


def _count_unread_tables(project: Project, read: Collection[Path]) -> int:
    """Count CSV and JSON lines files beside the recordings that are neither the manifest nor named as texts."""
    folder, known = project.root / project.settings.ingest.recordings, {path.resolve() for path in read}
    tables = [path for path in folder.glob("*") if path.suffix.lower() in (".csv", ".jsonl")] if folder.is_dir() else []
    return sum(path.resolve() not in known for path in tables)


def _find_text_files(project: Project, manifest: Path | None) -> list[Path]:
    settings = project.settings.ingest
    if settings.texts:
        return sorted({path for where in settings.texts for path in _glob(project.root, where)})
    folder = project.root / settings.recordings
    return sorted(path for path in folder.glob("*.jsonl") if path != manifest) if folder.is_dir() else []


def _glob(root: Path, where: str) -> Iterable[Path]:
    path = root / where
    return [path] if path.exists() or not re.search(r"[*?\[]", where) else sorted(root.glob(where))


def _leave_unfinished(paths: list[Path], settle_s: float, now: datetime) -> tuple[list[Path], int]:
    """Set apart files that grow while we look, or that another process has open for writing."""
    sizes = {path: path.stat().st_size for path in paths if now.timestamp() - path.stat().st_mtime < RECENT_S}
    if sizes and settle_s:
        time.sleep(settle_s)
    unfinished = {
        path for path, n_bytes in sizes.items() if path.stat().st_size != n_bytes or is_open_for_writing(path)
    }
    return [path for path in paths if path not in unfinished], len(unfinished)


def is_open_for_writing(path: Path) -> bool:
    """Say whether another process has the file open for writing; False where the system cannot tell."""
    with path.open("rb") as file:
        try:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        except BlockingIOError:
            return True
        except OSError:
            return False
    return False


def _hash_recordings(project: Project, paths: list[Path]) -> dict[Path, str]:
    with open_state(project) as connection:
        return {path: hash_file(path, connection) for path in paths}


def _match_recording(row: Mapping[str, str], manifest: Path, by_name: Mapping[str, Path]) -> Path | None:
    name = row.get("recording", "")
    if not name:
        return None
    return by_name.get(str(manifest.parent / name)) or by_name.get(Path(name.replace("\\", "/")).name)


def _make_manifest_call(
    project: Project, row: Mapping[str, str], n_row: int, path: Path | None, hashes: Mapping[Path, str]
) -> Call:
    sources = [_make_source(project, path, hashes[path])] if path else []
    content_id = hashes[path][:ID_DIGITS] if path else hash_text(json.dumps([find_row_key(row, n_row), dict(row)]))
    fields = read_fields(project, row)
    if path and not fields["started_at"]:
        fields |= _find_file_time(project, path)
    channel = fields["contact_channel"] or "phone"
    return {
        "call_id": make_call_id(row.get("call_id") or content_id),
        **fields,
        "contact_channel": channel,
        "sources": sources,
    }


def _make_recording_call(project: Project, path: Path, sha256: str) -> Call:
    n_bytes = path.stat().st_size
    call_id = (
        sha256[:ID_DIGITS] if n_bytes else hash_text(os.path.relpath(path, project.root))
    )  # empty files are not one call
    source = _make_source(project, path, sha256)
    return {"call_id": call_id, "contact_channel": "phone", "sources": [source], **_find_file_time(project, path)}


def _make_written_call(project: Project, path: Path, turns: Turns) -> Call:
    fields = read_fields(project, turns.fields)
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
    return {**fields, "call_id": make_call_id(turns.call_id), "contact_channel": kind, "sources": [source]}


def _make_source(project: Project, path: Path, sha256: str) -> dict[str, str | None]:
    return {"kind": "recording", "path": os.path.relpath(path, project.root), "row_key": None, "sha256": sha256}


def _make_remarks(
    project: Project, manifest: Path | None, row: Mapping[str, str], n_row: int
) -> list[dict[str, str | None]]:
    kinds = (("note", row.get("agent_note")), ("comment", row.get("survey_comment")))
    path = os.path.relpath(manifest, project.root) if manifest else ""
    key = find_row_key(row, n_row)
    return [{"kind": kind, "path": path, "row_key": key, "sha256": hash_text(text)} for kind, text in kinds if text]


def _find_file_time(project: Project, path: Path) -> Call:
    named = find_started_at(path.name, project.settings.ingest.file_name_pattern, project.timezone)
    if named:
        return {"started_at": named, "started_at_source": "file_name"}
    return {"started_at": datetime.fromtimestamp(int(path.stat().st_mtime), UTC), "started_at_source": "file_time"}


def make_call_id(text: str) -> str:
    """Make a call id that is safe as a file name: the manifest's own where it is, else its hash."""
    return text if re.fullmatch(r"[\w][\w.-]{0,99}", text) else hash_text(text)


def _add_call(calls: dict[str, Call], call: Call) -> None:
    """Add a call; a second row or recording with the same id is another part of it."""
    known = calls.get(str(call["call_id"]))
    if known:
        sources = [*known["sources"], *(one for one in call["sources"] if one not in known["sources"])]
        call = {**known, "sources": sources}
    calls[str(call["call_id"])] = call


def _merge(earlier: Call | None, call: Call) -> Call:
    """Let a new row fill in and correct an earlier one; what it does not say stays."""
    if earlier is None:
        return {**dict.fromkeys(make_table("calls", []).schema.names), **call}
    said = {name: value for name, value in call.items() if value is not None}
    if not said.get("sources"):
        said.pop("sources", None)
    if said.get("started_at_source") == "file_time":  # a copied file has another time, the call has not
        said = {name: value for name, value in said.items() if not name.startswith("started_at")}
    return {**earlier, **said}


def _read_earlier(work: Work) -> list[Call]:
    known = work.store.read("calls").to_pylist() if work.store.has("calls") else []
    if known:
        return known
    return [_from_metadata(transcript.metadata) for transcript in read_transcripts(work.project.transcripts)]


def _from_metadata(metadata: Mapping[str, object]) -> Call:
    started_at = metadata.get("started_at")
    return {**metadata, "started_at": datetime.fromisoformat(str(started_at)) if started_at else None}
