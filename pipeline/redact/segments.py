"""Segments: redact a call's turns with the turns around them in view.

What the other side asked for ("your phone number, please?") is evidence for what the answer holds, a number that goes
on in the speaker's next segment is one number, and the words of a segment go the way of its text. A segment whose words
do not spell its text loses its word times when something is replaced, so that no word can keep what the text lost.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.languages import has_chinese
from pipeline.redact.asked import find_asked, find_read_out, is_backchannel, is_open
from pipeline.redact.redactor import Entity, Redacted, Redactor, Span, replace_spans
from pipeline.transcripts import Redaction, Segment, Word

# How many turns a question stays open, and how far apart two segments of one speaker may be to hold one number.
ASKED_TURNS = 3
JOIN_GAP_S = 8.0


@dataclass(frozen=True)
class Piece:
    """A span that one segment shares with no other."""

    segment_index: int
    span: Span


def redact_segments(
    segments: Sequence[Segment], redactor: Redactor
) -> tuple[tuple[Segment, ...], tuple[Redaction, ...]]:
    """Redact a call's segments.

    Args:
        segments: In order of start time, channels interleaved; placeholders already there are left alone.
        redactor: Finds what to replace.

    Returns:
        The same segments with other text and words, and what was replaced, by segment from left to right.
    """
    redactions: list[Redaction] = []
    current = tuple(segments)
    while True:
        pieces = _find_pieces(current, redactor)
        if not pieces:
            redactions.sort(key=lambda one: (one.segment_index, one.start_s or 0.0))
            return current, tuple(redactions)
        made = []
        for index, segment in enumerate(current):
            spans = [piece.span for piece in pieces if piece.segment_index == index]
            redacted, found = _replace(segment, index, spans) if spans else (segment, ())
            made.append(redacted)
            redactions += found
        current = tuple(made)


def _find_pieces(segments: Sequence[Segment], redactor: Redactor) -> list[Piece]:
    """Find what to replace, segment by segment, or several at once where one speaker's number or name runs on."""
    texts = [segment.text for segment in segments]
    pieces: list[Piece] = []
    for group in _group(segments):
        asked_for = _find_open_questions(segments, texts, group[0])
        joined, offsets = _join([texts[index] for index in group])
        redacted = redactor.redact(joined, segments[group[0]].language, asked_for=asked_for)
        for index, offset in zip(group, offsets, strict=True):
            spans = _spans_within(redacted, offset, len(texts[index]))
            pieces += [Piece(index, span) for span in spans]
            texts[index] = replace_spans(texts[index], spans).text
    return pieces


def _speaker(segment: Segment) -> tuple[int, int | None, str, str]:
    return segment.part_index, segment.channel, segment.speaker, segment.role


def _group(segments: Sequence[Segment]) -> list[list[int]]:
    """Put together a speaker's following segments where the first breaks off in the middle of a number or a name."""
    open_groups: dict[object, list[int]] = {}
    groups: list[list[int]] = []
    for index, segment in enumerate(segments):
        speaker = _speaker(segment)
        group = open_groups.get(speaker)
        if group and _runs_on(segments, group[-1], index):
            group.append(index)
        else:
            open_groups[speaker] = [index]
            groups.append(open_groups[speaker])
    return groups


def _runs_on(segments: Sequence[Segment], first: int, second: int) -> bool:
    left, right = segments[first], segments[second]
    if left.end_s is None or right.start_s is None or right.start_s - left.end_s > JOIN_GAP_S:
        return False
    others = all(is_backchannel(segment.text) for segment in segments[first + 1 : second])
    return others and is_open(left.text, right.text)


def _join(texts: Sequence[str]) -> tuple[str, list[int]]:
    joined, offsets = "", list[int]()
    for text in texts:
        if joined and not (has_chinese(joined[-1:]) and has_chinese(text[:1])):
            joined += " "
        offsets.append(len(joined))
        joined += text
    return joined, offsets


