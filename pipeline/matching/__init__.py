"""Matching: which numbered code fits a sentence, by the codes' examples and names, or that none does.

What a code is called is one more example of it, but is asked nothing: how to choose and when to refuse is learned by
asking what customers said.

The outcome for a sentence depends on the codes and the encoder alone, never on other sentences.

Errors: none of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.config import AssignSettings
from pipeline.encoders import Encoder
from pipeline.evidence import Floats
from pipeline.examples import can_read, load_examples
from pipeline.matching.deciding import Assignment, Decisions, decide_codes, join_decisions, make_empty_decision
from pipeline.matching.likeness import thin_evenly
from pipeline.matching.refusing import Judge, fit_judge
from pipeline.matching.regression import MAX_EXAMPLES, Lessons, Scores, blend_some, fit_matcher
from pipeline.signs import Signs
from pipeline.taxonomy import Taxonomy

WITHOUT_CODES = Assignment(None, "none_of_these", 0.0, None, None, 0.0)
AT_ONCE = 32_768  # sentences whose embeddings and scores are in memory together
See = Callable[[Sequence[str]], tuple[Floats, Signs]]  # embeds texts and finds their signs


@dataclass(frozen=True)
class Assigner:
    """Assigns codes to batches of texts; without codes `score` is never asked."""

    numbers: tuple[str, ...]
    steps: frozenset[str]
    settings: AssignSettings
    judge: Judge | None = field(repr=False)
    score: Callable[[Sequence[str]], Scores] = field(repr=False)

    def __call__(self, pairs: Sequence[tuple[str, str]]) -> list[Assignment]:
        """Assign a code to each text, which comes with its context."""
        return self.decide(pairs).list_assignments()

    def decide(self, pairs: Sequence[tuple[str, str]]) -> Decisions:
        """Do so, column by column; each distinct pair is judged once."""
        cleaned = [
            (one := clean_text(text), one if context == text else clean_text(context)) for text, context in pairs
        ]
        distinct = sorted({pair for pair in cleaned if pair[0]}) if self.judge else []
        parts = [self._decide(distinct[at : at + AT_ONCE]) for at in range(0, len(distinct), AT_ONCE)]
        places = {pair: place for place, pair in enumerate(distinct, start=1)}
        empty = make_empty_decision(self.numbers)
        return join_decisions([empty, *parts]).take(np.array([places.get(pair, 0) for pair in cleaned], np.intp))

    def _decide(self, pairs: Sequence[tuple[str, str]]) -> Decisions:
        assert self.judge is not None
        return decide_codes(_score_pairs(pairs, self.score), self.numbers, self.judge, self.settings, steps=self.steps)


def assign_codes(
    texts: Sequence[str],
    taxonomy: Taxonomy,
    encoder: Encoder,
    settings: AssignSettings,
    *,
    background: Sequence[str] | None = None,
    with_names: bool = True,
) -> list[Assignment]:
    """Assign a code to each text, each for itself.

    Args:
        texts: What customers said; an empty one is `none_of_these`.
        taxonomy: Codes with at least one example each take part.
        encoder: Embeds texts and examples.
        settings: How sure is sure enough.
        background: Sentences of no code; the package's own when not given.
        with_names: Learn from the codes' names too.
    """
    assign = fit_assigner(taxonomy, encoder, settings, background=background, with_names=with_names)
    return assign([(text, text) for text in texts])


def fit_assigner(
    taxonomy: Taxonomy,
    encoder: Encoder,
    settings: AssignSettings,
    *,
    background: Sequence[str] | None = None,
    see: See | None = None,
    with_names: bool = True,
) -> Assigner:
    """Learn the taxonomy once, to assign codes to many batches of texts.

    Args:
        taxonomy: Codes with at least one example each take part.
        encoder: Embeds examples, and texts where `see` is not given.
        settings: How sure is sure enough.
        background: Sentences of no code; the package's own when not given.
        see: Embeds texts and finds their signs, from what is kept if it can.
        with_names: Learn from the codes' names too.
    """
    if background is None:
        background = load_examples("background").texts
    lessons = make_lessons(taxonomy, background)
    steps = frozenset(code.number for code in taxonomy.codes if code.is_step)
    if not lessons.numbers:
        return Assigner((), steps, settings, None, _score_nothing)
    if with_names:
        lessons = add_names(
            lessons, [(number, name) for number, name in taxonomy.list_names() if can_read(encoder, name)]
        )
    matcher = fit_matcher(lessons, encoder.encode(lessons.texts), encoder.library)

    def score(texts: Sequence[str]) -> Scores:
        if see is None:
            return matcher.score(texts, encoder.encode(texts))
        embeddings, signs = see(texts)
        return matcher.score_signs(signs, embeddings)

    return Assigner(lessons.numbers, steps, settings, fit_judge(matcher), score)


def _score_nothing(texts: Sequence[str]) -> Scores:
    raise ValueError(f"{len(texts)} texts cannot be scored without codes.")


def make_lessons(taxonomy: Taxonomy, background: Sequence[str]) -> Lessons:
    """Gather what there is to learn from: examples, sentences that are not, and the background.

    The examples of a merged code speak for the code that it was merged into; those of a retired one for none.
    """
    wanted: dict[str, dict[str, float]] = {}
    for number, text in taxonomy.list_examples():
        wanted.setdefault(clean_text(text), {})[number] = 1.0
    numbers = tuple(sorted({number for targets in wanted.values() for number in targets}))
    for code in taxonomy.active:
        for text in code.not_examples if code.number in numbers else ():
            wanted.setdefault(clean_text(text), {}).setdefault(code.number, -1.0)
    for text in background:
        wanted.setdefault(clean_text(text), {})
    texts = _thin_texts(sorted(text for text in wanted if text), wanted)
    targets = np.array([[wanted[text].get(number, 0.0) for number in numbers] for text in texts], np.float32)
    return Lessons(tuple(texts), targets, numbers)


def add_names(lessons: Lessons, names: Sequence[tuple[str, str]]) -> Lessons:
    """Add what each code is called as one more example of it; the same lessons where that adds nothing.

    A name that customers gave as an example of another code, or that is said to be none of its own, adds nothing.

    Args:
        lessons: What customers said.
        names: Numbers of codes and what these are called; one without an example takes no part.
    """
    settled = {text for text, row in zip(lessons.texts, lessons.targets, strict=True) if row.any()}
    columns = {number: column for column, number in enumerate(lessons.numbers)}
    cleaned = [(clean_text(name), columns[number]) for number, name in names if number in columns]
    named = [(text, column) for text, column in cleaned if text not in settled]
    if not named:
        return lessons
    rows = {text: row for row, text in enumerate(dict.fromkeys((*lessons.texts, *(text for text, _ in named))))}
    targets = np.zeros((len(rows), len(columns)), np.float32)
    targets[: len(lessons.targets)] = lessons.targets
    for text, column in named:
        targets[rows[text], column] = 1.0
    return Lessons(tuple(rows), targets, lessons.numbers, heard=lessons.targets)


def _thin_texts(texts: list[str], wanted: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Keep at most so many sentences that the regression fits in memory, each code losing the same share."""
    ordered = sorted(texts, key=lambda text: (sorted(wanted[text]), text))
    return sorted(ordered[at] for at in thin_evenly(len(ordered), MAX_EXAMPLES))


def clean_text(text: str) -> str:
    """Write a text as it is matched: one space between words."""
    return " ".join(text.split())


def _score_pairs(pairs: Sequence[tuple[str, str]], score: Callable[[Sequence[str]], Scores]) -> Scores:
    """Score texts, and the words around those that have more around them, which then count half; same order out."""
    by_text = score([text for text, _ in pairs])
    around = [row for row, (text, context) in enumerate(pairs) if text != context]
    if not around:
        return by_text
    return blend_some(by_text, np.array(around), score([pairs[row][1] for row in around]))


__all__ = [
    "WITHOUT_CODES",
    "Assigner",
    "Assignment",
    "Judge",
    "add_names",
    "assign_codes",
    "clean_text",
    "fit_assigner",
    "make_lessons",
]
