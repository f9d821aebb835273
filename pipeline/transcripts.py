"""Transcripts: one JSON file a call, `transcripts/2026-11-20/<call_id>.json`, redacted, written whole or not at all.

Errors: InputError when a transcript file is not what it should be.
"""

import glob
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from pipeline.errors import InputError
from pipeline.tables import write_atomically

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Word:
    """One word as the transcriber heard it; seconds from the start of its part."""

    start_s: float
    end_s: float
    text: str
    probability_ratio: float


@dataclass(frozen=True)
class Segment:
    """An unbroken stretch of one channel's or speaker's words, or one written message.

    `source` is recording, chat, email, note or comment. `role` is filled for text alone, where the file says who wrote.
    `channel` is null for text; `speaker` is the diarizer's label in a mono recording, else empty.
    """

    text: str
    language: str
    source: str = "recording"
    part_index: int = 0
    channel: int | None = None
    speaker: str = ""
    role: str = ""
    start_s: float | None = None
    end_s: float | None = None
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class Redaction:
    """What was replaced and where, never the value."""

    type: str
    segment_index: int
    start_s: float | None
    end_s: float | None


@dataclass(frozen=True)
class Dropped:
    """A stretch left out: invented (repetition, silence, low_probability) or leaked from the other channel (echo)."""

    reason: str
    part_index: int
    channel: int | None
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Part:
    """One recording of the call."""

    part_index: int
    duration_s: float
    n_channels: int


@dataclass(frozen=True)
class Transcript:
    """Everything heard or read of one call.

    `made_with` holds the speech model's and the redactor's name and settings; `metadata` is the call's row of `calls`,
    times in ISO 8601, so that the store can be made again from transcripts alone.
    """

    call_id: str
    started_at: str
    contact_channel: str
    source_sha256: str
    parts: tuple[Part, ...] = ()
    segments: tuple[Segment, ...] = ()
    redactions: tuple[Redaction, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    made_with: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, object] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION


def find_transcripts(folder: Path) -> dict[str, Path]:
    """Map each call id to its transcript file, in order of call id."""
    return {path.stem: path for path in sorted(folder.glob("????-??-??/*.json"), key=lambda path: path.stem)}


def find_transcript(folder: Path, call_id: str) -> Path | None:
    """Find one call's transcript file; None when there is none."""
    return next(iter(sorted(folder.glob(f"????-??-??/{glob.escape(call_id)}.json"))), None)


def read_transcript(path: Path) -> Transcript:
    """Read one transcript.

    Raises:
        InputError: The file is not a transcript of this version.
    """
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        version = fields["schema_version"]
        if version == SCHEMA_VERSION:
            return _from_dict(fields)
    except (ValueError, KeyError, TypeError, UnicodeDecodeError):
        raise InputError(f"{path} is not a transcript. Move it away, then run again to listen anew.") from None
    raise InputError(f"{path} has schema_version {version}, this program reads {SCHEMA_VERSION}. Update the program.")


def write_transcript(folder: Path, transcript: Transcript) -> Path:
    """Write one transcript below the folder of its day; an earlier one of the call under another day goes."""
    path = folder / transcript.started_at[:10] / f"{transcript.call_id}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, (json.dumps(asdict(transcript), ensure_ascii=False, indent=1) + "\n").encode())
    for other in folder.glob(f"????-??-??/{transcript.call_id}.json"):
        if other != path:
            other.unlink()
    return path


def hash_transcript(path: Path) -> str:
    """Name a transcript's content: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def read_transcripts(folder: Path) -> Iterator[Transcript]:
    """Read all transcripts, in order of call id."""
    return (read_transcript(path) for path in find_transcripts(folder).values())


def _from_dict(fields: dict[str, object]) -> Transcript:
    raw = Transcript(**fields)  # type: ignore[arg-type]
    return replace(
        raw,
        parts=tuple(Part(**part) for part in raw.parts),  # type: ignore[arg-type]
        segments=tuple(
            Segment(**{**segment, "words": tuple(Word(**word) for word in segment["words"])})  # type: ignore[arg-type, index, dict-item]
            for segment in raw.segments
        ),
        redactions=tuple(Redaction(**redaction) for redaction in raw.redactions),  # type: ignore[arg-type]
        dropped=tuple(Dropped(**dropped) for dropped in raw.dropped),  # type: ignore[arg-type]
    )
