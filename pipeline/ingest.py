"""Ingest: list every call there is: recordings, the manifest's rows, chats, e-mails, notes and survey comments.

Reads file names, hashes and manifests; writes `calls`. Opens no recording. A row of the manifest without a recording is
a call that was offered; metadata that comes days later updates its call. A cell that cannot be read is left empty.

Errors: InputError when a manifest or a file of turns cannot be read.
"""

import fcntl
import json
import re
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from pipeline.call_ids import find_renamed, keep_sources, rename_transcripts
from pipeline.config import Project
from pipeline.guesses import list_new_guesses
from pipeline.listing import Listing, add_call, list_rows, list_still_unread, list_texts, make_recording_call
from pipeline.manifest import Manifest, read_manifest
from pipeline.manifest.fields import Call
from pipeline.sources import find_recordings
from pipeline.state import hash_file, open_state
from pipeline.tables import hash_text, make_table
from pipeline.transcripts import read_transcripts
from pipeline.unread import list_lost_lines, list_lost_rows, list_notes, list_unread, list_warnings
from pipeline.work import Failure, Outcome, Work, sync_calls

RECENT_S = 60.0  # a file changed less than this long ago may still be being written


@dataclass(frozen=True)
class Found:
    """Calls by id, and what could not be taken in."""

    calls: dict[str, Call]
    failures: tuple[Failure, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()
    n_waiting: int = 0
    n_absent: int = 0
    n_copies: int = 0
    n_unread: int = 0


def run(work: Work) -> Outcome:
    """Bring `calls` up to date; calls ingested before stay, whatever became of their files."""
    settings = work.project.settings.ingest
    earlier = {row["call_id"]: row for row in _read_earlier(work)}
    found = _find_calls(work.project, work.now, earlier)
    renamed = find_renamed(earlier, found.calls)
    keep_sources(work.project.root, renamed, earlier, found.calls)
    rename_transcripts(work.project.transcripts, renamed, earlier, found.calls)
    earlier = {call_id: call for call_id, call in earlier.items() if call_id not in renamed}
    calls = {**earlier, **{call_id: _merge(earlier.get(call_id), call) for call_id, call in found.calls.items()}}
    expected = {call_id: hash_text(json.dumps(call, sort_keys=True, default=str)) for call_id, call in calls.items()}

    def make(call_ids: list[str]) -> Mapping[str, pa.Table]:
        return {"calls": make_table("calls", [calls[call_id] for call_id in call_ids])}

    outcome = sync_calls(work, ["calls"], expected, make)
    warnings = (*found.warnings, *_list_warnings(found, settings.manifest, n_renamed=len(renamed)), *found.guessed)
    notes = (*found.notes, *_list_file_times(work.project, calls))
    return replace(outcome, failures=found.failures, warnings=warnings, notes=notes)


def _list_file_times(project: Project, calls: Mapping[str, Call]) -> Iterator[str]:
    n_calls = sum(call.get("started_at_source") == "file_time" for call in calls.values())
    if n_calls and not project.settings.measure.trust_file_times:
        yield (
            f"Calls with no time but their file's: {n_calls}. They count in the totals and in no day or trend. Give "
            "their start in the manifest, the chat or the file's name, or see trust_file_times in [measure]."
        )


def _list_warnings(found: Found, manifest: str, *, n_renamed: int) -> Iterator[str]:
    if n_renamed:
        yield (
            f"Calls that {manifest or 'the manifest'} now gives another id: {n_renamed}. They were dropped under the "
            "old one, and what was heard of them goes with the new one."
        )
    if found.n_unread:
        yield (
            f"Tables beside the recordings that were not read: {found.n_unread}. Name every file of chats and e-mails "
            "in `texts` of section [ingest], JSON lines too, or one CSV as `manifest`."
        )
    if found.n_copies:
        yield f"Copies of recordings that the manifest names, not counted again: {found.n_copies}."
    if found.n_waiting:
        yield f"Files that are still being written, left for the next run: {found.n_waiting}."
    if found.n_absent:
        yield f"Recordings that {manifest or 'the manifest'} names and that are not there: {found.n_absent}."


def _find_calls(project: Project, now: datetime, earlier: Mapping[str, Call]) -> Found:
    settings = project.settings.ingest
    path = _find_manifest(project)
    recordings, n_waiting = _leave_unfinished(_find_recordings(project), settings.settle_s, now)
    listing = Listing(project, now, earlier, _hash_recordings(project, recordings))
    manifest = read_manifest(path, settings) if path else Manifest()
    taken = list_rows(listing, manifest, path) if path else set()
    warnings = tuple(list_warnings(manifest, path.name, listing.clashes, listing.calls)) if path else ()
    guessed = tuple(list_new_guesses(project, manifest, path.name)) if path else ()
    notes = tuple(list_notes(manifest, listing.clashes)) if path else ()
    known = {listing.hashes[one] for one in taken if one.stat().st_size}
    unnamed = [one for one in recordings if one not in taken]
    for one in unnamed:
        if listing.hashes[one] not in known:
            add_call(listing.calls, make_recording_call(project, one, listing.hashes[one]))
    texts = _find_text_files(project, path)
    for one in texts:
        list_texts(listing, one)
    lost = list_lost_rows(manifest, path.name) if path else []
    return Found(
        listing.calls,
        (*lost, *list_lost_lines(listing.lost), *list_unread(listing.unread)),
        warnings,
        notes,
        guessed,
        n_waiting=n_waiting,
        n_absent=listing.n_absent,
        n_copies=sum(listing.hashes[one] in known for one in unnamed),
        n_unread=_count_unread_tables(project, {*texts, *([path] if path else [])}),
    )


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


def _merge(earlier: Call | None, call: Call) -> Call:
    """Let a new row fill in and correct an earlier one; what it does not say stays."""
    if earlier is None:
        return {**dict.fromkeys(make_table("calls", []).schema.names), **call}
    said = {name: value for name, value in call.items() if value is not None}
    if not said.get("sources"):
        said.pop("sources", None)
    if said.get("started_at_source") == "file_time":  # a copied file has another time, the call has not
        said = {name: value for name, value in said.items() if not name.startswith("started_at")}
    return {**earlier, **said, "unread_columns": list_still_unread(earlier, call)}


def _read_earlier(work: Work) -> list[Call]:
    known = work.store.list_rows("calls")
    if known:
        return known
    return [_from_metadata(transcript.metadata) for transcript in read_transcripts(work.project.transcripts)]


def _from_metadata(metadata: Mapping[str, object]) -> Call:
    started_at = metadata.get("started_at")
    return {**metadata, "started_at": datetime.fromisoformat(str(started_at)) if started_at else None}
