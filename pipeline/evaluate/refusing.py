"""Refusing: is it noticed when no code fits, and what does that cost? Beside a tuned softmax threshold.

"best refusal" is the most that one threshold on the scores could refuse at the cost allowed, chosen on the very texts
that are asked: it says how well the scores part, for both sides alike; nothing in use is tuned that way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluate.baselines import find_softmax_threshold, fit_logistic
from pipeline.evaluate.bench import Answer, Bench, Beside, Figures, Trial
from pipeline.evaluate.coding import SHOP_FILES, Pair, draw_examples, make_taxonomy
from pipeline.evaluate.grouping import BANK, BANK_FILES
from pipeline.evaluate.heldout import load_held_out
from pipeline.evaluate.scores import Flags, Positions, find_intervals, score_refusal
from pipeline.matching import assign_codes

MOST_LOST_RATIO = 0.02  # points of accuracy that refusing may cost
N_BANK_EXAMPLES = 20


@dataclass(frozen=True)
class Refusal:
    """What became of n asked texts."""

    is_right: Flags
    is_kept: Flags
    scores: NDArray[np.float64]
    is_foreign: Flags

    def score(self, drawn: Positions) -> Figures:
        """Score some of the texts."""
        one = (self.is_right[drawn], self.is_kept[drawn], self.scores[drawn], self.is_foreign[drawn])
        return score_refusal(*one, MOST_LOST_RATIO)


def read_shop(bench: Bench) -> tuple[list[Pair], list[Pair]]:
    """Read the shop bot's examples, all of them, and its test messages; a foreign one has no reason."""
    taught, asked = ([(row["text"], row["reason"]) for row in bench.read(file)] for file in SHOP_FILES)
    return taught, asked


def read_bank(bench: Bench) -> tuple[list[Pair], list[Pair]]:
    """Read examples of the held out bank reasons; asked are sentences of theirs and those without any reason."""
    taught, asked = ([(row["text"], row["reason"]) for row in bench.read(file)] for file in BANK_FILES)
    examples = draw_examples([pair for pair in taught if pair[1] in load_held_out()], N_BANK_EXAMPLES, 0)
    return examples, [pair for pair in asked if not pair[1] or pair[1] in load_held_out()]


def measure_refusal(bench: Bench, *, read: Callable[[Bench], tuple[list[Pair], list[Pair]]]) -> Answer:
    """Code as `apply assign` does, refusals included, without the words of labels: the others are not told them."""
    examples, asked = read(bench)
    texts = [text for text, _ in asked]
    encoder = bench.load_for_turns([text for text, _ in (*examples, *asked)])
    settings = bench.project.settings.assign
    coded = assign_codes(texts, make_taxonomy(examples), encoder, settings, with_names=False)
    refusal = Refusal(
        np.array([one.best_code == reason for one, (_, reason) in zip(coded, asked, strict=True)]),
        np.array([one.code is not None for one in coded]),
        np.array([one.score_ratio for one in coded]),
        np.array([not reason for _, reason in asked]),
    )
    n_foreign = int(refusal.is_foreign.sum())
    remark = f"{len(asked) - n_foreign} texts with a code, {n_foreign} without"
    return Answer(refusal.score(np.arange(len(asked))), remark, refusal)


def compare_softmax(
    bench: Bench, answer: Answer, *, read: Callable[[Bench], tuple[list[Pair], list[Pair]]], is_taught: bool
) -> Beside:
    """Code by logistic regression and refuse below a threshold tuned on the examples by cross-validation."""
    examples, asked = read(bench)
    encoder = (bench.load_taught if is_taught else bench.load_untouched)([text for text, _ in (*examples, *asked)])
    embeddings, reasons = encoder.encode([text for text, _ in examples]), [reason for _, reason in examples]
    model = fit_logistic(embeddings, reasons)
    threshold = find_softmax_threshold(embeddings, reasons, model, MOST_LOST_RATIO)
    ratios = model.predict_proba(encoder.encode([text for text, _ in asked]))
    best = model.classes_[ratios.argmax(axis=1)]
    refusal = Refusal(
        np.array([one == reason for one, (_, reason) in zip(best, asked, strict=True)]),
        ratios.max(axis=1) >= threshold,
        ratios.max(axis=1),
        np.array([not reason for _, reason in asked]),
    )
    intervals = find_intervals(answer.outcome.score, refusal.score, [len(asked)], bench.effort.n_resamples)
    return Beside(refusal.score(np.arange(len(asked))), intervals)


def make_refusing(
    name: str, judgement: str, files: tuple[str, ...], read: Callable[[Bench], tuple[list[Pair], list[Pair]]], aim: str
) -> Trial:
    """Declare a trial of refusing."""
    told = partial(compare_softmax, read=read)
    baselines = {
        "untouched encoder, logistic regression, softmax threshold": partial(told, is_taught=False),
        "our encoder, logistic regression, softmax threshold": partial(told, is_taught=True),
    }
    return Trial(name, "assign", f"none fits? {judgement}", files, aim, partial(measure_refusal, read=read), baselines)


REFUSALS = (
    make_refusing("none-shop", "messages to a shop bot", SHOP_FILES, read_shop, "refused ≥ 60, cost ≤ 2"),
    make_refusing("none-bank", BANK, BANK_FILES, read_bank, ""),
)
