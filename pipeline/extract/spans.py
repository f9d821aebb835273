"""Spans: which words of a turn state a reason, which reasons a call has, and which of them only say one again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.clauses import Clause
from pipeline.examples import Floats
from pipeline.languages import CHINESE_CHARACTER, count_words
from pipeline.turns import Turn

# A neighbour likelier than this adds to the clause that states the reason, another one is only borne between two.
NEUTRAL_RATIO = 0.35
MAX_SPAN_WORDS = 38
# A later span says the same again when it is this near, or nearer than that and shares words too.
SAME_COSINE = 0.82
LIKE_COSINE = 0.6
LIKE_SHARED_RATIO = 0.5
# Greetings and fillers that a span may start with; they say nothing about the reason.
FILLERS = re.compile(
    r"(?:(?:(?:hi|hello|hey)(?: there)?|yeah|yes|um+|uh+|er|well|so|oh|okay|ok|right|and|but|"
    r"good (?:morning|afternoon|evening)|morning|afternoon|sorry)\b(?!['’])[\s,.!?]*|(?:喂|你好|您好|那个|"
    r"嗯|呃|就是|对|哎|啊|是这样的?|然后|但是|另外)[\s，,。！？、]*)+",
    re.IGNORECASE,
)
CONTENT = re.compile(r"(?=([\u4e00-\u9fff]{2}))|\b([^\W\d_\u4e00-\u9fff]{4,})")


@dataclass(frozen=True)
class Span:
    """A piece of a turn that states a reason: `turn.text[start:end]`; it may bring up another matter than before."""

    turn: Turn
    start: int
    end: int
    score_ratio: float
    opens_matter: bool = False

    @property
    def text(self) -> str:
        """The words."""
        return self.turn.text[self.start : self.end]


def find_spans(turn: Turn, clauses: Sequence[Clause], ratios: Sequence[float], min_ratio: float) -> list[Span]:
    """Find the stretches of clauses that state a reason, in order: one for each matter that the turn brings up.

    Args:
        turn: The turn.
        clauses: Its clauses, in order.
        ratios: How surely each states a reason.
        min_ratio: The best clause of a stretch has at least this.
    """
    spans: list[Span] = []
    for matter in _split_matters(clauses):
        peak = max(matter, key=lambda index: ratios[index])
        if ratios[peak] >= min_ratio:
            first, last = _find_window(turn, clauses, ratios, matter=matter, peak=peak)
            start = _skip_fillers(turn.text, clauses[first].start, clauses[last].end)
            spans.append(Span(turn, start, clauses[last].end, ratios[peak], clauses[matter[0]].opens_matter))
    return spans


def _split_matters(clauses: Sequence[Clause]) -> list[list[int]]:
    matters: list[list[int]] = []
    for index, clause in enumerate(clauses):
        if not matters or clause.opens_matter:
            matters.append([])
        matters[-1].append(index)
    return matters


def _find_window(
    turn: Turn, clauses: Sequence[Clause], ratios: Sequence[float], *, matter: Sequence[int], peak: int
) -> tuple[int, int]:
    """Find the stretch around the surest clause that holds the most of the reason in a bounded number of words."""
    best, held = (peak, peak), ratios[peak] - NEUTRAL_RATIO
    for first in (index for index in matter if index <= peak):
        for last in (index for index in matter if index >= peak):
            if not _fits(turn, clauses[first], clauses[last]):
                break
            holds = sum(ratios[index] - NEUTRAL_RATIO for index in range(first, last + 1))
            if holds > held:
                best, held = (first, last), holds
    return best


def _skip_fillers(text: str, start: int, end: int) -> int:
    fillers = FILLERS.match(text, start, end)
    return fillers.end() if fillers and count_words(text[fillers.end() : end]) else start


def _fits(turn: Turn, one: Clause, other: Clause) -> bool:
    """Say whether a stretch is short enough; three Chinese characters say as much as two words."""
    text = turn.text[one.start : other.end]
    return count_words(text) - len(CHINESE_CHARACTER.findall(text)) / 3 <= MAX_SPAN_WORDS


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
