"""Moving: what changes code of the utterances that were asked, reckoned up to all, and the most doubtful of them.

Errors: none of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.curate.board import Board, Positions
from pipeline.curate.strata import Stratum
from pipeline.matching import Assignment

N_DOUBTFUL = 12


@dataclass(frozen=True)
class Flow:
    """Reason utterances that change code: from and to a code's number or a kind of no-code."""

    from_code: str
    to_code: str
    n_utterances: int
    n_calls: int
    cost: float


@dataclass(frozen=True)
class Doubtful:
    """One utterance that would change code and may be wrong there: the nearer the second code, the more doubtful."""

    call_id: str
    utterance_index: int
    turn_index: int
    text: str
    from_code: str
    to_code: str
    score_ratio: float
    second_code: str | None
    second_score_ratio: float


@dataclass(frozen=True)
class Moved:
    """What moves in one stratum, reckoned up to all of its utterances; `flows` are (utterances, calls, cost)."""

    n_utterances: float
    n_calls: float
    cost: float
    variance: float  # of n_calls
    flows: Mapping[tuple[str, str], tuple[float, float, float]]


def count_moved(board: Board, stratum: Stratum, outcomes: Mapping[int, tuple[Assignment, Assignment]]) -> Moved:
    """Count what moves in one stratum."""
    n_rows, n_asked = len(stratum.rows), len(stratum.asked)
    by_flow: dict[tuple[str, str], list[int]] = {}
    for row in stratum.asked.tolist():
        was, now = (_name(one) for one in outcomes[row])
        if was != now:
            by_flow.setdefault((was, now), []).append(row)
    moved = np.array([row for rows in by_flow.values() for row in rows], np.intp)
    if not len(moved):
        return Moved(0, 0, 0, 0, {})
    n_calls_all, n_calls_asked = (len(np.unique(board.calls[rows])) for rows in (stratum.rows, stratum.asked))
    asked_cost = float(board.costs[stratum.asked].sum(dtype=np.float64))
    costlier = float(board.costs[stratum.rows].sum(dtype=np.float64)) / asked_cost if asked_cost else 0.0
    more, more_calls = n_rows / n_asked, n_calls_all / n_calls_asked

    def reckon(rows: Sequence[int] | Positions) -> tuple[float, float, float]:
        places = np.asarray(rows)
        n_calls = len(np.unique(board.calls[places]))
        return len(places) * more, n_calls * more_calls, float(board.costs[places].sum(dtype=np.float64)) * costlier

    ratio = len(moved) / n_asked
    variance = n_calls_all**2 * ratio * (1 - ratio) / n_asked * (1 - n_asked / n_rows)
    return Moved(*reckon(moved), variance, {flow: reckon(rows) for flow, rows in by_flow.items()})


def add_flows(moved: Sequence[Moved]) -> tuple[Flow, ...]:
    """Add up the flows of all strata, the largest first."""
    sums: dict[tuple[str, str], Any] = {}
    for one in moved:
        for flow, values in one.flows.items():
            sums[flow] = sums.get(flow, np.zeros(3)) + np.array(values)
    flows = [Flow(*flow, round(n), round(n_calls), round(cost, 2)) for flow, (n, n_calls, cost) in sums.items()]
    return tuple(sorted(flows, key=lambda flow: (-flow.n_utterances, flow.from_code, flow.to_code)))


def find_doubtful(board: Board, outcomes: Mapping[int, tuple[Assignment, Assignment]]) -> tuple[Doubtful, ...]:
    """Find the utterances that change and are least sure where they come to."""
    changed = [row for row, (was, now) in outcomes.items() if _name(was) != _name(now)]
    changed.sort(key=lambda row: (outcomes[row][1].score_ratio - outcomes[row][1].second_score_ratio, row))
    rows = np.array(changed[:N_DOUBTFUL], np.intp)
    texts, call_ids = board.read_texts(rows), board.read_call_ids(rows)
    return tuple(
        Doubtful(
            call_id,
            int(board.utterance_indices[row]),
            int(board.turn_indices[row]),
            text,
            _name(outcomes[int(row)][0]),
            _name(now := outcomes[int(row)][1]),
            now.score_ratio,
            now.second_code,
            now.second_score_ratio,
        )
        for row, text, call_id in zip(rows, texts, call_ids, strict=True)
    )


def _name(one: Assignment) -> str:
    return one.code or one.no_code or ""
