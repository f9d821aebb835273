"""Picking: which customer turns state a reason? Beside logistic regression taught by other chats."""

import random
from collections import defaultdict
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluate.bench import Answer, Bench, Beside, Figures, Trial
from pipeline.evaluate.scores import Positions, find_intervals, score_ranking
from pipeline.extract import extract_reasons
from pipeline.rows import Row

# MultiDoGO's intents that are no reason.
NO_REASON = {"openinggreeting", "closinggreeting", "confirmation", "thankyou", "rejection", "contentonly"}
NO_REASON |= {"outofdomain"}
RECALL_RATIO = 0.9
N_POSITIVES = 3000  # of CLINC150 among what teaches the second baseline
CHATS = "check/multidogo_media_turns.jsonl"
OTHER_CHATS = ("train/multidogo_software.jsonl", "train/multidogo_airline.jsonl")
MORE_POSITIVES = ("train/dstc11_insurance.jsonl", "train/clinc150_train.jsonl")


def read_chats(bench: Bench) -> list[Row]:
    """Read whole chats, at most so many turns."""
    by_call = defaultdict(list)
    for row in bench.read(CHATS):
        turn = {"call_id": row["call_id"], "turn_index": row["turn"], "role": "customer", "text": row["text"]}
        by_call[row["call_id"]].append(turn | {"is_reason": _states_reason(row)})
    kept: list[Row] = []
    for turns in by_call.values():
        if len(kept) + len(turns) <= bench.effort.n_turns:
            kept += turns
    return kept


def measure_picking(bench: Bench) -> Answer:
    """Judge every turn as `apply extract` does."""
    rows = read_chats(bench)
    told = [{name: value for name, value in row.items() if name != "is_reason"} for row in rows]
    scores = extract_reasons(told, bench.load_plain([row["text"] for row in rows]), bench.project)
    is_reason = np.array([row["is_reason"] for row in rows])
    remark = f"of {len(rows)} turns {is_reason.mean():.0%} state a reason; recall 90"
    ranked = np.array([one.score_ratio for one in scores])
    return Answer(score_ranking(is_reason, ranked, RECALL_RATIO), remark, ranked)


def compare_logistic(bench: Bench, answer: Answer, *, has_more: bool) -> Beside:
    """Judge every turn for itself by logistic regression on the untouched encoder."""
    from sklearn.linear_model import LogisticRegression

    rows = read_chats(bench)
    texts = [row["text"] for row in rows]
    encoder = bench.load_plain(texts)
    taught = list_taught(bench, has_more=has_more)
    model = LogisticRegression(max_iter=1000).fit(
        encoder.encode([text for text, _ in taught]), [is_reason for _, is_reason in taught]
    )
    ranked = model.decision_function(encoder.encode(texts))
    is_reason = np.array([row["is_reason"] for row in rows])
    calls = _group_calls(rows)

    def score(scores: NDArray[np.float64], drawn: Positions) -> Figures:
        chosen = np.concatenate([calls[call] for call in drawn])
        return score_ranking(is_reason[chosen], scores[chosen], RECALL_RATIO)

    intervals = find_intervals(
        partial(score, answer.outcome), partial(score, ranked), [len(calls)], bench.effort.n_resamples
    )
    return Beside(score_ranking(is_reason, ranked, RECALL_RATIO), intervals)


def list_taught(bench: Bench, *, has_more: bool) -> list[tuple[str, bool]]:
    """List turns of other chats, drawn at random, and whether they state a reason; more positives where wanted."""
    rng = random.Random(0)  # noqa: S311 - not for secrets
    taught = []
    for file in OTHER_CHATS:
        rows = bench.read(file)
        drawn = rng.sample(rows, min(bench.effort.n_taught, len(rows)))
        taught += [(row["text"], _states_reason(row)) for row in drawn]
    for file in MORE_POSITIVES if has_more else ():
        rows = bench.read(file)
        taught += [(row["text"], True) for row in rng.sample(rows, min(N_POSITIVES, bench.effort.n_taught, len(rows)))]
    return taught


def _states_reason(row: Row) -> bool:
    return not set(row["intents"]) <= NO_REASON


def _group_calls(rows: Sequence[Row]) -> list[Positions]:
    """List the positions of each call's turns."""
    by_call = defaultdict(list)
    for position, row in enumerate(rows):
        by_call[row["call_id"]].append(position)
    return [np.array(positions, np.intp) for positions in by_call.values()]


PICKINGS = (
    Trial(
        "states-reason",
        "extract",
        "states a reason? turns of chats with a cable company",
        (CHATS, *OTHER_CHATS, *MORE_POSITIVES),
        "precision ≥ 80 at recall 90",
        measure_picking,
        {
            "untouched encoder, logistic regression taught by two other chats": partial(
                compare_logistic, has_more=False
            ),
            "the same with positives of DSTC11 and CLINC150": partial(compare_logistic, has_more=True),
        },
    ),
)
