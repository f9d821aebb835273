"""Doubts: what the speech model wrote that nobody said.

Whisper fills silence and noise with phrases, and it can fall into a loop, both with high confidence. Text is judged by
how it repeats, by how fast it would have been spoken, and by what the sound under it holds; never by a list of phrases.
"""

import re
import zlib

from pipeline.languages import count_words
from pipeline.transcribe.whisper import CHINESE_PROMPT, Heard

MAX_COMPRESSION_RATIO = 2.4  # Whisper's own bound
MIN_COMPRESSED_BYTES = 60  # shorter text always compresses oddly
MAX_WORDS_PER_S = 9.0
SHAKY_LOG_PROBABILITY = -0.7  # decoded again, with more care
MIN_LOG_PROBABILITY = -1.0  # dropped when that does not help
NO_SPEECH_RATIO = 0.6
MIN_VOICE_RATIO = 0.15  # of the sound
# A word or a phrase that follows itself: 8 times for one character or word, 4 times for a longer phrase.
LOOP = re.compile(
    r"(\b\w{2,}\b|[\u4e00-\u9fff])(?:[\s,.，。!?]*\1){7,}|(\S.{5,40}?)(?:[\s,.，。!?]*\2){3,}", re.IGNORECASE
)
LETTERS = re.compile(r"\w+")


def is_shaky(heard: Heard) -> bool:
    """Say whether a chunk deserves a second, more careful decoding."""
    return heard.mean_log_probability < SHAKY_LOG_PROBABILITY


def find_doubt(heard: Heard, duration_s: float, voice_ratio: float) -> str:
    """Name why nobody can have said this: repetition, silence or low_probability; empty when all seems well.

    Args:
        heard: What the model heard.
        duration_s: How long the sound is.
        voice_ratio: Share of the sound in which the voice detector hears a voice.
    """
    if not LETTERS.search(heard.text):
        return ""
    if is_repetition(heard.text) or count_words(heard.text) > MAX_WORDS_PER_S * max(1.0, duration_s):
        return "repetition"
    if _only_letters(heard.text) == _only_letters(CHINESE_PROMPT):
        return "silence"
    hears_none = heard.no_speech_ratio > NO_SPEECH_RATIO or voice_ratio < MIN_VOICE_RATIO
    if hears_none and is_shaky(heard):
        return "silence"
    return "low_probability" if heard.mean_log_probability < MIN_LOG_PROBABILITY else ""


def is_repetition(text: str) -> bool:
    """Say whether a text runs in a loop."""
    content = text.encode()
    ratio = len(content) / len(zlib.compress(content))
    return (len(content) >= MIN_COMPRESSED_BYTES and ratio > MAX_COMPRESSION_RATIO) or LOOP.search(text) is not None


def _only_letters(text: str) -> str:
    return "".join(LETTERS.findall(text))
