"""Recordings: those of a call that are still there, under names that say nothing.

Errors: none of its own. A recording that is gone is not listed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.report.quotes import name_audio


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
        Recording(index, name_audio({"call_id": call_id, "part_index": index}, path), path)
        for index, source in enumerate(parts)
        if (path := root / source["path"]).is_file()
    )
