"""Matching: which numbered code fits a sentence, by the codes' examples, or that none does.

The outcome for a sentence depends on the codes and the encoder alone, never on other sentences.

Errors: none of its own.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.config import AssignSettings
from pipeline.encoders import Encoder
from pipeline.examples import load_examples
from pipeline.matching.refusing import Judge, fit_judge
from pipeline.matching.regression import MAX_EXAMPLES, Lessons, Scores, blend_some, fit_matcher
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


WITHOUT_CODES = Assignment(None, "none_of_these", 0.0, None, None, 0.0)
AT_ONCE = 16_384  # sentences whose embeddings and scores are in memory together
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
        return lambda pairs: [WITHOUT_CODES] * len(pairs)
    matcher = fit_matcher(lessons, encoder.encode(lessons.texts), encoder.library)
    judge = fit_judge(matcher)
    steps = {code.number for code in taxonomy.codes if code.is_step}

    def score(texts: Sequence[str]) -> Scores:
        return matcher.score(texts, encoder.encode(texts))

    def assign(pairs: Sequence[tuple[str, str]]) -> list[Assignment]:
        cleaned = [(one := _clean(text), one if context == text else _clean(context)) for text, context in pairs]
        distinct = sorted({pair for pair in cleaned if pair[0]})
        by_pair: dict[tuple[str, str], Assignment] = {}
        for at in range(0, len(distinct), AT_ONCE):
            some = distinct[at : at + AT_ONCE]
            decided = decide_codes(_score_pairs(some, score), lessons.numbers, judge, settings, steps=steps)
            by_pair.update(zip(some, decided, strict=True))
        empty = Assignment(None, "none_of_these", 0.0, lessons.numbers[0], None, 0.0)
        return [by_pair.get(pair, empty) for pair in cleaned]

    return assign


def make_lessons(taxonomy: Taxonomy, background: Sequence[str]) -> Lessons:
    """Gather what there is to learn from: examples, sentences that are not, and the background.

    The examples of a merged code speak for the code that it was merged into; those of a retired one for none.
    """
    wanted: dict[str, dict[str, float]] = {}
    for number, text in taxonomy.list_examples():
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


def _score_pairs(pairs: Sequence[tuple[str, str]], score: Callable[[Sequence[str]], Scores]) -> Scores:
    """Score texts, and the words around those that have more around them, which then count half; same order out."""
    by_text = score([text for text, _ in pairs])
    around = [row for row, (text, context) in enumerate(pairs) if text != context]
    if not around:
        return by_text
    return blend_some(by_text, np.array(around), score([pairs[row][1] for row in around]))


def decide_codes(
    scores: Scores,
    numbers: Sequence[str],
    judge: Judge,
    settings: AssignSettings,
    *,
    steps: Collection[str] = (),
) -> Iterator[Assignment]:
    """Decide what becomes of each sentence; one that fits a process step, of `steps`, says no reason at all."""
    ratios, fits = judge.judge_codes(scores), judge.judge_fits(scores)
    ranked = np.argsort(-ratios, axis=1, kind="stable")[:, :2]
    certain = fits[:, None] * np.take_along_axis(ratios, ranked, axis=1)
    is_foreign = fits < settings.min_score_ratio
    is_close = np.zeros(len(fits), np.bool_)
    if ranked.shape[1] > 1:
        is_close = certain[:, 0] - certain[:, 1] < settings.min_margin_ratio
    rows = zip(ranked.tolist(), certain.tolist(), is_foreign.tolist(), is_close.tolist(), strict=True)
    for places, ratio, foreign, close in rows:
        best, second = numbers[places[0]], numbers[places[1]] if len(places) > 1 else None
        is_settled = not close or (best in steps and second in steps)
        no_code = "none_of_these" if foreign else "not_said" if best in steps and is_settled else None
        no_code = no_code or (None if is_settled else "undecided")
        yield Assignment(None if no_code else best, no_code, ratio[0], best, second, ratio[1] if second else 0.0)


__all__ = ["WITHOUT_CODES", "Assigner", "Assignment", "Judge", "assign_codes", "fit_assigner", "make_lessons"]
