"""Call ids: a call that a manifest names otherwise than before is still one call.

It was known by its recording's content or by its row alone, or its column of ids was mended in [ingest.columns]. What
was heard of it is kept under its new id, so that nothing is listened to, or counted, twice.

Errors: InputError when a transcript file is not what it should be.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.transcripts import find_transcripts, read_transcript, write_transcript

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


def rename_transcripts(folder: Path, renamed: Mapping[str, str]) -> None:
    """Give transcripts their calls' new ids; one that another recording of its call has taken is heard anew."""
    paths = find_transcripts(folder) if renamed else {}
    taken = set(paths)
    for old, new in renamed.items():
        if old in paths:
            if new not in taken:
                write_transcript(folder, replace(read_transcript(paths[old]), call_id=new))
                taken.add(new)
            paths[old].unlink()
