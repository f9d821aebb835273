"""Wrong examples: how well `callreasons taxonomy check` finds examples that stand under the wrong code.

    CALLREASONS_EVAL=FOLDER python -m benchmarks.wrong_examples [FILE …]

Makes a taxonomy of 10 examples a reason out of each file, gives 5 % of them to another code drawn at random, and
prints how many the check names (recall) and how many of those it names were given away (precision). A reason's own
examples are not all right in public data, so precision is a lower bound.
"""

import argparse
import json
import os
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import ModelSettings
from pipeline.encoders import choose_encoder, load_reason_encoder
from pipeline.examples import load_examples
from pipeline.lint.nearness import MIN_GAP, find_doubts
from pipeline.matching import make_lessons
from pipeline.taxonomy import Code, Taxonomy

FILES = ("check/hint3_curekart_train.jsonl", "train/dstc11_insurance.jsonl", "check/zh_telecom_faq.jsonl")
N_EXAMPLES = 10  # a code
MIN_EXAMPLES = 3  # reasons with fewer are left out
WRONG_RATIO = 0.05
SEED = 0
HEAD = """| data | encoder | examples | given away | found | recall | named | precision |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""

Pair = tuple[str, str]


@dataclass(frozen=True)
class Spoiled:
    """A taxonomy some of whose examples stand under the wrong code."""

    taxonomy: Taxonomy
    wrong: frozenset[str]


def choose_examples(path: Path, rng: random.Random) -> list[Pair]:
    """Choose examples of each reason of a file; a sentence of two reasons is left out."""
    reasons: dict[str, set[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        told = row.get("reasons", [row.get("reason")])
        reasons.setdefault(" ".join(row["text"].split()), set()).update(told)
    by_reason: dict[str, list[str]] = {}
    for text, found in sorted(reasons.items()):
        if len(found) == 1 and text and (reason := next(iter(found))):
            by_reason.setdefault(reason, []).append(text)
    kept = {reason: texts for reason, texts in by_reason.items() if len(texts) >= MIN_EXAMPLES}
    return [
        (reason, text)
        for reason, texts in sorted(kept.items())
        for text in rng.sample(texts, min(N_EXAMPLES, len(texts)))
    ]


def spoil(pairs: Sequence[Pair], rng: random.Random) -> Spoiled:
    """Give some examples to another code."""
    wrong = set(rng.sample(range(len(pairs)), round(WRONG_RATIO * len(pairs))))
    numbers = sorted({number for number, _ in pairs})
    codes: dict[str, list[str]] = {number: [] for number in numbers}
    for index, (number, text) in enumerate(pairs):
        given = rng.choice([one for one in numbers if one != number]) if index in wrong else number
        codes[given].append(text)
    taxonomy = Taxonomy(tuple(Code(number, examples=tuple(texts)) for number, texts in codes.items()))
    return Spoiled(taxonomy, frozenset(pairs[index][1] for index in wrong))


def measure(path: Path) -> str:
    """Measure one file; returns a row of the table."""
    rng = random.Random(SEED)  # noqa: S311 - draws examples, guards nothing
    pairs = choose_examples(path, rng)
    spoiled = spoil(pairs, rng)
    name = choose_encoder([text for _, text in pairs], ModelSettings())
    encoder = load_reason_encoder(name, ModelSettings())
    doubts = find_doubts(make_lessons(spoiled.taxonomy, load_examples("background").texts), encoder)
    named = {doubt.text for doubt in doubts if doubt.gap >= MIN_GAP}
    n_found, n_wrong = len(named & spoiled.wrong), len(spoiled.wrong)
    return (
        f"| {path.stem} | {name} | {len(pairs)} | {n_wrong} | {n_found} | {n_found / n_wrong:.0%} "
        f"| {len(named)} | {n_found / max(1, len(named)):.0%} |\n"
    )


def main(write: Callable[[str], object] = sys.stdout.write) -> int:
    """Measure every file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("files", nargs="*", default=FILES)
    folder = os.environ.get("CALLREASONS_EVAL")
    if not folder:
        write("CALLREASONS_EVAL is not set: no evaluation data to measure with\n")
        return 0
    write(HEAD)
    for file in parser.parse_args().files:
        write(measure(Path(folder) / file))
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
