"""Evaluation: use each stage's command on the public data that CALLREASONS_EVAL names, and score what it wrote.

    python -m benchmarks.evaluation [STAGE …]

Prints a Markdown table: the stage, the file, the figure, the seconds. Each row is one `callreasons apply` as a user
would type it, loading its model included. Where the data is absent it says so and ends with 0.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.rows import Row, read_rows, write_rows

NO_REASON = {"openinggreeting", "closinggreeting", "confirmation", "thankyou", "rejection", "contentonly"}
NO_REASON |= {"outofdomain"}
RECALL_RATIO = 0.9

Score = Callable[[Sequence[Row]], str]


@dataclass(frozen=True)
class Trial:
    """One use of `callreasons apply`: what it reads, what else it is told, and how its output is scored."""

    stage: str
    source: str
    score: Score
    what: str = ""
    is_number_given: bool = False
    taxonomy: str = ""  # a file whose texts are the codes' examples
    n_examples: int = 10  # of each code


def run_trial(trial: Trial, data: Path, folder: Path) -> tuple[str, float]:
    """Run one trial: its figure and its seconds."""
    rows = [_name_columns(row) for row in read_rows(data / trial.source, needs=())]
    source = folder / "in.jsonl"
    output = folder / ("out.parquet" if trial.stage == "embed" else "out.jsonl")
    write_rows(source, rows)
    options: list[str] = []
    if trial.is_number_given:
        options += ["--n-clusters", str(len({find_reason(row) for row in rows}))]
    if trial.taxonomy:
        examples = read_rows(data / trial.taxonomy)
        options += ["--taxonomy", str(_write_taxonomy(examples, trial.n_examples, folder / "taxonomy.csv"))]
    command = [sys.executable, "-m", "pipeline.cli", "apply", trial.stage, str(source), str(output), *options]
    begun = time.perf_counter()
    subprocess.run([*command, "--project", str(folder)], check=True)
    took_s = time.perf_counter() - begun
    return trial.score(read_rows(output)), took_s


def find_reason(row: Row) -> str:
    """Find the reason, the first of several."""
    reason: str = row["reason"] if "reason" in row else row["reasons"][0]
    return reason


def _name_columns(row: Row) -> Row:
    """Name the columns as `apply` does, and none as it names what it adds."""
    if "transcript_both_sides" in row:
        return {"text": row["transcript_both_sides"]}
    named = {"turn_index": row["turn"], "role": "customer"} if "turn" in row else {}
    kept = {("reference" if name == "sentiment" else name): value for name, value in row.items()}
    return kept | named


def _write_taxonomy(examples: Sequence[Row], n_examples: int, path: Path) -> Path:
    """Write the first texts of each reason as the examples of its code."""
    by_reason: dict[str, list[str]] = {}
    for row in examples:
        by_reason.setdefault(row["reason"], []).append(row["text"])
    taught = [(one, text) for one, texts in by_reason.items() if one for text in texts[:n_examples]]
    write_rows(path, [{"code": one, "example": text} for one, text in taught])
    return path


# --- scores


def score_redaction(rows: Sequence[Row]) -> str:
    """Count what was replaced; there is no reference to compare with."""
    changed = sum(row["redacted_text"] != row["text"] for row in rows)
    n_entities = sum(len(row["entities"]) for row in rows)
    return f"{n_entities} values in {changed} of {len(rows)} texts replaced"


def score_extraction(rows: Sequence[Row]) -> str:
    """Precision where 90 % of the turns that state a reason are found."""
    is_reason = np.array([not set(row["intents"]) <= NO_REASON for row in rows])
    order = np.argsort(-np.array([row["reason_score"] for row in rows]), kind="stable")
    found = np.cumsum(is_reason[order])
    at = int(np.searchsorted(found, RECALL_RATIO * is_reason.sum()))
    return f"precision {found[at] / (at + 1):.2f} at recall .90; {is_reason.mean():.0%} of the turns state a reason"


def score_embeddings(rows: Sequence[Row]) -> str:
    """Count the texts whose nearest other text has the same reason."""
    embeddings = np.array([row["embedding"] for row in rows], np.float32)
    embeddings -= embeddings.mean(axis=0)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    cosines = embeddings @ embeddings.T
    np.fill_diagonal(cosines, -1)
    reasons = np.array([row["reason"] for row in rows])
    return f"nearest other text has the same reason: {(reasons[cosines.argmax(axis=1)] == reasons).mean():.1%}"


def score_codes(rows: Sequence[Row]) -> str:
    """Share of best codes that are right, and of texts without a reason that were refused at what cost."""
    known = [row for row in rows if row["reason"]]
    best = sum(row["best_code"] == row["reason"] for row in known) / len(known)
    kept = sum(row["code"] == row["reason"] for row in known) / len(known)
    foreign = [row for row in rows if not row["reason"]]
    refused = sum(not row["code"] for row in foreign) / len(foreign) if foreign else 0.0
    told = f"; {refused:.1%} of {len(foreign)} out of scope refused, right codes kept {kept:.1%}" if foreign else ""
    return f"best code right {best:.1%} of {len(known)}{told}"


def score_clusters(rows: Sequence[Row]) -> str:
    """Accuracy under the best matching, normalized mutual information, adjusted Rand index; noise is one cluster."""
    from scipy.optimize import linear_sum_assignment
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    reference = [find_reason(row) for row in rows]
    predicted = [row["cluster_id"] for row in rows]
    _, reference_index = np.unique(reference, return_inverse=True)
    _, predicted_index = np.unique(predicted, return_inverse=True)
    table = np.zeros((reference_index.max() + 1, predicted_index.max() + 1))
    np.add.at(table, (reference_index, predicted_index), 1)
    accuracy = table[linear_sum_assignment(-table)].sum() / len(rows)
    nmi, ari = normalized_mutual_info_score(reference, predicted), adjusted_rand_score(reference, predicted)
    noise = predicted.count(-1) / len(rows)
    return (
        f"ACC {accuracy:.1%}, NMI {nmi:.1%}, ARI {ari:.1%}; {len(set(predicted) - {-1})} clusters for {table.shape[0]}"
        f" reasons, {noise:.1%} noise"
    )


def score_sentiment(rows: Sequence[Row]) -> str:
    """Accuracy and macro F1; where the reference knows two classes, the sign decides."""
    from sklearn.metrics import accuracy_score, f1_score

    reference = [row["reference"] for row in rows]
    has_neutral = "neutral" in reference
    predicted = [
        row["sentiment_label"] if has_neutral else "negative" if row["sentiment"] < 0 else "positive" for row in rows
    ]
    return (
        f"accuracy {accuracy_score(reference, predicted):.2f}, macro F1 "
        f"{f1_score(reference, predicted, average='macro'):.2f}"
    )


HINT3, TELECOM = "check/hint3_curekart", "check/zh_telecom_faq.jsonl"
CLINC, SPOKEN = "clinc150", "train/dstc11_insurance.jsonl"
TRIALS = (
    Trial("redact", "check/harpervalley_20_calls.jsonl", score_redaction, "bank calls, written down by people"),
    Trial("extract", "check/multidogo_media_turns.jsonl", score_extraction, "chats with a cable company"),
    Trial("embed", TELECOM, score_embeddings, "Chinese telecom questions"),
    Trial("assign", f"{HINT3}_test.jsonl", score_codes, "shop bot", taxonomy=f"{HINT3}_train.jsonl", n_examples=1000),
    Trial("assign", f"check/{CLINC}_val.jsonl", score_codes, "10 examples each", taxonomy=f"train/{CLINC}_train.jsonl"),
    Trial("cluster", SPOKEN, score_clusters, "spoken, number unknown"),
    Trial("cluster", SPOKEN, score_clusters, "spoken, number given", is_number_given=True),
    Trial("cluster", f"{HINT3}_train.jsonl", score_clusters, "shop bot, number unknown"),
    Trial("cluster", "check/zh_bank_reasons_a.jsonl", score_clusters, "Chinese bank, given", is_number_given=True),
    Trial("cluster", TELECOM, score_clusters, "Chinese telecom, number unknown"),
    Trial("sentiment", "check/sentiment_en_airline_2000.jsonl", score_sentiment, "English posts, three classes"),
    Trial("sentiment", "check/sentiment_zh_takeaway_1000.jsonl", score_sentiment, "Chinese reviews, two classes"),
)


def list_rows(stages: Sequence[str], data: Path) -> Iterator[str]:
    """Run the trials of the stages and list the table's rows."""
    yield "| stage | data | what | figure | seconds |\n| --- | --- | --- | --- | --- |"
    for trial in TRIALS:
        if trial.stage in stages or not stages:
            with tempfile.TemporaryDirectory() as folder:
                figure, took_s = run_trial(trial, data, Path(folder))
            yield f"| {trial.stage} | {Path(trial.source).stem} | {trial.what} | {figure} | {took_s:.0f} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Score each stage on public data.")
    parser.add_argument("stages", nargs="*", metavar="STAGE", help="only these stages")
    data = os.environ.get("CALLREASONS_EVAL")
    stages = parser.parse_args().stages
    if unknown := sorted(set(stages) - {trial.stage for trial in TRIALS}):
        parser.error(f"no such stage: {unknown[0]}")
    if not data or not Path(data).is_dir():
        sys.stdout.write("Nothing evaluated: CALLREASONS_EVAL names no folder with the evaluation data.\n")
        return
    for line in list_rows(stages, Path(data)):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
