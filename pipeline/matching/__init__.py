"""Matching: which numbered code fits a sentence, by the codes' examples, or that none does.

The outcome for a sentence depends on the codes and the encoder alone, never on other sentences.

Errors: none of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.config import AssignSettings
from pipeline.encoders import Encoder
from pipeline.examples import load_examples
from pipeline.matching.refusing import Judge, fit_judge
from pipeline.matching.regression import MAX_EXAMPLES, Floats, Lessons, Scores, blend_scores, fit_matcher
from pipeline.taxonomy import Taxonomy


@dataclass(frozen=True)
class Assignment:
    """What became of one reason utterance; `code` is null when refused, `best_code` only when there are no codes."""

    code: str | None
    no_code: str | None
    score_ratio: float
    best_code: str | None
    second_code: str | None
    second_score_ratio: float


NO_CODES = Assignment(None, "none_of_these", 0.0, None, None, 0.0)
Assigner = Callable[[Sequence[tuple[str, str]]], list[Assignment]]  # takes texts, each with its context


def assign_codes(
    texts: Sequence[str],
    taxonomy: Taxonomy,
    encoder: Encoder,
    settings: AssignSettings,
    *,
    background: Sequence[str] | None = None,
) -> list[Assignment]:
    """Assign a code to each text, each for itself.

    Args:
        texts: What customers said; an empty one is `none_of_these`.
        taxonomy: Codes with at least one example each take part.
        encoder: Embeds texts and examples.
        settings: How sure is sure enough.
        background: Sentences of no code; the package's own when not given.
    """
    return fit_assigner(taxonomy, encoder, settings, background=background)([(text, text) for text in texts])


def fit_assigner(
    taxonomy: Taxonomy, encoder: Encoder, settings: AssignSettings, *, background: Sequence[str] | None = None
) -> Assigner:
    """Learn the taxonomy once, to assign codes to many batches of texts."""
    if background is None:
        background = load_examples("background").texts
    lessons = make_lessons(taxonomy, background)
    if not lessons.numbers:
        return lambda pairs: [NO_CODES] * len(pairs)
    matcher = fit_matcher(lessons, encoder.encode(lessons.texts))
    judge = fit_judge(matcher)

    def score(texts: list[str]) -> Scores:
        return matcher.score(texts, encoder.encode(texts))

    def assign(pairs: Sequence[tuple[str, str]]) -> list[Assignment]:
        cleaned = [(_clean(text), _clean(context)) for text, context in pairs]
        distinct = sorted({pair for pair in cleaned if pair[0]})
        by_pair: dict[tuple[str, str], Assignment] = {}
        if distinct:
            texts, contexts = [text for text, _ in distinct], [context for _, context in distinct]
            scores = score(texts) if texts == contexts else blend_scores(score(texts), score(contexts))
            by_code, fits = judge.judge_codes(scores), judge.judge_fits(scores)
            for row, pair in enumerate(distinct):
                by_pair[pair] = _decide(lessons.numbers, by_code[row], float(fits[row]), settings)
        empty = Assignment(None, "none_of_these", 0.0, lessons.numbers[0], None, 0.0)
        return [by_pair.get(pair, empty) for pair in cleaned]

    return assign


def make_lessons(taxonomy: Taxonomy, background: Sequence[str]) -> Lessons:
    """Gather what there is to learn from: examples, sentences that are not, and the background.

    The examples of a merged code speak for the code that it was merged into; those of a retired one for none.
    """
    active = {code.number for code in taxonomy.active}
    wanted: dict[str, dict[str, float]] = {}
    for code in taxonomy.codes:
        number = taxonomy.find_current(code.number)
        for text in code.examples if number in active else ():
            wanted.setdefault(_clean(text), {})[number] = 1.0
    numbers = tuple(sorted({number for targets in wanted.values() for number in targets}))
    for code in taxonomy.active:
        for text in code.not_examples if code.number in numbers else ():
            wanted.setdefault(_clean(text), {}).setdefault(code.number, -1.0)
    for text in background:
        wanted.setdefault(_clean(text), {})
    texts = _thin_texts(sorted(text for text in wanted if text), wanted)
    targets = np.array([[wanted[text].get(number, 0.0) for number in numbers] for text in texts], np.float32)
    return Lessons(tuple(texts), targets, numbers)


def _thin_texts(texts: list[str], wanted: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Keep at most so many sentences that the regression fits in memory, each code losing the same share."""
    ordered = sorted(texts, key=lambda text: (sorted(wanted[text]), text))
    step = len(ordered) / MAX_EXAMPLES
    return sorted(ordered if step <= 1 else [ordered[int(at * step)] for at in range(MAX_EXAMPLES)])


def _clean(text: str) -> str:
    return " ".join(text.split())


def _decide(numbers: tuple[str, ...], ratios: Floats, fits: float, settings: AssignSettings) -> Assignment:
    ranked = np.argsort(-ratios, kind="stable")[:2]
    best, second = numbers[ranked[0]], numbers[ranked[1]] if len(ranked) > 1 else None
    score = fits * float(ratios[ranked[0]])
    second_score = fits * float(ratios[ranked[1]]) if second else 0.0
    no_code = None
    if fits < settings.min_score_ratio:
        no_code = "none_of_these"
    elif second and score - second_score < settings.min_margin_ratio:
        no_code = "undecided"
    return Assignment(None if no_code else best, no_code, score, best, second, second_score)


__all__ = ["NO_CODES", "Assigner", "Assignment", "Judge", "assign_codes", "fit_assigner", "make_lessons"]
