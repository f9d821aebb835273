"""Units: stretches of words within which one person speaks, and segments cut where the speaker changes.

Errors: none of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from pipeline.transcripts import Segment, Word

UNIT_GAP_S = 0.2  # a pause within which speakers may change
MAX_UNIT_S = 6.0
SENTENCE_ENDS = (".", "?", "!", "。", "？", "！")


@dataclass(frozen=True)
class Unit:
    """Words of one segment between two pauses, spoken by one person."""

    segment_index: int
    words: tuple[Word, ...]

    @property
    def start_s(self) -> float:
        """When its first word starts."""
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        """When its last word ends."""
        return self.words[-1].end_s


def cut_units(segments: Sequence[Segment]) -> list[Unit]:
    """Cut segments into stretches within which the speaker is taken to be the same."""
    units: list[Unit] = []
    for index, segment in enumerate(segments):
        start = 0
        for position in range(1, len(segment.words) + 1):
            if position == len(segment.words) or _may_change(segment.words[start:position], segment.words[position]):
                units.append(Unit(index, segment.words[start:position]))
                start = position
    return units


def _may_change(before: Sequence[Word], word: Word) -> bool:
    last = before[-1]
    return (
        word.start_s - last.end_s >= UNIT_GAP_S
        or last.text.endswith(SENTENCE_ENDS)
        or word.end_s - before[0].start_s > MAX_UNIT_S
    )


def relabel(segments: Sequence[Segment], units: Sequence[Unit], labels: Sequence[int]) -> list[Segment]:
    """Cut segments where the label of their words changes."""
    words = [(unit.segment_index, word) for unit in units for word in unit.words]
    made: list[Segment] = []
    pairs = zip(words, labels, strict=True)
    for (index, label), group in groupby(pairs, key=lambda pair: (pair[0][0], pair[1])):
        made.append(_cut_segment(segments[index], tuple(word for (_, word), _ in group), f"S{label}"))
    return made


def _cut_segment(segment: Segment, words: tuple[Word, ...], speaker: str) -> Segment:
    """Cut these words out of a segment, with its text as it was written between them."""
    if len(words) == len(segment.words):
        return replace(segment, speaker=speaker)
    ends = find_word_ends(segment)
    first = segment.words.index(words[0])
    start = ends[first - 1] if first else 0
    text = segment.text[start : ends[first + len(words) - 1]].strip()
    return replace(segment, text=text, speaker=speaker, start_s=words[0].start_s, end_s=words[-1].end_s, words=words)


def find_word_ends(segment: Segment) -> list[int]:
    """Find where each word ends in its segment's text."""
    ends, position = [], 0
    for word in segment.words:
        found = segment.text.find(word.text, position)
        position = (found if found >= 0 else position) + len(word.text)
        ends.append(min(position, len(segment.text)))
    return ends
