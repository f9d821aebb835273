"""Merging: consecutive segments of one voice or writer become a turn.

Errors: none of its own.
"""

from collections.abc import Callable
from dataclasses import replace

from pipeline.languages import find_language
from pipeline.transcripts import Segment, Transcript
from pipeline.turns import UNKNOWN, Turn


def merge_segments(transcript: Transcript, mend: Callable[[Segment], str] | None = None) -> list[Turn]:
    """Merge consecutive segments of one voice or writer into turns, by start time; text comes after recordings.

    Args:
        transcript: One call's.
        mend: Writes what was meant for what was heard, in as many characters.
    """
    order = sorted(enumerate(transcript.segments), key=lambda pair: _place(*pair))
    turns: list[Turn] = []
    for heard in (segment for _, segment in order if segment.text.strip()):
        segment = replace(heard, text=mend(heard)) if mend and heard.words else heard
        turn = _make_turn(transcript.call_id, len(turns), segment)
        if turns and _is_same_voice(turns[-1], turn):
            turns[-1] = _join(turns[-1], turn)
        else:
            turns.append(turn)
    return [replace(turn, language=find_language(turn.text)) for turn in turns]


def _place(index: int, segment: Segment) -> tuple[bool, int, float, int]:
    return segment.start_s is None, segment.part_index, segment.start_s or 0.0, index


def _make_turn(call_id: str, index: int, segment: Segment) -> Turn:
    return Turn(
        call_id=call_id,
        turn_index=index,
        role=segment.role or UNKNOWN,
        text=segment.text.strip(),
        source=segment.source,
        part_index=segment.part_index,
        channel=segment.channel,
        speaker=segment.speaker,
        start_s=segment.start_s,
        end_s=segment.end_s,
    )


def _is_same_voice(one: Turn, other: Turn) -> bool:
    return (one.source, one.part_index, one.channel, one.speaker, one.role) == (
        other.source,
        other.part_index,
        other.channel,
        other.speaker,
        other.role,
    )


def _join(one: Turn, other: Turn) -> Turn:
    """Join two turns: a space is a pause, a line end parts two written messages."""
    joint = " " if one.source == "recording" else "\n"
    ends = [end for end in (one.end_s, other.end_s) if end is not None]
    return replace(one, text=one.text + joint + other.text, end_s=max(ends, default=None))
