"""Call ids: a call that a manifest names otherwise than before is still one call.

It was known by its recording's content or by its row alone, or its column of ids was mended in [ingest.columns]. What
was heard of it is kept under its new id, so that nothing is listened to, or counted, twice, and nothing is lost that
cannot be heard again.

Errors: InputError when a transcript file is not what it should be.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.parts import join_transcripts
from pipeline.transcripts import Transcript, find_transcripts, read_transcript, write_transcript

ID_DIGITS = 16  # of the content's SHA-256, the id of a call that nothing names


Calls = Mapping[str, Mapping[str, Any]]


def find_renamed(earlier: Calls, calls: Calls) -> dict[str, str]:
    """Map ids that no call has now to those under which the same recordings, or all of the same rows, stand now.

    Args:
        earlier: The calls that were ingested before, by id.
        calls: The calls as they are found now, by id.
    """
    return _find_read_otherwise(earlier, calls) | _find_named(earlier, calls)


def _find_read_otherwise(earlier: Calls, calls: Calls) -> dict[str, str]:
    owners = {row_hash: call_id for call_id, call in calls.items() for row_hash in call.get("row_hashes") or ()}
    gone = {old: earlier[old].get("row_hashes") or () for old in earlier.keys() - calls.keys()}
    return {old: owners[rows[0]] for old, rows in sorted(gone.items()) if rows and all(row in owners for row in rows)}


def _find_named(earlier: Calls, calls: Calls) -> dict[str, str]:
    owners = {
        str(source["sha256"])[:ID_DIGITS]: call_id
        for call_id, call in calls.items()
        for source in call["sources"]
        if source["kind"] == "recording"
    }
    return {old: new for old, new in owners.items() if old in earlier and old not in calls}


def keep_sources(root: Path, renamed: Mapping[str, str], earlier: Calls, calls: Mapping[str, dict[str, Any]]) -> None:
    """Let calls keep recordings that are no longer there: of old ids too, and where the same rows still speak of them.

    Args:
        root: The project's folder, where paths of sources start.
        renamed: What `find_renamed` found.
        earlier: The calls that were ingested before, by id.
        calls: The calls as they are found now, by id; their sources are filled in.
    """
    olds = _group(renamed)
    for call_id, call in calls.items():
        before = [earlier[one] for one in (call_id, *olds.get(call_id, ())) if one in earlier]
        if before and call["sources"] and (call_id in olds or _has_rows(before[0], call)):
            gone = [one for old in before for one in _list_sources(old) if not (root / str(one["path"])).exists()]
            call["sources"] = _add_sources(call["sources"], gone, before)
        elif call_id in olds and call_id not in earlier and not call["sources"]:
            call["sources"] = _add_sources([], [one for old in before for one in _list_sources(old)], before)


def _has_rows(before: Mapping[str, Any], call: Mapping[str, Any]) -> bool:
    """Say whether a call has all the rows that it had before, unchanged."""
    rows = before.get("row_hashes") or ()
    return bool(rows) and set(rows) <= set(call.get("row_hashes") or ())


def _add_sources(
    found: Sequence[Mapping[str, Any]], gone: Iterable[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Add sources to those found, in the order of the calls that had them where those had all."""
    known = {one["sha256"] for one in found}
    added = list({one["sha256"]: one for one in gone if one["sha256"] not in known}.values())
    together = [*found, *added]
    if all(call.get("started_at") for call in before):
        before = sorted(before, key=lambda call: call["started_at"])
    places = [one["sha256"] for call in before for one in _list_sources(call)]
    if added and all(one["sha256"] in places for one in together):
        together.sort(key=lambda one: places.index(one["sha256"]))
    return together


def _list_sources(call: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(call.get("sources") or ())


def rename_transcripts(folder: Path, renamed: Mapping[str, str], earlier: Calls, calls: Calls) -> None:
    """Give transcripts their calls' new ids; of several calls that are one now what was heard is put together."""
    paths = find_transcripts(folder) if renamed else {}
    for new, olds in _group(renamed).items():
        moved = [old for old in olds if old in paths]
        if not moved:
            continue
        kept = [_read(paths[one], earlier.get(one, {})) for one in (new, *moved) if one in paths]
        if len(kept) > 1:
            one = join_transcripts(kept, new, calls[new]["sources"])
        else:
            one = replace(kept[0], call_id=new, metadata={**kept[0].metadata, "call_id": new})
        write_transcript(folder, one)
        for old in moved:
            paths[old].unlink(missing_ok=True)


def _group(renamed: Mapping[str, str]) -> dict[str, list[str]]:
    """List the old ids of each new one."""
    olds: dict[str, list[str]] = {}
    for old, new in renamed.items():
        olds.setdefault(new, []).append(old)
    return olds


def _read(path: Path, call: Mapping[str, Any]) -> Transcript:
    """Read a transcript; one that does not say what it was made from was made from its call's sources."""
    transcript = read_transcript(path)
    return replace(transcript, metadata={"sources": _list_sources(call), **transcript.metadata})
