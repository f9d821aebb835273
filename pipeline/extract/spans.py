"""Spans: which words of a turn state a reason, which reasons a call has, and which of them only say one again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.clauses import Clause
from pipeline.examples import Floats
from pipeline.languages import count_words
from pipeline.turns import Turn

# A neighbour joins the clause that states the reason when it is itself at least so likely part of it.
MIN_NEIGHBOUR_RATIO = 0.35
MAX_SPAN_WORDS = 45
# A later span says the same again when it is this near, or nearer than that and shares words too.
SAME_COSINE = 0.82
LIKE_COSINE = 0.6
LIKE_SHARED_RATIO = 0.5
CONTENT = re.compile(r"(?=([\u4e00-\u9fff]{2}))|\b([^\W\d_\u4e00-\u9fff]{4,})")


@dataclass(frozen=True)
class Span:
    """A piece of a turn that states a reason: `turn.text[start:end]`."""

    turn: Turn
    start: int
    end: int
    score_ratio: float

    @property
    def text(self) -> str:
        """The words."""
        return self.turn.text[self.start : self.end]


def find_spans(turn: Turn, clauses: Sequence[Clause], ratios: Sequence[float], min_ratio: float) -> list[Span]:
    """Find the stretches of clauses that state a reason, in order; words that bring up another matter part two.

    Args:
        turn: The turn.
        clauses: Its clauses, in order.
        ratios: How surely each states a reason.
        min_ratio: The best clause of a stretch has at least this.
    """
    spans: list[Span] = []
    taken: set[int] = set()
    for peak in sorted(range(len(clauses)), key=lambda index: (-ratios[index], index)):
        if ratios[peak] < min_ratio or peak in taken:
            continue
        first, last = _grow(turn, clauses, ratios, peak=peak, taken=taken)
        taken.update(range(first, last + 1))
        spans.append(Span(turn, clauses[first].start, clauses[last].end, ratios[peak]))
    return sorted(spans, key=lambda span: span.start)


def _grow(
    turn: Turn, clauses: Sequence[Clause], ratios: Sequence[float], *, peak: int, taken: set[int]
) -> tuple[int, int]:
    first = last = peak

    def fits(one: int, other: int) -> bool:
        return count_words(turn.text[clauses[one].start : clauses[other].end]) <= MAX_SPAN_WORDS

    while (
        last + 1 < len(clauses)
        and last + 1 not in taken
        and ratios[last + 1] >= MIN_NEIGHBOUR_RATIO
        and not clauses[last + 1].opens_matter
        and fits(first, last + 1)
    ):
        last += 1
    while (
        first > 0
        and first - 1 not in taken
        and ratios[first - 1] >= MIN_NEIGHBOUR_RATIO
        and not clauses[first].opens_matter
        and fits(first - 1, last)
    ):
        first -= 1
    return first, last


def find_new(spans: Sequence[Span], embeddings: Floats) -> list[int]:
    """Find which of a call's spans, in order, state a reason that none before has stated.

    Args:
        spans: Spans of one call, n in order.
        embeddings: Their centred embeddings, unit length, shape (n, dim).
    """
    kept: list[int] = []
    for index, span in enumerate(spans):
        words = _content(span.text)
        cosines = (embeddings[kept] @ embeddings[index]).tolist() if kept else []
        if not any(_is_same(cosine, words, _content(spans[k].text)) for k, cosine in zip(kept, cosines, strict=True)):
            kept.append(index)
    return kept


def _is_same(cosine: float, words: set[str], other: set[str]) -> bool:
    smaller = min(len(words), len(other))
    shared = len(words & other) / smaller if smaller else 0.0
    return cosine >= SAME_COSINE or (cosine >= LIKE_COSINE and shared >= LIKE_SHARED_RATIO)


def _content(text: str) -> set[str]:
    return {(match[1] or match[2]).lower() for match in CONTENT.finditer(text)}
