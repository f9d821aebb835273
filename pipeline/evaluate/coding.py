"""Coding: from a few examples a code. Beside logistic regression on the same examples and embeddings.

The examples are drawn several times; a figure is the mean of the draws, an interval resamples draws and texts.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from pipeline.encoders import Encoder
from pipeline.evaluate.baselines import fit_logistic
from pipeline.evaluate.bench import Answer, Bench, Beside, Figures, Trial
from pipeline.evaluate.grouping import BANK, BANK_FILES, SPOKEN, TAUGHT, list_grouped
from pipeline.evaluate.heldout import load_held_out
from pipeline.evaluate.scores import Flags, Positions, find_intervals
from pipeline.matching import assign_codes
from pipeline.taxonomy import Code, Taxonomy

Pair = tuple[str, str]  # a text and its reason

N_POOL = 50  # sentences a reason that examples are drawn from, where the same file is asked too


@dataclass(frozen=True)
class Exam:
    """What may be learned from, and what is asked; every asked text has a reason."""

    pool: tuple[Pair, ...]
    asked: tuple[Pair, ...]

    @property
    def texts(self) -> list[str]:
        """Every text."""
        return [text for text, _ in (*self.pool, *self.asked)]


def read_bank_exam(bench: Bench) -> Exam:
    """Read the held out bank reasons: some sentences to draw examples from, all others asked."""
    taught = [row for row in bench.read(BANK_FILES[0]) if row["reason"] in load_held_out()]
    by_reason = defaultdict(list)
    for row in taught:
        by_reason[row["reason"]].append(row["text"])
    pool = [(text, reason) for reason, texts in by_reason.items() for text in texts[:N_POOL]]
    rest = [(text, reason) for reason, texts in by_reason.items() for text in texts[N_POOL:]]
    asked = [(row["text"], row["reason"]) for row in bench.read(BANK_FILES[1]) if row["reason"] in load_held_out()]
    return Exam(tuple(pool), (*rest, *asked))


def read_shop_exam(bench: Bench) -> Exam:
    """Read the shop bot's messages: examples from its training part, its test messages with a reason asked."""
    pool, asked = ([(row["text"], row["reason"]) for row in bench.read(file)] for file in SHOP_FILES)
    return Exam(tuple(pool), tuple((text, reason) for text, reason in asked if reason))


def read_halves_exam(bench: Bench, *, files: tuple[str, ...]) -> Exam:
    """Read a set in halves: every second sentence of a reason for examples, the others asked."""
    texts, reasons = list_grouped(bench, files)
    by_reason = defaultdict(list)
    for text, reason in zip(texts, reasons.tolist(), strict=True):
        by_reason[str(reason)].append((text, str(reason)))
    halves = [[pair for pairs in by_reason.values() for pair in pairs[start::2]] for start in (0, 1)]
    return Exam(tuple(halves[0]), tuple(halves[1]))


