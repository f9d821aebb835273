"""Place: when in the recording a span of a turn is said, so that a person can play it."""

from pipeline.extract.spans import Span
from pipeline.transcripts import Transcript, Word
from pipeline.turns import Turn


def place_span(span: Span, transcript: Transcript | None) -> tuple[float | None, float | None]:
    """Find the start and end second of a span by its words' times; without them, by its place in the turn's text."""
    turn = span.turn
    if turn.start_s is None or turn.end_s is None:
        return None, None
    n_before = len("".join(turn.text[: span.start].split()))
    n_through = n_before + len("".join(span.text.split()))
    words = _find_words(turn, transcript) if transcript else []
    if sum(len("".join(word.text.split())) for word in words) == len("".join(turn.text.split())):
        return _place_by_words(words, n_before, n_through)
    n_all = max(1, len("".join(turn.text.split())))
    length_s = turn.end_s - turn.start_s
    return round(turn.start_s + length_s * n_before / n_all, 2), round(turn.start_s + length_s * n_through / n_all, 2)


def _find_words(turn: Turn, transcript: Transcript) -> list[Word]:
    """Find the words of the segments that were merged into a turn, in the same order."""
    assert turn.start_s is not None and turn.end_s is not None
    voice = (turn.part_index, turn.channel, turn.speaker, turn.source)
    segments = [
        segment
        for segment in transcript.segments
        if (segment.part_index, segment.channel, segment.speaker, segment.source) == voice
        and segment.start_s is not None
        and turn.start_s <= segment.start_s <= turn.end_s
    ]
    return [word for segment in sorted(segments, key=lambda one: one.start_s or 0.0) for word in segment.words]


def _place_by_words(words: list[Word], n_before: int, n_through: int) -> tuple[float, float]:
    """Find the words that hold characters `n_before` to `n_through`, spaces not counted."""
    n_seen = 0
    inside = []
    for word in words:
        n_next = n_seen + len("".join(word.text.split()))
        if n_next > n_before and n_seen < n_through:
            inside.append(word)
        n_seen = n_next
    return round(inside[0].start_s, 2), round(inside[-1].end_s, 2)