def _spans_within(redacted: Redacted, offset: int, length: int) -> list[Span]:
    found = []
    for entity in redacted.entities:
        start, end = max(entity.start - offset, 0), min(entity.end - offset, length)
        if start < end:
            found.append(Span(entity.type, start, end))
    return found


def _find_open_questions(segments: Sequence[Segment], texts: Sequence[str], index: int) -> frozenset[str]:
    """Name the types that the turns before leave open: asked for by the other side, or just read out by either."""
    is_one_voice = len({_speaker(segment) for segment in segments}) == 1
    asked, n_turns = frozenset[str](), 0
    for before in range(index - 1, -1, -1):
        if n_turns == ASKED_TURNS or asked:
            break
        if is_backchannel(texts[before]):
            continue
        if is_one_voice or _speaker(segments[before]) != _speaker(segments[index]):
            asked |= find_asked(texts[before])
        asked |= find_read_out(texts[before])
        n_turns += 1
    return asked


def _replace(segment: Segment, index: int, spans: Sequence[Span]) -> tuple[Segment, list[Redaction]]:
    """Put placeholders into a segment's text and words."""
    redacted = replace_spans(segment.text, spans)
    places = _place_words(segment)
    words, times = _replace_words(segment.words, places, redacted) if places is not None else ((), {})
    found = [
        Redaction(entity.type, index, *times.get(entity, (segment.start_s, segment.end_s)))
        for entity in redacted.entities
    ]
    return replace(segment, text=redacted.text, words=words), found


def _place_words(segment: Segment) -> list[tuple[int, int]] | None:
    """Find where each word stands in the segment's text; None when the words do not spell it."""
    places, position = [], 0
    for word in segment.words:
        value = word.text.strip()
        start = segment.text.find(value, position)
        if start < 0 or re.search(r"\w", segment.text[position:start]):
            return None
        places.append((start, start + len(value)))
        position = start + len(value)
    return None if re.search(r"\w", segment.text[position:]) else places


def _replace_words(
    words: Sequence[Word], places: Sequence[tuple[int, int]], redacted: Redacted
) -> tuple[tuple[Word, ...], dict[Entity, tuple[float, float]]]:
    """Put one placeholder word in the place of the words that an entity touches."""
    made: list[Word] = []
    times: dict[Entity, tuple[float, float]] = {}
    for group in _group_words(places, redacted.entities):
        start, end = places[group[0]][0], places[group[-1]][1]
        touched = [entity for entity in redacted.entities if entity.start < end and start < entity.end]
        members = [words[index] for index in group]
        if not touched:
            made += members
            continue
        start_s, end_s = members[0].start_s, members[-1].end_s
        times |= dict.fromkeys(touched, (start_s, end_s))
        blank = members[0].text[: len(members[0].text) - len(members[0].text.lstrip())]
        text = redacted.text[_move(start, redacted, "start") : _move(end, redacted, "end")]
        made.append(Word(start_s, end_s, blank + text, min(word.probability_ratio for word in members)))
    return tuple(made), times


def _group_words(places: Sequence[tuple[int, int]], entities: Sequence[Entity]) -> list[list[int]]:
    """Put words together that the same entity touches; every other word stays alone."""
    groups: list[list[int]] = []
    for index, (start, _) in enumerate(places):
        before = places[index - 1][1] if index else 0
        if groups and any(entity.start < before and start < entity.end for entity in entities):
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def _move(position: int, redacted: Redacted, side: Literal["start", "end"]) -> int:
    """Say where a place of the text stands in the redacted text; inside an entity, its placeholder's start or end."""
    shift = 0
    for entity in redacted.entities:
        if entity.start < position < entity.end or (side == "start" and position == entity.start):
            return entity.replacement_start if side == "start" else entity.replacement_end
        if entity.end <= position:
            shift = entity.replacement_end - entity.end
    return position + shift
