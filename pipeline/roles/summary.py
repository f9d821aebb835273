"""Summary: what is known of a call's transcript as a whole: its language, its length, and whether it was heard.

Errors: none of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.config import RolesSettings
from pipeline.languages import CHINESE_CHARACTER, count_words
from pipeline.roles.voices import Voice
from pipeline.transcripts import Segment, Transcript, Word
from pipeline.turns import UNKNOWN, Turn

# A language that makes up this share of the words makes the call mixed.
MIXED_SHARE_RATIO = 0.1


@dataclass(frozen=True)
class CallRoles:
    """One call's turns with their roles, and how these were told."""

    turns: tuple[Turn, ...]
    roles_from: str
    is_swapped: bool


def summarize(transcript: Transcript, call: CallRoles, settings: RolesSettings) -> dict[str, object]:
    """Make the call's row of table `transcripts`."""
    words = [word for segment in transcript.segments for word in segment.words]
    return {
        "call_id": transcript.call_id,
        "language": name_languages([turn.text for turn in call.turns]),
        "duration_s": sum(part.duration_s for part in transcript.parts) if transcript.parts else None,
        "n_words": sum(count_words(turn.text) for turn in call.turns),
        "mean_probability_ratio": _mean_probability(words),
        "is_heard": is_heard(transcript, call.turns, settings),
        "roles_from": call.roles_from,
        "is_swapped": call.is_swapped,
        "n_unknown_turns": sum(turn.role == UNKNOWN for turn in call.turns),
        "n_dropped_segments": len(transcript.dropped),
        "model": transcript.made_with.get("speech_model", "") if transcript.parts else "",
    }


def is_heard(transcript: Transcript, turns: Sequence[Turn], settings: RolesSettings) -> bool:
    """Say whether enough of what the customer may have said was heard well enough to judge the call."""
    theirs = [turn for turn in turns if turn.may_be_customer] or _find_lone_voice(transcript, turns)
    if sum(count_words(turn.text) for turn in theirs) < settings.min_words:
        return False
    voices = {(turn.part_index, turn.channel, turn.speaker) for turn in theirs}
    words = [word for segment in transcript.segments if _voice_of(segment) in voices for word in segment.words]
    probability = _mean_probability(words)
    return probability is None or probability >= settings.min_probability_ratio


def _find_lone_voice(transcript: Transcript, turns: Sequence[Turn]) -> list[Turn]:
    """Find all turns of a recording in which one voice speaks in one channel: sounding like an agent, it was heard."""
    voices = {(turn.part_index, turn.channel, turn.speaker) for turn in turns}
    is_mono = {part.n_channels for part in transcript.parts} == {1}
    return list(turns) if is_mono and len(voices) == 1 else []


def name_languages(texts: Sequence[str]) -> str:
    """Name what is spoken: zh, en, mixed, or nothing; about three Chinese characters say as much as two words."""
    n_chinese = sum(len(CHINESE_CHARACTER.findall(text)) for text in texts)
    n_english = sum(count_words(text) for text in texts) - n_chinese
    if not n_chinese + n_english:
        return ""
    share = n_chinese / 1.5 / (n_chinese / 1.5 + n_english)
    return "zh" if share > 1 - MIXED_SHARE_RATIO else "en" if share < MIXED_SHARE_RATIO else "mixed"


def _voice_of(segment: Segment) -> Voice:
    return segment.part_index, segment.channel, segment.speaker


def _mean_probability(words: Sequence[Word]) -> float | None:
    return float(np.mean([word.probability_ratio for word in words])) if words else None
