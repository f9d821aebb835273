"""Deciding: what becomes of each sentence once it is scored: a code, or the kind of no-code.

Decisions are kept column by column, so that a million of them are written without an object each.

Errors: none of its own.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.config import AssignSettings
from pipeline.matching.likeness import Positions
from pipeline.matching.refusing import Judge
from pipeline.matching.regression import Scores

Doubles = NDArray[np.float64]
REFUSALS = ("none_of_these", "not_said", "undecided")
CODED, FOREIGN, STEP, CLOSE = -1, 0, 1, 2  # positions of REFUSALS
NOBODY = -1  # stands for no code where a position of `numbers` is wanted


@dataclass(frozen=True)
class Assignment:
    """What became of one reason utterance; `code` is null when refused, `best_code` only when there are no codes."""

    code: str | None
    no_code: str | None
    score_ratio: float
    best_code: str | None
    second_code: str | None
    second_score_ratio: float


@dataclass(frozen=True)
class Decisions:
    """What became of n sentences: best and second code, shape (n, 2), by position in `numbers`, and how sure they are.

    `kinds` (n,) are positions in REFUSALS, CODED where the best code was taken.
    """

    numbers: tuple[str, ...]
    places: Positions = field(repr=False)
    ratios: Doubles = field(repr=False)
    kinds: NDArray[np.intp] = field(repr=False)

    def take(self, rows: Positions) -> "Decisions":
        """Take some in any order."""
        return Decisions(self.numbers, self.places[rows], self.ratios[rows], self.kinds[rows])

    def list_assignments(self) -> list[Assignment]:
        """List them one by one."""
        columns = [column.to_pylist() for column in self.make_columns().values()]
        return [Assignment(*row) for row in zip(*columns, strict=True)]

    def make_columns(self) -> dict[str, pa.Array]:
        """Make the columns of `call_reasons`, in the order of Assignment."""
        best, second = (_name(self.numbers, self.places[:, at]) for at in (0, 1))
        return {
            "code": _name(self.numbers, np.where(self.kinds == CODED, self.places[:, 0], NOBODY)),
            "no_code": _name(REFUSALS, self.kinds),
            "score_ratio": pa.array(self.ratios[:, 0]),
            "best_code": best,
            "second_code": second,
            "second_score_ratio": pa.array(self.ratios[:, 1]),
        }


def decide_codes(
    scores: Scores,
    numbers: tuple[str, ...],
    judge: Judge,
    settings: AssignSettings,
    *,
    steps: Collection[str] = (),
) -> Decisions:
    """Decide what becomes of each sentence; one that fits a process step, of `steps`, says no reason at all."""
    ratios, fits = judge.judge_codes(scores), judge.judge_fits(scores)
    ranked = _find_best_two(ratios)
    certain = fits[:, None] * np.take_along_axis(ratios, ranked, axis=1)
    if len(numbers) == 1:
        ranked[:, 1], certain[:, 1] = NOBODY, 0.0
    is_step = np.array([number in steps for number in numbers])[ranked]
    is_close = (certain[:, 0] - certain[:, 1] < settings.min_margin_ratio) & (len(numbers) > 1) & ~is_step.all(axis=1)
    is_foreign = fits < settings.min_score_ratio
    kinds = np.select([is_foreign, is_close, is_step[:, 0]], [FOREIGN, CLOSE, STEP], CODED)
    return Decisions(numbers, ranked, certain.astype(np.float64), kinds)


def make_empty_decision(numbers: tuple[str, ...]) -> Decisions:
    """Decide what becomes of a text without a word, or of any where there are no codes: no code fits."""
    return Decisions(numbers, np.array([[0 if numbers else NOBODY, NOBODY]]), np.zeros((1, 2)), np.array([FOREIGN]))


def join_decisions(parts: Sequence[Decisions]) -> Decisions:
    """Put decisions about the same codes behind one another."""
    columns = (np.concatenate([getattr(one, name) for one in parts]) for name in ("places", "ratios", "kinds"))
    return Decisions(parts[0].numbers, *columns)


def _find_best_two(ratios: NDArray[np.float32]) -> Positions:
    """Find the likeliest code of each row and the next, the earlier of equals; the same twice where there is one."""
    rows, best = np.arange(len(ratios)), ratios.argmax(axis=1)
    others = ratios.copy()
    others[rows, best] = -1
    return np.stack([best, others.argmax(axis=1)], axis=1)


def _name(names: Sequence[str], places: Positions) -> pa.Array:
    wanted = pa.array(places, mask=places == NOBODY)
    return pa.array(list(names), pa.string()).take(wanted)
