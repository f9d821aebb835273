"""Call ids: a call that was known by its recording's content, and that a manifest names later, is still one call.

What was heard of it is kept under its new id, so that nothing is listened to, or counted, twice.

Errors: InputError when a transcript file is not what it should be.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.transcripts import find_transcripts, read_transcript, write_transcript

ID_DIGITS = 16  # of the content's SHA-256, the id of a call that nothing names


def find_renamed(earlier: Collection[str], calls: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Map the ids of calls that were known by content alone to those under which the same recordings stand now.

    Args:
        earlier: Ids of the calls that were ingested before.
        calls: The calls as they are found now, by id.
    """
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
