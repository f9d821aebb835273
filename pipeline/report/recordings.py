"""Recordings: those of a call that are still there, under names that say nothing.

A recording's name can hold a phone number, so pages play it under another: the call's id and the part.

Errors: none of its own. A recording that is gone is not listed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.tables import hash_text

AUDIO_FOLDER = "audio"


@dataclass(frozen=True)
class Recording:
    """One part of a call: `audio` is what a page or a playlist plays, `path` where it lies."""

    part_index: int
    audio: str
    path: Path


def find_recordings(call_id: str, sources: Sequence[Mapping[str, str]], root: Path) -> tuple[Recording, ...]:
    """Find the recordings of a call that are still there, in order."""
    parts = [source for source in sources if source["kind"] == "recording"]
    return tuple(
        Recording(index, _name_audio(call_id, index, path), path)
        for index, source in enumerate(parts)
        if (path := root / source["path"]).is_file()
    )


def find_recording(row: Mapping[str, object], root: Path) -> Recording | None:
    """Find the recording that a quote was heard in; None when it is gone, or was never one."""
    if row["start_s"] is None:
        return None
    found = find_recordings(str(row["call_id"]), row["sources"] or (), root)  # type: ignore[arg-type]
    return next((one for one in found if one.part_index == (row["part_index"] or 0)), None)


def _name_audio(call_id: str, part_index: int, recording: Path) -> str:
    suffix = recording.suffix.lower()
    return f"{AUDIO_FOLDER}/{make_safe_name(call_id)}-{part_index}{suffix if suffix.isascii() else ''}"


def make_safe_name(call_id: str) -> str:
    """Make a file name of a call's id: itself where that is plain and no device's, else its hash."""
    is_plain = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", call_id) and not is_device(call_id)
    return call_id if is_plain else hash_text(call_id)


def is_device(name: str) -> bool:
    """Say whether Windows keeps a file name for a device, whatever its suffix."""
    return bool(re.fullmatch(r"con|prn|aux|nul|(com|lpt)[0-9¹²³]", name.partition(".")[0].strip().lower()))
