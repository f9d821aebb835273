"""Doubts: what the speech model wrote that nobody said.

Whisper fills silence and noise with phrases, and it can fall into a loop, both with high confidence. Text is judged by
how it repeats, by how fast it would have been spoken, and by what the sound under it holds; never by a list of phrases.
"""

import re
import zlib
from collections.abc import Callable

from pipeline.languages import count_words
from pipeline.transcribe.regions import PAD_MS, Chunk
from pipeline.transcribe.whisper import CHINESE_PROMPT, Heard

MAX_COMPRESSION_RATIO = 2.4  # Whisper's own bound
MIN_COMPRESSED_BYTES = 60  # shorter text always compresses oddly
MAX_WORDS_PER_S = 9.0
SHAKY_LOG_PROBABILITY = -0.65  # decoded again, with more care
MIN_LOG_PROBABILITY = -1.0  # dropped when that does not help
NO_SPEECH_RATIO = 0.6
MAX_LEFT_OUT_S = 1.8  # of speech without a word; more is decoded again
MIN_VOICE_RATIO = 0.15  # of the sound
# A word or a phrase that follows itself: 8 times for one character or word, 4 times for a longer phrase.
LOOP = re.compile(
    r"(\b\w{2,}\b|[\u4e00-\u9fff])(?:[\s,.，。!?]*\1){7,}|(\S.{5,40}?)(?:[\s,.，。!?]*\2){3,}", re.IGNORECASE
)
LETTERS = re.compile(r"\w+")


def is_shaky(heard: Heard) -> bool:
    """Say whether the model was unsure of what it wrote."""
    return heard.mean_log_probability < SHAKY_LOG_PROBABILITY


def find_left_out_s(chunk: Chunk, heard: Heard) -> float:
    """Find how many seconds of speech have no word: the longest such stretch of a chunk."""
    spans = [(chunk.start_s + word.start_s, chunk.start_s + word.end_s) for word in heard.words]
    longest_s = 0.0
    for region in chunk.regions:
        start_s, end_s = region.start_s + PAD_MS / 1000, region.end_s - PAD_MS / 1000
        inside = [span for span in spans if span[1] > start_s and span[0] < end_s]
        starts, ends = [span[0] for span in inside], [span[1] for span in inside]
        gaps = (after_s - before_s for before_s, after_s in zip([start_s, *ends], [*starts, end_s], strict=True))
        longest_s = max(longest_s, *gaps)
    return longest_s


def find_doubt(heard: Heard, duration_s: float, find_voice_ratio: Callable[[], float]) -> str:
    """Name why nobody can have said this: repetition, silence or low_probability; empty when all seems well.

    Args:
        heard: What the model heard.
        duration_s: How long the sound is.
        find_voice_ratio: Finds the share of the sound in which there is a voice; asked only where it matters.
    """
    if not LETTERS.search(heard.text):
        return ""
    if is_repetition(heard.text) or count_words(heard.text) > MAX_WORDS_PER_S * max(1.0, duration_s):
        return "repetition"
    if _only_letters(heard.text) == _only_letters(CHINESE_PROMPT):
        return "silence"
    if is_shaky(heard) and (heard.no_speech_ratio > NO_SPEECH_RATIO or find_voice_ratio() < MIN_VOICE_RATIO):
        return "silence"
    return "low_probability" if heard.mean_log_probability < MIN_LOG_PROBABILITY else ""


def is_repetition(text: str) -> bool:
    """Say whether a text runs in a loop."""
    content = text.encode()
    ratio = len(content) / len(zlib.compress(content))
    return (len(content) >= MIN_COMPRESSED_BYTES and ratio > MAX_COMPRESSION_RATIO) or LOOP.search(text) is not None


def _only_letters(text: str) -> str:
    return "".join(LETTERS.findall(text))
