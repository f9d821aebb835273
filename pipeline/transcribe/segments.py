"""Segments: words put in order, cut where the speaker paused or the other side spoke.

Errors: none of its own.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.languages import find_language, has_chinese
from pipeline.transcribe.regions import Chunk, Region
from pipeline.transcribe.whisper import Heard
from pipeline.transcripts import Segment, Word

MAX_GAP_S = 0.8  # a longer pause ends a segment
TURN_GAP_S = 0.25  # as does a shorter one in which the other side begins to speak
LONG_SEGMENT_S = 8.0  # a longer segment ends with its sentence
SENTENCE_ENDS = (".", "?", "!", "。", "？", "！")


def make_segments(
    heard: Iterable[tuple[Chunk, Heard]], others: Sequence[Region], *, part_index: int, to_text: Callable[[str], str]
) -> list[Segment]:
    """Make one channel's segments of what was heard in its chunks.

    Args:
        heard: The channel's chunks in order, and what was heard in each.
        others: Where the other channels speak.
        part_index: Which recording of the call it is.
        to_text: Rewrites the text, say in Simplified characters.
    """
    starts = sorted(region.start_s for region in others)
    groups: list[list[tuple[Word, str]]] = []
    for chunk, one in heard:
        for word, raw in _place_words(chunk, one):
            if not groups or _is_cut(groups[-1], word, starts):
                groups.append([])
            groups[-1].append((word, raw))
    channel = next((chunk.channel for chunk, _ in heard), 0) if isinstance(heard, Sequence) else 0
    segments = (_make_segment(group, channel, part_index, to_text) for group in groups)
    return [segment for segment in segments if segment.text]


def _place_words(chunk: Chunk, heard: Heard) -> list[tuple[Word, str]]:
    placed, last_s = [], chunk.start_s
    for word in heard.words:
        start_s, end_s = chunk.start_s + word.start_s, min(chunk.start_s + word.end_s, chunk.end_s)
        start_s = max(start_s, last_s)
        last_s = end_s = max(start_s, end_s)
        times = round(start_s, 2), round(end_s, 2)
        placed.append((Word(*times, word.text.strip(), round(word.probability_ratio, 3)), word.text))
    return placed


def _is_cut(group: Sequence[tuple[Word, str]], word: Word, starts: Sequence[float]) -> bool:
    last = group[-1][0]
    gap_s = word.start_s - last.end_s
    if gap_s >= MAX_GAP_S:
        return True
    if last.text.endswith(SENTENCE_ENDS):
        is_long = last.end_s - group[0][0].start_s >= LONG_SEGMENT_S
        if is_long or has_chinese(last.text) != has_chinese(word.text):
            return True
    return gap_s >= TURN_GAP_S and any(last.end_s - TURN_GAP_S <= start_s <= word.start_s for start_s in starts)


def _make_segment(
    group: Sequence[tuple[Word, str]], channel: int, part_index: int, to_text: Callable[[str], str]
) -> Segment:
    raw = [text for _, text in group]
    joined = "".join(raw)
    text = to_text(joined)
    if len(text) == len(joined):
        cuts = [sum(map(len, raw[:index])) for index in range(len(raw) + 1)]
        texts = [text[start:end].strip() for start, end in pairwise(cuts)]
    else:
        texts = [to_text(one).strip() for one in raw]
    words = tuple(replace(word, text=one) for (word, _), one in zip(group, texts, strict=True) if one)
    return Segment(
        text=text.strip(),
        language=find_language(text),
        part_index=part_index,
        channel=channel,
        start_s=group[0][0].start_s,
        end_s=group[-1][0].end_s,
        words=words,
    )


def keep_text(text: str) -> str:
    """Leave a text as it was heard."""
    return text
