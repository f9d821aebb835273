"""Grouping: do texts that give the same reason come together? Beside k-means and BERTopic."""

from functools import partial

import numpy as np

from pipeline.cluster import cluster_texts
from pipeline.evaluate.baselines import group_by_bertopic, group_by_kmeans
from pipeline.evaluate.bench import Answer, Bench, Beside, Figures, Trial
from pipeline.evaluate.heldout import load_held_out
from pipeline.evaluate.scores import Positions, find_intervals, number_values, score_groups
from pipeline.rows import Row

SHOWN = ("ACC", "NMI", "ARI", "F1")


def list_grouped(bench: Bench, files: tuple[str, ...]) -> tuple[list[str], Positions]:
    """List the texts that state a reason, and the reason of each, the first of several."""
    rows = [row for file in files for row in bench.read(file)]
    if files == BANK_FILES:
        rows = [row for row in rows if row["reason"] in load_held_out()]
    reasons = [find_reason(row) for row in rows]
    kept = [(row["text"], reason) for row, reason in zip(rows, reasons, strict=True) if reason]
    return [text for text, _ in kept], number_values([reason for _, reason in kept])


def measure_grouping(bench: Bench, *, files: tuple[str, ...], is_number_given: bool) -> Answer:
    """Group as `apply cluster` does."""
    texts, reference = list_grouped(bench, files)
    n_reasons = int(reference.max()) + 1
    encoder = bench.load_for_turns(texts)
    clustering = cluster_texts(
        texts,
        encoder.encode(texts),
        bench.project.settings.cluster,
        library=encoder.library,
        n_clusters=n_reasons if is_number_given else 0,
    )
    noise_ratio = float((clustering.labels == -1).mean())
    n_groups = len(set(clustering.labels.tolist()) - {-1})
    remark = f"{n_groups} groups for {n_reasons} reasons, {noise_ratio:.1%} noise"
    predicted = number_values(clustering.labels.tolist())
    return Answer(_show(score_groups(reference, predicted)), remark, predicted)


def compare_kmeans(bench: Bench, answer: Answer, *, files: tuple[str, ...]) -> Beside:
    """Group by k-means on the untouched encoder, the number of reasons given."""
    texts, reference = list_grouped(bench, files)
    embeddings = bench.load_untouched(texts).encode(texts)
    predicted = number_values(group_by_kmeans(embeddings, int(reference.max()) + 1).tolist())
    return _compare(reference, predicted, answer, bench)


def compare_bertopic(bench: Bench, answer: Answer, *, files: tuple[str, ...]) -> Beside:
    """Group by BERTopic on our embeddings; it finds the number itself."""
    texts, reference = list_grouped(bench, files)
    labels = group_by_bertopic(texts, bench.load_for_turns(texts).encode(texts))
    beside = _compare(reference, number_values(labels), answer, bench)
    remark = f"{len(set(labels) - {-1})} groups, {labels.count(-1) / len(labels):.1%} noise"
    return Beside(beside.figures, beside.intervals, remark)


def _compare(reference: Positions, predicted: Positions, answer: Answer, bench: Bench) -> Beside:
    def score(labels: Positions, drawn: Positions) -> Figures:
        return _show(score_groups(reference[drawn], labels[drawn]))

    intervals = find_intervals(
        partial(score, answer.outcome), partial(score, predicted), [len(reference)], bench.effort.n_resamples
    )
    return Beside(score(predicted, np.arange(len(reference))), intervals)


def _show(figures: Figures) -> Figures:
    return {name: figures[name] for name in SHOWN}


def find_reason(row: Row) -> str:
    """Find the first reason of a row; empty where it has none."""
    reason: str = row["reason"] if "reason" in row else row["reasons"][0]
    return reason


def make_grouping(name: str, judgement: str, files: tuple[str, ...], *, is_number_given: bool, aim: str = "") -> Trial:
    """Declare a trial of grouping."""
    return Trial(
        name,
        "cluster",
        f"same reason? {judgement}, number {'given' if is_number_given else 'unknown'}",
        files,
        aim,
        partial(measure_grouping, files=files, is_number_given=is_number_given),
        {
            "untouched encoder, k-means, number given": partial(compare_kmeans, files=files),
            "our embeddings, BERTopic": partial(compare_bertopic, files=files),
        },
    )


BANK = "typed bank queries (they taught the shipped encoder: --project of one made with --hold-out)"
TAUGHT = "spoken insurance calls (they taught the shipped encoder: see --project)"
SPOKEN, SHOP = ("train/dstc11_insurance.jsonl",), ("check/hint3_curekart_train.jsonl",)
BANK_FILES = ("train/clinc150_train.jsonl", "check/clinc150_val.jsonl")
CHINESE_BANK, TELECOM = ("check/zh_bank_reasons_a.jsonl",), ("check/zh_telecom_faq.jsonl",)

GROUPINGS = (
    make_grouping("spoken", TAUGHT, SPOKEN, is_number_given=False, aim="ACC ≥ 68, NMI ≥ 71"),
    make_grouping("spoken-given", TAUGHT, SPOKEN, is_number_given=True),
    make_grouping("shop", "messages to a shop bot", SHOP, is_number_given=False),
    make_grouping("shop-given", "messages to a shop bot", SHOP, is_number_given=True),
    make_grouping("bank-given", BANK, BANK_FILES, is_number_given=True, aim="ACC ≥ 68, NMI ≥ 83"),
    make_grouping("chinese-bank", "Chinese bank customers", CHINESE_BANK, is_number_given=True, aim="ACC ≥ 48"),
    make_grouping("chinese-telecom", "Chinese telecom questions", TELECOM, is_number_given=False),
)
