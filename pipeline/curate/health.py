"""Health: how good a taxonomy is, 0 to 100, from parts a person understands, each with what to do next about it.

The examples are asked as if each had never been seen, by the matcher that codes calls, but without names: does it find
its own code, and do those of a code speak of one thing? What calls say comes from the last run, what people say from an
audit.

Errors: none of its own. What is not known (no run, no audit, one code) is no part of the score.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.curate.board import Board
from pipeline.encoders import Encoder
from pipeline.evidence import Floats
from pipeline.matching import make_lessons
from pipeline.matching.regression import Matcher, fit_matcher
from pipeline.taxonomy import Taxonomy
from pipeline.threads import use_one_thread
from pipeline.words import Words

# What each part weighs, and what is full marks.
WEIGHTS = {
    "coverage": 25, "agreement": 20, "overlap": 20, "unity": 20, "weakest": 15, "examples": 10, "balance": 10,
}  # fmt: skip
FULL_COVERAGE_RATIO = 0.9
FULL_AGREEMENT = 0.8  # kappa or alpha from which people are taken to agree
ENOUGH_EXAMPLES = 8
FULL_LIKENESS = 0.4  # mean cosine between a code's examples, each language's mean taken away
Figures = Mapping[str, str | int | float]
LARGE_RATIO, TOO_LARGE_RATIO = 0.25, 0.75  # of the coded calls in one code: full marks up to the first, none from here


@dataclass(frozen=True)
class HealthPart:
    """One part: its score 0 to 100, its weight, and the figures that its words speak of."""

    name: str
    score: float
    weight: int
    figures: Figures

    def title(self, words: Words) -> str:
        """Say what it is."""
        return words(f"curate.health.{self.name}.title")

    def meaning(self, words: Words) -> str:
        """Say what was found."""
        return words(f"curate.health.{self.name}.meaning", **_write(self.figures, words))

    def action(self, words: Words) -> str:
        """Say what to do next; what has full marks needs nothing."""
        key = f"curate.health.{self.name}.action" if round(self.score) < 100 else "curate.health.fine"
        return words(key, **_write(self.figures, words))


@dataclass(frozen=True)
class Health:
    """The whole: `score` is the parts' mean by weight, 0 to 100."""

    score: float
    parts: tuple[HealthPart, ...]

    @property
    def next_part(self) -> HealthPart | None:
        """The part whose mending gains most."""
        return max(self.parts, key=lambda part: (100 - part.score) * part.weight, default=None)


@dataclass(frozen=True)
class CodeHealth:
    """One code: how many of its examples find it unseen, of how many that can; how alike they are; their number."""

    number: str
    n_found: int
    n_asked: int
    likeness: float
    n_examples: int
    taken_by: str  # the code that most of the others find

    @property
    def strength(self) -> float:
        """0 to 1: examples that find it, and how much they speak of one thing; one alone shows neither."""
        found = self.n_found / self.n_asked if self.n_asked else 0.0
        return (found + _fill(self.likeness, FULL_LIKENESS)) / 2


def find_health(
    taxonomy: Taxonomy,
    encoder: Encoder,
    background: Sequence[str],
    *,
    board: Board | None = None,
    agreement: float | None = None,
) -> Health:
    """Score a taxonomy.

    Args:
        taxonomy: As it is now.
        encoder: Embeds its examples.
        background: Sentences of no code.
        board: The last run's utterances; none without a run.
        agreement: Of people with the codes or with each other, chance taken away, up to 1; none without an audit.
    """
    return score_health(taxonomy, judge_codes(taxonomy, encoder, background), board=board, agreement=agreement)


def score_health(
    taxonomy: Taxonomy, codes: Sequence[CodeHealth], *, board: Board | None = None, agreement: float | None = None
) -> Health:
    """Score a taxonomy whose codes are judged."""
    parts = [*_score_examples(codes), *_score_codes(codes)]
    if board is not None and len(board):
        parts += _score_calls(taxonomy, board)
    if agreement is not None:
        parts.append(_make("agreement", _fill(agreement, FULL_AGREEMENT), {"agreement": round(agreement, 2)}))
    parts.sort(key=lambda part: list(WEIGHTS).index(part.name))
    weight = sum(part.weight for part in parts)
    return Health(sum(part.score * part.weight for part in parts) / weight if weight else 0.0, tuple(parts))


def judge_codes(taxonomy: Taxonomy, encoder: Encoder, background: Sequence[str]) -> list[CodeHealth]:
    """Judge each active code and step by its examples, unseen."""
    lessons = make_lessons(taxonomy, background)
    own = {number: Counter[str]() for number in lessons.numbers}
    likeness = dict.fromkeys(lessons.numbers, 0.0)
    if lessons.numbers:
        with use_one_thread():
            matcher = fit_matcher(lessons, encoder.encode(lessons.texts), encoder.library)
            own, likeness = _ask_unseen(matcher), _find_likeness(matcher)
    n_examples = Counter(number for number, _ in taxonomy.list_examples())
    numbers = [code.number for code in taxonomy.codes if code.is_active or code.is_step]
    return [_judge(number, own.get(number, Counter()), likeness.get(number, 0.0), n_examples) for number in numbers]


