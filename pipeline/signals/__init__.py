"""Signals: what else the customer lets us know: called before, failed by others, effort, leaving, a chance to sell.

Reads `turns`; writes `call_signals`: a row for every call and signal, with the turn that says it most plainly and,
where another department failed the customer, which. The signals are the labels of `models/examples/signals.yaml`; a
label added there is one more signal.

Errors: none of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial

import numpy as np
import pyarrow as pa

from pipeline.clauses import split_clauses
from pipeline.config import Project
from pipeline.encoders import Encoder, make_encoder
from pipeline.examples import keep_readable, load_examples, load_names, to_ratios
from pipeline.phrases import TextClassifier, fit_texts
from pipeline.signals.departments import Departments, find_department, make_departments
from pipeline.tables import make_table
from pipeline.turns import CUSTOMER, Turn, find_calls_with_turns, group_turns
from pipeline.work import Outcome, Work, sync_calls

EXAMPLES = "signals"
NO_SIGNAL = "none"
DEPARTMENT_FAILED = "other_department_failed"
PRESENT_RATIO = 0.5
# Most clauses carry no signal: log odds added to `none`, for the examples stand there in equal shares.
NONE_ODDS = 1.0


@dataclass(frozen=True)
class Finder:
    """Everything that finds signals, loaded once."""

    classifier: TextClassifier
    departments: Departments


@dataclass(frozen=True)
class Signal:
    """How surely a call gives a signal, and the turn that says it most plainly (null when none does)."""

    signal: str
    is_present: bool
    score_ratio: float
    turn_index: int | None
    department: str | None = None


@dataclass(frozen=True)
class Scored:
    """A clause of a turn and how probable each label is for it."""

    turn: Turn
    text: str
    ratios: Sequence[float]


def load_finder(encoder: Encoder, project: Project | None = None) -> Finder:
    """Learn from the project's examples, or the package's."""
    classifier = fit_texts(keep_readable(load_examples(EXAMPLES, project), encoder), encoder)
    return Finder(classifier, make_departments(load_names(EXAMPLES, "departments", project)))


def find_signals(calls: Sequence[Sequence[Turn]], finder: Finder) -> list[list[Signal]]:
    """Find in each call's turns every signal the finder knows."""
    clauses = [_list_clauses(turns) for turns in calls]
    flat = [text for call in clauses for _, text in call]
    rows = iter(_predict(flat, finder) if flat else ())
    scored = [[Scored(turn, text, next(rows)) for turn, text in call] for call in clauses]
    return [_pick_signals(call, finder) for call in scored]


def run(work: Work) -> Outcome:
    """Bring `call_signals` up to date with `turns`."""
    expected = find_calls_with_turns(work.store)
    turns = work.store.read("turns")

    load = cache(lambda: load_finder(make_encoder(work.project), work.project))
    return sync_calls(work, ("call_signals",), expected, partial(_make_tables, turns, load))


def _make_tables(table: pa.Table, load: Callable[[], Finder], call_ids: list[str]) -> dict[str, pa.Table]:
    calls = group_turns(table, call_ids)
    found = find_signals(list(calls.values()), load())
    rows = [
        {"call_id": call_id, **asdict(signal)}
        for call_id, signals in zip(calls, found, strict=True)
        for signal in signals
    ]
    return {"call_signals": make_table("call_signals", rows)}


def _predict(texts: Sequence[str], finder: Finder) -> list[list[float]]:
    logits = finder.classifier.predict_logits(texts)
    logits[:, finder.classifier.labels.index(NO_SIGNAL)] += np.float32(NONE_ODDS)
    ratios: list[list[float]] = to_ratios(logits).tolist()
    return ratios


def _list_clauses(turns: Sequence[Turn]) -> list[tuple[Turn, str]]:
    """List what the customer says, or, where nobody knows who is the customer, what all say."""
    theirs = [turn for turn in turns if turn.role == CUSTOMER] or [turn for turn in turns if turn.may_be_customer]
    return [(turn, clause.text) for turn in theirs for clause in split_clauses(turn.text, turn.language)]


def _pick_signals(clauses: Sequence[Scored], finder: Finder) -> list[Signal]:
    return [
        _pick_signal(index, label, clauses, finder.departments)
        for index, label in enumerate(finder.classifier.labels)
        if label != NO_SIGNAL
    ]


def _pick_signal(index: int, label: str, clauses: Sequence[Scored], departments: Departments) -> Signal:
    """Pick the clause that says it most plainly."""
    best = max(clauses, key=lambda clause: clause.ratios[index], default=None)
    if best is None or best.ratios[index] < PRESENT_RATIO:
        return Signal(label, False, round(best.ratios[index], 4) if best else 0.0, None)
    named = find_department([best.text, best.turn.text], departments) if label == DEPARTMENT_FAILED else None
    return Signal(label, True, round(best.ratios[index], 4), best.turn.turn_index, named)
