"""Signals: what else the customer lets us know: called before, failed by others, effort, leaving, a chance to sell.

Reads `turns`; writes `call_signals`: a row for every call and signal, with the turn that says it most plainly. The
signals are the labels of `models/examples/signals.yaml`; a label added there is one more signal.

Errors: none of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pyarrow as pa

from pipeline.clauses import split_clauses
from pipeline.encoders import Encoder, make_encoder
from pipeline.examples import ExampleClassifier, encode_distinct, fit_examples, load_examples
from pipeline.tables import make_table
from pipeline.turns import CUSTOMER, Turn, find_calls_with_turns, group_turns
from pipeline.work import Outcome, Work, sync_calls

NO_SIGNAL = "none"
PRESENT_RATIO = 0.5
# Most clauses carry no signal: log odds added to `none`, for the examples stand there in equal shares.
NONE_ODDS = 1.5


@dataclass(frozen=True)
class Signal:
    """How surely a call gives a signal, and the turn that says it most plainly (null when none does)."""

    signal: str
    score_ratio: float
    turn_index: int | None

    @property
    def is_present(self) -> bool:
        """The customer said so."""
        return self.turn_index is not None


def find_signals(
    calls: Sequence[Sequence[Turn]], *, encoder: Encoder, classifier: ExampleClassifier
) -> list[list[Signal]]:
    """Find in each call's turns every signal the classifier knows."""
    clauses = [_list_clauses(turns) for turns in calls]
    flat = [text for call in clauses for _, text in call]
    rows = iter(_predict(flat, encoder, classifier) if flat else ())
    scored = [[(turn_index, next(rows)) for turn_index, _ in call] for call in clauses]
    return [_pick_signals(call, classifier.labels) for call in scored]


def run(work: Work) -> Outcome:
    """Bring `call_signals` up to date with `turns`."""
    expected = find_calls_with_turns(work.store)
    turns = work.store.read("turns")

    @cache
    def load() -> tuple[Encoder, ExampleClassifier]:
        encoder = make_encoder(work.project)
        return encoder, fit_examples(load_examples("signals", work.project), encoder)

    return sync_calls(work, ("call_signals",), expected, partial(_make_tables, turns, load))


def _make_tables(
    table: pa.Table, load: Callable[[], tuple[Encoder, ExampleClassifier]], call_ids: list[str]
) -> dict[str, pa.Table]:
    calls = group_turns(table, call_ids)
    encoder, classifier = load()
    found = find_signals(list(calls.values()), encoder=encoder, classifier=classifier)
    rows = [
        {
            "call_id": call_id,
            "signal": signal.signal,
            "is_present": signal.is_present,
            "score_ratio": signal.score_ratio,
            "turn_index": signal.turn_index,
        }
        for call_id, signals in zip(calls, found, strict=True)
        for signal in signals
    ]
    return {"call_signals": make_table("call_signals", rows)}


def _predict(texts: Sequence[str], encoder: Encoder, classifier: ExampleClassifier) -> list[list[float]]:
    ratios = classifier.predict_ratios(encode_distinct(encoder, texts))
    ratios[:, classifier.labels.index(NO_SIGNAL)] *= np.exp(np.float32(NONE_ODDS))
    shares: list[list[float]] = (ratios / ratios.sum(axis=1, keepdims=True)).tolist()
    return shares


def _list_clauses(turns: Sequence[Turn]) -> list[tuple[int, str]]:
    """List what the customer says, or, where nobody knows who is the customer, what all say."""
    theirs = [turn for turn in turns if turn.role == CUSTOMER] or [turn for turn in turns if turn.may_be_customer]
    return [(turn.turn_index, clause.text) for turn in theirs for clause in split_clauses(turn.text, turn.language)]


def _pick_signals(scored: Sequence[tuple[int, Sequence[float]]], labels: Sequence[str]) -> list[Signal]:
    signals = []
    for index, label in enumerate(labels):
        if label == NO_SIGNAL:
            continue
        turn_index, ratio = max(
            ((turn, row[index]) for turn, row in scored), key=lambda pair: pair[1], default=(0, 0.0)
        )
        signals.append(Signal(label, round(ratio, 4), turn_index if ratio >= PRESENT_RATIO else None))
    return signals