def _judge(number: str, found: Counter[str], likeness: float, n_examples: Counter[str]) -> CodeHealth:
    others = Counter({other: n for other, n in found.items() if other != number})
    taken_by = min(others, key=lambda other: (-others[other], other), default="")
    return CodeHealth(number, found[number], found.total(), likeness, n_examples[number], taken_by)


def _ask_unseen(matcher: Matcher) -> dict[str, Counter[str]]:
    """Count which code each code's examples find; one that stands under two codes finds the other of them."""
    lessons = matcher.lessons
    examples = lessons.targets > 0
    n_own = examples.sum(axis=0)
    found = {number: Counter[str]() for number in lessons.numbers}
    asked = np.flatnonzero((examples & (n_own > 1)).any(axis=1))
    if not len(asked):
        return found
    by_code = matcher.score_unseen({int(one): np.array([one]) for one in asked}).by_code
    for row, one in enumerate(asked):
        owners = np.flatnonzero(examples[one])
        for owner in owners:
            others = [other for other in owners if other != owner]
            best = others[0] if others else int(by_code[row].argmax())
            found[lessons.numbers[owner]][lessons.numbers[best]] += 1
    return found


def _find_likeness(matcher: Matcher) -> dict[str, float]:
    """Find the mean cosine between each code's examples; a single one is like nothing."""
    likeness = {}
    for column, number in enumerate(matcher.lessons.numbers):
        rows: Floats = matcher.views.meaning[matcher.lessons.targets[:, column] > 0]
        n = len(rows)
        total = float(np.square(rows.sum(axis=0)).sum())  # of all pairs, each with itself among them
        likeness[number] = (total - n) / (n * (n - 1)) if n > 1 else 0.0
    return likeness


def _score_examples(codes: Sequence[CodeHealth]) -> list[HealthPart]:
    if not codes:
        return []
    fewest = min(codes, key=lambda code: (code.n_examples, code.number))
    figures: Figures = {"code": fewest.number, "n_examples": fewest.n_examples, "enough": ENOUGH_EXAMPLES}
    score = float(np.mean([_fill(code.n_examples, ENOUGH_EXAMPLES) for code in codes]))
    return [_make("examples", score, figures)]


def _score_codes(codes: Sequence[CodeHealth]) -> list[HealthPart]:
    asked = [code for code in codes if code.n_asked]
    if len(asked) < 2:
        return []
    n_asked, n_found = sum(code.n_asked for code in asked), sum(code.n_found for code in asked)
    mixed = max(asked, key=lambda code: (code.n_asked - code.n_found, code.number))
    overlap: Figures = {"share": 1 - n_found / n_asked, "code": mixed.number, "other": mixed.taken_by}
    ranked = sorted(codes, key=lambda code: (code.strength, code.number))
    weakest = ranked[: max(1, len(ranked) // 10)]
    loosest = min(asked, key=lambda code: (code.likeness, code.number))
    strength = float(np.mean([code.strength for code in weakest]))
    unity = float(np.mean([_fill(code.likeness, FULL_LIKENESS) for code in asked]))
    weak: Figures = {"code": weakest[0].number, "n_codes": len(weakest)}
    return [
        _make("overlap", n_found / n_asked, overlap),
        _make("weakest", strength, weak),
        _make("unity", unity, {"code": loosest.number}),
    ]


def _score_calls(taxonomy: Taxonomy, board: Board) -> list[HealthPart]:
    """Score coverage and balance by the last run's calls, a merged code counted as what it was merged into."""
    numbers = [taxonomy.find_current(name) for name in board.names]
    active = {code.number for code in taxonomy.active}
    places = {number: at for at, number in enumerate(sorted(active))}
    current = np.array([*(places.get(number, -1) for number in numbers), -1])[board.codes]
    sums, n_coded = board.add_up(current), board.add_up(np.where(current >= 0, 0, -1)).get(0, (0, 0.0))[0]
    ratio = n_coded / board.n_calls
    parts = [_make("coverage", _fill(ratio, FULL_COVERAGE_RATIO), {"share": ratio, "n_calls": board.n_calls - n_coded})]
    if len(places) > 1 and sums:
        counts = np.array([sums.get(at, (0, 0.0))[0] for at in range(len(places))])
        largest = float(counts.max() / counts.sum())
        score = _fill(TOO_LARGE_RATIO - largest, TOO_LARGE_RATIO - LARGE_RATIO)
        parts.append(_make("balance", score, {"share": largest, "code": sorted(active)[int(counts.argmax())]}))
    return parts


def _fill(value: float, full: float) -> float:
    return float(min(1.0, max(0.0, value / full)))


def _make(name: str, score: float, figures: Figures) -> HealthPart:
    return HealthPart(name, 100 * score, WEIGHTS[name], figures)


def _write(figures: Figures, words: Words) -> dict[str, str]:
    """Write shares and counts as people do."""
    return {
        name: words.share(value)
        if name == "share" and isinstance(value, float)
        else words.number(value)
        if isinstance(value, int)
        else str(value)
        for name, value in figures.items()
    }
