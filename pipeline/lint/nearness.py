"""Nearness: examples that sound like another code than their own, and codes that cannot be told apart.

Asks the matcher that codes calls, taught by examples alone and not by names, what it would have thought of each
example, had it never seen it. What it is wrong about as a sentence that people wrote down for a code, it will be wrong
about in calls.

Errors: none of its own.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.encoders import Encoder
from pipeline.lint.findings import Finding, quote
from pipeline.matching import make_lessons
from pipeline.matching.regression import Lessons, fit_matcher
from pipeline.taxonomy import Taxonomy

# By how much another code must score above the sentence's own, on a scale where an example that was seen scores about
# 1. Chosen on three public sets with wrong examples planted: nine in ten are found, and two findings in three are right
# (docs/benchmarks.md).
MIN_GAP = 0.4
# Two codes are one to the matcher when so many of their examples score higher for the other, by however little: among
# public reasons cut in two most do, among other pairs hardly any (docs/benchmarks.md).
MIN_OVERLAP_RATIO = 0.4
MIN_OVERLAPPING = 2  # of each code: one wrong example pulls those of the other code along


@dataclass(frozen=True)
class Doubt:
    """An example that scores higher for another code than for its own."""

    text: str
    code: str
    other: str
    gap: float

    @property
    def pair(self) -> tuple[str, str]:
        """Both codes, the smaller number first."""
        return min(self.code, self.other), max(self.code, self.other)


def find_near(
    taxonomy: Taxonomy, encoder: Encoder, background: Sequence[str], *, kept_apart: Collection[tuple[str, str]] = ()
) -> Iterator[Finding]:
    """Find examples nearer another code than their own, and pairs of codes that overlap.

    Args:
        taxonomy: The codes.
        encoder: Embeds their examples.
        background: Sentences of no code.
        kept_apart: Pairs of codes, the smaller number first, that must not be merged.
    """
    lessons = make_lessons(taxonomy, background)
    if len(lessons.numbers) < 2:
        return
    doubts = find_doubts(lessons, encoder)
    n_examples = dict(zip(lessons.numbers, (lessons.targets > 0).sum(axis=0).tolist(), strict=True))
    overlaps = find_overlaps(doubts, n_examples)
    for (one, other), n_doubts in overlaps.items():
        n_both = n_examples[one] + n_examples[other]
        yield Finding(
            "overlap",
            one,
            f"{n_doubts} of the {n_both} examples of {one} and {other} sound more like the other.",
            ("They are a near pair: give" if (one, other) in kept_apart else "Merge them, or give")
            + " both more examples and not_examples that show what sets them apart.",
        )
    for doubt in doubts:
        if doubt.gap >= MIN_GAP and doubt.pair not in overlaps:
            yield Finding(
                "near_other",
                doubt.code,
                f"its example {quote(doubt.text)} is nearer to {doubt.other}.",
                f"Move it to {doubt.other} if it belongs there, else add more examples like it.",
            )


def find_doubts(lessons: Lessons, encoder: Encoder) -> list[Doubt]:
    """Find the examples that the matcher would have given to another code, the surest first.

    An example that stands alone under its code is not judged: nothing is left to know it by.
    """
    matcher = fit_matcher(lessons, encoder.encode(lessons.texts), encoder.library)
    examples = lessons.targets > 0
    has_siblings = (examples & (examples.sum(axis=0) > 1)).any(axis=1)
    judged = np.flatnonzero(has_siblings)
    if not len(judged):
        return []
    by_code = matcher.score_unseen({int(one): np.array([one]) for one in judged}).by_code
    own = np.where(examples[judged], by_code, -np.inf)
    others = np.where(examples[judged], -np.inf, by_code)
    gaps = others.max(axis=1) - own.max(axis=1)
    doubts = [
        Doubt(
            lessons.texts[one],
            lessons.numbers[int(own[row].argmax())],
            lessons.numbers[int(others[row].argmax())],
            float(gaps[row]),
        )
        for row, one in enumerate(judged)
        if gaps[row] > 0
    ]
    return sorted(doubts, key=lambda doubt: (-doubt.gap, doubt.text))


def find_overlaps(doubts: Sequence[Doubt], n_examples: dict[str, int]) -> dict[tuple[str, str], int]:
    """Find the pairs of codes whose examples are taken for each other, with how many are.

    Args:
        doubts: Of any gap.
        n_examples: How many examples each code has.
    """
    counts, sides = Counter(doubt.pair for doubt in doubts), Counter((doubt.code, doubt.pair) for doubt in doubts)
    return {
        pair: n_doubts
        for pair, n_doubts in sorted(counts.items())
        if n_doubts >= MIN_OVERLAP_RATIO * sum(n_examples[code] for code in pair)
        and all(sides[code, pair] >= MIN_OVERLAPPING for code in pair)
    }