def draw_examples(pool: Sequence[Pair], n_examples: int, seed: int) -> list[Pair]:
    """Draw so many sentences of each reason, or all where there are fewer."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    by_reason = defaultdict(list)
    for text, reason in pool:
        by_reason[reason].append(text)
    return [
        (text, reason)
        for reason, texts in sorted(by_reason.items())
        for text in rng.sample(texts, min(n_examples, len(texts)))
    ]


def make_taxonomy(examples: Sequence[Pair]) -> Taxonomy:
    """Make a code of each reason."""
    by_reason: dict[str, list[str]] = {}
    for text, reason in examples:
        by_reason.setdefault(reason, []).append(text)
    return Taxonomy(tuple(Code(reason, examples=tuple(texts)) for reason, texts in sorted(by_reason.items())))


def measure_coding(bench: Bench, *, read: Callable[[Bench], Exam], n_examples: int) -> Answer:
    """Code as `apply assign` does, once for each draw, without the words of labels: the others are not told them."""
    exam = read(bench)
    encoder = bench.load_for_turns(exam.texts)
    texts = [text for text, _ in exam.asked]
    hits = []
    for seed in range(bench.effort.n_draws):
        taxonomy = make_taxonomy(draw_examples(exam.pool, n_examples, seed))
        coded = assign_codes(texts, taxonomy, encoder, bench.project.settings.assign, with_names=False)
        hits.append([one.best_code == reason for one, (_, reason) in zip(coded, exam.asked, strict=True)])
    n_codes = len({reason for _, reason in exam.pool})
    remark = f"{len(exam.asked)} texts, {n_codes} codes, {bench.effort.n_draws} draws"
    right = np.array(hits)
    return Answer(_score(right, *map(np.arange, right.shape)), remark, right)


def compare_logistic(
    bench: Bench, answer: Answer, *, read: Callable[[Bench], Exam], n_examples: int, is_taught: bool
) -> Beside:
    """Code by logistic regression."""
    exam = read(bench)
    encoder = (bench.load_taught if is_taught else bench.load_untouched)(exam.texts)
    hits = [
        _code_by_logistic(exam, draw_examples(exam.pool, n_examples, seed), encoder)
        for seed in range(bench.effort.n_draws)
    ]
    right = np.array(hits)
    intervals = find_intervals(
        partial(_score, answer.outcome), partial(_score, right), right.shape, bench.effort.n_resamples
    )
    return Beside(_score(right, *map(np.arange, right.shape)), intervals)


def _code_by_logistic(exam: Exam, examples: Sequence[Pair], encoder: Encoder) -> list[bool]:
    model = fit_logistic(encoder.encode([text for text, _ in examples]), [reason for _, reason in examples])
    predicted = model.predict(encoder.encode([text for text, _ in exam.asked]))
    return [bool(one == reason) for one, (_, reason) in zip(predicted, exam.asked, strict=True)]


def _score(right: Flags, draws: Positions, texts: Positions) -> Figures:
    return {"right": 100 * float(right[np.ix_(draws, texts)].mean())}


def make_coding(
    name: str,
    judgement: str,
    files: tuple[str, ...],
    read: Callable[[Bench], Exam],
    *,
    n_examples: int,
    aim: str = "",
) -> Trial:
    """Declare a trial of coding."""
    told = partial(compare_logistic, read=read, n_examples=n_examples)
    return Trial(
        name,
        "assign",
        f"which code? {judgement}, {n_examples} examples each",
        files,
        aim,
        partial(measure_coding, read=read, n_examples=n_examples),
        {
            "untouched encoder, logistic regression": partial(told, is_taught=False),
            "our encoder, logistic regression": partial(told, is_taught=True),
        },
    )


SHOP_FILES = ("check/hint3_curekart_train.jsonl", "check/hint3_curekart_test.jsonl")

REQUESTS = ("train/hwu64_train.jsonl",)
TYPED = "typed requests to an assistant (they taught the shipped encoder: see --project)"

ABOVE = "2.5 above logistic regression on the untouched encoder"

read_spoken_exam = partial(read_halves_exam, files=SPOKEN)
read_requests_exam = partial(read_halves_exam, files=REQUESTS)

CODINGS = (
    make_coding("code-spoken-10", TAUGHT, SPOKEN, read_spoken_exam, n_examples=10, aim=ABOVE),
    make_coding("code-spoken-5", TAUGHT, SPOKEN, read_spoken_exam, n_examples=5, aim=ABOVE),
    make_coding("code-requests-10", TYPED, REQUESTS, read_requests_exam, n_examples=10, aim=ABOVE),
    make_coding("code-requests-5", TYPED, REQUESTS, read_requests_exam, n_examples=5, aim=ABOVE),
    make_coding("code-bank-10", BANK, BANK_FILES, read_bank_exam, n_examples=10, aim=f"right ≥ 90, {ABOVE}"),
    make_coding("code-bank-5", BANK, BANK_FILES, read_bank_exam, n_examples=5, aim=f"right ≥ 86, {ABOVE}"),
    make_coding("code-shop-10", "messages to a shop bot", SHOP_FILES, read_shop_exam, n_examples=10),
    make_coding("code-shop-5", "messages to a shop bot", SHOP_FILES, read_shop_exam, n_examples=5),
)
