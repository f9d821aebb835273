"""Stability: how many old utterances change their cluster when a tenth more come, and whether a new reason shows.

    python -m benchmarks.stability [SET …] [--draws N]

For each set of the evaluation data and each draw nine tenths are grouped from nothing, and the rest is added.
`moved` is the share of old utterances that are not in the successor of their cluster any more (the cluster that takes
at least half of it) when groups grow as a run lets them, `moved anew` the same when everything is grouped anew. `NMI`
is against the true reasons, both ways. Then two reasons are kept out of the nine tenths, and five utterances of each
come with the rest: `found` is the share of reasons with a cluster of their own, at least three strong and mostly pure.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.cluster import Before, Clustering, cluster_texts
from pipeline.cluster.grouping import Labels
from pipeline.config import ClusterSettings, ModelSettings
from pipeline.contexts import ClauseEncoder
from pipeline.encoders import choose_encoder, load_encoder, load_reason_encoder
from pipeline.evaluate.grouping import find_reason
from pipeline.evidence import Floats
from pipeline.library import Library
from pipeline.picking.picker import make_weigh
from pipeline.rows import read_rows

SETS = {
    "dstc11": "train/dstc11_insurance.jsonl",
    "hint3": "check/hint3_curekart_train.jsonl",
    "clinc": "check/clinc150_val.jsonl",
}
MAX_REASONS = 40  # of a set, drawn once
N_LATE = 5  # utterances of a new reason
SETTINGS = ClusterSettings()


def measure_moved(before: Labels, after: Labels) -> float:
    """Share of utterances that are not in the successor of their cluster; one that was nowhere moves by joining."""
    taken: dict[int, int] = {}
    for label in np.unique(before[before >= 0]):
        now, n = Counter(after[before == label].tolist()).most_common(1)[0]
        if now >= 0 and 2 * n >= (before == label).sum():
            taken[int(label)] = now
    wanted = np.array([taken.get(label, -2) if label >= 0 else -1 for label in before.tolist()])
    return float((wanted != after).mean())


@dataclass(frozen=True)
class Sample:
    """Texts of a set, their reasons (n,) by number, and what they are grouped by."""

    texts: Sequence[str] = field(repr=False)
    reasons: Labels = field(repr=False)
    embeddings: Floats = field(repr=False)
    library: Library | None = field(repr=False)

    def cluster(self, rows: Labels, before: Before | None = None) -> Clustering:
        """Group some of the texts as a run does."""
        texts = [self.texts[at] for at in rows]
        return cluster_texts(texts, self.embeddings[rows], SETTINGS, library=self.library, before=before)


def grow(sample: Sample, old: Labels, new: Labels) -> tuple[Labels, Labels]:
    """Group the old ones from nothing and add the new ones: labels of the old before, and of old and new after."""
    first = sample.cluster(old)
    none = np.full(len(new), -1)
    start = Before(
        np.concatenate([first.labels, none]),
        np.concatenate([_number_parts(first.labels, first.sub_labels), none]),
        np.concatenate([first.labels >= 0, none >= 0]),
    )
    return first.labels, sample.cluster(np.concatenate([old, new]), start).labels


def _number_parts(labels: Labels, parts: Labels) -> Labels:
    return np.where(parts >= 0, labels * (int(parts.max()) + 1) + parts, -1)


def draw_tenth(sample: Sample, seed: int) -> dict[str, float]:
    """Add a random tenth."""
    from sklearn.metrics import normalized_mutual_info_score

    order = np.random.default_rng(seed).permutation(len(sample.texts))
    new, old = order[: len(order) // 10], order[len(order) // 10 :]
    before, grown = grow(sample, old, new)
    both = np.concatenate([old, new])
    anew = sample.cluster(both).labels
    return {
        "moved": measure_moved(before, grown[: len(old)]),
        "moved anew": measure_moved(before, anew[: len(old)]),
        "NMI": normalized_mutual_info_score(sample.reasons[both], grown),
        "NMI anew": normalized_mutual_info_score(sample.reasons[both], anew),
    }


def draw_new_reasons(sample: Sample, seed: int) -> dict[str, float]:
    """Keep two reasons out, then add some of each with a random tenth of the others."""
    rng, reasons = np.random.default_rng(seed), sample.reasons
    counts = np.bincount(reasons)
    held = rng.choice(np.flatnonzero((counts >= N_LATE) & (counts <= len(reasons) / 10)), 2, replace=False)
    others = rng.permutation(np.flatnonzero(~np.isin(reasons, held)))
    late = np.concatenate([rng.permutation(np.flatnonzero(reasons == one))[:N_LATE] for one in held])
    old, new = others[len(others) // 10 :], np.concatenate([others[: len(others) // 10], late])
    _, grown = grow(sample, old, new)
    now = reasons[np.concatenate([old, new])]
    return {"found": float(np.mean([_is_found(grown, now == one) for one in held]))}


def _is_found(labels: Labels, is_reason: NDArray[np.bool_]) -> bool:
    """Say whether a cluster is mostly this reason; an old one cannot be, for it has other members."""
    theirs = Counter(label for label in labels[is_reason].tolist() if label >= 0)
    return any(n >= 3 and n >= 0.6 * (labels == label).sum() for label, n in theirs.items())


def read_set(path: Path) -> Sample:
    """Read a set, of so many reasons at most."""
    rows = [row for row in read_rows(path) if find_reason(row)]
    names = sorted({find_reason(row) for row in rows})
    kept = set(np.random.default_rng(0).permutation(names)[:MAX_REASONS].tolist())
    rows = [row for row in rows if find_reason(row) in kept]
    texts = [row["text"] for row in rows]
    name, settings = choose_encoder(texts, ModelSettings()), ModelSettings()
    encoder, weigh = load_reason_encoder(name, settings), make_weigh(load_encoder(name, settings))
    reasons = np.unique([find_reason(row) for row in rows], return_inverse=True)[1].astype(np.int64)
    return Sample(texts, reasons, ClauseEncoder(encoder, weigh).encode(texts), encoder.library)


def main() -> None:
    """Print a row a set, means over the draws."""
    parser = argparse.ArgumentParser(description="Measure how stable clusters are.")
    parser.add_argument("sets", nargs="*", metavar="SET", help=", ".join(SETS))
    parser.add_argument("--draws", type=int, default=3)
    options, data = parser.parse_args(), os.environ.get("CALLREASONS_EVAL")
    if unknown := sorted(set(options.sets) - SETS.keys()):
        parser.error(f"no such set: {unknown[0]}")
    if not data or not Path(data).is_dir():
        sys.stdout.write("Nothing measured: CALLREASONS_EVAL names no folder with the evaluation data.\n")
        return
    columns = ("moved", "moved anew", "NMI", "NMI anew", "found")
    sys.stdout.write(f"| set | {' | '.join(columns)} |\n| --- |{' --- |' * len(columns)}\n")
    for name in options.sets or SETS:
        sample = read_set(Path(data) / SETS[name])
        draws = [draw_tenth(sample, seed) | draw_new_reasons(sample, seed) for seed in range(options.draws)]
        means = [float(np.mean([draw[column] for draw in draws])) for column in columns]
        sys.stdout.write(f"| {name} | {' | '.join(f'{mean:.1%}' for mean in means)} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
